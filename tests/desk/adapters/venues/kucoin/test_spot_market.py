"""Spot market data: names and grids, rows in o-c-h-l order and newest first, prices in one call."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from desk.errors import DataError, MalformedCandles, VenueUnavailable
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe
from tests.desk.adapters.venues.kucoin.venue import NOW, open_spot, recorded, spot_venue

CANDLES = "/api/v1/market/candles"


def rows(until, count, *, step=60, missing=()):
    """Rows as the venue has them around `until`, newest first, the open candle included."""
    newest = int(until.timestamp()) // step * step
    times = [newest - index * step for index in range(count)]
    return [[str(at), "10", "11", "12", "9", "1.5", "15"] for at in times if (newest - at) // step not in missing]


def answering(all_rows, *, inclusive, limit=1500):
    def answer(request):
        start, end = int(request.url.params["startAt"]), int(request.url.params["endAt"])
        wanted = [row for row in all_rows if start <= int(row[0]) and (int(row[0]) < end + inclusive)]
        return wanted[:limit]

    return answer


async def candles(venue, count, until=NOW, timeframe=Timeframe.M1):
    async with open_spot(venue) as spot:
        return await spot.market.candles("BTC/USDT", timeframe, until=until, count=count)


async def test_an_instrument_has_the_venues_grid():
    async with open_spot(spot_venue()) as spot:
        btc = (await spot.market.instruments())["BTC/USDT"]
    assert (btc.kind, btc.tick, btc.lot) == (InstrumentKind.SPOT, Decimal("0.1"), Decimal("0.00000001"))
    assert (btc.minimum_quantity, btc.minimum_notional) == (Decimal("0.00001"), Decimal("0.1"))


async def test_recorded_rows_are_read_in_their_own_order_of_columns():
    venue = spot_venue().on("GET", CANDLES, recorded("spot.get_klines"))
    found = await candles(venue, 3, until=datetime(2019, 8, 26, 3, 43, 30, tzinfo=UTC))
    assert found.time.tolist() == [1566789600, 1566789660, 1566789720]
    newest = (found.open[-1], found.high[-1], found.low[-1], found.close[-1], found.volume[-1])
    assert newest == (10411.5, 10411.5, 10396.3, 10401.9, 29.11357276)


@pytest.mark.parametrize("inclusive", [0, 1])
async def test_only_closed_candles_come_whether_or_not_the_end_is_included(inclusive):
    venue = spot_venue().on("GET", CANDLES, answering(rows(NOW, 20), inclusive=inclusive))
    found = await candles(venue, 5, until=NOW + timedelta(seconds=59))
    assert found.closed_at == NOW
    assert found.time.tolist() == [int(NOW.timestamp()) - 60 * back for back in (5, 4, 3, 2, 1)]
    assert [(found.open[0], found.high[0], found.low[0], found.close[0], found.volume[0])] == [(10, 12, 9, 11, 1.5)]


async def test_what_holes_left_over_is_looked_for_in_earlier_pages():
    venue = spot_venue().on("GET", CANDLES, answering(rows(NOW, 3000, missing=range(3, 1300)), inclusive=1))
    found = await candles(venue, 4)
    assert [(int(NOW.timestamp()) - at) // 60 for at in found.time] == [1301, 1300, 2, 1]


async def test_more_candles_than_a_page_holds_are_read_in_several():
    venue = spot_venue().on("GET", CANDLES, answering(rows(NOW, 4000), inclusive=1))
    found = await candles(venue, 3500)
    assert len(found) == 3500
    assert found.closed_at == NOW
    assert len(venue.sent("GET", CANDLES)) == 3


async def test_the_search_ends_where_there_are_no_older_candles():
    venue = spot_venue().on("GET", CANDLES, answering(rows(NOW, 4), inclusive=1))
    assert len(await candles(venue, 10)) == 3


@pytest.mark.parametrize(
    ("timeframe", "name"), [(Timeframe.M5, "5min"), (Timeframe.H1, "1hour"), (Timeframe.D1, "1day")]
)
async def test_timeframes_have_the_venues_names(timeframe, name):
    venue = spot_venue().on("GET", CANDLES, [])
    await candles(venue, 2, timeframe=timeframe)
    assert venue.queries(CANDLES)[0]["type"] == name


async def test_an_instrument_that_the_venue_does_not_have_is_a_data_error():
    async with open_spot(spot_venue()) as spot:
        with pytest.raises(DataError, match="ABC/USDT"):
            await spot.market.candles("ABC/USDT", Timeframe.M1, until=NOW, count=1)


async def test_rows_that_are_not_numbers_are_malformed():
    with pytest.raises(MalformedCandles):
        await candles(spot_venue().on("GET", CANDLES, [["1566789720", "ten", "1", "1", "1", "1", "1"]]), 1)


async def test_prices_of_all_instruments_come_in_one_call():
    venue = spot_venue()
    async with open_spot(venue) as spot:
        quotes = await spot.market.quotes(["BTC/USDT", "ABC/USDT"], at=NOW)
    btc = quotes["BTC/USDT"]
    assert (btc.bid, btc.ask, btc.tradable) == (Decimal("67192.5"), Decimal("67192.6"), True)
    assert btc.at == datetime(2024, 10, 17, 13, 53, 27, 43_000, tzinfo=UTC)
    assert set(quotes) == {"BTC/USDT"}
    assert len(venue.sent("GET", "/api/v1/market/allTickers")) == 1


@pytest.mark.parametrize(("side", "value"), [("buy", None), ("sell", "0"), ("sell", "")])
async def test_an_instrument_without_one_side_has_no_quote(side, value):
    tickers = recorded("spot.get_all_tickers")
    venue = spot_venue()
    venue.on("GET", "/api/v1/market/allTickers", {**tickers, "ticker": [{**tickers["ticker"][0], side: value}]})
    async with open_spot(venue) as spot:
        assert await spot.market.quotes(["BTC/USDT"], at=NOW) == {}


@pytest.mark.parametrize(("enabled", "service"), [(False, "open"), (True, "cancelonly"), (True, "close")])
async def test_a_halted_market_is_not_tradable(enabled, service):
    venue = spot_venue().on("GET", "/api/v1/status", {"status": service, "msg": ""})
    venue.on("GET", "/api/v2/symbols", [{**recorded("spot.get_all_symbols")[0], "enableTrading": enabled}])
    async with open_spot(venue) as spot:
        quotes = await spot.market.quotes(["BTC/USDT"], at=NOW)
    assert not quotes["BTC/USDT"].tradable


class Watch:
    def __init__(self):
        self.at = NOW

    def now(self):
        return self.at

    def shown_at(self, wall):
        return wall


async def test_the_list_of_markets_is_kept_for_a_minute():
    venue, watch = spot_venue(), Watch()
    async with open_spot(venue, clock=watch) as spot:
        await spot.market.instruments()
        watch.at += timedelta(seconds=59)
        await spot.market.instruments()
        assert len(venue.sent("GET", "/api/v2/symbols")) == 1
        watch.at += timedelta(seconds=1)
        await spot.market.instruments()
    assert len(venue.sent("GET", "/api/v2/symbols")) == 2


async def test_a_failure_is_not_an_empty_market():
    venue = spot_venue().on("GET", "/api/v2/symbols", httpx.Response(502, text="bad gateway"))
    async with open_spot(venue) as spot:
        with pytest.raises(VenueUnavailable):
            await spot.market.instruments()


async def test_a_recorded_book_has_its_levels_and_its_time():
    venue = spot_venue().on("GET", "/api/v1/market/orderbook/level2_20", recorded("spot.get_part_order_book"))
    async with open_spot(venue) as spot:
        book = await spot.market.depth("BTC/USDT", at=NOW)
    assert [(one.price, one.quantity) for one in book.bids] == [
        (Decimal("66976.4"), Decimal("0.69109872")),
        (Decimal("66976.3"), Decimal("0.14377")),
    ]
    assert book.asks[0].price == Decimal("66976.5")
    assert book.at == datetime(2024, 10, 17, 14, 44, 33, 859000, tzinfo=UTC)
    assert venue.requests[-1].url.params["symbol"] == "BTC-USDT"


async def test_a_book_of_another_shape_is_no_book_and_one_of_what_is_not_listed_is_not_asked_for():
    venue = spot_venue().on("GET", "/api/v1/market/orderbook/level2_20", {"time": 1, "bids": [["1"]], "asks": []})
    async with open_spot(venue) as spot:
        with pytest.raises(VenueUnavailable, match="book of BTC/USDT"):
            await spot.market.depth("BTC/USDT", at=NOW)
        with pytest.raises(DataError, match="expected an instrument of the venue, found BTC/DOGE"):
            await spot.market.depth("BTC/DOGE", at=NOW)
