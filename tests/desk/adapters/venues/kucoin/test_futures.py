"""Perpetual futures: names, lots, three units of time, lists with defaults that mislead, and closing of positions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import httpx
import pytest

from desk.adapters.venues.kucoin.futures_orders import MarginTerms
from desk.errors import DataError, InvalidOrder, OrderRefused, OutcomeUnknown, VenueError, VenueUnavailable
from desk.model.instrument import InstrumentKind, Side
from desk.model.orders import Barriers, FillReason, OrderState, OrderType, TimeInForce
from desk.model.timeframe import Timeframe
from tests.desk.adapters.venues.kucoin.venue import (
    NOW,
    NOW_MS,
    contracts,
    futures_fill,
    futures_order,
    futures_venue,
    intent,
    no,
    open_futures,
    page,
    recorded,
)

PERPETUAL = "BTC/USDT:USDT"
ORDERS = "/api/v1/orders"
LOOK = "/api/v1/orders/byClientOid"
FILLS = "/api/v1/fills"
KLINES = "/api/v1/kline/query"
GONE = no("100001", "error.getOrder.orderNotExist")


def order_of(quantity="0.002", **changes):
    return intent(PERPETUAL, quantity, **changes)


def accepting(path=ORDERS):
    venue = futures_venue().on("POST", path, {"orderId": "F1", "clientOid": "sd-1"})
    return venue.on("GET", LOOK, futures_order()).on("GET", FILLS, page(futures_fill()))


async def submit(venue, order=None, **options):
    async with open_futures(venue, **options) as futures:
        return await futures.trading.submit(order or order_of())


async def test_a_contract_is_an_instrument_in_base_units():
    async with open_futures(futures_venue()) as futures:
        known = await futures.market.instruments()
    assert set(known) == {PERPETUAL}  # the inverse contract is none that the desk can count
    btc = known[PERPETUAL]
    assert (btc.kind, btc.tick, btc.lot) == (InstrumentKind.PERPETUAL, Decimal("0.1"), Decimal("0.001"))
    assert (btc.minimum_quantity, btc.minimum_notional) == (Decimal("0.001"), 0)


async def test_candles_come_in_milliseconds_and_their_volume_in_base_units():
    venue = futures_venue().on("GET", KLINES, recorded("futures.get_klines"))
    async with open_futures(venue) as futures:
        found = await futures.market.candles(
            PERPETUAL, Timeframe.H4, until=datetime(2024, 10, 11, 0, 0, tzinfo=UTC), count=3
        )
    assert found.time.tolist() == [1728576000]
    assert found.volume[0] == pytest.approx(5501.167)
    assert (found.open[0], found.high[0], found.low[0], found.close[0]) == (60791.1, 61035, 58940, 60300)


def kline(request):
    start, end = int(request.url.params["from"]), int(request.url.params["to"])
    times = range(start, end + 1, 60_000)
    assert len(times) <= 500
    return [[at, Decimal("1.5"), 2, 1, Decimal("1.5"), 10] for at in times]


async def test_candles_are_paged_and_closed_and_ascending():
    venue = futures_venue().on("GET", KLINES, kline)
    async with open_futures(venue) as futures:
        found = await futures.market.candles(PERPETUAL, Timeframe.M1, until=NOW + timedelta(seconds=30), count=1200)
    assert (len(found), found.closed_at) == (1200, NOW)
    assert {query["granularity"] for query in venue.queries(KLINES)} == {"1"}


async def test_an_unknown_contract_is_a_data_error():
    async with open_futures(futures_venue()) as futures:
        with pytest.raises(DataError, match="BTC/USD:BTC"):
            await futures.market.candles("BTC/USD:BTC", Timeframe.M1, until=NOW, count=1)


@pytest.mark.parametrize(("status", "tradable"), [("Open", True), ("Paused", False), ("BeingSettled", False)])
async def test_prices_carry_the_time_in_nanoseconds_and_the_contracts_state(status, tradable):
    venue = futures_venue().on("GET", "/api/v1/contracts/active", [{**contracts()[0], "status": status}])
    async with open_futures(venue) as futures:
        quotes = await futures.market.quotes([PERPETUAL, "ABC/USDT:USDT"], at=NOW)
    assert set(quotes) == {PERPETUAL}
    quote = quotes[PERPETUAL]
    assert (quote.bid, quote.ask, quote.tradable) == (Decimal(67153), Decimal("67153.1"), tradable)
    assert quote.at == datetime(2024, 10, 17, 11, 11, 6, 659_000, tzinfo=UTC)


async def test_an_order_is_sent_in_whole_lots_and_comes_back_in_base_units():
    venue = accepting()
    order = await submit(venue, order_of("0.0029"))
    assert venue.bodies(ORDERS) == [
        {
            "clientOid": "sd-1",
            "symbol": "XBTUSDTM",
            "side": "buy",
            "type": "market",
            "size": 2,
            "marginMode": "ISOLATED",
            "reduceOnly": False,
            "leverage": 1,
        }
    ]
    assert (order.state, order.quantity, order.filled_quantity) == (
        OrderState.FILLED,
        Decimal("0.002"),
        Decimal("0.002"),
    )
    (fill,) = order.fills
    assert (fill.quantity, fill.price, fill.fee) == (Decimal("0.002"), Decimal("86275.1"), Decimal("0.05176506"))
    assert fill.at == datetime(2025, 2, 27, 7, 8, 8, 244_000, tzinfo=UTC)
    assert (fill.reason, fill.realised_profit) == (FillReason.ORDER, None)


async def test_less_than_a_lot_is_refused_before_it_is_sent():
    venue = accepting()
    with pytest.raises(InvalidOrder, match="BELOW_ONE_LOT"):
        await submit(venue, order_of("0.0009"))
    assert not venue.bodies(ORDERS)


async def test_reduce_only_and_cross_margin_are_told():
    venue = accepting()
    barriers = Barriers(stop=Decimal(80000))
    await submit(venue, order_of(reduce_only=True, barriers=barriers), margin=MarginTerms("CROSS", 5))
    (body,) = venue.bodies(ORDERS)
    assert (body["reduceOnly"], body["marginMode"]) == (True, "CROSS")
    assert "leverage" not in body


@pytest.mark.parametrize(("side", "above", "below"), [(Side.BUY, "90000.1", "80000"), (Side.SELL, "80000", "90000.1")])
async def test_stop_and_target_travel_with_the_order_that_opens(side, above, below):
    venue = accepting("/api/v1/st-orders")
    await submit(venue, order_of(side=side, barriers=Barriers(stop=Decimal("80000.02"), target=Decimal("90000.1"))))
    (body,) = venue.bodies("/api/v1/st-orders")
    assert (body["triggerStopUpPrice"], body["triggerStopDownPrice"]) == (above, below)
    assert body["stopPriceType"] == "TP"


@pytest.mark.parametrize(("side", "direction"), [(Side.BUY, "up"), (Side.SELL, "down")])
async def test_a_stop_order_waits_on_the_side_where_it_is_triggered(side, direction):
    venue = accepting().on("GET", LOOK, futures_order(isActive=True, filledSize=0, stop=direction, stopPrice="90000"))
    order = await submit(venue, order_of(side=side, type=OrderType.STOP, price=Decimal(90000)))
    (body,) = venue.bodies(ORDERS)
    assert (body["type"], body["stop"], body["stopPrice"]) == ("market", direction, "90000")
    assert (order.type, order.state, order.price) == (OrderType.STOP, OrderState.ACKED, Decimal(90000))


async def test_a_limit_has_a_price_and_a_time_in_force():
    venue = accepting()
    limit = {"type": OrderType.LIMIT, "price": Decimal("60000.19"), "time_in_force": TimeInForce.GTC}
    await submit(venue, order_of(**limit))
    (body,) = venue.bodies(ORDERS)
    assert (body["type"], body["price"], body["timeInForce"]) == ("limit", "60000.1", "GTC")


async def test_an_id_that_the_venue_knows_belongs_to_an_order_that_has_to_be_looked_for():
    venue = futures_venue().on("POST", ORDERS, no("300018", "clientOid repeated"))
    with pytest.raises(OutcomeUnknown):
        await submit(venue)
    venue.on("GET", LOOK, GONE, futures_order())
    async with open_futures(venue) as futures:
        found = await futures.trading.find_order("sd-1")
    assert found is not None
    assert found.venue_order_id == "F1"


async def test_finished_orders_stops_and_open_ones_are_asked_for_each_in_its_own_list():
    venue = futures_venue()
    async with open_futures(venue) as futures:
        assert await futures.trading.find_order("sd-1") is None
    assert {query.get("status") for query in venue.queries(ORDERS)} == {"active", "done"}
    assert len(venue.queries("/api/v1/stopOrders")) == 1
    assert len(venue.queries(LOOK)) == 3


@pytest.mark.parametrize("place", ["active", "done", "stopOrders"])
async def test_an_order_that_the_query_by_id_lacks_is_found_in_the_lists(place):
    venue = futures_venue()
    if place == "stopOrders":
        venue.on("GET", "/api/v1/stopOrders", page(futures_order()))
    else:
        venue.on("GET", ORDERS, lambda request: page(*[futures_order()] * (request.url.params["status"] == place)))
    async with open_futures(venue) as futures:
        found = await futures.trading.find_order("sd-1")
    assert found is not None


async def test_open_orders_are_all_pages_of_resting_orders_and_waiting_stops():
    resting = futures_order(isActive=True, filledSize=1)
    first, second = page(resting, of=2), page({**resting, "id": "F2"}, number=2, of=2)
    venue = futures_venue()
    venue.on("GET", ORDERS, lambda request: second if request.url.params["currentPage"] == "2" else first)
    stop = futures_order(id="F3", isActive=True, filledSize=0, stop="down", stopPrice="50000")
    foreign = futures_order(id="F4", symbol="XBTUSDM", isActive=True)
    venue.on("GET", "/api/v1/stopOrders", page(stop, foreign))
    async with open_futures(venue) as futures:
        orders = await futures.trading.open_orders()
    assert [(order.venue_order_id, order.type, order.state) for order in orders] == [
        ("F1", OrderType.MARKET, OrderState.PARTIAL),
        ("F2", OrderType.MARKET, OrderState.PARTIAL),
        ("F3", OrderType.STOP, OrderState.ACKED),
    ]
    assert {query["status"] for query in venue.queries(ORDERS)} == {"active"}


async def test_an_order_is_cancelled_by_the_venues_id_and_followed_to_its_end():
    venue = futures_venue().on("DELETE", f"{ORDERS}/F1", recorded("futures.cancel_order_by_id"))
    resting = futures_order(isActive=True, filledSize=0)
    venue.on("GET", LOOK, resting, resting, futures_order(cancelExist=True, filledSize=0))
    async with open_futures(venue) as futures:
        order = await futures.trading.cancel("sd-1")
    assert order.state is OrderState.CANCELLED


async def test_an_order_that_ended_while_it_was_cancelled_is_not_an_error():
    venue = futures_venue().on("DELETE", f"{ORDERS}/F1", no("100004", "Order is in not cancelable state"))
    venue.on("GET", LOOK, futures_order(isActive=True, filledSize=0), futures_order())
    venue.on("GET", FILLS, page(futures_fill()))
    async with open_futures(venue) as futures:
        assert (await futures.trading.cancel("sd-1")).state is OrderState.FILLED


async def test_money_is_asked_for_in_the_accounts_currency_and_not_in_bitcoin():
    venue = futures_venue().on("GET", "/api/v1/account-overview", recorded("account.get_futures_account"))
    async with open_futures(venue) as futures:
        money = await futures.trading.account()
    assert venue.queries("/api/v1/account-overview") == [{"currency": "USDT"}]
    assert (money.cash, money.equity) == (Decimal("371.394298816"), Decimal("394.439280806"))
    assert money.margin_used == Decimal(str(recorded("account.get_futures_account")["positionMargin"]))


async def test_positions_are_in_base_units_and_short_ones_below_zero():
    held = recorded("futures.get_position_list")[1]
    flat = {**held, "currentQty": 0, "isOpen": False, "openingTimestamp": None}
    venue = futures_venue().on("GET", "/api/v1/positions", [{**held, "currentQty": -3}, flat])
    async with open_futures(venue) as futures:
        (position,) = await futures.trading.positions()
    assert (position.quantity, position.average_price) == (Decimal("-0.003"), Decimal("67430.9"))
    assert position.opened_at == datetime(2024, 10, 17, 9, 0, 16, 322_000, tzinfo=UTC)
    assert position.liquidation_price == Decimal(str(held["liquidationPrice"]))
    assert venue.queries("/api/v1/positions") == [{"currency": "USDT"}]


@pytest.mark.parametrize("told", [None, 0])
async def test_a_position_that_no_price_liquidates_has_none(told):
    held = {**recorded("futures.get_position_list")[1], "liquidationPrice": told}
    async with open_futures(futures_venue().on("GET", "/api/v1/positions", [held])) as futures:
        (position,) = await futures.trading.positions()
    assert position.liquidation_price is None


async def test_a_position_that_cannot_be_counted_is_an_error_and_not_nothing():
    held = {**recorded("futures.get_position_list")[1], "symbol": "XBTMH25"}
    async with open_futures(futures_venue().on("GET", "/api/v1/positions", [held])) as futures:
        with pytest.raises(VenueError, match="UNKNOWN_CONTRACT"):
            await futures.trading.positions()


async def test_a_position_is_closed_whole_without_naming_its_size():
    held = {**recorded("futures.get_position_list")[1], "currentQty": 2}
    venue = accepting().on("GET", "/api/v1/positions", [held])
    venue.on("GET", LOOK, futures_order(side="sell", closeOrder=True))
    async with open_futures(venue) as futures:
        order = await futures.trading.close_position("sd-1", PERPETUAL)
    (body,) = venue.bodies(ORDERS)
    assert (body["closeOrder"], body["side"], "size" in body) == (True, "sell", False)
    assert (order.state, order.side, order.reduce_only) == (OrderState.FILLED, Side.SELL, True)


async def test_there_has_to_be_a_position_to_close():
    venue = accepting().on("GET", "/api/v1/positions", [])
    async with open_futures(venue) as futures:
        with pytest.raises(InvalidOrder, match="NO_POSITION"):
            await futures.trading.close_position("sd-1", PERPETUAL)
    assert not venue.bodies(ORDERS)


async def test_the_venue_says_too_that_there_is_no_position():
    with pytest.raises(OrderRefused, match="300009"):
        await submit(futures_venue().on("POST", ORDERS, no("300009", "No open positions to close.")))


async def test_fills_of_all_contracts_come_in_windows_of_a_week():
    recent = futures_fill(tradeTime=NOW_MS * 1_000_000, createdAt=NOW_MS)
    liquidated = futures_fill(tradeId="9", orderId="F9", stop="down", tradeTime=NOW_MS * 1_000_000 + 1_000)
    foreign = futures_fill(tradeId="8", symbol="XBTUSDM")
    venue = futures_venue().on("GET", FILLS, page(liquidated, recent, foreign))
    venue.on("GET", f"{ORDERS}/F1", futures_order()).on("GET", f"{ORDERS}/F9", GONE)
    async with open_futures(venue) as futures:
        fills, cursor = await futures.trading.fills_since("")
        assert [(fill.client_order_id, fill.reason) for fill in fills] == [
            ("sd-1", FillReason.ORDER),
            ("", FillReason.STOP),
        ]
        venue.requests.clear()
        old = f"{NOW_MS - 20 * 86_400_000}:"
        await futures.trading.fills_since(old)
        assert (await futures.trading.fills_since(cursor))[0] == ()
    spans = [(int(query["startAt"]), int(query["endAt"])) for query in venue.queries(FILLS)]
    assert max(end - start for start, end in spans) <= 7 * 86_400_000
    assert spans[0][0] == NOW_MS - 20 * 86_400_000 - 60_000
    assert all(end == start for (_, end), (start, _) in pairwise(spans[:3]))


async def test_a_fill_of_nothing_is_no_answer():
    async with open_futures(futures_venue().on("GET", FILLS, page(futures_fill(size=0)))) as futures:
        with pytest.raises(VenueUnavailable, match="UNREADABLE"):
            await futures.trading.fills_since("")


@pytest.mark.parametrize("cursor", ["yesterday", "V1-7", ":"])
async def test_a_cursor_that_was_never_given_is_refused(cursor):
    async with open_futures(futures_venue()) as futures:
        with pytest.raises(InvalidOrder, match="BAD_CURSOR"):
            await futures.trading.fills_since(cursor)


async def test_an_order_whose_answer_is_lost_is_sent_once():
    venue = futures_venue().on("POST", ORDERS, httpx.ReadError("reset"))
    with pytest.raises(OutcomeUnknown):
        await submit(venue)
    assert len(venue.bodies(ORDERS)) == 1


async def test_a_recorded_book_is_in_base_units():
    venue = futures_venue().on("GET", "/api/v1/level2/depth20", recorded("futures.get_part_order_book"))
    async with open_futures(venue) as futures:
        book = await futures.market.depth(PERPETUAL, at=NOW)
    assert [(one.price, one.quantity) for one in book.bids] == [
        (66968, Decimal("0.002")),
        (Decimal("66964.8"), Decimal("25.596")),
    ]
    assert (book.asks[0].price, book.asks[0].quantity) == (Decimal("66968.1"), Decimal("13.501"))
    assert book.at == datetime(2024, 10, 17, 12, 28, 21, 216000, tzinfo=UTC)
    assert venue.requests[-1].url.params["symbol"] == "XBTUSDTM"


async def test_recorded_funding_has_the_interval_of_its_contract_and_is_known_now():
    path = "/api/v1/funding-rate/XBTUSDTM/current"
    venue = futures_venue().on("GET", path, recorded("futures.get_current_funding_rate"))
    async with open_futures(venue) as futures:
        funding = await futures.market.funding(PERPETUAL, at=NOW)
    assert (funding.rate, funding.interval, funding.at) == (Decimal("0.000061"), timedelta(hours=8), NOW)


async def test_an_interval_of_nothing_is_no_funding():
    path = "/api/v1/funding-rate/XBTUSDTM/current"
    venue = futures_venue().on("GET", path, {"value": Decimal("0.0001"), "granularity": 0})
    async with open_futures(venue) as futures:
        with pytest.raises(VenueUnavailable, match="funding of BTC/USDT:USDT"):
            await futures.market.funding(PERPETUAL, at=NOW)
