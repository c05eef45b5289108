"""Positions out of what ccxt tells: counted in base units, signed, never guessed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from desk.adapters.venues.ccxt.catalogue import Listing
from desk.adapters.venues.ccxt.money import position_of
from desk.model.instrument import Instrument, InstrumentKind
from tests.desk.adapters.venues.ccxt.samples import BTC

NOW = datetime(2026, 1, 14, tzinfo=UTC)
STEP = Decimal("0.01")
LISTING = Listing(Instrument(BTC, InstrumentKind.PERPETUAL, STEP, STEP, STEP), tradable=True, unit=STEP)
RAW = {"symbol": BTC, "side": "short", "contracts": "3", "entryPrice": "60000.5", "timestamp": 1_768_348_800_000}


@pytest.mark.parametrize(("side", "quantity"), [("long", "0.03"), ("short", "-0.03")])
def test_a_position_is_signed_and_in_base_units(side, quantity):
    found = position_of({**RAW, "side": side}, LISTING, NOW)
    assert (found.quantity, found.average_price, found.opened_at) == (Decimal(quantity), Decimal("60000.5"), NOW)


@pytest.mark.parametrize("name", ["side", "contracts", "entryPrice"])
def test_a_position_with_something_missing_is_refused(name):
    with pytest.raises(ValueError, match="expected"):
        position_of({**RAW, name: None}, LISTING, NOW)
