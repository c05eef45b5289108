"""What closed trades brought in days, weeks and months of UTC."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from console.services.results import Period, by_period
from tests.builders import closed_trade

TODAY = date(2026, 3, 4)
"""A Wednesday."""


@pytest.mark.parametrize(
    ("period", "beginnings"),
    [
        (Period.DAY, [date(2026, 3, 4), date(2026, 3, 3), date(2026, 3, 2)]),
        (Period.WEEK, [date(2026, 3, 2), date(2026, 2, 23), date(2026, 2, 16)]),
        (Period.MONTH, [date(2026, 3, 1), date(2026, 2, 1), date(2026, 1, 1)]),
    ],
)
def test_periods_end_with_the_one_of_today(period: Period, beginnings: list[date]):
    found = by_period([], period, today=TODAY, count=3)
    assert [(one.first_day, one.profit, one.trades) for one in found] == [(day, 0, 0) for day in beginnings]


def test_a_trade_counts_where_it_was_closed():
    closed = [
        closed_trade("5", closed_at=datetime(2026, 3, 1, 23, 59, tzinfo=UTC)),
        closed_trade("7", closed_at=datetime(2026, 3, 2, tzinfo=UTC)),
        closed_trade("2", closed_at=datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=2)))),
        closed_trade("1", closed_at=datetime(2020, 1, 1, tzinfo=UTC)),
    ]
    weeks = by_period(closed, Period.WEEK, today=TODAY, count=2)
    assert [(one.profit, one.trades) for one in weeks] == [(Decimal(7), 1), (Decimal(7), 2)]
