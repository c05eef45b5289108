"""Market data: closed candles in order whatever the venue sends, quotes with the venue's own flags."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.venues.coinbase.open import open_market
from desk.errors import DataError, MalformedCandles, VenueUnavailable
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.timeframe import Timeframe
from tests.desk.adapters.venues.coinbase.venue import NOW, PATH, Venue, book, opened, product

NEWEST = int(NOW.timestamp())
CANDLES = "GET /market/products/BTC-USD/candles"


def row(start, price="100", **changes):
    bars = {"low": "99", "high": "101.5", "open": price, "close": "101", "volume": "2.5"}
    return {"start": str(start), **bars, **changes}


def minutes(*ago):
    return [row(NEWEST - 60 * one) for one in sorted(ago)]


@pytest.fixture
def venue():
    return Venue()


@pytest.fixture
def market(venue):
    return opened(venue).market


async def candles(market, count=3, timeframe=Timeframe.M1, until=NOW):
    return await market.candles("BTC/USD", timeframe, until=until, count=count)


async def test_candles_come_oldest_first_and_exact(venue, market):
    venue.candles = [row(NEWEST - 60, "100.25"), row(NEWEST - 120, "100.5"), row(NEWEST - 180)]
    found = await candles(market)
    assert list(found.time) == [NEWEST - 180, NEWEST - 120, NEWEST - 60]
    assert list(found.open) == [100, 100.5, 100.25]
    assert (found.low[0], found.high[0], found.close[0], found.volume[0]) == (99, 101.5, 101, 2.5)
    assert found.bid is None


async def test_the_candle_that_is_not_closed_yet_is_left_out(venue, market):
    venue.candles = minutes(0, 1, 2)
    assert (await candles(market)).closed_at == NOW


async def test_a_candle_is_closed_by_the_venues_clock_too(venue, market):
    venue.candles = minutes(0, 1, 2)
    assert (await candles(market, until=NOW + timedelta(minutes=5))).closed_at == NOW


@pytest.mark.parametrize("ends_count", [(True, True), (False, True), (True, False)])
async def test_many_candles_are_read_in_windows_without_losing_one(venue, market, ends_count):
    venue.ends_count = ends_count
    venue.candles = minutes(*range(1, 1001))
    found = await candles(market, count=800)
    assert list(found.time) == [NEWEST - 60 * ago for ago in range(800, 0, -1)]
    spans = [int(one.url.params["end"]) - int(one.url.params["start"]) for one in venue.requests if one.url.params]
    assert max(spans) <= 349 * 60
    assert len(spans) <= 4


async def test_minutes_without_a_trade_have_no_candle_and_older_ones_take_their_place(venue, market):
    venue.candles = minutes(1, 7, 400)
    assert list((await candles(market)).time) == [NEWEST - 60 * ago for ago in (400, 7, 1)]


async def test_a_market_that_has_no_older_trades_is_not_searched_for_ever(venue, market):
    venue.candles = minutes(1)
    assert len(await candles(market)) == 1
    assert venue.seen[CANDLES] == 4


async def test_an_instrument_that_the_venue_does_not_have_is_an_error_of_the_data(venue, market):
    venue.answers["/market/products/BTC-USD/candles"] = [httpx.Response(404, json={"error": "NOT_FOUND"})]
    with pytest.raises(DataError, match="NOT_FOUND"):
        await candles(market)


@pytest.mark.parametrize("name", ["BTC", "BTC/USDT:USDT", "/USD"])
async def test_what_is_no_spot_market_is_an_error_of_the_data(market, name):
    with pytest.raises(DataError, match="spot instrument"):
        await market.candles(name, Timeframe.M1, until=NOW, count=1)


async def test_candles_that_break_a_rule_are_refused(venue, market):
    venue.candles = [row(NEWEST - 60, low="105")]
    with pytest.raises(MalformedCandles, match="BTC/USD M1"):
        await candles(market)


@pytest.mark.parametrize("body", [{"candles": [{"start": "1"}]}, {"error": "later"}])
async def test_a_reply_that_is_no_candles_is_no_answer(venue, market, body):
    venue.answers["/market/products/BTC-USD/candles"] = [httpx.Response(200, json=body)]
    with pytest.raises(VenueUnavailable, match="UNREADABLE"):
        await candles(market)


async def test_instruments_have_the_venues_grid_and_are_read_to_the_last_page(venue, market):
    venue.products = [
        product("BTC-USD"),
        product("ETH-USD", price_increment="", quote_increment="0.1"),
        product("X-USD"),
    ]
    venue.products += [product("BTC-PERP-INTX", product_type="FUTURE"), product("OLD-USD", base_increment="")]
    found = await market.instruments()
    assert set(found) == {"BTC/USD", "ETH/USD", "X/USD"}
    assert found["BTC/USD"] == Instrument(
        "BTC/USD", InstrumentKind.SPOT, Decimal("0.01"), Decimal("1E-8"), Decimal("0.00001"), Decimal(1)
    )
    assert found["ETH/USD"].tick == Decimal("0.1")


async def test_instruments_are_read_once_an_hour(venue, market):
    await market.instruments()
    asked = venue.seen["GET /market/products"]
    await market.instruments()
    assert venue.seen["GET /market/products"] == asked


async def test_a_list_without_products_is_no_answer(venue, market):
    venue.products = []
    with pytest.raises(VenueUnavailable, match="EMPTY"):
        await market.instruments()


async def test_quotes_of_several_instruments_come_in_one_request(venue, market):
    found = await market.quotes(["BTC/USD", "ETH/USD"], at=NOW)
    assert (found["BTC/USD"].bid, found["BTC/USD"].ask) == (Decimal(50000), Decimal(50010))
    assert (found["ETH/USD"].at, found["ETH/USD"].tradable) == (NOW, True)
    assert venue.seen["GET /best_bid_ask"] == 1


@pytest.mark.parametrize(
    "flag",
    [
        *("trading_disabled", "is_disabled", "cancel_only", "limit_only", "post_only", "auction_mode", "view_only"),
        "status",
    ],
)
async def test_a_market_that_takes_no_market_orders_is_not_tradable(venue, market, flag):
    venue.products = [product("BTC-USD", **{flag: "offline" if flag == "status" else True})]
    assert not (await market.quotes(["BTC/USD"], at=NOW))["BTC/USD"].tradable


async def test_an_instrument_without_both_sides_has_no_quote(venue, market):
    venue.books = [{**book("BTC-USD", "1", "2"), "asks": []}]
    assert await market.quotes(["BTC/USD", "ETH/USD"], at=NOW) == {}


async def test_a_product_is_quoted_under_the_name_of_the_one_whose_book_it_shares(venue, market):
    venue.products.append(product("BTC-USDC", alias="BTC-USD"))
    venue.answers["/best_bid_ask"] = [httpx.Response(200, json={"pricebooks": [book("BTC-USD", "50000", "50010")]})]
    assert (await market.quotes(["BTC/USDC"], at=NOW))["BTC/USDC"].bid == Decimal(50000)


async def test_no_instruments_cost_no_request(venue, market):
    assert await market.quotes([], at=NOW) == {}
    assert venue.requests == []


async def test_market_data_alone_need_no_key(venue):
    market, session = open_market(
        "simulator", clock=FixedClock(NOW), base_url="https://venue.test", transport=httpx.MockTransport(venue)
    )
    async with session:
        found = await market.quotes(["BTC/USD", "ETH/USD"], at=NOW)
    assert found["ETH/USD"].ask == Decimal(2501)
    assert {one.url.path.removeprefix(PATH) for one in venue.requests} == {"/market/product_book", "/market/products"}
    assert not any("authorization" in one.headers or "cb-access-sign" in one.headers for one in venue.requests)


async def test_a_book_has_the_levels_that_have_a_price_and_the_venues_time(venue, market):
    told = book("BTC-USD", "50000", "50010")
    told["bids"] += [{"price": "49999.5", "size": "0.25"}, {"price": "", "size": "9"}]
    told["asks"] += [{"price": "50011", "size": ""}]
    venue.books = [told]
    found = await market.depth("BTC/USD", at=NOW)
    assert [(one.price, one.quantity) for one in found.bids] == [(50000, 1), (Decimal("49999.5"), Decimal("0.25"))]
    assert [(one.price, one.quantity) for one in found.asks] == [(50010, 1)]
    assert (found.instrument, found.at) == ("BTC/USD", NOW)
    assert dict(venue.requests[-1].url.params) == {"product_id": "BTC-USD", "limit": "5"}


async def test_a_book_of_what_is_not_listed_is_not_asked_for_and_one_that_cannot_be_read_is_none(venue, market):
    with pytest.raises(DataError, match="expected a spot market of the venue, found BTC/DOGE"):
        await market.depth("BTC/DOGE", at=NOW)
    venue.answers["/market/product_book"] = [httpx.Response(200, json={"pricebook": {"product_id": "BTC-USD"}})]
    with pytest.raises(VenueUnavailable, match="book of BTC-USD"):
        await market.depth("BTC/USD", at=NOW)
