from decimal import Decimal

import pytest

from desk.model.surroundings import Surroundings
from desk.sizing.volatility_target import VolatilityTarget
from tests.builders import EUR_USD, USD_JPY, snapshot

FREE = VolatilityTarget(target="0.1", max_notional_fraction=50, max_risk_fraction=1, cost_bps=0)
NEAR = Decimal("0.0001")


def books(volatility, instrument="EUR/USD", equity="10000"):
    return snapshot(equity=equity, surroundings=Surroundings(volatility={instrument: volatility}))


def test_a_position_swings_by_the_target():
    assert FREE.size(EUR_USD, Decimal("1.25"), NEAR, books(0.08)) * Decimal("1.25") * Decimal("0.08") == 1000


def test_what_moves_twice_as_much_is_held_half_as_large():
    assert FREE.size(EUR_USD, Decimal(1), NEAR, books(0.4)) == 2 * FREE.size(EUR_USD, Decimal(1), NEAR, books(0.8))


def test_the_value_is_converted_to_the_account_s_currency():
    assert FREE.size(USD_JPY, Decimal(150), NEAR, books(0.1, "USD/JPY", "9900")) == 10_000


def test_a_market_that_hardly_moves_is_held_up_to_the_cap():
    capped = VolatilityTarget(target="0.1", max_notional_fraction=2, max_risk_fraction=1, cost_bps=0)
    assert capped.size(EUR_USD, Decimal(1), NEAR, books(0.0001)) == 20_000


def test_a_far_stop_makes_it_smaller():
    careful = VolatilityTarget(target="0.1", max_notional_fraction=50, max_risk_fraction="0.01", cost_bps=0)
    assert careful.size(EUR_USD, Decimal(1), Decimal("0.5"), books(0.1)) == 200


@pytest.mark.parametrize("volatility", [0.0, -1.0, float("nan"), float("inf")])
def test_without_a_usable_volatility_there_is_no_size_and_it_is_said_what_lacks(volatility):
    assert FREE.size(EUR_USD, Decimal(1), NEAR, books(volatility)) == 0
    assert FREE.lacks(EUR_USD, books(volatility)) == "the volatility of EUR/USD"


def test_with_one_nothing_lacks():
    assert FREE.lacks(EUR_USD, books(0.1)) == ""
    assert FREE.lacks(EUR_USD, snapshot()) == "the volatility of EUR/USD"
