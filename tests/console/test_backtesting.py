"""Backtests on the command line: kept, told, compared, repeated, and the examples of their page."""

import json
import re
import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas
import pytest

from tests.console.conftest import Desk
from tests.test_docs import ROOT, blocks

PAGE = ROOT / "docs" / "how-to" / "backtest.md"
DAY = ("--from", "2026-03-03", "--to", "2026-03-03T12:00:00Z")


@pytest.fixture
def kept(desk: Desk) -> str:
    """The id of a backtest that is kept."""
    return desk("backtest", "sample", *DAY, "--json").json["run"]


def ids(desk: Desk) -> list[str]:
    return [one["id"] for one in desk("backtests", "list", "--json").json]


def test_a_backtest_is_kept_and_says_where_its_report_is(desk: Desk, home: Path):
    ended = desk("backtest", "sample", *DAY)
    [run] = ids(desk)
    assert ended.code == 0
    assert ended.out.index("total return") < ended.out.index(f"Kept as {run}")
    assert f"Report: {home / 'backtests' / run / 'report.html'}" in ended.out
    assert (home / "backtests" / run / "report.html").stat().st_size > 1_000_000
    assert desk("backtests", "show", "last").out.count("Report: ") == 1


def test_nothing_is_kept_where_that_is_said(desk: Desk, home: Path):
    ended = desk("backtest", "sample", *DAY, "--no-store", "--report", str(home / "mine.html"), "--json")
    assert (ended.json["run"], ended.json["reports"]) == (None, [str(home / "mine.html")])
    assert (home / "mine.html").is_file()
    assert ids(desk) == []


def test_a_repeated_backtest_comes_to_the_same_though_the_files_have_changed(desk: Desk, home: Path, kept: str):
    policy = home / "config" / "policy.yaml"
    policy.write_text(policy.read_text().replace("entry_score: 0.35", "entry_score: 0.9"))
    ended = desk("backtests", "repeat", kept, "--json")
    assert (ended.code, ended.json["differences"], ended.json["is_same"]) == (0, [], True)


def test_a_repeated_backtest_names_what_is_not_as_it_was(desk: Desk, home: Path, kept: str):
    stored = home / "backtests" / kept / "configuration" / "accounts.yaml"
    stored.write_text(stored.read_text().replace("seed: 7", "seed: 8"))
    ended = desk("backtests", "repeat", "last", "--json")
    assert ended.code == 1
    assert ended.json["is_same"] is False
    assert {"data", "seed", "result", "total return"} <= {one["what"] for one in ended.json["differences"]}
    assert "something else" in desk("backtests", "repeat", "last").out


def test_a_repeated_backtest_is_kept_with_its_report_where_that_is_asked_for(desk: Desk, home: Path, kept: str):
    store = home / "backtests"
    desk("backtests", "repeat", kept)
    assert [one.name for one in store.iterdir()] == [kept]
    ended = desk("backtests", "repeat", kept, "--store")
    again = max(one.name for one in store.iterdir())
    assert ended.code == 0
    assert f"Kept as {again} in {store / again}\nReport: {store / again / 'report.html'}\n" in ended.out
    assert again in (store / again / "report.html").read_text(encoding="utf-8")
    told = desk("backtests", "repeat", again, "--store", "--json").json
    assert told["reports"] == [str(store / told["kept"] / "report.html")]


def test_two_backtests_stand_side_by_side_with_what_differed(desk: Desk, home: Path, kept: str):
    policy = home / "config" / "policy.yaml"
    policy.write_text(policy.read_text().replace("fraction: 0.005", "fraction: 0.01"))
    other = desk("backtest", "sample", *DAY, "--json").json["run"]
    found = desk("backtests", "compare", kept, other, "--json").json
    assert found["configuration"] == {"policy: policies.balanced.sizing.parameters.fraction": ["0.005", "0.01"]}
    assert set(found["made_from"]) == {"configuration", "result"}
    assert found["figures"]["start"] == ["10,000.10 USD"] * 2
    assert "sizing.parameters.fraction" in desk("backtests", "compare", kept, "last").out


def test_a_name_that_several_have_or_none_is_not_understood(desk: Desk, kept: str):
    assert desk("backtests", "show", "nothing").code == 2
    assert desk("backtests", "show", kept[-6:]).code == 0
    assert desk("backtests", "remove", kept).code == 0
    assert desk("backtests", "show", "last").code == 2


def test_a_backtest_that_cannot_be_read_hides_no_other(desk: Desk, home: Path, kept: str):
    path = home / "backtests" / "20200101T000000000Z-old-000000" / "run.json"
    path.parent.mkdir()
    path.write_text("{}")
    ended = desk("backtests", "list", "--json")
    assert ended.code == 1
    assert [one["id"] for one in ended.json] == [kept, path.parent.name]
    assert "cannot be read" in desk("backtests", "list").out


def test_without_the_library_of_charts_there_is_everything_but_the_report(
    desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "plotly", None)
    ended = desk("backtest", "sample", *DAY)
    assert ended.code == 0
    assert "No report: plotly must be installed for it: `pip install 'scandesk[report]'`" in ended.out
    assert f"Kept as {ids(desk)[0]}" in ended.out
    assert "Report: none" in desk("backtests", "show", "last").out


def test_what_the_breaker_did_is_said_with_its_time(desk: Desk, home: Path):
    policy = home / "config" / "policy.yaml"
    policy.write_text(f"{policy.read_text()}    breaker: {{drawdown_fraction: 0.0005}}\n")
    ended = desk("backtest", "sample", *DAY, "--no-store")
    assert re.search(
        r"^The breaker: 2026-03-03 \d\d:\d\d UTC: .* of the highest equity is lost", ended.out, re.MULTILINE
    )


def test_an_instrument_of_no_catalogue_is_backtested_once_its_recording_says_how_it_is_traded(desk: Desk, home: Path):
    accounts = home / "config" / "accounts.yaml"
    write_hours(home / "candles" / "doge.parquet")
    defaults = accounts.read_text().replace("feed: embedded", "feed: coins, timeframe: H1")
    listed = defaults.replace("BTC/USD]", "DOGE/USD]").replace("every: 5m, offset: 5s", "every: 1h")
    files = "{XAU/USD: candles.csv, EUR/USD: candles.csv, GBP/USD: candles.csv, DOGE/USD: ../candles/doge.parquet}"
    feed = f"  coins: {{kind: recorded, files: {files}}}\nvenues:"
    accounts.write_text(listed.replace("venues:", feed))
    (home / "config" / "candles.csv").touch()
    words = ("data", "import", "candles/doge.parquet", "--instrument", "DOGE/USD", "--timeframe", "H1")
    path = Path(desk(*words, "--json").json["file"])
    asked = ("backtest", "sample", "--file", f"DOGE/USD={path}", "--no-store", "--json")
    for command in (("config", "check"), asked):
        ended = desk(*command)
        assert (ended.code, "DOGE/USD" in ended.err) == (3, True)
    grid = ("--kind", "spot", "--tick", "0.00001", "--lot", "1", "--minimum-quantity", "1")
    assert desk(*words, *grid).code == 0
    accounts.write_text(accounts.read_text().replace("../candles/doge.parquet", str(path)))
    assert desk("config", "check").code == 0
    told = desk(*asked).json
    assert (told["left_out"], set(told["no_trades"])) == (["EUR/USD", "XAU/USD"], {"DOGE/USD"})


def test_words_of_another_kind_are_not_understood(desk: Desk):
    assert desk("backtest", "sample", *DAY, "--windows", "some").code == 2
    assert desk("backtest", "sample", *DAY, "--cash", "0").code == 2
    assert desk("backtests", "compare", "last").code == 2


def test_the_examples_of_the_page_do_what_it_says(desk: Desk, home: Path):
    shutil.copytree(ROOT / "config", home / "config", dirs_exist_ok=True)
    write_hours(home / "candles" / "EUR_USD_H1.parquet")
    for block in (one for one in blocks(PAGE) if one.language == "console"):
        for line in block.text.splitlines():
            kept = ids(desk)
            words = [kept[-1] if word == "ID" else word for word in shlex.split(line.removeprefix("$ desk "))]
            assert desk(*words).code == 0, line
    runs = ids(desk)
    assert len(runs) == 3
    assert desk("backtests", "list").out.count("oanda-momentum") == 2
    [example] = [one.text for one in blocks(PAGE) if one.language == "python"]
    exec(example.replace("var/backtests/ID", str(home / "backtests" / runs[-1])), {})
    assert json.loads((home / "backtests" / runs[0] / "run.json").read_text())["wanted"]["cash"] == "20000"


def write_hours(path: Path) -> None:
    """Two months of hours in which the price walks, on weekdays."""
    path.parent.mkdir()
    time = pandas.date_range(datetime(2026, 3, 1, 22, tzinfo=UTC), periods=1500, freq="h")
    close = 1.1 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.001, len(time))))
    opened = np.concatenate(([1.1], close[:-1]))
    high, low = np.maximum(opened, close) * 1.0004, np.minimum(opened, close) * 0.9996
    table = pandas.DataFrame({"time": time, "open": opened, "high": high, "low": low, "close": close, "volume": 1.0})
    table[time.day_of_week < 5].to_parquet(path)
