"""When fills prove that the position of a stop is closed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.venues.aster.proof import is_closed_by
from desk.model.instrument import Side
from desk.model.orders import Fill, Order, OrderState, OrderType
from tests.builders import CLOSE
from tests.desk.adapters.venues.aster.fakes import BTC

SECOND = timedelta(seconds=1)
NONE = timedelta(0)


def guard(side: Side = Side.SELL, filled: str = "0") -> Order:
    quantity, executed = Decimal("0.010"), Decimal(filled)
    return Order("sd-1-s", "7", BTC, side, OrderType.STOP, quantity, executed, OrderState.ACKED, CLOSE)


def fill(quantity: str, side: Side = Side.SELL, *, after: timedelta = SECOND, of: str = "sd-2") -> Fill:
    executed = Decimal(quantity)
    return Fill(f"{of}-{quantity}", of, BTC, side, executed, Decimal(60_000), Decimal(0), "USDT", CLOSE + after)


@pytest.mark.parametrize(
    ("fills", "is_closed"),
    [
        ([], False),
        ([fill("0.009")], False),
        ([fill("0.010")], True),
        ([fill("0.004"), fill("0.006", of="by-hand")], True),
        ([fill("0.010"), fill("0.001", Side.BUY)], False),
        ([fill("0.010", after=-SECOND)], False),
        ([fill("0.010", Side.BUY)], False),
        ([fill("0.010", after=NONE)], True),
        ([fill("0.010", Side.BUY, after=NONE, of="sd-1"), fill("0.010")], True),
    ],
    ids=str,
)
def test_a_position_is_closed_once_all_that_its_stop_guards_was_sold_after_it(fills, is_closed):
    assert is_closed_by(fills, guard()) is is_closed


def test_the_stop_of_a_short_position_is_over_once_as_much_was_bought():
    assert is_closed_by([fill("0.010", Side.BUY)], guard(Side.BUY))
    assert not is_closed_by([fill("0.010")], guard(Side.BUY))


def test_what_a_stop_has_sold_itself_counts_once():
    own = fill("0.004", after=NONE, of="sd-1-s")
    assert not is_closed_by([own], guard(filled="0.004"))
    assert is_closed_by([own, fill("0.006")], guard(filled="0.004"))
