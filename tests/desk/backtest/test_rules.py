from dataclasses import replace
from datetime import timedelta

import pytest

from desk.backtest.rules import BreakEven, Conventions, Distance, Part, Rules, Rung, SizedBy, Sizing, Trailing
from desk.errors import ConfigError

RULES = Rules(cash=1_000.0, sizing=Sizing(SizedBy.EQUITY, 0.1))


@pytest.mark.parametrize(("changes", "words"), [
    ({"cash": 0.0}, "cash must be a positive amount; found 0.0"),
    ({"sizing": Sizing(SizedBy.EQUITY, 0.0)}, "sizing must be a positive amount"),
    ({"fee": -0.1}, "fee must be a fraction from 0"),
    ({"slippage": 1.0}, "slippage must be a fraction from 0"),
    ({"leverage": 0.0}, "leverage must be a positive number"),
    ({"leverage": 10.0, "maintenance": 0.1}, "maintenance must be from 0 to below the margin"),
    ({"time_exit": timedelta(0)}, "time_exit must be a positive duration"),
    ({"trailing": Trailing(0.0)}, "trailing must be a positive distance"),
    ({"ladder": (Rung(timedelta(1), 0.1), Rung(timedelta(0), 0.2))}, "ladder must be rungs of rising age"),
    ({"parts": (Part(0.2, 0.5), Part(0.1, 0.5))}, "parts must be parts of rising gain"),
    ({"parts": (Part(0.1, 0.6), Part(0.2, 0.6))}, "parts must be parts of rising gain"),
])  # fmt: skip
def test_a_rule_out_of_its_range_is_refused_by_its_name(changes: dict, words: str):
    with pytest.raises(ConfigError, match=words):
        replace(RULES, **changes)


@pytest.mark.parametrize(
    "changes", [{"distance": Distance.PRICE}, {"break_even": BreakEven(0.1)}, {"time_exit": timedelta(1)}]
)
def test_what_is_not_part_of_the_conventions_is_refused(changes: dict):
    theirs = replace(RULES, distance=Distance.FRACTION, conventions=Conventions.FREQTRADE)
    with pytest.raises(ConfigError, match="in freqtrade's conventions"):
        replace(theirs, **changes)
