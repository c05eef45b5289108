"""Fills out of what ccxt tells: exact, in base units, never of nothing."""

from decimal import Decimal

import pytest

from desk.adapters.venues.ccxt.catalogue import Listing
from desk.adapters.venues.ccxt.orders import fill_of
from desk.model.instrument import Instrument, InstrumentKind
from tests.desk.adapters.venues.ccxt.samples import BTC

STEP = Decimal("0.01")
LISTING = Listing(Instrument(BTC, InstrumentKind.PERPETUAL, STEP, STEP, STEP), tradable=True, unit=STEP)
RAW = {"id": "T1", "side": "buy", "amount": "3", "price": "60000.5", "timestamp": 1_768_348_800_000}


def test_a_fill_is_in_base_units():
    assert fill_of(RAW, "sd-1", LISTING).quantity == Decimal("0.03")


@pytest.mark.parametrize("amount", ["0", "-1", None])
def test_a_fill_of_nothing_is_refused(amount):
    with pytest.raises(ValueError, match="expected an amount"):
        fill_of({**RAW, "amount": amount}, "sd-1", LISTING)
