from datetime import UTC, datetime, timedelta

import pytest

from desk.model.pauses import Pause, look_back
from tests.builders import CLOSE
from tests.contracts.samples import closed_trade

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def trades(*minutes_ago):
    return [closed_trade(ago=timedelta(minutes=ago)) for ago in minutes_ago]


def seen(found, *, at=CLOSE, period=HOUR, duration=HOUR, enough=2):
    return look_back(found, at, period=period, pause=Pause(duration), is_enough=lambda some: len(some) >= enough)


def test_a_pause_begins_with_the_trade_that_was_enough_and_not_with_the_decision():
    assert seen(trades(50, 20)).until == CLOSE + 40 * MINUTE


def test_too_few_trades_begin_no_pause():
    found = seen(trades(20))
    assert (len(found.trades), found.until) == (1, None)


def test_a_pause_outlives_the_look_back_of_the_decision():
    found = seen(trades(55, 45), period=timedelta(minutes=15))
    assert (len(found.trades), found.until) == (2, CLOSE + 15 * MINUTE)


def test_a_pause_that_is_over_is_no_pause_though_its_trades_are_still_in_the_look_back():
    found = seen(trades(50, 40), duration=timedelta(minutes=40))
    assert (len(found.trades), found.until) == (2, None)


def test_trades_are_put_in_order_of_their_closing():
    newest, oldest = trades(20, 50)
    assert seen([newest, oldest]).trades == (oldest, newest)


def test_a_later_trade_that_is_not_enough_by_itself_does_not_end_the_pause_before_it():
    assert seen(trades(58, 57, 3), period=timedelta(minutes=5)).until == CLOSE + 3 * MINUTE


def test_a_trade_that_was_closed_exactly_one_period_before_does_not_count():
    assert seen(trades(80, 20)).until is None
    assert seen(trades(79, 20)).until is not None


@pytest.mark.parametrize(
    ("since", "end"),
    [("2026-01-14T15:00", "2026-01-15T08:30"), ("2026-01-15T08:29", "2026-01-15T08:30"),
     ("2026-01-15T08:30", "2026-01-16T08:30")],
)  # fmt: skip
def test_a_pause_until_a_time_of_day_ends_when_that_comes_next(since, end):
    at = datetime.fromisoformat(since).replace(tzinfo=UTC)
    assert Pause(HOUR, "08:30").end(at) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_it_says_how_many_trades_and_until_when():
    assert str(seen(trades(20))) == "1 closed trade"
    assert str(seen(trades(50, 20))) == "2 closed trades, until 2026-01-14 15:40:00 UTC"
