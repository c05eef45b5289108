"""What holding a position costs, and when it is taken."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from desk.matching.charges import FinancingTerms, FundingTerms
from desk.model.instrument import Side

FINANCING = FinancingTerms(long_rate=Decimal("0.0365"), short_rate=Decimal("-0.0073"))
FUNDING = FundingTerms(Decimal("0.0001"))


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-01-14T21:59Z", "2026-01-14T22:00Z"),
        ("2026-01-14T22:00Z", "2026-01-15T22:00Z"),
        ("2026-07-14T20:00Z", "2026-07-14T21:00Z"),
        ("2026-03-07T22:00Z", "2026-03-08T21:00Z"),
        ("2026-01-17T12:00Z", "2026-01-17T22:00Z"),
    ],
)
def test_financing_is_due_every_day_at_17_00_in_new_york_at_week_ends_too(after: str, due: str) -> None:
    assert FINANCING.due(datetime.fromisoformat(after)) == datetime.fromisoformat(due)


def test_funding_is_due_at_multiples_of_its_interval_since_midnight() -> None:
    at = datetime(2026, 1, 14, 15, 59, 59, 999_999, tzinfo=UTC)
    assert FUNDING.due(at) == datetime(2026, 1, 14, 16, tzinfo=UTC)
    assert FUNDING.due(datetime(2026, 1, 14, 16, tzinfo=UTC)) == datetime(2026, 1, 15, tzinfo=UTC)
    assert FundingTerms(Decimal(0), timedelta(hours=1)).due(at) == datetime(2026, 1, 14, 16, tzinfo=UTC)


def test_financing_is_a_365th_of_the_yearly_rate_of_the_side_that_is_held() -> None:
    assert FINANCING.charge(Decimal(10_000), Side.BUY) == 1
    assert FINANCING.charge(Decimal(10_000), Side.SELL) == Decimal("-0.2")


def test_longs_pay_funding_to_shorts_and_what_is_paid_is_rounded_up() -> None:
    assert FUNDING.charge(Decimal("10_000.00001"), Side.BUY) == Decimal("1.00000001")
    assert FUNDING.charge(Decimal("10_000.00001"), Side.SELL) == Decimal("-1.00000000")
    assert FundingTerms(Decimal("-0.0001")).charge(Decimal(10_000), Side.BUY) == -1
