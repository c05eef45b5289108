"""The exchange behind the dialects: books, numbered history, rules for ids, and a market that can be set by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.matching.conversion import conversion_pair
from desk.model.instrument import InstrumentKind, Side
from desk.model.orders import Barriers, OrderType, TimeInForce
from simulator.clock import SteeredClock
from simulator.exchange import Exchange
from simulator.reasons import Reason, reason_of
from simulator.records import Ask, EventKind
from simulator.venue import IdRule, Venue

START = datetime(2026, 1, 14, 15, 2, 20, tzinfo=UTC)
NAME = "EUR/USD"
VENUE = Venue(
    name="any",
    kinds=frozenset({InstrumentKind.FX}),
    currency="USD",
    account="one",
    secrets={},
    id_rule=IdRule.UNIQUE_AMONG_OPEN,
    leverage=Decimal(50),
)
MARKET = Ask(NAME, Side.BUY, OrderType.MARKET, Decimal(1_000), time_in_force=TimeInForce.IOC)
LIMIT = Ask(NAME, Side.BUY, OrderType.LIMIT, Decimal(1_000), price=Decimal("1.09"))


async def opened(**rules) -> tuple[Exchange, object]:
    exchange = Exchange(SyntheticFeed(7), SteeredClock(START, speed=0), [replace(VENUE, **rules)])
    await price(exchange, "1.1000")
    return exchange, exchange.accounts()[0]


async def price(exchange: Exchange, bid: str) -> None:
    await exchange.pin(NAME, Decimal(bid), Decimal(bid) + Decimal("0.0001"))


def kinds(events) -> list[EventKind]:
    return [event.kind for event in events]


async def test_history_is_numbered_without_a_gap_and_cash_is_what_the_last_event_says():
    exchange, account = await opened()
    await exchange.submit(account, MARKET)
    await exchange.submit(account, replace(MARKET, quantity=Decimal(10**9)))
    await price(exchange, "1.2000")
    await exchange.submit(account, replace(MARKET, side=Side.SELL))
    assert [event.id for event in account.events] == list(range(1, len(account.events) + 1))
    assert account.events[-1].cash == account.book.cash == Decimal("100099.9")
    profits = sum(event.booked.realised_profit for event in account.events if event.booked)
    assert account.book.cash == 100_000 + profits


@pytest.mark.parametrize(
    ("rule", "while_open", "afterwards"),
    [
        (IdRule.UNIQUE_AMONG_OPEN, EventKind.REJECTED, EventKind.CREATED),
        (IdRule.UNIQUE, EventKind.REJECTED, EventKind.REJECTED),
        (IdRule.IDEMPOTENT, EventKind.CREATED, EventKind.CREATED),
    ],
)
async def test_a_repeated_client_id_means_what_the_venue_says(rule, while_open, afterwards):
    exchange, account = await opened(id_rule=rule)
    named = replace(LIMIT, client_id="mine")
    (first,) = await exchange.submit(account, named)
    (second,) = await exchange.submit(account, named)
    assert second.kind is while_open
    await exchange.cancel(account, first.order.number)
    (third,) = await exchange.submit(account, named)
    assert third.kind is afterwards
    orders = len(account.orders)
    assert orders == (2 if rule is IdRule.UNIQUE_AMONG_OPEN else 1)
    assert (third is first) is (rule is IdRule.IDEMPOTENT)


async def test_a_refusal_is_a_rejection_or_a_birth_and_a_death_as_the_venue_has_it():
    exchange, account = await opened()
    too_much = replace(MARKET, quantity=Decimal(10**9))
    assert kinds(await exchange.submit(account, too_much)) == [EventKind.REJECTED]
    exchange, account = await opened(rejections=frozenset())
    events = await exchange.submit(account, too_much)
    assert kinds(events) == [EventKind.CREATED, EventKind.CANCELLED]
    assert events[-1].reason is Reason.FUNDS


async def test_closed_candles_fill_what_waits_in_order_and_at_their_time():
    exchange, account = await opened()
    await exchange.unpin(NAME)
    quote = (await exchange.quotes([NAME]))[NAME]
    await exchange.submit(account, replace(LIMIT, price=quote.bid - Decimal("0.0003")))
    exchange.clock.jump(START + timedelta(days=2))
    await exchange.settle(account)
    filled = account.events[-1]
    assert filled.kind is EventKind.FILLED
    assert START < filled.at < START + timedelta(days=2)
    assert filled.at.second == 0


async def test_a_pinned_price_is_met_now_and_a_stop_gaps_to_it():
    exchange, account = await opened()
    await exchange.submit(account, replace(MARKET, barriers=Barriers(stop=Decimal("1.09"), target=Decimal("1.2"))))
    await price(exchange, "1.0800")
    closing, dismissed = account.events[-2:]
    assert (closing.kind, closing.booked.fill.price, closing.at) == (EventKind.FILLED, Decimal("1.08"), START)
    assert (dismissed.kind, dismissed.reason) == (EventKind.CANCELLED, Reason.POSITION_CLOSED)
    assert account.working == ()
    assert account.book.holdings == {}


async def test_a_cancelled_guard_guards_no_more():
    exchange, account = await opened()
    await exchange.submit(account, replace(MARKET, barriers=Barriers(stop=Decimal("1.09"))))
    (guard,) = account.working
    await exchange.cancel(account, guard.number)
    await price(exchange, "1.0800")
    assert account.book.held(NAME) == 1_000


async def test_a_pinned_price_does_not_move_with_the_feed():
    exchange, account = await opened()
    await exchange.submit(account, LIMIT)
    exchange.clock.jump(START + timedelta(days=5))
    await exchange.settle(account)
    assert kinds(account.events[-1:]) == [EventKind.CREATED]


async def test_what_the_market_did_during_a_halt_is_not_made_up_for():
    exchange, account = await opened()
    await exchange.unpin(NAME)
    quote = (await exchange.quotes([NAME]))[NAME]
    await exchange.submit(account, replace(LIMIT, price=quote.bid - Decimal("0.0003")))
    await exchange.halt(NAME)
    exchange.clock.jump(START + timedelta(days=2))
    await exchange.settle(account)
    assert len(account.working) == 1
    assert (await exchange.quotes([NAME]))[NAME].tradable is False


async def test_shallow_markets_fill_in_parts_and_never_what_must_be_whole():
    exchange, account = await opened()
    await exchange.limit(NAME, Decimal(300))
    assert kinds(await exchange.submit(account, replace(MARKET, whole=True))) == [
        EventKind.CREATED,
        EventKind.CANCELLED,
    ]
    await exchange.submit(account, replace(LIMIT, price=Decimal("1.2")))
    for _ in range(3):
        await price(exchange, "1.1000")
    fills = [event.booked.fill.quantity for event in account.events if event.booked]
    assert fills == [300, 300, 300, 100]


async def test_a_passive_order_never_takes():
    exchange, account = await opened()
    events = await exchange.submit(account, replace(LIMIT, price=Decimal("1.2"), passive=True))
    assert (events[-1].reason, account.book.holdings) == (Reason.WOULD_TAKE, {})


async def test_profits_in_another_currency_arrive_in_the_accounts_own():
    exchange, account = await opened()
    await exchange.pin("USD/JPY", Decimal("150.000"), Decimal("150.000"))
    yen = replace(MARKET, instrument="USD/JPY")
    await exchange.submit(account, yen)
    await exchange.pin("USD/JPY", Decimal("160.000"), Decimal("160.000"))
    await exchange.submit(account, replace(yen, side=Side.SELL))
    assert conversion_pair("JPY", "USD", await exchange.feed.instruments()) == "USD/JPY"
    assert account.book.cash == Decimal("100062.5")


async def test_reset_begins_again():
    exchange, account = await opened()
    await exchange.submit(account, MARKET)
    exchange.clock.jump(START + timedelta(hours=1))
    exchange.reset()
    (again,) = exchange.accounts()
    assert (again.book.cash, again.orders, exchange.clock.now()) == (100_000, {}, START)
    assert (await exchange.quotes([NAME]))[NAME].bid != Decimal("1.1000")


def test_the_clock_runs_at_its_speed_and_never_goes_back():
    wall = [100.0]
    clock = SteeredClock(START, speed=60, wall=lambda: wall[0])
    wall[0] += 2
    assert clock.now() == START + timedelta(minutes=2)
    clock.run(0)
    wall[0] += 2
    assert clock.now() == START + timedelta(minutes=2)
    clock.skew = timedelta(seconds=5)
    assert clock.told() - clock.now() == timedelta(seconds=5)
    with pytest.raises(ValueError, match="expected a later time"):
        clock.jump(START)
    with pytest.raises(ValueError, match="speed: expected a finite number"):
        clock.run(-1)


def test_an_unknown_phrase_of_the_matching_engine_is_an_error():
    with pytest.raises(LookupError, match="found 'no idea'"):
        reason_of("no idea")
