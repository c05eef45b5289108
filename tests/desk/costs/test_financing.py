"""Holding costs interest where a venue lends, funding where a contract has no end, and nothing where one owns."""

from datetime import timedelta
from decimal import Decimal

import pytest

from desk.costs.financing import financing_fraction, holding_time
from desk.costs.terms import CostTerms
from desk.model.instrument import InstrumentKind, Side
from desk.model.orders import FillReason
from desk.model.records import ClosedTrade
from tests.builders import CLOSE

TERMS = CostTerms(financing_rate=Decimal("0.0365"), funding_rate=Decimal("0.0001"), holding_time=timedelta(hours=6))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FX, PERPETUAL = InstrumentKind.FX, InstrumentKind.PERPETUAL
BUY, SELL = Side.BUY, Side.SELL


def trade(length: timedelta, strategy: str = "one") -> ClosedTrade:
    nothing = Decimal(0)
    return ClosedTrade(
        strategy, "EUR/USD", BUY, CLOSE - length, CLOSE, nothing, fees=nothing, risk=None, reason=FillReason.STOP
    )


def test_a_day_costs_a_day_of_the_yearly_rate_on_either_side() -> None:
    assert financing_fraction(TERMS, FX, BUY, DAY, None) == Decimal("0.0001")
    assert financing_fraction(TERMS, InstrumentKind.METAL, SELL, 2 * DAY, None) == Decimal("0.0002")


def test_what_is_owned_costs_nothing_to_hold() -> None:
    assert financing_fraction(TERMS, InstrumentKind.SPOT, BUY, 300 * DAY, 0.01) == 0


def test_a_long_pays_the_funding_that_a_short_receives() -> None:
    assert financing_fraction(TERMS, PERPETUAL, BUY, 16 * HOUR, 0.0003) == Decimal("0.0006")
    assert financing_fraction(TERMS, PERPETUAL, SELL, 16 * HOUR, 0.0003) == Decimal("-0.0006")


def test_a_rate_that_is_known_is_for_eight_hours_whatever_interval_the_account_assumes() -> None:
    terms = CostTerms(funding_interval=HOUR)
    assert financing_fraction(terms, PERPETUAL, BUY, 16 * HOUR, 0.0003) == Decimal("0.0006")
    assert financing_fraction(terms, PERPETUAL, BUY, 16 * HOUR, None) == Decimal("0.0016")


@pytest.mark.parametrize("side", [BUY, SELL])
@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_an_unknown_funding_rate_is_paid_by_whoever_asks(side: Side, unknown: float | None) -> None:
    assert financing_fraction(TERMS, PERPETUAL, side, 4 * HOUR, unknown) == Decimal("0.00005")


def test_a_trade_is_expected_to_last_as_long_as_the_last_ones_of_its_strategy_did() -> None:
    trades = [trade(2 * HOUR), trade(4 * HOUR), trade(40 * HOUR, "another")]
    assert holding_time(TERMS, trades, "one", None) == 3 * HOUR
    assert holding_time(TERMS, trades, "one", 2 * HOUR) == 2 * HOUR


def test_a_strategy_without_trades_is_expected_to_use_its_time_limit() -> None:
    assert holding_time(TERMS, [], "one", DAY) == DAY
    assert holding_time(TERMS, [], "one", None) == 6 * HOUR
