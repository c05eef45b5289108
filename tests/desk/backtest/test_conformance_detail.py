"""freqtrade's own cases of execution inside a candle: entries, stops, trailing, ladders, limits, time-outs."""

import pytest

from desk.backtest.rules import Conventions
from desk.backtest.simulate import Engine
from tests.desk.backtest.conformance import FOLDER, cases, deviations, run
from tests.desk.backtest.engines import ENGINES

CASES = "backtest_detail.json"
pytestmark = pytest.mark.skipif(not (FOLDER / CASES).exists(), reason="needs ../shared/conformance")


@pytest.mark.parametrize("engine", ENGINES)
def test_all_54_cases_come_out_as_freqtrade_has_them(engine: Engine):
    wrong = [words for case in cases(CASES) for words in deviations(case, run(case, engine=engine))]
    assert not wrong, "\n".join(wrong)
    assert len(cases(CASES)) == 54


# Where the desk's own conventions come to another end, and why; see `Conventions`.
DIFFERENT = {
    "a stop that followed a candle's high is valid from the next candle": (
        "tc9", "tc12", "tc34", "tc35", "tc36", "tc37", "tc38",
    ),
    "a stop that the open is already beyond fills at the open": ("tc11", "tc24"),
    "a rung of the ladder that begins inside a candle counts from the next open, and fills there": ("tc16", "tc20"),
    "a target that is reached to the digit is reached; freqtrade wants to see it passed": ("tc44", "tc45"),
    "a limit order that the open is already beyond fills at the open": ("tc40", "tc48"),
    "no gain is taken in the candle in which a limit entry was filled below its open": ("tc43",),
    "what is left at the end is closed at the last close": ("tc46",),
}  # fmt: skip


def test_the_conventions_of_the_desk_differ_where_they_are_meant_to():
    wrong = [case["id"] for case in cases(CASES) if deviations(case, run(case, Conventions.DESK))]
    assert sorted(wrong) == sorted(name for names in DIFFERENT.values() for name in names)


@pytest.mark.parametrize(
    ("name", "value"),
    [("exit_reason", "roi"), ("open_candle", 2), ("close_candle", 3), ("side", "short")],
)
def test_a_case_that_expects_something_else_is_told(name: str, value: object):
    case = cases(CASES)[0]
    other = {**case, "expected": {"trades": [{**case["expected"]["trades"][0], name: value}]}}
    [words] = deviations(other, run(case))
    assert words.startswith(f"tc0: trade 0: {name} {value} expected")


def test_a_trade_too_few_is_told():
    case = cases(CASES)[3]
    assert deviations(case, run(case)[:1])[0] == "tc3: 2 trades expected, 1 found"
