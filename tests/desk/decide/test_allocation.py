"""An account sizes its trades on the part of its money that is allocated to it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from desk.decide.entries import size_of
from desk.decide.policy import Policy
from desk.model.trade import NoTrade
from desk.registry import sizings
from tests.builders import policy, snapshot

SIZINGS = ["fixed_fraction", "fixed_notional"]


def sized(made: Policy) -> Decimal:
    around = snapshot()
    name = "EUR/USD"
    found = size_of(made, around, around.instruments[name], Decimal("1.1"), Decimal("0.01"), "constant")
    assert not isinstance(found, NoTrade), found
    return found


@pytest.mark.parametrize("name", SIZINGS)
def test_half_of_the_money_makes_half_of_the_trade(name: str) -> None:
    whole = replace(policy(), sizing=sizings().discover()[name]())
    assert sized(replace(whole, allocation=Decimal("0.5"))) == pytest.approx(sized(whole) / 2)
