"""Market data: the venue's grid, closed candles only, best prices in one call."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from desk.errors import DataError, MalformedCandles, VenueUnavailable
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.timeframe import Timeframe
from tests.desk.adapters.venues.aster.fakes import BTC, ETH, NOW, NOW_MS, Aster, symbol

MINUTE = 60_000


def kline(opened, price="7000.10"):
    return [opened, price, "7001.5", "6999.0", "7000.5", "12.345", opened + MINUTE - 1, "86421.1", 7, "6.1", "427", "0"]


def history(asked, *, first=NOW_MS - 4_000 * MINUTE):
    """Candles as the venue keeps them: every minute since `first`, the one that is forming included."""
    end, limit = min(int(asked["endTime"]), NOW_MS), int(asked["limit"])
    newest = end // MINUTE * MINUTE
    oldest = max(first, newest - (limit - 1) * MINUTE)
    return [kline(opened) for opened in range(oldest, newest + 1, MINUTE)]


async def test_instruments_are_the_perpetuals_with_the_grid_that_market_orders_need():
    instruments = await Aster().open().market.instruments()
    assert sorted(instruments) == [BTC, ETH]
    assert instruments[BTC] == Instrument(
        BTC, InstrumentKind.PERPETUAL, Decimal("0.10"), Decimal("0.001"), Decimal("0.002"), Decimal(5)
    )


async def test_a_symbol_without_a_grid_or_with_another_name_is_left_out():
    symbols = [symbol("BTCUSDT", base="BTC"), symbol("XUSDT", base="X", filters=[]), symbol("SHIELDUSDT", base="Y")]
    assert list(await Aster(exchangeInfo=[{"symbols": symbols}]).open().market.instruments()) == [BTC]


async def test_the_list_of_instruments_is_asked_for_again_when_it_is_old():
    venue = Aster()
    market = venue.open().market
    for _ in range(2):
        await market.instruments()
    venue.clock.at += timedelta(minutes=6)
    await market.instruments()
    assert len(venue.asked("exchangeInfo")) == 2


async def test_candles_are_exact_closed_and_ascending():
    venue = Aster(klines=[history])
    found = await venue.open().market.candles(BTC, Timeframe.M1, until=NOW, count=3)
    assert list(found.time * 1000) == [NOW_MS - 3 * MINUTE, NOW_MS - 2 * MINUTE, NOW_MS - MINUTE]
    assert (found.open[0], found.high[0], found.low[0], found.close[0], found.volume[0]) == (
        7000.1,
        7001.5,
        6999.0,
        7000.5,
        12.345,
    )
    assert venue.asked("klines")[0]["interval"] == "1m"


async def test_a_candle_that_is_forming_is_left_out_even_when_the_venue_sends_it():
    forming = [kline(NOW_MS - MINUTE), kline(NOW_MS)]
    venue = Aster(klines=[forming, []])
    later = NOW + timedelta(minutes=10)
    found = await venue.open().market.candles(BTC, Timeframe.M1, until=later, count=5)
    assert found.closed_at == NOW


async def test_more_candles_than_a_page_holds_come_in_pages_without_gaps():
    venue = Aster(klines=[history])
    found = await venue.open().market.candles(BTC, Timeframe.M1, until=NOW, count=3_200)
    assert len(found) == 3_200
    assert set(found.time[1:] - found.time[:-1]) == {60}
    assert [page["limit"] for page in venue.asked("klines")] == ["1500", "1500", "200"]


async def test_a_young_market_gives_what_there_is():
    venue = Aster(klines=[lambda asked: history(asked, first=NOW_MS - 10 * MINUTE)])
    found = await venue.open().market.candles(BTC, Timeframe.M1, until=NOW, count=100)
    assert len(found) == 10


async def test_candles_that_come_shuffled_and_twice_are_put_in_order():
    rows = [kline(NOW_MS - number * MINUTE) for number in (1, 3, 2, 3)]
    found = await Aster(klines=[rows]).open().market.candles(BTC, Timeframe.M1, until=NOW, count=3)
    assert list(found.time * 1000) == [NOW_MS - 3 * MINUTE, NOW_MS - 2 * MINUTE, NOW_MS - MINUTE]


@pytest.mark.parametrize(
    "row", [kline(NOW_MS - MINUTE, "NaN"), kline(NOW_MS - MINUTE, "x"), [NOW_MS - MINUTE], ["x"], []]
)
async def test_a_broken_candle_is_refused(row):
    with pytest.raises(MalformedCandles):
        await Aster(klines=[[row]]).open().market.candles(BTC, Timeframe.M1, until=NOW, count=1)


async def test_candles_of_something_else_are_refused_without_asking():
    with pytest.raises(DataError, match="DOGE"):
        await Aster().open().market.candles("DOGE/USDT:USDT", Timeframe.M1, until=NOW, count=1)


@pytest.mark.parametrize("body", ['{"rows": 1}', "[1]", '[[1, "2'])
async def test_a_reply_that_is_something_else_is_no_data(body):
    with pytest.raises(VenueUnavailable):
        await (
            Aster(klines=[httpx.Response(200, text=body)]).open().market.candles(BTC, Timeframe.M1, until=NOW, count=1)
        )


def ticker(name, bid="95000.10", ask="95000.20"):
    return {"symbol": name, "bidPrice": bid, "bidQty": "1", "askPrice": ask, "askQty": "1", "time": NOW_MS + 250}


async def test_one_quote_comes_as_an_object_and_several_as_an_array_in_one_call():
    venue = Aster(**{"ticker/bookTicker": [ticker("BTCUSDT"), [ticker("BTCUSDT"), ticker("ETHUSDT"), ticker("X")]]})
    market = venue.open().market
    alone = await market.quotes([BTC], at=NOW)
    both = await market.quotes([BTC, ETH, "DOGE/USDT:USDT"], at=NOW)
    assert (alone[BTC].bid, alone[BTC].ask) == (Decimal("95000.10"), Decimal("95000.20"))
    assert alone[BTC].at == NOW + timedelta(milliseconds=250)
    assert {name: quote.tradable for name, quote in both.items()} == {BTC: True, ETH: False}
    assert venue.asked("ticker/bookTicker") == [{"symbol": "BTCUSDT"}, {}]


@pytest.mark.parametrize(("bid", "ask"), [("0", "95000"), ("95001", "95000")])
async def test_an_empty_or_crossed_book_is_no_quote(bid, ask):
    venue = Aster(**{"ticker/bookTicker": [ticker("BTCUSDT", bid, ask)]})
    assert await venue.open().market.quotes([BTC], at=NOW) == {}


async def test_no_quotes_are_asked_for_instruments_that_are_not_listed():
    venue = Aster()
    assert await venue.open().market.quotes(["DOGE/USDT:USDT"], at=NOW) == {}
    assert venue.asked("ticker/bookTicker") == []


BOOK = {
    "lastUpdateId": 1027024,
    "E": NOW_MS - 40,
    "T": NOW_MS - 90_000,
    "bids": [["7000.10", "3.000"], ["7000.00", "1.500"]],
    "asks": [["7000.20", "1.000"], ["7000.40", "0.500"]],
}


async def test_a_book_has_its_levels_and_the_time_at_which_it_was_told_not_that_of_its_last_change():
    venue = Aster(depth=[BOOK])
    book = await venue.open().market.depth(BTC, at=NOW)
    assert [(one.price, one.quantity) for one in book.bids] == [
        (Decimal("7000.10"), Decimal(3)),
        (Decimal("7000.00"), Decimal("1.500")),
    ]
    assert (book.instrument, book.asks[0].price, book.at) == (BTC, Decimal("7000.20"), NOW - timedelta(milliseconds=40))
    assert venue.asked("depth") == [{"symbol": "BTCUSDT", "limit": "5"}]


async def test_a_book_without_a_time_is_as_old_as_its_answer_and_an_empty_one_has_no_sides():
    book = await Aster(depth=[{"lastUpdateId": 1, "bids": [], "asks": []}]).open().market.depth(BTC, at=NOW)
    assert (book.bids, book.asks, book.at) == ((), (), NOW)


@pytest.mark.parametrize(
    "answer", [{"lastUpdateId": 1}, {**BOOK, "bids": [["7000.10"]]}, {**BOOK, "asks": [["x", "1"]]}]
)
async def test_a_book_that_cannot_be_read_is_no_book(answer):
    with pytest.raises(VenueUnavailable, match="book of BTCUSDT"):
        await Aster(depth=[answer]).open().market.depth(BTC, at=NOW)


PREMIUM = {"symbol": "BTCUSDT", "markPrice": "7000", "lastFundingRate": "0.00038246", "time": NOW_MS - 1_000}


async def test_funding_is_told_with_the_interval_of_its_contract():
    venue = Aster(premiumIndex=[PREMIUM], fundingInfo=[[{"symbol": "BTCUSDT", "fundingIntervalHours": 4}]])
    funding = await venue.open().market.funding(BTC, at=NOW)
    assert (funding.rate, funding.interval) == (Decimal("0.00038246"), timedelta(hours=4))
    assert funding.at == NOW - timedelta(seconds=1)


@pytest.mark.parametrize("terms", [[], [{"symbol": "ETHUSDT", "fundingIntervalHours": 8}]])
async def test_an_interval_that_is_not_told_is_not_guessed(terms):
    assert await Aster(premiumIndex=[PREMIUM], fundingInfo=[terms]).open().market.funding(BTC, at=NOW) is None


async def test_books_and_funding_of_what_is_not_listed_are_no_data():
    market = Aster().open().market
    for asking in (market.depth, market.funding):
        with pytest.raises(DataError, match="expected an instrument that Aster lists, found DOGE/USDT:USDT"):
            await asking("DOGE/USDT:USDT", at=NOW)
