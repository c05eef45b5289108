"""A backtest is kept whole or not at all, with everything that says whether another one is the same."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas
import pytest

from desk.accounts import Fleet
from desk.adapters.backtests.identity import code_hash, result_hash
from desk.adapters.backtests.records import Asked, Outcome, Run, record_of
from desk.adapters.backtests.running import carry_out, open_asked
from desk.adapters.backtests.runs import Runs
from desk.adapters.configuration import read_fleet
from desk.errors import DataError

CONFIG = Path(__file__).parents[4] / "config"
START = datetime(2026, 3, 3, tzinfo=UTC)
MADE_AT = datetime(2026, 11, 21, 1, 2, 3, 45_600, tzinfo=UTC)
ASKED = Asked("oanda-momentum", START, START + timedelta(days=1))


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return read_fleet(CONFIG)


@pytest.fixture(scope="module")
def outcome(fleet: Fleet) -> Outcome:
    return carry_out(ASKED, asyncio.run(open_asked(fleet, ASKED)))


@pytest.fixture(scope="module")
def run(outcome: Outcome, fleet: Fleet) -> Run:
    return record_of(outcome, fleet, made_at=MADE_AT, release="1.0", code="code")


@pytest.fixture
def store(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "backtests")


def test_what_is_kept_is_what_came_of_it(store: Runs, run: Run, outcome: Outcome, fleet: Fleet):
    store.keep(run, outcome, fleet)
    assert store.names() == (run.id,)
    assert run.id.startswith("20261121T010203045Z-oanda-momentum-")
    assert store.read(run.id) == run
    assert store.read(run.id).asked == replace(ASKED, files=None)
    trades = pandas.read_parquet(store.path(run.id) / "trades.parquet")
    assert trades.profit.sum() == pytest.approx(outcome.figures.trades.profit)
    assert trades.stop.notna().all()
    equity = pandas.read_parquet(store.path(run.id) / "equity.parquet")
    assert equity.equity.iloc[-1] == outcome.result.equity[-1]
    assert equity.time.iloc[0] == START + timedelta(minutes=5)


def test_a_run_that_cannot_be_written_whole_is_not_there(
    store: Runs, run: Run, outcome: Outcome, fleet: Fleet, tmp_path: Path
):
    broken = replace(outcome, result=replace(outcome.result, equity=outcome.result.equity[:-1]))
    with pytest.raises(ValueError, match="length"):
        store.keep(run, broken, fleet)
    assert list(store.folder.iterdir()) == []
    assert store.names() == ()


def test_keeping_a_run_twice_keeps_the_first(store: Runs, run: Run, outcome: Outcome, fleet: Fleet):
    store.keep(run, outcome, fleet)
    page = store.path(run.id) / "report.html"
    page.write_text("page")
    store.keep(run, outcome, fleet)
    assert page.read_text() == "page"


def test_a_folder_that_cannot_be_made_is_said(run: Run, outcome: Outcome, fleet: Fleet, tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="file"):
        Runs(tmp_path / "file").keep(run, outcome, fleet)


def test_a_run_of_another_release_is_refused_with_the_key(store: Runs, run: Run, outcome: Outcome, fleet: Fleet):
    store.keep(run, outcome, fleet)
    path = store.path(run.id) / "run.json"
    path.write_text(path.read_text().replace('"fills"', '"filled"'))
    with pytest.raises(DataError, match="fills"):
        store.read(run.id)


def test_a_removed_run_is_gone_and_an_unknown_one_cannot_be_removed(
    store: Runs, run: Run, outcome: Outcome, fleet: Fleet
):
    store.keep(run, outcome, fleet)
    store.remove(run.id)
    assert store.names() == ()
    with pytest.raises(DataError, match="expected a backtest"):
        store.remove(run.id)


def test_the_same_backtest_has_the_same_hash_and_another_cent_another(outcome: Outcome, fleet: Fleet):
    again = carry_out(ASKED, asyncio.run(open_asked(fleet, ASKED)))
    assert result_hash(again.result) == result_hash(outcome.result)
    first = outcome.result.fills[0]
    cent = replace(outcome.result, fills=(replace(first, price=first.price + 1), *outcome.result.fills[1:]))
    assert result_hash(cent) != result_hash(outcome.result)


def test_a_change_of_an_operator_s_strategy_is_a_change_of_the_code(tmp_path: Path):
    (tmp_path / "mine.py").write_text("a = 1\n")
    before = code_hash(tmp_path)
    assert before == code_hash(tmp_path) != code_hash(None)
    (tmp_path / "mine.py").write_text("a = 2\n")
    assert code_hash(tmp_path) != before
