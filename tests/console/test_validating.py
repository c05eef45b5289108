import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.registry import strategies
from tests.console.conftest import Desk

ROOT = Path(__file__).parents[2]
PEEKING = '''\
"""Knows the next quarter of an hour."""

import numpy as np

from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy


class Prophet(Strategy):
    """Look one M15 candle ahead."""

    timeframes = (Timeframe.M15, Timeframe.H1)

    @property
    def warm_up(self) -> int:
        return 2

    def evaluate(self, market: Market) -> Scores:
        low = market.candles(Timeframe.M15).low
        known = market.align(Timeframe.M15, np.append(low[1:], low[-1:]))
        size = np.full(len(market.own), 0.01)
        return Scores(np.tanh(np.nan_to_num(known / market.own.open - 1)), size, size)
'''
DAYS = ("fresh", "--from", "2026-01-05", "--to", "2026-01-09", "--workers", "1")
WALK = (*DAYS, "--points", "3", "--fit", "2", "--trade", "1", "--purge", "0.25", "--least-trades", "0", "--json")
WALK += ("--metric", "growth.total", "--vary", "policy.entry_score=0.05:0.3", "--vary", "breakout.channel_period")


@pytest.fixture
def prophet(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = home / "mine"
    folder.mkdir()
    (folder / "prophet.py").write_text(PEEKING, encoding="utf-8")
    monkeypatch.setenv("DESK_STRATEGIES", str(folder))
    yield
    strategies().look_in()


def stored(home: Path) -> int:
    with sqlite3.connect(home / "research" / "trials.db") as connection:
        (count,) = connection.execute("SELECT count(*) FROM outcomes").fetchone()
    return int(count)


def test_who_looks_ahead_is_told_with_the_column_and_the_timeframe(desk: Desk, prophet: None):
    ended = desk("lookahead", "prophet", "momentum_trading", "--cuts", "6")
    assert ended.code == 1
    assert "prophet looks ahead on a drawn market: its score at " in ended.out
    assert "the low of M15" in ended.out
    assert "momentum_trading looks ahead" not in ended.out


def test_who_does_not_look_ahead_ends_well(desk: Desk):
    ended = desk("lookahead", "breakout", "--cuts", "3", "--json")
    assert ended.code == 0
    assert [(row["strategy"], row["peeks"]) for row in ended.json] == [("breakout", [])]


def test_strategies_of_an_account_are_examined_on_its_candles(desk: Desk):
    ended = desk("lookahead", "--account", "fresh", *DAYS[1:5], "--cuts", "2", "--json")
    assert [(row["strategy"], row["data"]) for row in ended.json] == [("breakout", "EUR/USD")]
    assert ended.json[0]["candles"] > 1000
    assert desk("lookahead", "scalping", "--account", "fresh", *DAYS[1:5]).code == 2


def test_a_short_history_is_shown_beside_a_long_one(desk: Desk):
    ended = desk("lookahead", "breakout", "--warm-up", "--json")
    rows = ended.json
    assert ended.code == 0
    assert [row["lookback"] for row in rows] == sorted(row["lookback"] for row in rows)
    assert rows[-1]["score"] < 1e-6


def test_files_that_are_not_there_are_refused(desk: Desk, home: Path):
    ended = desk("lookahead", "breakout", "--data", str(home / "nowhere.parquet"))
    assert ended.code != 0
    assert "nowhere" in ended.err


def test_a_walk_that_was_killed_goes_on_to_the_same_numbers_and_prints_them(desk: Desk, home: Path):
    whole = desk("walk-forward", *WALK)
    count = stored(home)
    assert whole.code == 0
    assert len(whole.json["windows"]) == 2
    assert len(whole.json["points"]) == 3
    (home / "research" / "trials.db").unlink()

    command = [sys.executable, "-c", f"from console.main import main; main({['walk-forward', *WALK]!r})"]
    running = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    while not (home / "research" / "trials.db").exists() or not has(home) >= 2:
        assert running.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert 2 <= stored(home) < count

    again = desk("walk-forward", *WALK)
    assert again.json == whole.json
    assert stored(home) == count
    printed = desk("walk-forward", *(word for word in WALK if word != "--json"))
    assert "traded as chosen" in printed.out
    assert "the account as it is" in printed.out
    assert "Efficiency" in printed.out


def has(home: Path) -> int:
    """How many outcomes there are, while the table may not be there yet."""
    try:
        return stored(home)
    except sqlite3.OperationalError:
        return 0


def test_drawing_tells_every_kind_of_chance(desk: Desk):
    ended = desk("monte-carlo", *DAYS, "--paths", "50", "--runs", "1", "--json")
    assert ended.code == 0
    assert set(ended.json["paths"]) == {
        "trades in another order",
        "days drawn anew",
        "noise on candles",
        "slippage drawn for each fill",
        "opinions heard late",
    }
    costs = {float(times): found["growth.end"] for times, found in ended.json["costs"].items()}
    assert list(costs) == [1, 1.5, 2, 3]
    assert costs[1] == ended.json["end"]
    assert 0 < ended.json["random_entries"]["p_value"] <= 1
    printed = desk("monte-carlo", *DAYS, "--paths", "50", "--runs", "1")
    assert "When trading is dearer" in printed.out
    assert "Random times do as well with a probability of" in printed.out


def test_a_search_tells_the_best_and_what_it_is_worth(desk: Desk):
    pytest.importorskip("optuna")
    search = (
        *DAYS,
        "--trials",
        "5",
        "--least-trades",
        "0",
        "--metric",
        "total",
        "--vary",
        "policy.entry_score=0.1:0.4",
    )
    ended = desk("optimise", *search, "--json")
    assert ended.code == 0
    assert (ended.json["trials"], ended.json["metric"]) == (5, "growth.total")
    assert ended.json["best"]["value"] == max(point["value"] for point in ended.json["points"])
    assert ended.json["points"][0]["parameters"] == {"policy.entry_score": 0.35}
    assert [one["changed"] for one in ended.json["stability"]["neighbours"]] == ["policy.entry_score"] * 2
    printed = desk("optimise", *search)
    assert "the best of 5 points by growth.total" in printed.out
    assert "all trials counted (deflated)" in printed.out


def test_a_grid_tries_every_combination(desk: Desk):
    ended = desk(
        "optimise", *DAYS, "--grid", "--least-trades", "0", "--vary", "policy.entry_score=0.1:0.3:0.1", "--json"
    )
    assert [point["parameters"]["policy.entry_score"] for point in ended.json["points"]] == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("walk-forward", *DAYS, "--fit", "30", "--trade", "10"), "expected 40 days or more"),
        (("walk-forward", *DAYS, "--fit", "1", "--purge", "1"), "expected --fit above --purge"),
        (("optimise", *DAYS, "--metric", "sharp"), "expected a figure"),
        (("optimise", *DAYS, "--vary", "breakout.perod"), "breakout.perod"),
        (("monte-carlo", "frsh"), "did you mean 'fresh'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(desk: Desk, words: tuple[str, ...], said: str):
    ended = desk(*words)
    assert ended.code in (1, 2, 3)
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
