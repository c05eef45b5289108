"""Rules that pause for a while on what trades came to: too little profit, too many stops, too deep a fall."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.model.instrument import Side
from desk.model.orders import FillReason
from desk.model.reasons import Reason
from desk.registry import risk_rules
from desk.risk.low_profit_lock import LowProfitLock
from desk.risk.stop_loss_guard import StopLossGuard
from desk.risk.trade_drawdown import TradeDrawdown
from desk.steps.snapshot import TRADED
from tests.builders import snapshot
from tests.contracts.samples import closed_trade, proposal

HOUR = timedelta(hours=1)


def ago(minutes, profit="-10", instrument="EUR/USD", **facts):
    return closed_trade(instrument, profit, ago=timedelta(minutes=minutes), **facts)


def review(rule, *trades, instrument="EUR/USD", side=Side.BUY):
    return rule.review(proposal(instrument, side=side), snapshot(closed_trades=trades))


def low_profit(**changes):
    return LowProfitLock(**{"lookback": HOUR, "trades": 2, "pause": HOUR, **changes})


def guard(**changes):
    return StopLossGuard(**{"lookback": HOUR, "stops": 2, "pause": HOUR, **changes})


def fallen(**changes):
    return TradeDrawdown(**{"lookback": HOUR, "trades": 2, "limit": Decimal("0.01"), "pause": HOUR, **changes})


def test_an_instrument_whose_trades_brought_enough_passes():
    finding = review(low_profit(required_profit=Decimal("0.01")), ago(20, "5"), ago(10, "5"))
    assert (finding.allowed_quantity, finding.reason) == (1000, None)
    assert (finding.limit, finding.observed, finding.unit) == (Decimal("0.01"), Decimal("0.01"), "of the entry value")


def test_gains_are_fractions_of_what_each_trade_was_worth_at_its_entry():
    trades = ago(20, "10", entry_value="10000"), ago(10, "-5", entry_value="500")
    assert review(low_profit(), *trades).observed == Decimal("-0.009")


def test_too_few_trades_are_not_judged():
    assert review(low_profit(), ago(10)).reason is None


@pytest.mark.parametrize(
    ("rule", "reason"), [(low_profit(), Reason.LOW_PROFIT_LOCK), (fallen(), Reason.TRADE_DRAWDOWN)]
)
def test_what_reconciliation_has_adjusted_is_not_the_doing_of_a_strategy_and_is_said_to_be_left_out(rule, reason):
    partly = replace(ago(5, "-500"), was_adjusted=True)
    adjusted = partly, ago(4, "-500", reason=FillReason.ADJUSTMENT, entry_value=None)
    passed = review(rule, ago(20, "5"), ago(15, "6"), *adjusted)
    assert (passed.reason, passed.detail) == (None, "2 closed trades, 2 that were adjusted left out")
    assert review(rule, ago(20), *adjusted).reason is None
    paused = review(rule, ago(20), ago(3), partly)
    assert (paused.reason, paused.detail[:47]) == (reason, "2 closed trades, 1 that was adjusted left out, ")


def test_an_adjusted_trade_of_another_time_is_not_said_to_be_left_out():
    paused = review(low_profit(), ago(40), ago(30), replace(ago(5), was_adjusted=True))
    assert (paused.reason, paused.detail[:22]) == (Reason.LOW_PROFIT_LOCK, "2 closed trades, until")


def test_low_profit_is_a_matter_of_one_instrument():
    trades = ago(20), ago(10)
    assert review(low_profit(), *trades).reason is Reason.LOW_PROFIT_LOCK
    assert review(low_profit(), *trades, instrument="XAU/USD").reason is None


def test_low_profit_can_be_a_matter_of_one_side():
    trades = ago(20, side=Side.SELL), ago(10, side=Side.SELL)
    assert review(low_profit(per_side=True), *trades).reason is None
    assert review(low_profit(per_side=True), *trades, side=Side.SELL).reason is Reason.LOW_PROFIT_LOCK


def test_a_lock_until_a_time_of_day_ends_then():
    trades = ago(20), ago(10)
    assert review(low_profit(unlock_at="15:00"), *trades).reason is None
    assert "until 2026-01-14 15:01:00 UTC" in review(low_profit(unlock_at="15:01"), *trades).detail


@pytest.mark.parametrize("value", [None, "0", "NaN"])
@pytest.mark.parametrize("rule", [low_profit(), fallen()])
def test_trades_that_cannot_be_judged_pause_and_the_finding_says_so(rule, value):
    finding = review(rule, ago(20, "50"), ago(10, "50", entry_value=value))
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.NOT_KNOWN)
    assert finding.detail.endswith("; of some the value at the entry is not known")


@pytest.mark.parametrize("reason", FillReason)
def test_only_a_stop_is_counted_as_one(reason):
    is_stop = reason in (FillReason.STOP, FillReason.TRAILING_STOP, FillReason.LIQUIDATION)
    found = review(guard(), ago(20, reason=reason), ago(10, reason=reason))
    assert (found.reason is Reason.STOP_LOSS_GUARD, found.observed) == (is_stop, 2 if is_stop else 0)


def test_a_stop_that_brought_a_profit_does_not_count():
    assert review(guard(), ago(20, "1"), ago(10)).reason is None


def test_a_stop_counts_below_the_profit_that_is_asked_for():
    deep, losses = Decimal("-0.02"), (ago(20, "-10"), ago(10, "-30"))
    assert review(guard(stops=1, profit_below=deep), *losses).observed == 1
    assert review(guard(stops=1, profit_below=deep), ago(10, "-10", entry_value=None)).observed == 1


def test_stops_are_counted_in_the_whole_account_or_as_narrowly_as_asked():
    trades = ago(20, instrument="XAU/USD"), ago(15, side=Side.SELL), ago(10)
    assert review(guard(stops=3), *trades).observed == 3
    assert review(guard(stops=3, per_instrument=True), *trades).observed == 2
    assert review(guard(stops=3, per_side=True), *trades).observed == 2
    assert review(guard(stops=3, per_instrument=True, per_side=True), *trades).observed == 1


def test_a_fall_counts_from_the_highest_point_of_the_sum_and_not_from_its_end():
    finding = review(fallen(), ago(40, "20"), ago(30, "-30"), ago(20, "25"))
    assert (finding.observed, finding.reason) == (Decimal("0.03"), Reason.TRADE_DRAWDOWN)


def test_a_fall_as_large_as_its_limit_passes():
    assert review(fallen(), ago(20, "-5"), ago(10, "-5")).reason is None
    assert review(fallen(), ago(20, "-5"), ago(10, "-6")).reason is Reason.TRADE_DRAWDOWN


def test_a_fall_is_one_of_the_whole_account():
    trades = ago(20, instrument="XAU/USD"), ago(10, instrument="USD/JPY")
    assert review(fallen(), *trades).reason is Reason.TRADE_DRAWDOWN


def test_no_rule_looks_further_back_than_a_snapshot_does():
    for name in ("low_profit_lock", "stop_loss_guard", "trade_drawdown"):
        rule, longest = risk_rules().get(name), {"lookback": timedelta(days=21), "pause": timedelta(days=7)}
        assert sum((getattr(rule(**longest), key) for key in longest), timedelta(0)) < TRADED
