"""What closed trades add up to, in units of the risk that was taken."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from desk.model.instrument import Side
from desk.model.orders import FillReason
from desk.model.records import ClosedTrade, TrackRecord, gains, track_records
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


def test_a_record_knows_what_its_trades_cost_on_the_mean_as_far_as_anybody_knew():
    dear = replace(trade("-50", "100"), fees=Decimal(10), price_cost=Decimal(5))
    cheap = replace(trade("150", "100"), fees=Decimal(5))
    assert dear.cost_multiple == 0.15
    assert trade("50", None).cost_multiple is None
    assert track_records([dear, cheap])["breakout"] == TrackRecord.of([-0.5, 1.5], [0.15, 0.05])
    assert track_records([dear, cheap])["breakout"].mean_cost == pytest.approx(0.1)


def test_a_record_counts_wins_losses_and_the_deviation_of_a_sample():
    record = TrackRecord.of([2.0, -1.0, 0.0, 1.0])
    assert (record.trades, record.wins, record.mean_win, record.mean_loss) == (4, 2, 1.5, -0.5)
    assert record.deviation == pytest.approx(1.29099, abs=1e-5)
    assert (TrackRecord.of([2.0]).deviation, TrackRecord.of([])) == (0.0, TrackRecord(0, 0, 0.0, 0.0, 0.0))


def test_a_strategy_has_a_record_of_its_own_trades_whose_risk_and_end_the_market_gave():
    adjusted = replace(trade("900", "100"), reason=FillReason.ADJUSTMENT)
    nobodys = replace(trade("900", "100"), strategy="")
    other = replace(trade("-50", "100"), strategy="scalping")
    found = track_records([trade("50", "100"), trade("50", None), adjusted, nobodys, other])
    assert found == {"breakout": TrackRecord.of([0.5]), "scalping": TrackRecord.of([-0.5])}


def test_gains_are_those_of_trades_that_the_market_alone_made() -> None:
    whole = replace(trade("5", "100"), entry_value=Decimal(100))
    assert gains([whole, replace(trade("-50", "100"), was_adjusted=True)]) == (Decimal("0.05"),)
    assert gains([trade("5", "100")]) is None
