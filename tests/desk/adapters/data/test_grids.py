"""The grid of an instrument is the same after it was written down, and never one that nothing can be traded on."""

from decimal import Decimal

import pytest

from desk.adapters.data.grids import grid_from, grid_of
from desk.errors import ConfigError
from desk.model.instrument import Instrument, InstrumentKind

DOGE = Instrument("DOGE/USDT", InstrumentKind.SPOT, Decimal("1E-8"), Decimal("0.10"), Decimal(10), Decimal("0.1"))


def test_a_grid_is_read_back_to_the_last_digit():
    grid = grid_of(DOGE)
    assert grid.written() == {"tick": "0.00000001", "lot": "0.10", "minimum_quantity": "10", "minimum_notional": "0.1"}
    assert grid_from(grid.written()).instrument("DOGE/USDT", InstrumentKind.SPOT) == DOGE


@pytest.mark.parametrize("name", ["tick", "lot"])
@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_step_of_nothing_is_refused(name, value):
    with pytest.raises(ConfigError, match=f"{name}: expected an amount above 0, found {value}"):
        grid_from({**grid_of(DOGE).written(), name: value})


def test_a_venue_without_a_least_order_is_taken_as_it_is_but_none_is_below_nothing():
    assert grid_from({**grid_of(DOGE).written(), "minimum_quantity": "0"}).minimum_quantity == 0
    with pytest.raises(ConfigError, match="minimum_notional: expected an amount of 0 or more, found -1"):
        grid_from({**grid_of(DOGE).written(), "minimum_notional": "-1"})
