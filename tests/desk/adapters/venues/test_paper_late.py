"""The embedded venue on a live feed: a candle that arrives late is matched once and in order, or nothing is said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from desk.adapters.feeds.expecting import expected_opens
from desk.adapters.ledger.database import Database
from desk.adapters.venues.paper.tables import PaperAccountRow
from desk.errors import OrderRefused, VenueUnavailable
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import InstrumentKind, Side
from desk.model.orders import Fill, OrderState
from desk.model.timeframe import Timeframe
from tests.desk.adapters.venues.test_paper import ROWS, TERMS, Desk, FakeFeed, HandClock, rows_of
from tests.desk.matching.markets import MINUTE, START, candles, limits, order

LIVE = replace(TERMS, longest_lag=timedelta(minutes=2))
SECOND = timedelta(seconds=1)


class LateFeed(FakeFeed):
    """Tells candles that closed by `arrived` only; prices are always those of now, unless `priced_at` is set."""

    arrived = START + 60 * MINUTE
    priced_at: datetime | None = None
    waits: Callable[[], None] = staticmethod(lambda: None)

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        self.waits()
        return await super().candles(instrument, timeframe, until=min(until, self.arrived), count=count)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        quotes = await super().quotes(instruments, at=at)
        return {name: replace(quote, at=self.priced_at or at) for name, quote in quotes.items()}


class LateDesk(Desk):
    feed: LateFeed

    def at(self, minutes: float, *, arrived: float | None = None) -> None:
        """Let it be that many minutes and a second after the start, with the candles until `arrived`, or all."""
        self.clock.at = START + minutes * MINUTE + SECOND
        self.feed.arrived = START + (60 if arrived is None else arrived) * MINUTE


def opened(database: Database, *, start: datetime = START) -> LateDesk:
    yen = candles([(150, 150, 150, 150)] * 5, instrument="USD/JPY", start=start)
    return LateDesk(database, LateFeed(candles(ROWS, spread=0.02, start=start), yen), HandClock(start), LIVE)


@pytest.fixture
def desk(database: Database) -> LateDesk:
    return opened(database)


async def watermark(desk: Desk) -> datetime:
    (row,) = await rows_of(desk.database, PaperAccountRow)
    return row.watermark


async def test_a_candle_that_arrives_late_is_matched_when_it_comes_and_once(desk: LateDesk) -> None:
    venue = desk.open()
    await venue.submit(order(Side.BUY, 10, barriers=limits(target="105")))
    desk.at(2, arrived=1)
    assert len(await venue.positions()) == 1
    assert await watermark(desk) == START + MINUTE
    desk.at(2.2)
    assert await venue.positions() == ()
    (_, closing), cursor = await venue.fills_since("")
    assert (closing.price, closing.at) == (105, START + 2 * MINUTE)
    desk.at(4)
    assert await venue.fills_since(cursor) == ((), cursor)


ARRIVALS = [(1, 2, 3, 4), (0, 0, 2, 3), (0, 1, 1, 1)]


@pytest.mark.parametrize("arrivals", ARRIVALS)
async def test_whenever_candles_arrive_the_fills_are_those_of_candles_in_time(
    desk: LateDesk, arrivals: tuple[int, ...]
) -> None:
    venue = desk.open(terms=replace(LIVE, longest_lag=timedelta(hours=1)))
    barriers = limits(target="106", stop="95")
    await venue.submit(order(Side.BUY, 10, barriers=barriers))
    await venue.submit(order(Side.BUY, 5, "99.5", client_order_id="b", barriers=barriers))
    await venue.submit(order(Side.SELL, 5, "1600", instrument="USD/JPY", client_order_id="c"))
    for minute, arrived in enumerate(arrivals, start=1):
        desk.at(minute, arrived=arrived)
        await venue.positions()
    desk.at(5)
    found, _ = await venue.fills_since("")
    assert [_summary(fill) for fill in found] == [
        ("a", "100.02", START),
        ("b", "99.5", START + MINUTE),
        ("a-target", "106", START + 2 * MINUTE),
    ]


def _summary(fill: Fill) -> tuple[str, str, datetime]:
    return fill.client_order_id, f"{fill.price.normalize():f}", fill.at


async def test_nothing_is_placed_or_cancelled_while_a_candle_is_missing(desk: LateDesk) -> None:
    venue = desk.open()
    await venue.submit(order(Side.BUY, 10, "98"))
    desk.at(3, arrived=2)
    with pytest.raises(OrderRefused, match="LATE") as refused:
        await venue.submit(order(Side.BUY, 10, client_order_id="b"))
    assert refused.value.code == "NO_MARKET_DATA"
    with pytest.raises(VenueUnavailable, match="LATE"):
        await venue.cancel("a")
    assert [one.client_order_id for one in await venue.open_orders()] == ["a"]
    desk.at(3)
    assert (await venue.submit(order(Side.BUY, 10, client_order_id="b"))).state is OrderState.FILLED
    assert (await venue.cancel("a")).state is OrderState.CANCELLED


async def test_a_candle_that_does_not_come_is_an_outage_and_no_position_is_told(desk: LateDesk) -> None:
    venue = desk.open()
    await venue.submit(order(Side.BUY, 10, barriers=limits(stop="95")))
    desk.at(3, arrived=1)
    with pytest.raises(VenueUnavailable, match=r"LATE.*found them until 2026-01-14T15:01:00"):
        await venue.positions()
    desk.at(4)
    assert await venue.positions() == ()


async def test_a_minute_without_a_price_has_no_candle_to_wait_for(desk: LateDesk) -> None:
    venue = desk.open()
    await venue.submit(order(Side.BUY, 10, barriers=limits(stop="95")))
    desk.at(3, arrived=1)
    desk.feed.priced_at = START + MINUTE
    assert len(await venue.positions()) == 1
    assert await watermark(desk) == desk.clock.at
    assert (await venue.submit(order(Side.BUY, 10, client_order_id="b"))).state is OrderState.FILLED


TRADES_ONLY = replace(LIVE, quiet_after=timedelta(seconds=5))
MOMENT = 5 / 60


async def test_where_only_trades_make_candles_a_quiet_market_can_be_traded(desk: LateDesk) -> None:
    venue = desk.open(terms=TRADES_ONLY)
    await venue.submit(order(Side.BUY, 10, barriers=limits(stop="95")))
    desk.at(10 + MOMENT, arrived=1)
    assert len(await venue.positions()) == 1
    assert await watermark(desk) == desk.clock.at
    closing = order(Side.SELL, 10, client_order_id="b", reduce_only=True)
    assert (await venue.submit(closing)).state is OrderState.FILLED


async def test_a_candle_of_trades_that_arrives_within_the_bound_is_matched(desk: LateDesk) -> None:
    venue = desk.open(terms=TRADES_ONLY)
    await venue.submit(order(Side.BUY, 10, barriers=limits(target="105")))
    desk.at(2, arrived=1)
    assert len(await venue.positions()) == 1
    assert await watermark(desk) == START + MINUTE
    with pytest.raises(OrderRefused, match="LATE"):
        await venue.submit(order(Side.BUY, 10, client_order_id="b"))
    desk.at(2 + MOMENT / 2)
    assert await venue.positions() == ()


async def test_a_feed_that_has_waited_for_a_candle_of_trades_need_not_be_asked_again(desk: LateDesk) -> None:
    venue = desk.open(terms=TRADES_ONLY)
    await venue.submit(order(Side.BUY, 10, barriers=limits(stop="95")))
    desk.at(2, arrived=1)
    desk.feed.waits = lambda: desk.at(2 + MOMENT, arrived=1)
    assert (await venue.submit(order(Side.BUY, 10, client_order_id="b"))).state is OrderState.FILLED


async def test_an_instrument_without_a_price_is_waited_for(desk: LateDesk) -> None:
    venue = desk.open()
    await venue.submit(order(Side.BUY, 10, barriers=limits(stop="95")))
    desk.at(2, arrived=1)
    series = desk.feed.series
    desk.feed.series = {**series, "XAU/USD": series["XAU/USD"].since(START + 10 * MINUTE)}
    with pytest.raises(OrderRefused, match="LATE"):
        await venue.submit(order(Side.BUY, 10, client_order_id="b"))


async def test_a_closed_market_is_not_waited_for(database: Database) -> None:
    evening = START.replace(hour=21, minute=53)
    desk = opened(database, start=evening)
    venue = desk.open()
    await venue.submit(order(Side.BUY, 10, barriers=limits(stop="50")))
    desk.clock.at = evening + 37 * MINUTE
    desk.feed.arrived = evening + 5 * MINUTE
    assert len(await venue.positions()) == 1
    assert await watermark(desk) == desk.clock.at


def test_a_candle_is_expected_where_the_market_is_open_at_either_end_of_it() -> None:
    evening = START.replace(hour=21, minute=50)
    kind, hours = InstrumentKind.FX, (evening, evening + timedelta(minutes=20))
    minutes = [opened % 3600 // 60 for opened in expected_opens(kind, Timeframe.M1, *hours)]
    assert minutes == [*range(50, 58), *range(3, 10)]
    assert len(expected_opens(kind, Timeframe.M5, *hours)) == 4
    assert len(expected_opens(InstrumentKind.SPOT, Timeframe.M1, *hours)) == 20
