"""The snapshot: what venue, feed and ledger say, and never a guess in place of a failed answer."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.errors import AccessDenied, DataError, VenueUnavailable
from desk.model.books import AccountState, Position, TradingState
from desk.model.externals import Externals
from desk.model.instrument import Side
from desk.model.orders import OrderState
from desk.model.records import TrackRecord
from desk.steps.snapshot import RECENT, TRADED, take_snapshot
from desk.steps.surroundings import Company, Seat, Standing
from tests.builders import CLOSE, EUR_USD, closed_trade, intent, position, quote
from tests.desk.adapters.ledger.builders import fill
from tests.desk.steps.fakes import FakeFeed, FakeHistory, FakeTrading
from tests.fakes import order_of

MOMENT = timedelta(microseconds=1)


async def take(*, feed=None, trading=None, history=None, instruments=("EUR/USD",), **more):
    return await take_snapshot(
        "sample",
        "oanda",
        instruments,
        feed=feed or FakeFeed(),
        trading=trading or FakeTrading(),
        history=history or FakeHistory(),
        at=CLOSE,
        **more,
    )


@pytest.mark.parametrize("read", ["account", "positions", "open_orders"])
@pytest.mark.parametrize("error", [VenueUnavailable("fake", "read"), AccessDenied("fake", "read", "401")])
async def test_a_read_that_fails_raises_and_is_never_taken_for_flat(read, error):
    trading = FakeTrading()
    trading.failing = (read, error)
    with pytest.raises(type(error)):
        await take(trading=trading)


async def test_quotes_that_cannot_be_read_raise():
    feed = FakeFeed()
    feed.fails = VenueUnavailable("fake", "quotes")
    with pytest.raises(VenueUnavailable):
        await take(feed=feed)


async def test_what_the_account_holds_or_has_working_is_known_and_quoted_also_outside_its_policy():
    trading = FakeTrading()
    trading.held = (position("XAU/USD", "2"),)
    trading.working = (order_of(intent("w", instrument="BTC/USD"), OrderState.ACKED),)
    taken = await take(trading=trading)
    assert list(taken.instruments) == ["EUR/USD", "BTC/USD", "XAU/USD"]
    assert set(taken.quotes) == {"EUR/USD", "BTC/USD", "XAU/USD"}
    assert taken.positions == trading.held


async def test_an_instrument_without_a_specification_stops_the_cycle_and_is_named():
    with pytest.raises(DataError, match="found none of GBP/USD, SOL/USD"):
        await take(instruments=("EUR/USD", "GBP/USD", "SOL/USD"))


async def test_what_is_held_and_not_listed_any_more_is_neither_flat_nor_valued_nor_asked_for():
    feed, trading, history = FakeFeed(), FakeTrading(), FakeHistory()
    trading.held = (replace(position(quantity="7"), instrument="GONE/USD"),)
    trading.working = (order_of(intent("w", instrument="OLD/USD"), OrderState.ACKED),)
    history.held = trading.held
    taken = await take(feed=feed, trading=trading, history=history, instruments=("EUR/USD", "GONE/USD"))
    assert (set(taken.instruments), set(taken.quotes)) == ({"EUR/USD"}, {"EUR/USD"})
    assert taken.delisted == {"GONE/USD", "OLD/USD"}
    assert (taken.quantity("GONE/USD"), taken.exposure("GONE/USD"), taken.rate("GONE/USD")) == (Decimal(7), None, None)
    assert {name for names in feed.quotes_asked for name in names} == {"EUR/USD"}


async def test_an_instrument_without_a_quote_is_missing_among_the_quotes():
    feed = FakeFeed()
    del feed.quoted["EUR/USD"]
    assert (await take(feed=feed)).quotes == {}


async def test_a_quote_currency_is_converted_by_its_direct_pair():
    feed = FakeFeed()
    feed.known["JPY/USD"] = replace(EUR_USD, name="JPY/USD")
    feed.quoted["JPY/USD"] = replace(quote("EUR/USD"), instrument="JPY/USD", bid=Decimal("0.006"), ask=Decimal("0.008"))
    taken = await take(feed=feed, instruments=("USD/JPY",))
    assert taken.rate("USD/JPY") == Decimal("0.007")


async def test_without_a_direct_pair_the_inverse_one_converts():
    taken = await take(instruments=("USD/JPY",))
    assert taken.rate("USD/JPY") == 1 / Decimal(150)


async def test_a_currency_without_any_pair_or_without_its_quote_has_no_rate():
    trading, feed = FakeTrading(), FakeFeed()
    trading.money = AccountState("CHF", Decimal(1), Decimal(1), CLOSE)
    assert (await take(trading=trading)).rate("EUR/USD") is None
    del feed.quoted["USD/JPY"]
    assert (await take(feed=feed, instruments=("USD/JPY",))).rate("USD/JPY") is None


async def test_a_rate_of_the_venue_wins_over_one_of_the_feed():
    trading = FakeTrading()
    trading.money = replace(trading.money, conversion={"JPY": Decimal("0.0065")})
    assert (await take(trading=trading, instruments=("USD/JPY",))).rate("USD/JPY") == Decimal("0.0065")


async def test_an_order_without_a_known_outcome_keeps_its_room_and_blocks_its_instrument():
    history = FakeHistory()
    history.unresolved = (order_of(intent("lost", quantity="700"), OrderState.UNKNOWN),)
    taken = await take(history=history)
    assert taken.blocked == {"EUR/USD": "lost"}
    assert taken.quantity("EUR/USD") == 700


async def test_an_order_that_the_venue_lists_is_not_counted_twice():
    trading, history = FakeTrading(), FakeHistory()
    trading.working = (order_of(intent("late", quantity="700"), OrderState.ACKED),)
    history.unresolved = (order_of(intent("late", quantity="700"), OrderState.SENDING),)
    taken = await take(trading=trading, history=history)
    assert taken.quantity("EUR/USD") == 700
    assert taken.blocked == {"EUR/USD": "late"}


async def test_without_history_the_day_and_the_peak_begin_with_the_present_equity():
    taken = await take()
    assert (taken.day_start_equity, taken.peak_equity) == (Decimal(10_500), Decimal(10_500))


@pytest.mark.parametrize(("peak", "expected"), [("11000", "11000"), ("10200", "10500")])
async def test_the_peak_is_the_highest_equity_with_the_present_one(peak, expected):
    history = FakeHistory()
    history.equity = (Decimal(10_100), Decimal(peak))
    taken = await take(history=history)
    assert (taken.day_start_equity, taken.peak_equity) == (Decimal(10_100), Decimal(expected))


async def test_recent_fills_and_the_trading_state_come_from_the_ledger():
    history = FakeHistory()
    history.fills, history.state = (fill(),), TradingState.REDUCE_ONLY
    taken = await take(history=history)
    assert taken.recent_fills == (fill(),)
    assert taken.trading_state is TradingState.REDUCE_ONLY
    assert history.asked_since == CLOSE - RECENT


def held(quantity: str, *, strategy: str = "constant") -> tuple[Position, ...]:
    return (replace(position("EUR/USD", quantity), strategy=strategy),) if quantity != "0" else ()


@pytest.mark.parametrize(("ours", "theirs", "external"), [("1000", "1500", 500), ("1000", "0", -1000), ("0", "7", 7)])
async def test_what_the_venue_holds_and_the_desk_did_not_trade_is_external(ours, theirs, external):
    trading, history = FakeTrading(), FakeHistory()
    trading.held, history.held = held(theirs), held(ours)
    assert (await take(trading=trading, history=history)).external == {"EUR/USD": external}


@pytest.mark.parametrize(("externals", "external"), [(Externals.IGNORE, {"EUR/USD": 1000}), (Externals.ADOPT, {})])
async def test_a_position_that_others_opened_is_the_desks_only_where_it_adopts(externals, external):
    trading, history = FakeTrading(), FakeHistory()
    trading.held = history.held = held("1000", strategy="")
    assert (await take(trading=trading, history=history, externals=externals)).external == external


async def test_a_stop_that_filled_since_the_last_look_is_read_before_anything_is_decided():
    trading, history = FakeTrading(), FakeHistory()
    history.held = held("1000")
    stopped = fill("T2", side=Side.SELL)

    async def sync() -> None:
        history.held, history.fills = (), (stopped,)

    taken = await take(trading=trading, history=history, sync=sync)

    assert taken.recent_fills == (stopped,)
    assert taken.external == {}


async def test_fills_are_not_read_again_where_ledger_and_venue_hold_the_same():
    trading, history = FakeTrading(), FakeHistory()
    trading.held = history.held = held("1000")

    async def sync() -> None:
        raise AssertionError("nothing differs")

    assert (await take(trading=trading, history=history, sync=sync)).external == {}


async def test_trades_that_are_over_come_with_their_records_and_those_of_the_last_days():
    history = FakeHistory()
    history.closed = (closed_trade("10", closed_at=CLOSE - TRADED - MOMENT), closed_trade("-5"))
    taken = await take(history=history)
    assert taken.closed_trades == history.closed[1:]
    assert taken.records == {"constant": TrackRecord.of([1.0, -0.5])}


async def test_what_lies_around_is_told_in_the_fleets_currency_at_the_rates_of_the_feed():
    trading, history = FakeTrading(), FakeHistory()
    trading.money = AccountState("JPY", Decimal(1), Decimal(1), CLOSE)
    history.fleet = (Standing("gold", Decimal(700), Decimal(800)),)
    company = Company({"gold": Seat("oanda", "USD")})
    taken = await take(trading=trading, history=history, company=company, instruments=("USD/JPY",))
    assert taken.surroundings.rate == 1 / Decimal(150)
    assert [other.equity for other in taken.surroundings.others] == [700]


async def test_without_anybody_to_ask_what_lies_around_is_not_known():
    assert (await take()).surroundings.others is None
