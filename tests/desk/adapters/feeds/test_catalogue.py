"""The catalogue keeps the promises that the synthetic market and the venues build on."""

from decimal import Decimal

import pytest

from desk.adapters.feeds.catalogue import CATALOGUE
from desk.adapters.feeds.factors import FACTORS
from desk.model.instrument import InstrumentKind

LISTINGS = pytest.mark.parametrize("listing", CATALOGUE.values(), ids=lambda listing: listing.instrument.name)


@LISTINGS
def test_the_grid_is_usable(listing):
    instrument = listing.instrument
    assert 1 / instrument.tick == int(1 / instrument.tick)
    assert instrument.minimum_quantity > 0
    assert instrument.round_quantity(instrument.minimum_quantity) == instrument.minimum_quantity
    assert set(listing.loadings) <= set(FACTORS)


@LISTINGS
def test_the_usual_spread_is_at_least_a_tick_or_nearly(listing):
    half_spread = listing.base_price * listing.half_spread_bps / 10_000
    assert half_spread > 0.5 * float(listing.instrument.tick)


def test_kinds_follow_the_names():
    kinds = {name: listing.instrument.kind for name, listing in CATALOGUE.items()}
    assert kinds["EUR/USD"] is InstrumentKind.FX
    assert kinds["XAU/USD"] is InstrumentKind.METAL
    assert kinds["BTC/USD"] is InstrumentKind.SPOT
    assert kinds["BTC/USDT:USDT"] is InstrumentKind.PERPETUAL
    assert len(kinds) == 15


def test_oanda_trades_whole_units_on_a_tenth_of_a_pip():
    yen = CATALOGUE["USD/JPY"].instrument
    assert (yen.tick, yen.lot, yen.minimum_quantity) == (Decimal("0.001"), Decimal(1), Decimal(1))
