"""When a strategy counts as decayed."""

from datetime import timedelta

import pytest

from desk.model.orders import FillReason
from desk.model.records import ClosedTrade
from desk.monitor.decay import DecayLimits, judge
from tests.builders import CLOSE, closed_trade

LIMITS = DecayLimits(window=10, earlier=20)
GOOD, BAD = "15", "-10"


def trades(*stretches: tuple[int, str], first: int = 0) -> list[ClosedTrade]:
    """So many trades of each profit, alternating with a small loss, one an hour."""
    profits = [profit if n % 2 else "-2" for count, profit in stretches for n in range(count)]
    return [closed_trade(one, closed_at=CLOSE + timedelta(hours=first + n)) for n, one in enumerate(profits)]


def test_a_block_far_below_what_was_before_it_is_decay_and_says_so() -> None:
    found = judge(trades((20, GOOD), (10, BAD)), LIMITS)
    assert found.has_decayed
    assert (found.recent and found.recent.trades, found.before and found.before.trades) == (10, 20)
    assert "last 10 trades -0.60 R on the mean, 20 before them +0.65 R" in str(found)
    assert f"{found.chance:.4f}" in str(found)


def test_a_strategy_that_goes_on_as_before_has_not_decayed_even_where_it_always_lost() -> None:
    assert not judge(trades((40, GOOD)), LIMITS).has_decayed
    assert not judge(trades((40, BAD)), LIMITS).has_decayed


def test_a_block_that_still_brings_enough_is_no_decay() -> None:
    record = [closed_trade("30", closed_at=CLOSE)] * 20 + [closed_trade("2", closed_at=CLOSE)] * 10
    assert judge(record, LIMITS).chance == pytest.approx(0.0001)
    assert not judge(record, LIMITS).has_decayed
    assert judge(record, DecayLimits(window=10, earlier=20, tolerated_mean=0.5)).has_decayed


@pytest.mark.parametrize("count", [0, 29])
def test_before_a_block_is_full_nothing_is_said(count: int) -> None:
    found = judge(trades((20, GOOD), (10, BAD))[:count], LIMITS)
    assert (found.trades, found.chance, found.has_decayed) == (count, None, False)
    assert str(found) == f"{count} trades of known risk; judged in blocks of 10 after 20"


def test_a_block_is_judged_once_and_the_trades_after_it_wait_for_the_next() -> None:
    full = judge(trades((30, GOOD), (10, BAD)), LIMITS)
    later = judge(trades((30, GOOD), (10, BAD), (9, GOOD)), LIMITS)
    assert full.has_decayed
    assert (later.recent, later.before, later.chance) == (full.recent, full.before, full.chance)
    assert judge(trades((30, GOOD), (10, BAD), (10, GOOD)), LIMITS).recent != full.recent


def test_after_a_person_let_it_go_on_a_whole_block_must_come_first() -> None:
    record = trades((20, GOOD), (10, BAD))
    rearmed_at = record[-1].closed_at
    assert not judge(record, LIMITS, rearmed_at=rearmed_at).has_decayed
    assert judge(record, LIMITS, rearmed_at=record[19].closed_at).has_decayed
    worse = [*record, *trades((10, "-30"), first=50)]
    found = judge(worse, LIMITS, rearmed_at=rearmed_at)
    assert (found.before and found.before.trades, found.has_decayed) == (30, True)


def test_what_has_no_known_risk_or_did_not_end_in_the_market_says_nothing() -> None:
    noise = [closed_trade("-900", risk=None), closed_trade("-900", reason=FillReason.ADJUSTMENT)] * 20
    noise += [closed_trade("-900", was_adjusted=True)] * 10
    assert judge([*trades((20, GOOD)), *noise], LIMITS).trades == 20
