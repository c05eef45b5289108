"""What closed trades add up to, in units of the risk that was taken."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from desk.model.instrument import Side
from desk.model.orders import FillReason
from desk.model.records import ClosedTrade, TrackRecord
from desk.model.surroundings import Surroundings

NOON = datetime(2026, 1, 14, 12, tzinfo=UTC)


def trade(profit: str, risk: str | None) -> ClosedTrade:
    amounts = Decimal(profit), Decimal(0), None if risk is None else Decimal(risk)
    return ClosedTrade("breakout", "EUR/USD", Side.BUY, NOON, NOON, *amounts, FillReason.TARGET)


def test_a_profit_is_counted_in_units_of_what_was_at_risk():
    assert trade("-50", "100").multiple == -0.5


@pytest.mark.parametrize("risk", [None, "0"])
def test_a_trade_of_unknown_risk_has_no_multiple(risk):
    assert trade("50", risk).multiple is None


def test_the_mean_of_a_record_weighs_wins_and_losses_by_their_number():
    record = TrackRecord(trades=4, wins=1, mean_win=3.0, mean_loss=-0.6, deviation=1.0)
    assert record.mean == pytest.approx(0.3)


def test_a_record_without_trades_has_a_mean_of_nothing():
    assert TrackRecord(0, 0, 0.0, 0.0, 0.0).mean == 0


def test_a_correlation_is_found_in_either_order_and_is_one_with_itself():
    around = Surroundings(correlations={"BTC/USDT ETH/USDT": 0.8})
    assert around.correlation("ETH/USDT", "BTC/USDT") == around.correlation("BTC/USDT", "ETH/USDT") == 0.8
    assert around.correlation("BTC/USDT", "BTC/USDT") == 1
    assert around.correlation("BTC/USDT", "XAU/USD") is None
