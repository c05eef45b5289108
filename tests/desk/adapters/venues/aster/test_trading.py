"""The trading port: money, positions, orders sent once, protection, cancellation, settings of the account."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from desk.adapters.venues.aster.trading import MarginType
from desk.errors import (
    AccessDenied,
    InsufficientFunds,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    VenueError,
    VenueUnavailable,
)
from desk.model.instrument import Side
from desk.model.orders import FillReason, OrderState, OrderType, TimeInForce
from tests.desk.adapters.venues.aster.fakes import (
    BTC,
    NO_SUCH_ORDER,
    NOW,
    NOW_MS,
    WALLET,
    Aster,
    error,
    intent,
    order,
    trade,
)

FILLED = [trade(1, qty="0.004"), trade(2, qty="0.006"), trade(3, orderId=99)]


def position(symbol="BTCUSDT", quantity="0.000", **changes):
    return {
        "entryPrice": "0.00000",
        "marginType": "isolated",
        "leverage": "10",
        "positionAmt": quantity,
        "symbol": symbol,
        "unRealizedProfit": "0.00000000",
        "positionSide": "BOTH",
        "updateTime": 0,
        **changes,
    }


async def test_the_account_is_told_in_its_currency_with_what_it_holds():
    told = {
        "totalWalletBalance": "23.72469206",
        "totalMarginBalance": "24.00000001",
        "assets": [{"asset": "USDT", "walletBalance": "23.72469206"}, {"asset": "USDC", "walletBalance": "0.000"}],
    }
    money = await Aster(account=[told]).open().trading.account()
    assert (money.currency, money.cash, money.equity) == ("USDT", Decimal("23.72469206"), Decimal("24.00000001"))
    assert money.balances == {"USDT": Decimal("23.72469206")}
    assert money.conversion == {"USDT": Decimal(1)}


@pytest.mark.parametrize(
    ("told", "used"),
    [
        ({}, None),
        ({"totalInitialMargin": "5"}, 5),
        ({"totalInitialMargin": "5", "totalPositionInitialMargin": "3.5"}, Decimal("3.5")),
    ],
)
async def test_margin_is_that_of_positions_where_the_venue_tells_it(told, used):
    money = {"totalWalletBalance": "23", "totalMarginBalance": "24", **told}
    assert (await Aster(account=[money]).open().trading.account()).margin_used == used


@pytest.mark.parametrize(
    ("told", "price"), [({}, None), ({"liquidationPrice": "0"}, None), ({"liquidationPrice": "9.5"}, 9.5)]
)
async def test_a_position_is_liquidated_where_the_venue_says_so_and_0_is_nowhere(told, price):
    (found,) = await Aster(positionRisk=[[position(quantity="1", **told)]]).open().trading.positions()
    assert found.liquidation_price == price


async def test_each_generation_asks_at_its_own_paths():
    pytest.importorskip("eth_account", reason="wallets need the extra scandesk[aster]")
    paths = []
    for credentials in (None, WALLET):
        venue = Aster(positionRisk=[[]], openOrders=[[]])
        trading = (venue.open(credentials) if credentials else venue.open()).trading
        await trading.positions()
        await trading.open_orders()
        paths.append([request.url.path for request in venue.requests])
    assert paths == [
        ["/fapi/v1/time", "/fapi/v2/positionRisk", "/fapi/v1/openOrders"],
        ["/fapi/v3/time", "/fapi/v3/positionRisk", "/fapi/v3/openOrders"],
    ]


async def test_flat_symbols_are_no_positions():
    held = position(quantity="-0.100", entryPrice="95000.5", updateTime=NOW_MS - 60_000)
    venue = Aster(positionRisk=[[position(), held, position("NOBODYKNOWSUSDT")]])
    (found,) = await venue.open().trading.positions()
    assert (found.instrument, found.quantity, found.average_price) == (BTC, Decimal("-0.100"), Decimal("95000.5"))
    assert found.opened_at == NOW - timedelta(minutes=1)


async def test_a_position_of_an_unknown_symbol_is_an_error_and_not_flat():
    with pytest.raises(VenueUnavailable, match="NOT_LISTED"):
        await Aster(positionRisk=[[position("NEWUSDT", "1")]]).open().trading.positions()


async def test_an_account_in_hedge_mode_is_refused():
    with pytest.raises(VenueError, match="one-way"):
        await Aster(positionRisk=[[position(quantity="1", positionSide="LONG")]]).open().trading.positions()


async def test_open_orders_are_read_with_types_prices_and_states():
    stop = order("a", status="NEW", type="STOP_MARKET", origType="STOP_MARKET", stopPrice="9300", reduceOnly=True)
    limit = order("b", status="PARTIALLY_FILLED", filled="0.004", type="LIMIT", origType="LIMIT", price="9000")
    target = order("c", status="NEW", type="TAKE_PROFIT_MARKET", origType="TAKE_PROFIT_MARKET", stopPrice="9900")
    odd = order("d", status="PENDING_MYSTERY", type="NEW_KIND", origType="NEW_KIND")
    found = await Aster(openOrders=[[stop, limit, target, odd]]).open().trading.open_orders()
    assert [(one.type, one.price, one.state, one.reduce_only) for one in found] == [
        (OrderType.STOP, Decimal(9300), OrderState.ACKED, True),
        (OrderType.LIMIT, Decimal(9000), OrderState.PARTIAL, False),
        (OrderType.LIMIT, Decimal(9900), OrderState.ACKED, False),
        (OrderType.LIMIT, None, OrderState.UNKNOWN, False),
    ]


async def test_a_market_order_is_sent_once_with_its_id_and_comes_back_with_its_fills():
    venue = Aster(order=[order()], userTrades=[FILLED])
    sent = await venue.open().trading.submit(intent())
    (form,) = venue.asked("order", "POST")
    del form["timestamp"], form["signature"]
    assert form == {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "MARKET",
        "quantity": "0.010",
        "newClientOrderId": "sd-1",
        "newOrderRespType": "RESULT",
        "recvWindow": "5000",
    }
    assert (sent.state, sent.venue_order_id, sent.filled_quantity) == (OrderState.FILLED, "22542179", Decimal("0.010"))
    assert [(fill.quantity, fill.client_order_id) for fill in sent.fills] == [
        (Decimal("0.004"), "sd-1"),
        (Decimal("0.006"), "sd-1"),
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"type": OrderType.LIMIT, "price": Decimal("1E+3"), "time_in_force": TimeInForce.GTC},
            {"type": "LIMIT", "price": "1000", "timeInForce": "GTC"},
        ),
        (
            {"type": OrderType.STOP, "price": Decimal("9300.10"), "side": Side.SELL, "reduce_only": True},
            {"type": "STOP_MARKET", "stopPrice": "9300.10", "side": "SELL", "reduceOnly": "true"},
        ),
    ],
)
async def test_other_orders_are_sent_in_the_venues_words(changes, words):
    venue = Aster(order=[order(status="NEW")])
    await venue.open().trading.submit(intent(**changes))
    assert words.items() <= venue.asked("order", "POST")[0].items()


async def test_a_market_order_that_was_only_acknowledged_is_asked_for_until_it_has_ended():
    venue = Aster(**{"POST order": [order(status="NEW")], "GET order": [order(status="NEW"), order()]})
    venue.on("userTrades", FILLED)
    sent = await venue.open().trading.submit(intent())
    assert (sent.state, len(sent.fills)) == (OrderState.FILLED, 2)
    assert len(venue.asked("order", "POST")) == 1


async def test_an_order_that_was_accepted_is_returned_even_when_its_fills_cannot_be_read():
    venue = Aster(order=[order()], userTrades=[httpx.ConnectError("down")])
    sent = await venue.open().trading.submit(intent())
    assert (sent.state, sent.fills) == (OrderState.FILLED, ())


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(-2019, "Margin is insufficient."), InsufficientFunds),
        (error(-4164, "Order's notional must be no smaller than 5.0"), InvalidOrder),
        (error(-2022, "ReduceOnly Order is rejected."), OrderRefused),
        (error(-2015, "Invalid API-key", status=401), AccessDenied),
        (order(status="REJECTED"), OrderRefused),
        (error(-1021, "outside of the recvWindow"), OrderRefused),
    ],
)
async def test_a_definite_no_is_told_as_what_it_is_and_never_sent_again(answer, kind):
    venue = Aster(order=[answer])
    with pytest.raises(kind):
        await venue.open().trading.submit(intent())
    assert len(venue.asked("order", "POST")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("half a reply"),
        error(-1007, "Send status unknown", status=503),
        error(-1006, "Execution status unknown."),
        error(-1000, "unknown"),
        error(-4116, "ClientOrderId is duplicated."),
        error(-9999, "a word of next year"),
        httpx.Response(500, text="oops"),
        httpx.Response(200, text='{"orderId": 1'),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"orderId": "not all of it"}),
    ],
    ids=str,
)
async def test_whatever_may_have_arrived_is_unknown_and_sent_once(answer):
    venue = Aster(order=[answer])
    with pytest.raises(OutcomeUnknown):
        await venue.open().trading.submit(intent())
    assert len(venue.asked("order", "POST")) == 1


@pytest.mark.parametrize(
    "changes", [{"client_order_id": "x" * 37}, {"client_order_id": "a b"}, {"instrument": "BTC/USDT"}]
)
async def test_what_the_venue_cannot_take_is_refused_before_it_is_sent(changes):
    venue = Aster()
    with pytest.raises(InvalidOrder):
        await venue.open().trading.submit(intent(**changes))
    assert venue.requests == []


async def test_protection_is_two_reducing_orders_over_what_was_filled():
    answers = [order("sd-1-s", status="NEW"), order("sd-1-t", status="NEW")]
    venue = Aster(order=answers)
    done = await venue.open().trading.protect(intent(), Decimal("0.004"))
    stop, target = venue.asked("order", "POST")
    common = {"side": "SELL", "quantity": "0.004", "reduceOnly": "true"}
    assert {
        **common,
        "type": "STOP_MARKET",
        "stopPrice": "90000.1",
        "newClientOrderId": "sd-1-s",
    }.items() <= stop.items()
    assert {
        **common,
        "type": "TAKE_PROFIT_MARKET",
        "stopPrice": "99000.5",
        "newClientOrderId": "sd-1-t",
    }.items() <= target.items()
    assert [one.client_order_id for one in done.orders] == ["sd-1-s", "sd-1-t"]
    assert done.failures == {}


async def test_a_stop_that_fails_is_told_and_does_not_keep_the_target_from_being_placed():
    venue = Aster(order=[error(-2021, "Order would immediately trigger."), order("sd-1-t", status="NEW")])
    done = await venue.open().trading.protect(intent(), Decimal("0.010"))
    assert [one.client_order_id for one in done.orders] == ["sd-1-t"]
    assert type(done.failures["sd-1-s"]) is OrderRefused


async def test_a_protection_whose_reply_was_lost_is_told_as_unknown():
    done = await Aster(order=[httpx.ReadTimeout("slow")]).open().trading.protect(intent(), Decimal("0.010"))
    assert {type(failure) for failure in done.failures.values()} == {OutcomeUnknown}


async def test_a_working_order_is_cancelled_by_its_number():
    venue = Aster(openOrders=[[order(status="NEW")]])
    venue.on("DELETE order", order(status="CANCELED"))
    found = await venue.open().trading.cancel("sd-1")
    assert found.state is OrderState.CANCELLED
    assert venue.asked("order", "DELETE")[0]["orderId"] == "22542179"


async def test_a_final_order_is_returned_unchanged():
    venue = Aster(openOrders=[[]], positionRisk=[[]], order=[order()], userTrades=[FILLED])
    found = await venue.open().trading.cancel("sd-1")
    assert (found.state, len(found.fills)) == (OrderState.FILLED, 2)
    assert venue.asked("order", "DELETE") == []


@pytest.mark.parametrize("answer", [error(-2011, "Unknown order sent."), httpx.ReadTimeout("slow")])
async def test_an_order_that_is_filled_while_it_is_cancelled_comes_back_filled(answer):
    venue = Aster(openOrders=[[order(status="NEW")]], userTrades=[FILLED])
    venue.on("DELETE order", answer).on("GET order", order())
    assert (await venue.open().trading.cancel("sd-1")).state is OrderState.FILLED


async def test_a_cancellation_whose_outcome_stays_open_is_unknown():
    venue = Aster(openOrders=[[order(status="NEW")]])
    venue.on("DELETE order", httpx.ReadTimeout("slow")).on("GET order", order(status="NEW"))
    with pytest.raises(OutcomeUnknown):
        await venue.open().trading.cancel("sd-1")
    assert len(venue.asked("order", "DELETE")) == 1


async def test_an_order_that_nobody_knows_cannot_be_cancelled():
    venue = Aster(openOrders=[[]], positionRisk=[[]], order=[error(*NO_SUCH_ORDER)], allOrders=[[]])
    with pytest.raises(InvalidOrder, match="UNKNOWN_ORDER"):
        await venue.open().trading.cancel("sd-1")


async def test_a_stops_fill_says_that_it_was_the_stop():
    filled = order("sd-1-s", type="MARKET", origType="STOP_MARKET", reduceOnly=True, side="SELL")
    venue = Aster(openOrders=[[]], positionRisk=[[]], order=[filled], userTrades=[FILLED])
    found = await venue.open().trading.find_order("sd-1-s")
    assert {fill.reason for fill in found.fills} == {FillReason.STOP}


async def test_leverage_is_set_and_told():
    venue = Aster(leverage=[{"leverage": 21, "maxNotionalValue": "1000000", "symbol": "BTCUSDT"}])
    assert await venue.open().trading.set_leverage(BTC, 21) == 21
    assert venue.asked("leverage", "POST")[0]["leverage"] == "21"


@pytest.mark.parametrize("answer", [{"code": 200, "msg": "success"}, error(-4046, "No need to change margin type.")])
async def test_a_margin_type_that_is_set_already_is_no_error(answer):
    venue = Aster(marginType=[answer])
    await venue.open().trading.set_margin_type(BTC, MarginType.ISOLATED)
    assert venue.asked("marginType", "POST")[0]["marginType"] == "ISOLATED"


async def test_a_margin_type_that_cannot_be_changed_is_an_error():
    with pytest.raises(OrderRefused):
        await Aster(marginType=[error(-4048)]).open().trading.set_margin_type(BTC, MarginType.CROSSED)


async def test_the_dead_mans_switch_is_told_in_milliseconds():
    venue = Aster(countdownCancelAll=[{"symbol": "BTCUSDT", "countdownTime": "120000"}])
    await venue.open().trading.cancel_all_after(BTC, timedelta(seconds=120))
    assert venue.asked("countdownCancelAll", "POST")[0]["countdownTime"] == "120000"
