"""Trading at the spot market: sent once, looked for, cancelled until it is final, money and holdings."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from desk.adapters.venues.recalling import Sent
from desk.errors import InsufficientFunds, InvalidOrder, OutcomeUnknown, VenueUnavailable
from desk.model.instrument import Side
from desk.model.orders import OrderState, OrderType, TimeInForce
from tests.desk.adapters.venues.kucoin.venue import (
    HF,
    NOW,
    intent,
    no,
    open_spot,
    recorded,
    spot_fill,
    spot_order,
    spot_venue,
    working,
)

LOOK = f"{HF}/client-order/sd-1"
ACCEPTED = {"orderId": "V1", "clientOid": "sd-1"}
FILLS = "/api/v1/hf/fills"
GONE = no("400100", "order not exist")


def accepting():
    return spot_venue().on("POST", HF, ACCEPTED)


async def submit(venue, order=None):
    async with open_spot(venue) as spot:
        return await spot.trading.submit(order or intent())


async def find(venue, **options):
    async with open_spot(venue, **options) as spot:
        return await spot.trading.find_order("sd-1")


async def cancel(venue):
    async with open_spot(venue) as spot:
        return await spot.trading.cancel("sd-1")


async def test_a_market_order_comes_back_with_its_end_and_its_fills():
    venue = accepting().on("GET", LOOK, None, spot_order()).on("GET", FILLS, {"items": [spot_fill()], "lastId": 1})
    order = await submit(venue)
    assert (order.venue_order_id, order.state, order.filled_quantity) == ("V1", OrderState.FILLED, Decimal("0.00001"))
    (fill,) = order.fills
    assert (fill.price, fill.fee, fill.fee_currency) == (Decimal("67717.6"), Decimal("0.000677176"), "USDT")
    assert (fill.client_order_id, fill.venue_trade_id) == ("sd-1", "V1-11029373945659392")
    assert venue.queries(FILLS)[0] == {"symbol": "BTC-USDT", "orderId": "V1", "limit": "100"}


async def test_a_market_order_is_sent_in_base_units_rounded_down_to_the_lot():
    venue = accepting().on("GET", LOOK, spot_order())
    await submit(venue, intent(quantity="0.000012349", side=Side.SELL))
    assert venue.bodies(HF) == [
        {"clientOid": "sd-1", "symbol": "BTC-USDT", "side": "sell", "type": "market", "size": "0.00001234"}
    ]


@pytest.mark.parametrize(("side", "price"), [(Side.BUY, "50000.1"), (Side.SELL, "50000.2")])
async def test_a_limit_never_pays_more_than_it_says(side, price):
    venue = accepting().on("GET", LOOK, working())
    await submit(venue, intent(side=side, type=OrderType.LIMIT, price=Decimal("50000.17")))
    (body,) = venue.bodies(HF)
    assert (body["price"], body["timeInForce"]) == (price, "IOC")


async def test_a_resting_limit_comes_back_as_soon_as_it_is_in_the_book():
    venue = accepting().on("GET", LOOK, working())
    order = await submit(venue, intent(type=OrderType.LIMIT, price=Decimal(50000), time_in_force=TimeInForce.GTC))
    assert (order.state, order.price) == (OrderState.ACKED, Decimal(70000))
    assert len(venue.sent("GET", LOOK)) == 1


async def test_an_order_whose_fills_are_late_is_looked_at_again():
    venue = accepting().on("GET", LOOK, spot_order())
    venue.on("GET", FILLS, {"items": [], "lastId": None}, {"items": [spot_fill()], "lastId": 1})
    assert len((await submit(venue)).fills) == 1


async def test_a_partly_filled_order_of_which_the_rest_was_cancelled():
    venue = accepting().on("GET", LOOK, spot_order(size="0.00003", cancelExist=True))
    venue.on("GET", FILLS, {"items": [spot_fill()], "lastId": 1})
    order = await submit(venue, intent(quantity="0.00003"))
    assert (order.state, order.quantity, order.filled_quantity) == (
        OrderState.CANCELLED,
        Decimal("0.00003"),
        Decimal("0.00001"),
    )


@pytest.mark.parametrize("look", [httpx.Response(500, text="oops"), no("400100", "some parameter"), None])
async def test_an_order_that_was_taken_is_never_an_error_however_the_look_at_it_ends(look):
    order = await submit(accepting().on("GET", LOOK, look))
    assert (order.state, order.venue_order_id, order.quantity) == (OrderState.ACKED, "V1", Decimal("0.00001"))


@pytest.mark.parametrize(
    "answer",
    [httpx.ReadTimeout("slow"), httpx.Response(502, text="bad"), httpx.Response(200, text='{"code":"2000')],
    ids=str,
)
async def test_an_order_whose_answer_is_lost_is_sent_once_and_its_outcome_is_unknown(answer):
    venue = spot_venue().on("POST", HF, answer)
    with pytest.raises(OutcomeUnknown):
        await submit(venue)
    assert len(venue.bodies(HF)) == 1
    assert not venue.sent("GET", LOOK)


async def test_a_refusal_inside_http_200_is_a_refusal():
    with pytest.raises(InsufficientFunds, match="Balance insufficient!"):
        await submit(spot_venue().on("POST", HF, no("200004", "Balance insufficient!")))


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (intent("ABC/USDT"), "UNKNOWN_INSTRUMENT"),
        (intent(quantity="0.000000009"), "BELOW_ONE_LOT"),
        (intent(client_order_id="x" * 41), "BAD_CLIENT_ORDER_ID"),
        (intent(client_order_id="sd/1"), "BAD_CLIENT_ORDER_ID"),
        (intent(type=OrderType.STOP, price=Decimal(1)), "UNSUPPORTED_TYPE"),
        (intent(type=OrderType.LIMIT), "BAD_PRICE"),
        (intent(price=Decimal(1)), "BAD_PRICE"),
    ],
)
async def test_what_the_venue_cannot_take_is_refused_before_it_is_sent(order, code):
    venue = accepting()
    with pytest.raises(InvalidOrder, match=code):
        await submit(venue, order)
    assert not venue.bodies(HF)


async def test_an_order_can_be_judged_without_being_placed():
    venue = spot_venue().on("POST", f"{HF}/test", ACCEPTED, no("200004", "Balance insufficient!"))
    async with open_spot(venue) as spot:
        await spot.trading.check_order(intent())
        with pytest.raises(InsufficientFunds):
            await spot.trading.check_order(intent())
    assert not venue.bodies(HF)


@pytest.mark.parametrize("absent", [None, GONE], ids=["no data", "an error"])
async def test_an_order_is_found_once_the_venues_reads_have_caught_up(absent):
    answers = [absent, absent, spot_order()]
    order = await find(spot_venue().on("GET", LOOK, *answers))
    assert order is not None
    assert order.state is OrderState.FILLED


@pytest.mark.parametrize("absent", [None, GONE], ids=["no data", "an error"])
async def test_an_order_is_absent_only_after_several_looks_and_after_the_lists_lack_it_too(absent):
    venue = spot_venue().on("GET", LOOK, absent)
    assert await find(venue) is None
    assert len(venue.sent("GET", LOOK)) == 3
    assert len(venue.sent("GET", f"{HF}/active")) == len(venue.sent("GET", f"{HF}/done")) == 1


@pytest.mark.parametrize("listing", ["active", "done"])
async def test_an_order_that_the_query_by_id_lacks_is_found_in_the_lists(listing):
    venue = spot_venue()
    listed = {"active": [working()], "done": {"lastId": 1, "items": [spot_order()]}}
    order = await find(venue.on("GET", f"{HF}/{listing}", listed[listing]))
    assert order is not None
    assert order.venue_order_id == "V1"


@pytest.mark.parametrize("path", [LOOK, f"{HF}/active/symbols", f"{HF}/active", f"{HF}/done"])
async def test_a_failed_look_is_not_an_absence(path):
    with pytest.raises(VenueUnavailable):
        await find(spot_venue().on("GET", path, httpx.ConnectError("no route")))


async def test_an_order_is_looked_for_on_every_instrument_of_the_account_and_of_open_orders():
    venue = spot_venue().on("GET", f"{HF}/active/symbols", {"symbols": ["ETH-USDT", "BTC-USDT"]})
    venue.on("GET", LOOK, lambda request: working() if request.url.params["symbol"] == "ETH-USDT" else None)
    assert await find(venue, instruments=("SOL/USDT", "BTC/USDT")) is not None
    assert [query["symbol"] for query in venue.queries(LOOK)] == ["SOL-USDT", "BTC-USDT", "ETH-USDT"]


async def remembered(client_order_id):
    return Sent("BTC/USDT", NOW) if client_order_id == "sd-1" else None


async def traded_before(since):
    assert since == NOW - timedelta(days=7)
    return frozenset({"BTC/USDT"})


async def test_an_order_is_looked_for_where_it_was_sent_after_its_instrument_was_taken_out():
    venue = spot_venue().on("GET", LOOK, spot_order())
    order = await find(venue, instruments=("ETH/USDT",), recall=remembered)
    assert (order.instrument, order.state) == ("BTC/USDT", OrderState.FILLED)
    assert [query["symbol"] for query in venue.queries(LOOK)] == ["BTC-USDT"]


async def test_an_order_is_not_said_to_be_absent_where_no_instrument_is_known():
    with pytest.raises(VenueUnavailable, match="NO_INSTRUMENT"):
        await find(spot_venue(), instruments=())


async def test_fills_and_holdings_of_an_instrument_that_was_taken_out_are_told():
    venue = holding("0.00001", spot_fill()).on("GET", f"{HF}/V1", spot_order())
    async with open_spot(venue, instruments=("ETH/USDT",), recall_since=traded_before) as spot:
        (position,) = await spot.trading.positions()
        await spot.trading.fills_since("")
    assert (position.instrument, position.quantity) == ("BTC/USDT", Decimal("0.00001"))
    assert {query["symbol"] for query in venue.queries(FILLS)} == {"ETH-USDT", "BTC-USDT"}


async def test_the_balance_of_a_currency_is_one_position_whatever_it_was_traded_against():
    venue = holding("0.00001", spot_fill())
    async with open_spot(venue, instruments=("BTC/USDC",), recall_since=traded_before) as spot:
        assert await spot.trading.positions() == ()


async def test_a_cancellation_is_followed_until_the_order_is_final():
    venue = spot_venue().on("DELETE", LOOK, {"clientOid": "sd-1"})
    venue.on("GET", LOOK, working(), working(), working(cancelExist=True) | {"active": False})
    order = await cancel(venue)
    assert order.state is OrderState.CANCELLED
    assert [dict(request.url.params) for request in venue.sent("DELETE", LOOK)] == [{"symbol": "BTC-USDT"}]


async def test_an_order_that_fills_while_it_is_cancelled_comes_back_filled():
    venue = spot_venue().on("DELETE", LOOK, no("400100", "order_not_exist_or_not_allow_to_cancel"))
    venue.on("GET", LOOK, working(), spot_order()).on("GET", FILLS, {"items": [spot_fill()], "lastId": 1})
    order = await cancel(venue)
    assert (order.state, len(order.fills)) == (OrderState.FILLED, 1)


async def test_a_final_order_is_returned_as_it_is():
    venue = spot_venue().on("GET", LOOK, spot_order())
    assert (await cancel(venue)).state is OrderState.FILLED
    assert not venue.sent("DELETE", LOOK)


async def test_a_cancellation_that_takes_long_gives_the_order_as_it_is():
    venue = spot_venue().on("DELETE", LOOK, {"clientOid": "sd-1"}).on("GET", LOOK, working())
    assert (await cancel(venue)).state is OrderState.ACKED


async def test_a_lost_answer_to_a_cancellation_is_settled_by_looking():
    venue = spot_venue().on("DELETE", LOOK, httpx.ReadTimeout("slow"))
    venue.on("GET", LOOK, working(), working(cancelExist=True) | {"active": False})
    assert (await cancel(venue)).state is OrderState.CANCELLED
    venue.on("GET", LOOK, working())
    with pytest.raises(OutcomeUnknown):
        await cancel(venue)
    assert len(venue.sent("DELETE", LOOK)) == 2


async def test_an_unknown_order_cannot_be_cancelled():
    with pytest.raises(InvalidOrder, match="UNKNOWN_ORDER"):
        await cancel(spot_venue())


async def test_open_orders_come_from_every_instrument_that_has_some():
    venue = spot_venue().on("GET", f"{HF}/active/symbols", recorded("spot.get_symbols_with_open_order"))
    venue.on("GET", f"{HF}/active", lambda request: [working(symbol=request.url.params["symbol"])])
    async with open_spot(venue) as spot:
        orders = await spot.trading.open_orders()
    assert [order.instrument for order in orders] == ["ETH/USDT", "BTC/USDT"]


async def test_fills_name_our_order_and_are_told_once():
    older = spot_fill(id=1, tradeId=7, createdAt=int(NOW.timestamp() * 1000) - 5_000)
    newer = spot_fill(id=2, tradeId=8, createdAt=int(NOW.timestamp() * 1000) - 1_000)
    venue = spot_venue().on("GET", FILLS, {"items": [newer, older], "lastId": 1}).on("GET", f"{HF}/V1", spot_order())
    async with open_spot(venue) as spot:
        fills, cursor = await spot.trading.fills_since("")
        assert [fill.venue_trade_id for fill in fills] == ["V1-7", "V1-8"]
        assert {fill.client_order_id for fill in fills} == {"sd-1"}
        assert await spot.trading.fills_since(cursor) == ((), cursor)
        late = spot_fill(id=3, tradeId=9, createdAt=int(NOW.timestamp() * 1000) - 3_000)
        venue.on("GET", FILLS, {"items": [newer, late, older], "lastId": 1})
        again, _ = await spot.trading.fills_since(cursor)
        assert [fill.venue_trade_id for fill in again] == ["V1-9"]
    assert len(venue.sent("GET", f"{HF}/V1")) == 1


async def test_a_fill_of_nothing_is_no_answer():
    venue = spot_venue().on("GET", FILLS, {"items": [spot_fill(size="0")], "lastId": 1})
    async with open_spot(venue) as spot:
        with pytest.raises(VenueUnavailable, match="UNREADABLE"):
            await spot.trading.fills_since("")


async def test_fills_are_read_page_by_page():
    pages = {
        None: [spot_fill(id=index, tradeId=index) for index in range(200, 100, -1)],
        "101": [spot_fill(id=1, tradeId=1)],
    }
    venue = spot_venue().on("GET", f"{HF}/V1", spot_order())
    venue.on("GET", FILLS, lambda request: {"items": pages[request.url.params.get("lastId")], "lastId": 101})
    async with open_spot(venue) as spot:
        fills, _ = await spot.trading.fills_since("")
    assert len(fills) == 101
    assert [query.get("lastId") for query in venue.queries(FILLS)] == [None, "101"]


async def test_a_fill_of_an_order_without_an_id_of_ours_has_none():
    venue = spot_venue().on("GET", FILLS, {"items": [spot_fill(createdAt=int(NOW.timestamp() * 1000))], "lastId": 1})
    venue.on("GET", f"{HF}/V1", spot_order(clientOid=None))
    async with open_spot(venue) as spot:
        (fill,), _ = await spot.trading.fills_since("")
    assert fill.client_order_id == ""


async def test_money_is_that_of_the_trade_wallet_at_the_prices_of_now():
    trade = {"type": "trade", "holds": "0"}
    balances = [
        {**trade, "currency": "USDT", "balance": "100.5", "available": "90"},
        {**trade, "currency": "BTC", "balance": "0.001", "available": "0.001"},
        {**trade, "currency": "XYZ", "balance": "7", "available": "7"},
        {**trade, "type": "main", "currency": "USDT", "balance": "1000", "available": "1000"},
    ]
    venue = spot_venue().on("GET", "/api/v1/accounts", balances)
    async with open_spot(venue) as spot:
        money = await spot.trading.account()
    assert (money.currency, money.cash, money.at) == ("USDT", Decimal("100.5"), NOW)
    assert money.equity == Decimal("100.5") + Decimal("0.001") * Decimal("67192.55")
    assert money.balances == {"USDT": Decimal("100.5"), "BTC": Decimal("0.001"), "XYZ": Decimal(7)}
    assert money.conversion == {"BTC": Decimal("67192.55")}


def holding(quantity, *fills):
    balance = {"currency": "BTC", "type": "trade", "balance": quantity, "available": quantity}
    return spot_venue().on("GET", "/api/v1/accounts", [balance]).on("GET", FILLS, {"items": fills, "lastId": None})


async def positions(venue):
    async with open_spot(venue.on("GET", f"{HF}/V1", spot_order())) as spot:
        return await spot.trading.positions()


async def test_a_holding_costs_what_its_fills_cost():
    bought = int((NOW - timedelta(hours=2)).timestamp() * 1000)
    fills = [
        spot_fill(id=3, tradeId=3, side="sell", size="0.001", price="70000", createdAt=bought + 2),
        spot_fill(id=2, tradeId=2, size="0.001", price="62000", createdAt=bought + 1),
        spot_fill(id=1, tradeId=1, size="0.001", price="60000", createdAt=bought),
    ]
    (position,) = await positions(holding("0.001", *fills))
    assert (position.instrument, position.quantity, position.average_price) == ("BTC/USDT", Decimal("0.001"), 61000)
    assert position.opened_at == NOW - timedelta(hours=2)


async def test_what_was_held_before_all_known_fills_counts_as_bought_at_the_first_known_price():
    recent = int((NOW - timedelta(hours=2)).timestamp() * 1000)
    first = spot_fill(tradeId=1, size="0.001", price="60000", createdAt=recent)
    second = spot_fill(tradeId=2, size="0.001", price="66000", createdAt=recent + 1)
    (position,) = await positions(holding("0.003", second, first))
    assert (position.quantity, position.average_price) == (Decimal("0.003"), 62000)
    (unknown,) = await positions(holding("0.002"))
    assert unknown.average_price == Decimal("67192.55")


@pytest.mark.parametrize("quantity", ["0", "0.000009"])
async def test_dust_that_cannot_be_sold_is_no_position(quantity):
    assert await positions(holding(quantity)) == ()
