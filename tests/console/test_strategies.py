"""Strategies are listed, described, examined and begun, also those in a folder of the operator's own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import desk.strategies
from console import scaffolding
from desk.contracts.markets import sample_market
from desk.registry import strategies
from tests.console.conftest import Desk, Ended

ROOT = Path(__file__).parents[2]


@pytest.fixture
def own(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the operator's own strategies, which the settings name; not there yet."""
    folder = home / "mine"
    monkeypatch.setenv("DESK_STRATEGIES", str(folder))
    yield folder
    strategies().look_in()
    for path in folder.glob("*.py"):
        if sys.modules.pop(f"desk.strategies.{path.stem}", None) is not None:
            delattr(desk.strategies, path.stem)


def words(ended: Ended) -> str:
    return " ".join(ended.out.split())


def test_strategies_are_listed_with_what_they_do(desk: Desk):
    names = [row["strategy"] for row in desk("strategies", "--json").json]
    assert {"breakout", "adaptive_gold", "ensemble"} <= set(names)
    assert desk("strategies", "list", "--json").json == desk("strategies", "--json").json
    shown = desk("strategies").out
    assert all(name in shown for name in names)
    candles = {row["strategy"]: row["candles"] for row in desk("strategies", "--json").json}
    assert (candles["breakout"], candles["champion_75wr"]) == ("M5", "M5 beside M15 and H1")


def test_a_strategy_is_described_with_parameters_ranges_and_source(desk: Desk):
    shown = words(desk("strategies", "show", "breakout"))
    assert "Source: Donchian's channel rule" in shown
    assert "channel_period from 5 to 400 40 Earlier candles that make the channel." in shown
    assert "full_range above 0.5 to 10 1.2" in shown
    assert "strategies/breakout.py" in shown
    told = json.loads(desk("strategies", "show", "breakout", "--json").out)
    assert told["warm_up"] > 0
    assert told["parameters"][0] == {
        "parameter": "channel_period",
        "range": "from 5 to 400",
        "default": "40",
        "meaning": "Earlier candles that make the channel.",
    }


def test_a_strategy_says_what_it_reads_and_how_it_was_called(desk: Desk):
    assert "once called adaptive_trump_gold" in words(desk("strategies", "show", "adaptive_gold"))
    assert desk("strategies", "show", "adaptive_trump_gold").out == desk("strategies", "show", "adaptive_gold").out
    assert "also reads candles of M15, H1" in words(desk("strategies", "show", "champion_75wr"))
    assert "also reads book_imbalance and micro_price" in words(desk("strategies", "show", "hft"))
    members = desk("strategies", "show", "ensemble", "--json").json["parameters"][0]
    assert members["default"] == "momentum_trading, breakout, mean_reversion"


@pytest.mark.parametrize("command", ["show", "check"])
def test_an_unknown_strategy_suggests_the_nearest(desk: Desk, command: str):
    said = desk("strategies", command, "brekout")
    assert (said.code, said.err) == (2, "desk: expected a strategy, found 'brekout'; did you mean 'breakout'?\n")


def test_a_strategy_that_keeps_the_contract_is_said_to(desk: Desk):
    told = desk("strategies", "check", "breakout", "--json")
    assert told.code == 0
    [row] = told.json["contracts"]
    assert (row["strategy"], row["contract"]) == ("breakout", "kept")
    assert row["milliseconds"] < 20
    assert told.json["signals"] == []


def test_a_new_strategy_is_found_everywhere_and_keeps_the_contract(desk: Desk, own: Path, home: Path):
    said = desk("strategies", "new", "my_trend")
    assert said.code == 0, said.err
    assert f"wrote {own / 'my_trend.py'}" in said.out
    assert "my_trend" in [row["strategy"] for row in desk("strategies", "--json").json]
    assert desk("strategies", "check", "my_trend", "--json").json["contracts"][0]["contract"] == "kept"
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("name: breakout", "name: my_trend, parameters: {period: 30}"))
    assert "nothing to correct" in desk("config", "check").out
    accounts.write_text(accounts.read_text().replace("period: 30", "period: 0"))
    assert "fresh.strategies[0].parameters.period" in desk("config", "check").err


def test_the_test_of_a_new_strategy_passes(desk: Desk, own: Path):
    desk("strategies", "new", "my_trend")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(own / "tests" / "test_my_trend.py")]
    passed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_nothing_is_overwritten(desk: Desk, own: Path):
    desk("strategies", "new", "my_trend")
    before = (own / "my_trend.py").read_text()
    again = desk("strategies", "new", "my_trend")
    assert again.code == 2
    assert "'my_trend', which is a strategy already; nothing was written" in again.err
    (own / "my_trend.py").rename(own / "kept_elsewhere.txt")
    strategies().reload()
    test_only = desk("strategies", "new", "my_trend")
    assert "test_my_trend.py is there already; nothing was written" in test_only.err
    assert (own / "kept_elsewhere.txt").read_text() == before
    assert not (own / "my_trend.py").exists()


@pytest.mark.parametrize("name", ["Trend", "2nd", "my-trend", "a/b", "_own", "a__b", "breakout", "adaptive_trump_gold"])
def test_a_name_that_cannot_be_or_is_taken_is_refused(desk: Desk, own: Path, name: str):
    refused = desk("strategies", "new", name)
    assert (refused.code, refused.out) == (2, "")
    assert f"'{name}'" in refused.err
    assert list(own.glob("**/*.py")) == []


def test_without_a_folder_of_your_own_a_strategy_is_written_into_the_checkout(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    package = tmp_path / "checkout" / "desk"
    monkeypatch.setattr(scaffolding.desk, "__file__", str(package / "__init__.py"))
    refused = desk("strategies", "new", "my_trend")
    assert "expected a folder for your strategies in DESK_STRATEGIES, found none" in refused.err
    (tmp_path / "checkout" / "tests" / "desk" / "strategies").mkdir(parents=True)
    (package / "strategies").mkdir(parents=True)
    written = desk("strategies", "new", "my_trend", "--json").json
    assert [Path(path).relative_to(tmp_path / "checkout").as_posix() for path in written] == [
        "desk/strategies/my_trend.py",
        "tests/desk/strategies/test_my_trend.py",
    ]
    assert "from desk.strategies.my_trend import MyTrend" in Path(written[1]).read_text()


def test_a_strategy_of_your_own_that_breaks_the_contract_is_named_with_the_rule(desk: Desk, own: Path):
    desk("strategies", "new", "my_peek")
    path = own / "my_peek.py"
    path.write_text(path.read_text().replace("distance = (candles.close -", "distance = (candles.close[-1] -"))
    strategies().reload()
    said = desk("strategies", "check", "my_peek", "--json")
    assert said.code == 1
    [row] = said.json["contracts"]
    assert "my_peek looks ahead" in row["contract"]


def test_a_file_in_your_folder_that_is_no_strategy_is_named(desk: Desk, own: Path):
    own.mkdir()
    (own / "broken.py").write_text("x = 1")
    for command in (("strategies",), ("config", "check")):
        said = desk(*command)
        assert said.code == 3
        assert f"{own / 'broken.py'}: expected one Strategy in the file, found none" in said.err


def test_a_folder_that_is_not_there_is_named(desk: Desk, own: Path):
    said = desk("strategies")
    assert (said.code, said.err) == (3, f"desk: {own}: expected a folder with a strategy in each file, found none\n")


def test_an_earlier_name_in_the_configuration_works_and_the_check_says_the_present_one(desk: Desk, home: Path):
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("name: breakout", "name: adaptive_trump_gold"))
    told = desk("config", "check", "--json")
    assert told.code == 0
    [warning] = told.json["warnings"]
    assert (
        "fresh.strategies[0].name: expected 'adaptive_gold', the present name, found 'adaptive_trump_gold'" in warning
    )
    shown = desk("config", "show", "fresh", "--json").json
    assert shown["strategies"][0]["name"] == "adaptive_gold"


def test_two_names_of_one_strategy_in_one_account_are_refused(desk: Desk, home: Path):
    accounts = home / "config" / "accounts.yaml"
    both = "{name: adaptive_trump_gold}, {name: adaptive_gold}"
    accounts.write_text(accounts.read_text().replace("{name: breakout}", both))
    assert "expected each name once, found 'adaptive_gold'" in desk("config", "check").err


def test_an_account_on_longer_candles_than_its_strategy_reads_is_refused(desk: Desk, home: Path):
    accounts = home / "config" / "accounts.yaml"
    text = accounts.read_text().replace("{name: breakout}", "{name: champion_75wr}")
    accounts.write_text(text.replace("instruments: [EUR/USD]\n", "instruments: [EUR/USD]\n    timeframe: H1\n"))
    said = desk("config", "check")
    assert said.code == 3
    needed = "expected M15 or a shorter timeframe, since champion_75wr reads M15 and H1 beside it, found H1"
    assert f"accounts.fresh.timeframe: {needed}" in said.err
    accounts.write_text(text.replace("instruments: [EUR/USD]\n", "instruments: [EUR/USD]\n    timeframe: M15\n"))
    assert desk("config", "check").code == 0


def test_a_mistake_in_a_member_of_an_ensemble_is_told_with_its_place(desk: Desk, home: Path):
    accounts = home / "config" / "accounts.yaml"
    members = "{name: ensemble, parameters: {members: [{name: breakout}, {name: scalpin}]}}"
    accounts.write_text(accounts.read_text().replace("{name: breakout}", members))
    said = desk("config", "check").err
    assert "accounts.fresh.strategies[0].parameters" in said
    assert "unknown strategy 'scalpin'; did you mean 'scalping'?" in said
    accounts.write_text(accounts.read_text().replace("scalpin}", "scalping, weight: -1}"))
    assert "parameters.members[1].weight" in desk("config", "check").err


def write_candles(folder: Path, name: str, count: int) -> None:
    own = sample_market(count).own
    folder.mkdir(exist_ok=True)
    own.frame.reset_index().to_parquet(folder / f"{name}.parquet")


def test_signals_are_counted_on_every_file_of_a_folder(desk: Desk, home: Path):
    write_candles(home / "data", "EUR_USD_M5_made", 2_000)
    write_candles(home / "data", "XAU_USD_M5_made", 3_000)
    told = desk("strategies", "check", "breakout", "champion_75wr", "hft", "--data", str(home / "data"), "--json").json
    rows = {(row["strategy"], row["data"]): row for row in told["signals"]}
    assert len(rows) == 6
    row = rows["breakout", "XAU_USD_M5_made"]
    assert (row["timeframe"], row["candles"]) == ("M5", 3_000)
    assert row["long"] > 0
    assert row["short"] > 0
    assert row["share"] == pytest.approx((row["long"] + row["short"]) / 3_000, abs=1e-4)
    assert "2026-01-05" <= row["first"] <= row["last"] <= "2026-01-20"
    assert rows["hft", "EUR_USD_M5_made"]["note"] == "without book_imbalance and micro_price"
    stricter = desk(
        "strategies", "check", "breakout", "--data", str(home / "data"), "--threshold", "0.9", "--json"
    ).json
    assert stricter["signals"][1]["long"] < row["long"]


def test_the_table_of_signals_is_printed_below_the_contracts(desk: Desk, home: Path):
    write_candles(home / "data", "EUR_USD_M5_made", 2_000)
    shown = desk("strategies", "check", "swing_trading", "--data", str(home / "data")).out
    assert shown.index("kept") < shown.index("Candles with a score of 0.35 or more") < shown.index("EUR_USD_M5_made")


def test_a_folder_without_candle_files_is_refused(desk: Desk, home: Path):
    said = desk("strategies", "check", "breakout", "--data", str(home / "nothing"))
    assert (said.code, said.out) == (2, "")
    assert "nothing: expected a folder with .parquet files of candles, found none" in said.err


def test_a_file_of_longer_candles_than_a_strategy_reads_is_noted(desk: Desk, home: Path):
    (home / "data").mkdir()
    own = sample_market(200).own
    hours = own.frame.reset_index().assign(time=pd.date_range("2026-01-05", periods=200, freq="h", tz="UTC"))
    hours.to_parquet(home / "data" / "hours.parquet")
    told = desk("strategies", "check", "champion_75wr", "breakout", "--data", str(home / "data"), "--json").json
    notes = {row["strategy"]: (row["timeframe"], row["candles"], row["note"]) for row in told["signals"]}
    assert notes["champion_75wr"] == ("H1", 0, "needs candles of M15 or shorter")
    assert notes["breakout"] == ("H1", 200, "")
