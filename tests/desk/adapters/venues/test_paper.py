"""The embedded venue: books that outlive the process, and no order twice."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.venues.paper.tables import PaperAccountRow, PaperFillRow, PaperOrderRow, PaperPositionRow
from desk.adapters.venues.paper.terms import PaperTerms
from desk.adapters.venues.paper.trading import PaperTrading
from desk.errors import (
    ConfigError,
    DataError,
    InvalidOrder,
    LedgerError,
    OrderRefused,
    OutcomeUnknown,
    VenueUnavailable,
)
from desk.matching.charges import FundingTerms
from desk.matching.fees import FeeSchedule
from desk.matching.quoting import quote_of
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument, Side
from desk.model.orders import FillReason, OrderState, TimeInForce
from desk.model.timeframe import Timeframe
from desk.ports import Trading
from tests.desk.matching.markets import COIN, GOLD, INSTRUMENTS, MINUTE, START, YEN, candles, limits, order

BUY, SELL = Side.BUY, Side.SELL
TERMS = PaperTerms("USD", Decimal(100_000), Timeframe.M1, max_leverage=Decimal(10))


class FakeFeed:
    """Answers from given candles by the feeds' own quoting rule; `outage` is raised instead of an answer."""

    def __init__(self, *series: Candles, instruments: Sequence[Instrument] = (GOLD, YEN, COIN)) -> None:
        self.series = {one.instrument: one for one in series}
        self.known = {one.name: one for one in instruments}
        self.outage: Exception | None = None

    async def instruments(self) -> Mapping[str, Instrument]:
        return self.known

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        if self.outage:
            raise self.outage
        assert timeframe is Timeframe.M1
        return self.series[instrument].until(until).tail(count)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        await asyncio.sleep(0)
        if self.outage:
            raise self.outage
        known = [name for name in instruments if name in self.series]
        quotes = (quote_of(INSTRUMENTS[name], self.series[name], at, quiet_for=timedelta(hours=1)) for name in known)
        return {quote.instrument: quote for quote in quotes if quote is not None}


@dataclass
class HandClock:
    """A clock that stands where the test puts it."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at


@dataclass
class Desk:
    """One account at the venue, and what it stands on."""

    database: Database
    feed: FakeFeed
    clock: HandClock = field(default_factory=HandClock)
    terms: PaperTerms = TERMS

    def open(self, **changes: Any) -> PaperTrading:
        values: dict[str, Any] = {
            "account": "sample",
            "venue": "paper",
            "feed": self.feed,
            "clock": self.clock,
            "database": self.database,
            "terms": self.terms,
        }
        return PaperTrading(**{**values, **changes})


ROWS = [(100, 101, 99, 100), (100, 106, 99, 105), (105, 105, 104, 104), (104, 104, 90, 92), (92, 93, 91, 92)]


@pytest.fixture
def desk(database: Database) -> Desk:
    yen = candles([(150, 150, 150, 150)] * 2 + [(160, 160, 160, 160)] * 3, instrument="USD/JPY")
    return Desk(database, FakeFeed(candles(ROWS, spread=0.02), yen, candles(ROWS, instrument="BTC/USD")))


async def rows_of(database: Database, table: type[SQLModel]) -> list[Any]:
    async with database.read() as session:
        return list((await session.exec(select(table))).all())


async def test_it_is_a_trading_port(desk: Desk) -> None:
    venue: Trading = desk.open()
    assert await venue.positions() == ()


async def test_an_order_fills_at_the_ask_and_shows_in_positions_and_money(desk: Desk) -> None:
    venue = desk.open(terms=replace(TERMS, fees=FeeSchedule(Decimal(0), Decimal(1))))
    placed = await venue.submit(order(BUY, 10, barriers=limits(stop="95")))
    assert (placed.state, placed.fills[0].price, placed.at) == (OrderState.FILLED, Decimal("100.02"), START)
    (held,) = await venue.positions()
    assert (held.quantity, held.cost, held.strategy, held.barriers) == (
        10,
        Decimal("1000.2"),
        "momentum",
        limits(stop="95"),
    )
    money = await venue.account()
    assert (money.cash, money.equity) == (Decimal("99999.89998"), Decimal("99999.69998"))
    assert (money.currency, money.at, money.balances) == ("USD", START, {"USD": money.cash})
    assert money.margin_used == 10 * Decimal(100) / TERMS.max_leverage


async def test_conversion_covers_every_quote_currency_that_has_a_rate(desk: Desk) -> None:
    money = await desk.open().account()
    assert money.conversion == {"USD": 1, "JPY": 1 / Decimal(150)}


async def test_barriers_are_matched_before_every_answer(desk: Desk) -> None:
    venue = desk.open()
    await venue.submit(order(BUY, 10, barriers=limits(target="105")))
    desk.clock.at = START + 1.9 * MINUTE
    assert len(await venue.positions()) == 1
    desk.clock.at = START + 2 * MINUTE
    assert await venue.positions() == ()
    closing = await venue.find_order("a-target")
    assert closing is not None
    assert (closing.fills[0].price, closing.fills[0].reason) == (105, FillReason.TARGET)
    assert (await venue.account()).cash == Decimal("100049.8")


@pytest.mark.parametrize(
    ("barriers", "name", "price"),
    [
        ({"stop": "95"}, "a-stop", "95"),
        ({"trailing_distance": "5"}, "a-trail", "101"),
        ({"time_limit": 4}, "a-time", "92"),
    ],
)
async def test_each_barrier_ends_the_position(desk: Desk, barriers: dict[str, Any], name: str, price: str) -> None:
    venue = desk.open()
    await venue.submit(order(BUY, 10, barriers=limits(**barriers)))
    desk.clock.at = START + 5 * MINUTE
    closing = await venue.find_order(name)
    assert closing is not None
    assert closing.fills[0].price == Decimal(price)
    assert await venue.positions() == ()


async def test_a_restart_continues_where_the_books_stand(desk: Desk) -> None:
    first = desk.open()
    barriers = limits(stop="95", target="120", trailing_distance="30", time_limit=60)
    await first.submit(order(BUY, 10, barriers=barriers))
    await first.submit(order(BUY, 10, "98", client_order_id="b"))
    before = await first.positions(), await first.open_orders(), await first.account(), await first.fills_since("")
    reopened = Database.open(desk.database.url.render_as_string(hide_password=False))
    second = desk.open(database=reopened)
    assert (
        await second.positions(),
        await second.open_orders(),
        await second.account(),
        await second.fills_since(""),
    ) == before
    desk.clock.at = START + 4 * MINUTE
    assert [held.cost for held in await second.positions()] == [980]
    assert [fill.client_order_id for fill in (await second.fills_since("1"))[0]] == ["a-stop", "b"]
    assert await first.positions() == await second.positions()
    await reopened.close()


async def test_a_client_order_id_is_used_once(desk: Desk) -> None:
    venue = desk.open()
    await venue.submit(order(BUY, 10))
    for again in (order(BUY, 10), order(SELL, 5)):
        with pytest.raises(OutcomeUnknown) as caught:
            await venue.submit(again)
        assert caught.value.code == "DUPLICATE_CLIENT_ORDER_ID"
    assert len(await rows_of(desk.database, PaperFillRow)) == 1


async def test_the_same_order_submitted_by_many_at_once_fills_once(desk: Desk) -> None:
    url = desk.database.url.render_as_string(hide_password=False)
    others = [Desk(Database.open(url), desk.feed, desk.clock) for _ in range(3)]
    answers = await asyncio.gather(*(one.open().submit(order(BUY, 10)) for one in others), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Order", "OutcomeUnknown", "OutcomeUnknown"]
    assert len(await rows_of(desk.database, PaperFillRow)) == 1
    for one in others:
        await one.database.close()


async def test_different_orders_at_once_are_all_booked(desk: Desk) -> None:
    venue = desk.open()
    await asyncio.gather(*(venue.submit(order(BUY, 10, client_order_id=f"o{number}")) for number in range(6)))
    (held,) = await venue.positions()
    assert held.quantity == 60
    fills, cursor = await venue.fills_since("")
    assert ([fill.venue_trade_id for fill in fills], cursor) == ([f"T{number}" for number in range(1, 7)], "6")


async def test_a_rejected_order_is_kept_with_its_reason(desk: Desk) -> None:
    venue = desk.open()
    placed = await venue.submit(order(SELL, 1, instrument="BTC/USD"))
    assert (placed.state, placed.reason) == (OrderState.REJECTED, "insufficient holdings: asked 1, free are 0")
    assert await venue.find_order("a") == placed
    assert await venue.find_order("b") is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"account": "other"}, "WRONG_ACCOUNT"), ({"instrument": "EUR/USD"}, "UNKNOWN_INSTRUMENT")],
)
async def test_an_order_that_cannot_be_kept_is_refused(desk: Desk, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidOrder) as caught:
        await desk.open().submit(order(BUY, 10, **changes))
    assert caught.value.code == code
    assert await rows_of(desk.database, PaperOrderRow) == []


async def test_time_never_runs_backwards_for_orders_and_reads_see_the_present_books(desk: Desk) -> None:
    desk.clock.at = START + 2 * MINUTE
    await desk.open().submit(order(BUY, 10, barriers=limits(stop="95")))
    past = desk.open(clock=FixedClock(START + MINUTE))
    with pytest.raises(InvalidOrder, match=r"2026-01-14T15:02:00.*2026-01-14T15:01:00") as caught:
        await past.submit(order(BUY, 10, client_order_id="b"))
    assert caught.value.code == "BEFORE_WATERMARK"
    assert (await past.positions())[0].quantity == 10
    (row,) = await rows_of(desk.database, PaperAccountRow)
    assert row.watermark == START + 2 * MINUTE


async def test_reading_a_flat_account_leaves_its_past_open_for_orders(desk: Desk) -> None:
    desk.clock.at = START + 4 * MINUTE
    await desk.open().account()
    placed = await desk.open(clock=FixedClock(START)).submit(order(BUY, 10))
    assert placed.fills[0].price == Decimal("100.02")


async def test_the_cursor_gives_each_fill_once(desk: Desk) -> None:
    venue = desk.open()
    assert await venue.fills_since("") == ((), "")
    await venue.submit(order(BUY, 10, barriers=limits(target="105")))
    first, cursor = await venue.fills_since("0")
    desk.clock.at = START + 2 * MINUTE
    second, end = await venue.fills_since(cursor)
    assert [fill.client_order_id for fill in (*first, *second)] == ["a", "a-target"]
    assert await venue.fills_since(end) == ((), end)
    with pytest.raises(InvalidOrder, match="expected a number"):
        await venue.fills_since("yesterday")


async def test_a_working_order_is_cancelled_and_a_final_one_returned_as_it_is(desk: Desk) -> None:
    venue = desk.open()
    await venue.submit(order(BUY, 10, "98"))
    assert [one.client_order_id for one in await venue.open_orders()] == ["a"]
    cancelled = await venue.cancel("a")
    assert (cancelled.state, await venue.open_orders()) == (OrderState.CANCELLED, ())
    assert await venue.cancel("a") == cancelled
    with pytest.raises(InvalidOrder, match="there is no such order"):
        await venue.cancel("b")


async def test_an_order_that_filled_before_the_cancellation_stays_filled(desk: Desk) -> None:
    venue = desk.open()
    await venue.submit(order(BUY, 10, "99.5"))
    desk.clock.at = START + MINUTE
    assert (await venue.cancel("a")).state is OrderState.FILLED


async def test_what_volume_leaves_keeps_working_across_restarts(desk: Desk) -> None:
    terms = replace(TERMS, participation=Decimal("0.04"))
    desk.clock.at = START + MINUTE
    await desk.open(terms=terms).submit(order(BUY, 10, time_in_force=TimeInForce.GTC))
    desk.clock.at = START + 3 * MINUTE
    placed = await desk.open(terms=terms).find_order("a")
    assert placed is not None
    assert (placed.state, [fill.quantity for fill in placed.fills]) == (OrderState.FILLED, [4, 4, 2])


async def test_profit_in_another_currency_is_converted_by_the_inverse_pair(desk: Desk) -> None:
    venue = desk.open()
    await venue.submit(order(BUY, 1600, instrument="USD/JPY"))
    desk.clock.at = START + 2 * MINUTE
    assert (await venue.account()).equity == 100_100
    await venue.submit(order(SELL, 1600, instrument="USD/JPY", client_order_id="b"))
    assert (await venue.account()).cash == 100_100
    (_, closing) = await rows_of(desk.database, PaperFillRow)
    assert closing.realised_profit == 100


async def test_without_a_conversion_rate_an_order_is_rejected(desk: Desk) -> None:
    venue = desk.open(terms=replace(TERMS, currency="EUR"))
    placed = await venue.submit(order(BUY, 10))
    assert (placed.state, placed.reason) == (OrderState.REJECTED, "no conversion rate from USD to EUR")


async def test_a_spot_purchase_moves_money_between_the_balances(desk: Desk) -> None:
    venue = desk.open()
    await venue.submit(order(BUY, "2", instrument="BTC/USD"))
    money = await venue.account()
    assert money.balances == {"USD": Decimal(99_800), "BTC": Decimal(2)}
    assert money.cash == money.equity == 100_000


async def test_trades_alone_get_the_half_spread_of_the_terms(desk: Desk) -> None:
    venue = desk.open(terms=replace(TERMS, half_spread_bps=Decimal(10)))
    placed = await venue.submit(order(BUY, "2", instrument="BTC/USD"))
    assert placed.fills[0].price == Decimal("100.1")
    assert (await venue.account()).equity == Decimal(100_000) - 2 * Decimal("0.2")


async def test_a_position_without_a_quote_counts_at_its_last_close(desk: Desk) -> None:
    venue = desk.open()
    await venue.submit(order(BUY, 10))
    answer = desk.feed.quotes

    async def without_gold(instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        return {name: quote for name, quote in (await answer(instruments, at=at)).items() if name != "XAU/USD"}

    desk.feed.quotes = without_gold
    desk.clock.at = START + 2 * MINUTE
    assert (await venue.account()).equity == Decimal(100_000) + 10 * (105 - Decimal("100.02"))
    assert (await venue.submit(order(BUY, 1, client_order_id="b"))).reason == "market closed"


async def test_the_books_add_up_in_the_database(desk: Desk) -> None:
    venue = desk.open(terms=replace(TERMS, fees=FeeSchedule(Decimal("0.7"), Decimal("3.3"))))
    for number in range(5):
        desk.clock.at = START + number * MINUTE
        for name in ("XAU/USD", "USD/JPY"):
            await venue.submit(
                order(BUY if number % 2 else SELL, 7 + number, instrument=name, client_order_id=f"{name}{number}")
            )
    fills = await rows_of(desk.database, PaperFillRow)
    (row,) = await rows_of(desk.database, PaperAccountRow)
    assert len(fills) == 10
    assert row.cash == row.starting_cash + sum(fill.realised_profit - fill.fee for fill in fills)


async def test_what_is_held_pays_for_it_once_whichever_process_looks(desk: Desk) -> None:
    terms = replace(TERMS, holding={"XAU/USD": FundingTerms(Decimal("0.001"), 2 * MINUTE)})
    first, second = desk.open(terms=terms), desk.open(terms=terms)
    await first.submit(order(BUY, 10))
    for minute in (1, 2, 3, 4):
        desk.clock.at = START + minute * MINUTE
        await asyncio.gather(first.positions(), second.account())
    fills, _ = await second.fills_since("1")
    # Halfway between bid and ask at the close of the second candle, and of the fourth.
    assert [(fill.reason, fill.quantity, fill.fee) for fill in fills] == [
        (FillReason.FUNDING, 0, Decimal("1.0501")),
        (FillReason.FUNDING, 0, Decimal("0.9201")),
    ]
    assert (await first.account()).cash == 100_000 - Decimal("1.9702")
    found = await first.find_order("a")
    assert found is not None
    assert (found.state, found.filled_quantity) == (OrderState.FILLED, 10)


async def test_equity_that_does_not_carry_a_position_any_more_ends_it(desk: Desk) -> None:
    terms = replace(TERMS, maintenance_fraction=Decimal("0.05"), liquidation_fee_bps=Decimal(100))
    venue = desk.open(terms=terms)
    await venue.submit(order(BUY, 9900))
    desk.clock.at = START + 4 * MINUTE
    assert await venue.positions() == ()
    closing = (await venue.fills_since("1"))[0][0]
    assert (closing.client_order_id, closing.reason) == ("a-liquidation", FillReason.LIQUIDATION)
    assert closing.fee == closing.quantity * closing.price / 100
    # 100,000 of equity carry 9,900 at 100.02 down to 94.6: what is left is a twentieth of that.
    assert closing.price == Decimal("94.65")


async def test_an_outage_of_the_feed_refuses_the_order_before_anything_is_written(desk: Desk) -> None:
    venue = desk.open()
    desk.feed.outage = VenueUnavailable("feed", "quotes", message="no route to host")
    with pytest.raises(OrderRefused, match="no route to host"):
        await venue.submit(order(BUY, 10))
    with pytest.raises(VenueUnavailable):
        await venue.account()
    desk.feed.outage = None
    assert (await venue.submit(order(BUY, 10))).state is OrderState.FILLED


class DyingDatabase(Database):
    """Fails as if the machine stopped: after everything was written and before it was committed."""

    dies = True

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        async with super().write() as session:
            yield session
            await session.flush()
            if self.dies:
                raise LedgerError("the power is gone")


async def test_a_crash_before_the_commit_leaves_nothing_and_the_order_can_be_sent_again(desk: Desk) -> None:
    dying = DyingDatabase.open(desk.database.url.render_as_string(hide_password=False))
    with pytest.raises(OutcomeUnknown, match="the power is gone"):
        await desk.open(database=dying).submit(order(BUY, 10))
    tables = (PaperAccountRow, PaperPositionRow, PaperOrderRow, PaperFillRow)
    assert [await rows_of(desk.database, table) for table in tables] == [[]] * 4
    dying.dies = False
    assert (await desk.open(database=dying).submit(order(BUY, 10))).state is OrderState.FILLED
    await dying.close()


async def test_accounts_do_not_see_each_other(desk: Desk) -> None:
    await desk.open().submit(order(BUY, 10))
    other = desk.open(account="other")
    assert (await other.positions(), await other.find_order("a"), (await other.fills_since(""))[0]) == ((), None, ())
    assert (await other.submit(order(BUY, 5, account="other"))).venue_order_id == "P1"


async def test_books_in_another_currency_or_on_another_feed_are_not_touched(desk: Desk) -> None:
    await desk.open().submit(order(BUY, 10))
    with pytest.raises(ConfigError, match="were opened in USD, the configuration says EUR"):
        await desk.open(terms=replace(TERMS, currency="EUR")).account()
    with pytest.raises(DataError, match="found none for XAU/USD"):
        await desk.open(feed=FakeFeed(instruments=[COIN])).account()


async def test_a_changed_starting_cash_leaves_existing_books_alone(desk: Desk) -> None:
    await desk.open().submit(order(BUY, 10))
    richer = desk.open(terms=replace(TERMS, starting_cash=Decimal(5)))
    await richer.submit(order(SELL, 10, client_order_id="b"))
    (row,) = await rows_of(desk.database, PaperAccountRow)
    assert row.starting_cash == 100_000
    assert row.cash == Decimal("99999.8")
