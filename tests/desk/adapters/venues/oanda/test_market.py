"""OANDA as a feed: closed candles of both sides, prices in one call, instruments asked for seldom."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from desk.adapters.clocks import FixedClock
from desk.errors import AccessDenied, DataError, MalformedCandles, VenueUnavailable
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe
from tests.desk.adapters.venues.oanda.fake import AT, NOW, STAMP, TOKEN, D, Oanda, price, prices, refused

CLOSE = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
PATH = "/instruments/EUR_USD/candles"
M5 = timedelta(minutes=5)


def candle(opened, *, complete=True, low=1.1):
    side = {"o": f"{low:.5f}", "h": f"{low + 0.002:.5f}", "l": f"{low:.5f}", "c": f"{low + 0.001:.5f}"}
    ask = {name: f"{float(value) + 0.0001:.5f}" for name, value in side.items()}
    return {
        "complete": complete,
        "volume": 7,
        "time": f"{opened:%Y-%m-%dT%H:%M:%S}.000000000Z",
        "bid": side,
        "ask": ask,
    }


class History:
    """Answers candle requests as OANDA does, from a list of open times."""

    def __init__(self, opens, now=NOW):
        self.opens, self.now = sorted(opens), now
        self.queries = []

    def __call__(self, request):
        query = dict(request.url.params)
        self.queries.append(query)
        to = datetime.fromisoformat(query["to"]) if "to" in query else self.now
        if to > self.now:
            return refused(400, errorMessage="Invalid value specified for 'to'. Time is in the future")
        found = [at for at in self.opens if at <= to][-int(query["count"]) :]
        return {"instrument": "EUR_USD", "candles": [candle(at, complete=at + M5 <= self.now) for at in found]}


def opens(count, last=CLOSE):
    return [last - M5 * back for back in range(count)]


async def fetch(history, *, until=CLOSE, count=3, clock=NOW, timeframe=Timeframe.M5):
    oanda = Oanda().on("GET", PATH, history)
    return await oanda.open(clock=FixedClock(clock)).market.candles("EUR/USD", timeframe, until=until, count=count)


async def test_closed_candles_come_with_both_sides_and_their_middle():
    history = History(opens(10))
    candles = await fetch(history)
    assert candles.closed_at == CLOSE
    assert candles.time.tolist() == [int((CLOSE - M5 * back).timestamp()) for back in (3, 2, 1)]
    assert (candles.bid.open[0], candles.ask.open[0]) == (1.1, 1.1001)
    assert candles.open[0] == pytest.approx(1.10005)
    assert candles.volume.tolist() == [7, 7, 7]
    (query,) = history.queries
    assert query == {
        "price": "BA",
        "granularity": "M5",
        "count": "5",
        "dailyAlignment": "0",
        "alignmentTimezone": "UTC",
    }


async def test_the_open_candle_is_never_among_them():
    candles = await fetch(History(opens(10)), count=50)
    assert candles.closed_at == CLOSE
    assert len(candles) == 9


async def test_a_question_about_the_past_leaves_out_what_closed_later():
    history = History(opens(20))
    candles = await fetch(history, until=CLOSE - M5 * 4 + timedelta(seconds=30), count=3)
    assert candles.closed_at == CLOSE - M5 * 4
    assert len(candles) == 3
    assert history.queries[0]["to"] == "2026-01-14T14:40:00Z"


async def test_more_than_a_page_is_fetched_in_pages_without_gap_or_repetition():
    history = History(opens(12_000))
    candles = await fetch(history, count=9_000)
    assert len(candles) == 9_000
    assert set((candles.time[1:] - candles.time[:-1]).tolist()) == {300}
    assert [query["count"] for query in history.queries] == ["5000", "4003"]


async def test_fewer_candles_come_where_there_are_no_older_ones():
    history = History(opens(6000))
    assert len(await fetch(history, count=20_000)) == 5999
    assert len(await fetch(History([]), count=5)) == 0


async def test_periods_without_prices_have_no_candle():
    friday, sunday = datetime(2026, 1, 9, 21, 55, tzinfo=UTC), datetime(2026, 1, 11, 22, 5, tzinfo=UTC)
    candles = await fetch(History([friday - M5, friday, sunday, sunday + M5]), count=3)
    assert candles.time.tolist() == [int(at.timestamp()) for at in (friday, sunday, sunday + M5)]


async def test_candles_out_of_order_and_repeated_are_put_right():
    rows = [candle(CLOSE - M5), candle(CLOSE - M5 * 3), candle(CLOSE - M5 * 2), candle(CLOSE - M5)]
    candles = await fetch(lambda request: {"candles": rows}, count=5)
    assert candles.time.tolist() == [int((CLOSE - M5 * back).timestamp()) for back in (3, 2, 1)]


async def test_a_candle_that_the_venue_calls_incomplete_is_left_out_wherever_it_stands():
    rows = [candle(CLOSE - M5 * 3, low=1.3, complete=False), candle(CLOSE - M5 * 2), candle(CLOSE - M5, low=1.2)]
    candles = await fetch(lambda request: {"candles": rows}, count=5)
    assert candles.bid.low.tolist() == [1.1, 1.2]
    assert candles.time.tolist() == [int((CLOSE - M5 * back).timestamp()) for back in (2, 1)]


async def test_a_day_starts_at_midnight_in_utc():
    history = History([CLOSE - timedelta(days=back, hours=15) for back in range(1, 4)])
    candles = await fetch(history, timeframe=Timeframe.D1)
    assert history.queries[0]["granularity"] == "D"
    assert (candles.time % 86_400).tolist() == [0, 0, 0]


async def test_the_newest_candles_are_asked_for_without_a_time_that_the_venue_may_not_have_reached():
    behind = CLOSE - timedelta(milliseconds=200)
    candles = await fetch(History(opens(10, CLOSE - M5), now=behind), clock=CLOSE + timedelta(milliseconds=10))
    assert candles.closed_at == CLOSE - M5


@pytest.mark.parametrize(
    "body", [{"candles": [{"time": STAMP}]}, {"candle": []}, [], {"candles": [candle(CLOSE) | {"bid": None}]}]
)
async def test_candles_that_cannot_be_understood_are_no_candles(body):
    with pytest.raises(VenueUnavailable, match="UNREADABLE"):
        await fetch(lambda request: httpx.Response(200, json=body))


async def test_prices_that_cannot_be_are_malformed():
    broken = candle(CLOSE - M5) | {"bid": {"o": "NaN", "h": "1.2", "l": "1.0", "c": "1.1"}}
    with pytest.raises(MalformedCandles, match="finite and positive"):
        await fetch(lambda request: {"candles": [broken]})


async def test_an_instrument_that_the_account_may_not_trade_is_a_data_error():
    oanda = Oanda()
    with pytest.raises(DataError, match="TRY/JPY"):
        await oanda.open().market.candles("TRY/JPY", Timeframe.M5, until=CLOSE, count=3)
    assert oanda.calls() == {"/instruments": 1}


def newest(*pairs, rows):
    told = [{"instrument": name, "granularity": granularity, "candles": rows} for name, granularity in pairs]
    return {"latestCandles": told}


async def test_the_newest_closed_candle_of_many_instruments_comes_in_one_call():
    rows = [candle(CLOSE - 2 * M5), candle(CLOSE - M5), candle(CLOSE, complete=False)]
    answer = newest(("EUR_USD", "M5"), ("XAU_USD", "D"), ("GBP_USD", "M5"), rows=rows)
    answer["latestCandles"][1]["candles"] = [candle(CLOSE - timedelta(days=1, hours=15)), candle(CLOSE, complete=False)]
    oanda = Oanda().on("GET", "/candles/latest", answer)
    euro, gold = ("EUR/USD", Timeframe.M5), ("XAU/USD", Timeframe.D1)
    found = await oanda.open().market.latest([euro, gold, ("NO/SUCH", Timeframe.M5)])
    assert found.keys() == {euro, gold}
    assert (found[euro].closed_at, len(found[euro]), found[euro].instrument) == (CLOSE, 1, "EUR/USD")
    assert found[gold].closed_at == CLOSE - timedelta(hours=15)
    assert dict(oanda.requests[-1].url.params) == {
        "candleSpecifications": "EUR_USD:M5:BA,XAU_USD:D:BA",
        "dailyAlignment": "0",
        "alignmentTimezone": "UTC",
    }


async def test_an_instrument_whose_first_candle_is_still_open_has_no_newest_one():
    oanda = Oanda().on("GET", "/candles/latest", newest(("EUR_USD", "M5"), rows=[candle(CLOSE, complete=False)]))
    found = await oanda.open().market.latest([("EUR/USD", Timeframe.M5)])
    assert len(found["EUR/USD", Timeframe.M5]) == 0
    assert await oanda.open().market.latest([("NO/SUCH", Timeframe.M5)]) == {}


@pytest.mark.parametrize("body", [{}, {"latestCandles": [{"instrument": "EUR_USD"}]}, [], {"latestCandles": [None]}])
async def test_newest_candles_that_cannot_be_understood_are_no_candles(body):
    oanda = Oanda().on("GET", "/candles/latest", lambda request: httpx.Response(200, json=body))
    with pytest.raises(VenueUnavailable, match="UNREADABLE"):
        await oanda.open().market.latest([("EUR/USD", Timeframe.M5)])


async def test_quotes_come_in_one_call_with_the_best_price_of_each_side():
    deep = price("USD_JPY", "150.000", "150.004", tradeable=False)
    deep["bids"].append({"price": "150.001", "liquidity": 1})
    deep["asks"].append({"price": "150.003", "liquidity": 1})
    oanda = Oanda().on("GET", "/pricing", prices(price(), deep, price("XAU_USD", bids=[], asks=[])))
    market = oanda.open().market
    quotes = await market.quotes(["EUR/USD", "USD/JPY", "XAU/USD", "EUR/USD", "NO/SUCH"], at=NOW)
    assert quotes.keys() == {"EUR/USD", "USD/JPY"}
    euro, yen = quotes["EUR/USD"], quotes["USD/JPY"]
    assert (euro.bid, euro.ask, euro.at, euro.tradable) == (D("1.10000"), D("1.10010"), AT, True)
    assert (yen.bid, yen.ask, yen.tradable) == (D("150.001"), D("150.003"), False)
    assert oanda.calls()["/pricing"] == 1
    assert oanda.requests[-1].url.params["instruments"] == "EUR_USD,USD_JPY,XAU_USD"
    assert await market.quotes([], at=NOW) == {}


async def test_instruments_are_asked_for_again_only_after_half_a_day():
    class Clock:
        shown = NOW

        def now(self):
            return self.shown

    clock, oanda = Clock(), Oanda()
    market = oanda.open(clock=clock).market
    found, _ = await asyncio.gather(market.instruments(), market.instruments())
    await market.instruments()
    assert oanda.calls()["/instruments"] == 1
    clock.shown = NOW + timedelta(hours=12)
    await market.instruments()
    assert oanda.calls()["/instruments"] == 2
    kinds = {name: one.kind for name, one in found.items()}
    assert kinds["EUR/USD"] is InstrumentKind.FX
    assert kinds["XAU/USD"] is InstrumentKind.METAL
    assert (found["SPX500/USD"].tick, found["SPX500/USD"].lot) == (D("0.1"), D("0.1"))
    assert market.base_timeframe is Timeframe.M1


async def test_the_token_is_shown_to_the_venue_and_to_nobody_else():
    oanda = Oanda().on("GET", "/instruments", refused(401, errorMessage="Insufficient authorization."))
    venue = oanda.open()
    with pytest.raises(AccessDenied) as told:
        await venue.market.instruments()
    (request,) = oanda.requests
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Accept-Datetime-Format"] == "RFC3339"
    assert TOKEN not in f"{told.value!r} {told.value} {venue!r} {vars(venue.session)!r}"


async def test_what_is_offered_is_told_with_the_time_of_the_price():
    deep = price("USD_JPY", "150.000", "150.004")
    deep["bids"].append({"price": "150.001", "liquidity": 500_000})
    oanda = Oanda().on("GET", "/pricing", prices(deep))
    found = await oanda.open().market.depth("USD/JPY", at=NOW)
    assert [(one.price, one.quantity) for one in found.bids] == [(D("150.001"), 500_000), (D("150.000"), 1_000_000)]
    assert (found.asks[0].price, found.instrument, found.at) == (D("150.004"), "USD/JPY", AT)
    assert dict(oanda.requests[-1].url.params) == {"instruments": "USD_JPY"}


@pytest.mark.parametrize("told", [prices(price(tradeable=False)), prices(price("USD_JPY")), prices()])
async def test_nothing_is_offered_while_the_broker_does_not_trade_or_does_not_tell(told):
    assert await Oanda().on("GET", "/pricing", told).open().market.depth("EUR/USD", at=NOW) is None


async def test_offers_of_what_the_account_may_not_trade_are_no_data():
    with pytest.raises(DataError, match="NO/SUCH: expected an instrument that the account may trade"):
        await Oanda().open().market.depth("NO/SUCH", at=NOW)
