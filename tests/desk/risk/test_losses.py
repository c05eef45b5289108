"""Rules about what was lost: today, since the best day, in a row, in an instrument."""

from datetime import timedelta
from decimal import Decimal

import pytest

from desk.model.reasons import Reason
from desk.risk.consecutive_losses import ConsecutiveLosses
from desk.risk.cooldown_after_loss import CooldownAfterLoss
from desk.risk.daily_loss import DailyLoss
from desk.risk.drawdown import Drawdown
from tests.builders import snapshot
from tests.contracts.samples import closed_trade, proposal

TWO_PERCENT = DailyLoss(fraction=Decimal("0.02"))
A_TENTH = Drawdown(fraction=Decimal("0.1"))
THREE = ConsecutiveLosses(losses=3, pause=timedelta(hours=1))
AN_HOUR = CooldownAfterLoss(period=timedelta(hours=1))


def ago(minutes, profit="-1", instrument="EUR/USD"):
    return closed_trade(instrument, profit, ago=timedelta(minutes=minutes))


def after(rule, *trades):
    return rule.review(proposal(), snapshot(closed_trades=trades))


def lost(rule, equity, *, start="10000"):
    books = snapshot(equity=equity, day_start_equity=Decimal(start), peak_equity=Decimal(start))
    return rule.review(proposal(), books)


def test_a_smaller_loss_of_the_day_lets_the_whole_proposal_pass():
    finding = lost(TWO_PERCENT, "9801")
    assert (finding.allowed_quantity, finding.reason) == (1000, None)
    assert (finding.limit, finding.observed, finding.unit) == (200, 199, "USD")


def test_a_loss_of_the_day_as_large_as_its_limit_refuses():
    assert lost(TWO_PERCENT, "9800").reason is Reason.DAILY_LOSS


def test_once_the_loss_is_made_up_for_the_next_trade_passes():
    assert lost(TWO_PERCENT, "9700").reason is Reason.DAILY_LOSS
    assert lost(TWO_PERCENT, "9900").reason is None


def test_a_profit_of_the_day_is_a_loss_below_0():
    assert lost(TWO_PERCENT, "10500").observed == -500


def test_a_drawdown_counts_from_the_highest_equity():
    assert lost(A_TENTH, "9001").reason is None
    assert lost(A_TENTH, "9000").reason is Reason.DRAWDOWN


@pytest.mark.parametrize("rule", [TWO_PERCENT, A_TENTH])
@pytest.mark.parametrize(("start", "equity"), [("0", "100"), ("NaN", "100"), ("-5", "100"), ("100", "NaN")])
def test_what_cannot_be_compared_is_refused_with_words(rule, start, equity):
    finding = lost(rule, equity, start=start)
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.NOT_KNOWN)
    assert "above 0" in finding.detail


def test_losses_in_a_row_refuse_until_the_pause_after_the_last_is_over():
    assert after(THREE, ago(90), ago(70), ago(59)).reason is Reason.CONSECUTIVE_LOSSES
    assert after(THREE, ago(90), ago(70), ago(60)).reason is None


def test_a_trade_that_lost_nothing_ends_the_row():
    finding = after(THREE, ago(50), ago(40), ago(30, "0"), ago(20))
    assert (finding.reason, finding.observed) == (None, 1)


def test_losses_count_in_all_instruments_and_in_the_order_of_their_closing():
    assert after(THREE, ago(10), ago(30, instrument="XAU/USD"), ago(20), ago(40, "5")).observed == 3


def test_after_the_pause_one_more_loss_begins_the_next():
    assert after(THREE, ago(300), ago(200), ago(100)).reason is None
    assert after(THREE, ago(300), ago(200), ago(100), ago(5)).reason is Reason.CONSECUTIVE_LOSSES


def test_an_instrument_rests_after_a_loss_and_not_after_a_profit():
    assert after(AN_HOUR, ago(10, "1")).reason is None
    assert after(AN_HOUR, ago(10)).reason is Reason.COOLDOWN_AFTER_LOSS


def test_a_profit_after_the_loss_does_not_shorten_the_rest():
    finding = after(AN_HOUR, ago(30), ago(10, "5"))
    assert (finding.reason, finding.observed) == (Reason.COOLDOWN_AFTER_LOSS, 1800)


def test_a_loss_in_another_instrument_or_long_ago_does_not_count():
    finding = after(AN_HOUR, ago(10, instrument="XAU/USD"), ago(60))
    assert (finding.reason, finding.observed) == (None, 3600)


def test_a_profit_that_is_no_number_counts_as_a_loss():
    assert after(AN_HOUR, ago(10, "NaN")).reason is Reason.COOLDOWN_AFTER_LOSS
