from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from desk.model.orders import FillReason
from desk.model.reasons import Reason
from desk.risk.cooldown import Cooldown
from tests.builders import CLOSE, snapshot
from tests.contracts.samples import closed_trade, fill, proposal

RULE = Cooldown(period=timedelta(minutes=15))


def review(*ages, instrument="EUR/USD"):
    return RULE.review(
        proposal(), snapshot(recent_fills=tuple(fill(instrument, at=CLOSE - timedelta(minutes=age)) for age in ages))
    )


def test_an_instrument_that_was_never_traded_passes():
    finding = review()
    assert (finding.allowed_quantity, finding.reason) == (1000, None)
    assert (finding.limit, finding.observed, finding.unit) == (900, 900, "seconds")


def test_the_last_fill_counts_whatever_the_order_of_the_fills():
    finding = review(3, 200, 10)
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.COOLDOWN)
    assert finding.observed == 180


def test_once_the_period_has_passed_the_instrument_is_free_again():
    assert review(15).reason is None


def test_a_fill_of_another_instrument_does_not_count():
    assert review(1, instrument="XAU/USD").reason is None


def test_what_is_paid_for_holding_a_position_is_no_trade():
    charge = replace(fill(at=CLOSE - timedelta(minutes=1)), reason=FillReason.FUNDING, quantity=Decimal(0))
    assert RULE.review(proposal(), snapshot(recent_fills=(charge,))).reason is None


def test_a_fill_from_the_future_counts():
    assert review(-1).reason is Reason.COOLDOWN


def test_a_trade_that_is_over_counts_where_its_fills_are_no_longer_known():
    rule = Cooldown(period=timedelta(days=5))
    over = closed_trade(ago=timedelta(days=4))
    assert rule.review(proposal(), snapshot(closed_trades=(over,))).reason is Reason.COOLDOWN


def test_it_can_end_at_a_time_of_day_instead():
    traded = snapshot(recent_fills=(fill(at=CLOSE - timedelta(minutes=1)),))
    assert Cooldown(unlock_at="15:00").review(proposal(), traded).reason is None
    assert Cooldown(unlock_at="15:01").review(proposal(), traded).reason is Reason.COOLDOWN
