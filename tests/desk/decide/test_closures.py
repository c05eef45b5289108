"""An instrument whose market is closed is told so and never that its data are old; in an open market old is old."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.decide import decide
from desk.model.instrument import Side
from desk.model.reasons import Reason
from tests.builders import CLOSE, Constant, market, policy, position, quote, snapshot

SATURDAY = datetime(2026, 1, 17, 12, tzinfo=UTC)
FRIDAYS_LAST = datetime(2026, 1, 16, 22, tzinfo=UTC)
EARLIER = CLOSE - timedelta(minutes=5)


def decided(books, *, close=CLOSE, newest=EARLIER, strategies=(), **how):
    account_policy = policy(*strategies, **how)
    markets = {name: market(name, closed_at=newest) for name in account_policy.instruments}
    return decide(account_policy, books, markets, close)


def told(decision):
    return [(one.instrument, one.reason) for one in decision.no_trades]


def closed(name="EUR/USD", at=EARLIER):
    return {name: quote(name, at=at, tradable=False)}


def test_old_candles_of_a_market_that_takes_no_orders_are_a_closed_market():
    decision = decided(snapshot(quotes=closed()))
    assert told(decision) == [("EUR/USD", Reason.MARKET_CLOSED)]
    assert decision.no_trades[0].detail == "the last quote is of 2026-01-14 14:55Z"


def test_old_candles_of_a_market_that_takes_orders_are_old():
    assert told(decided(snapshot())) == [("EUR/USD", Reason.STALE_DATA)]


def test_where_there_is_no_quote_the_calendar_says_whether_the_market_is_closed():
    closing = decided(snapshot(quotes={}, at=SATURDAY), close=SATURDAY, newest=FRIDAYS_LAST)
    assert told(closing) == [("EUR/USD", Reason.MARKET_CLOSED)]
    assert closing.no_trades[0].detail == "there is no quote, and its market opens at 2026-01-18 22:03Z"
    assert told(decided(snapshot(quotes={}))) == [("EUR/USD", Reason.STALE_DATA)]


def test_a_venue_that_trades_out_of_hours_is_believed():
    books = snapshot(quotes={"EUR/USD": quote("EUR/USD", at=SATURDAY)}, at=SATURDAY)
    assert told(decided(books, close=SATURDAY, newest=FRIDAYS_LAST)) == [("EUR/USD", Reason.STALE_DATA)]


def test_the_first_minute_after_the_week_opened_is_not_decided_on_fridays_candle():
    opening = datetime(2026, 1, 18, 22, 3, tzinfo=UTC)
    books = snapshot(quotes={"EUR/USD": quote("EUR/USD", at=opening)}, at=opening)
    decision = decided(books, close=opening, newest=FRIDAYS_LAST)
    assert told(decision) == [("EUR/USD", Reason.STALE_DATA)]
    assert decision.intents == ()


@pytest.mark.parametrize("newest", [EARLIER, CLOSE])
def test_what_is_held_while_its_market_is_closed_stays_whatever_its_strategies_think(newest):
    books = snapshot(positions=[position()], quotes=closed())
    decision = decided(books, newest=newest, strategies=[Constant(score=-1.0)])
    assert books.own_position("EUR/USD").side is Side.BUY
    assert (told(decision), decision.intents) == ([("EUR/USD", Reason.MARKET_CLOSED)], ())


def test_only_the_instrument_whose_market_is_closed_is_told_so_and_all_keep_their_order():
    instruments = ["XAU/USD", "EUR/USD"]
    decision = decided(snapshot(quotes={**closed(), "XAU/USD": quote("XAU/USD")}), instruments=instruments)
    assert told(decision) == [("XAU/USD", Reason.STALE_DATA), ("EUR/USD", Reason.MARKET_CLOSED)]


def test_no_candles_at_all_and_too_few_of_them_are_told_as_they_are():
    books = snapshot(quotes=closed())
    assert told(decide(policy(), books, {}, CLOSE)) == [("EUR/USD", Reason.NO_DATA)]
    assert told(decide(policy(), books, {"EUR/USD": market(count=10)}, CLOSE)) == [("EUR/USD", Reason.WARMING_UP)]
