"""Quantities are rounded towards zero, prices to the tick on the side that was asked for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.instrument import Instrument, InstrumentKind, Side

GRIDS = st.sampled_from(["1", "0.00001", "0.25", "0.01", "1000"]).map(Decimal)
AMOUNTS = st.decimals("-1000000", "1000000", places=7)


def instrument(name: str = "EUR/USD", *, grid: str = "0.25", kind: InstrumentKind = InstrumentKind.FX) -> Instrument:
    return Instrument(name, kind, tick=Decimal(grid), lot=Decimal(grid), minimum_quantity=Decimal(grid))


@pytest.mark.parametrize(
    ("name", "base", "quote"),
    [("EUR/USD", "EUR", "USD"), ("XAU/USD", "XAU", "USD"), ("BTC/USDT:USDT", "BTC", "USDT")],
)
def test_the_name_tells_base_and_quote(name, base, quote):
    assert (instrument(name).base, instrument(name).quote) == (base, quote)


@pytest.mark.parametrize(
    ("kind", "can_short"),
    [
        (InstrumentKind.FX, True),
        (InstrumentKind.METAL, True),
        (InstrumentKind.PERPETUAL, True),
        (InstrumentKind.SPOT, False),
    ],
)
def test_only_spot_cannot_be_sold_short(kind, can_short):
    assert instrument(kind=kind).can_short is can_short


@given(grid=GRIDS, quantity=AMOUNTS)
def test_a_rounded_quantity_is_on_the_lot_and_never_larger(grid, quantity):
    rounded = instrument(grid=str(grid)).round_quantity(quantity)
    assert rounded % grid == 0
    assert 0 <= (quantity - rounded).copy_sign(1) < grid
    assert abs(rounded) <= abs(quantity)


@given(grid=GRIDS, price=AMOUNTS.map(abs))
def test_a_rounded_price_is_the_nearest_tick(grid, price):
    rounded = instrument(grid=str(grid)).round_price(price)
    assert rounded % grid == 0
    assert abs(rounded - price) <= grid / 2


@given(grid=GRIDS, price=AMOUNTS.map(abs), side=st.sampled_from(Side))
def test_a_price_rounded_for_a_side_is_never_worse_for_it(grid, price, side):
    rounded = instrument(grid=str(grid)).round_price_for(side, price)
    assert rounded % grid == 0
    assert 0 <= (price - rounded) * side.sign < grid


def test_a_price_on_the_tick_stays():
    assert instrument().round_price_for(Side.BUY, Decimal("1.25")) == Decimal("1.25")
    assert instrument().round_price_for(Side.SELL, Decimal("1.25")) == Decimal("1.25")


def test_a_side_has_a_sign_and_an_opposite():
    assert [(side.sign, side.opposite) for side in (Side.BUY, Side.SELL)] == [(1, Side.SELL), (-1, Side.BUY)]


@pytest.mark.parametrize(
    ("name", "settlement", "is_linear"),
    [
        ("EUR/USD", "USD", True),
        ("BTC/USDT:USDT", "USDT", True),
        ("BTC/USD:BTC", "BTC", False),
        ("ETH/USD:USDT", "USDT", False),
    ],
)
def test_profit_is_linear_where_a_contract_settles_in_what_it_is_quoted_in(name, settlement, is_linear):
    found = instrument(name)
    assert (found.settlement, found.is_linear) == (settlement, is_linear)
