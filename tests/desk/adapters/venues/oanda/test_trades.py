"""Single trades and whole positions: listed, closed, and given other stops."""

import httpx
import pytest

from desk.errors import InvalidOrder, OrderRefused, OutcomeUnknown
from desk.model.instrument import Side
from desk.model.orders import Barriers
from tests.desk.adapters.venues.oanda.fake import (
    D,
    Oanda,
    account_reply,
    create,
    ended,
    fill,
    order,
    placed,
    recorded,
    refused,
    trade,
)

STOPPED = trade(
    7,
    clientExtensions={"id": "sd-1", "tag": "trend"},
    stopLossOrder=order(8, kind="STOP_LOSS", units=None, instrument="", tradeID="7", price="1.09000"),
)


def one(of):
    return {"trade": of, "lastTransactionID": "100"}


async def test_open_trades_are_told_with_their_owner_and_barriers():
    oanda = Oanda().on("GET", "/openTrades", {"trades": [STOPPED], "lastTransactionID": "100"})
    (told,) = await oanda.open().trades.open_trades()
    assert (told.id, told.client_order_id, told.strategy, told.instrument) == ("7", "sd-1", "trend", "EUR/USD")
    assert (told.quantity, told.price, told.unrealised_profit) == (D(100), D("1.10000"), D("1.5000"))
    assert told.barriers == Barriers(stop=D("1.09000"))


async def test_a_trade_that_is_not_there_is_an_error():
    oanda = Oanda().on("GET", "/trades/7", refused(404, errorCode="NO_SUCH_TRADE", errorMessage="no"))
    with pytest.raises(InvalidOrder, match="NO_SUCH_TRADE"):
        await oanda.open().trades.trade("7")


async def test_a_recorded_trade_is_closed():
    oanda = Oanda().on("PUT", "/trades/2313/close", recorded("trades", "_v3_account_accountID_trades_close"))
    told = await oanda.open().trades.close("2313")
    assert (told.side, told.quantity, told.realised_profit) == (Side.SELL, D(100), D("-0.1455"))
    assert oanda.body() == {"units": "ALL"}


async def test_a_part_of_a_trade_is_closed():
    oanda = Oanda().on("PUT", "/trades/7/close", placed(fill=fill(102, 101, units="-40")))
    assert (await oanda.open().trades.close("7", D("40.0"))).quantity == D(40)
    assert oanda.body() == {"units": "40"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (placed(cancel=ended(102, 101, "MARKET_HALTED")), OrderRefused),
        (placed(), OutcomeUnknown),
        (refused(500), OutcomeUnknown),
        (refused(404, errorCode="TRADE_DOESNT_EXIST", orderRejectTransaction={}), InvalidOrder),
    ],
)
async def test_a_trade_that_did_not_close_says_so(answer, error):
    oanda = Oanda().on("PUT", "/trades/7/close", answer)
    with pytest.raises(error):
        await oanda.open().trades.close("7")
    assert oanda.calls("PUT")["/trades/7/close"] == 1


async def test_closing_a_trade_ends_what_was_known_of_the_account():
    oanda = Oanda().on("PUT", "/trades/7/close", placed(fill=fill(102, 101)))
    venue = oanda.open()
    await venue.trades.close("7")
    oanda.on("GET", "", account_reply(last="102"))
    await venue.trading.positions()
    assert oanda.calls()[""] == 2


async def test_barriers_are_replaced_and_those_that_are_not_wanted_are_taken_away():
    oanda = Oanda().on("GET", "/trades/7", one(STOPPED))
    oanda.on("PUT", "/trades/7/orders", recorded("trades", "_v3_account_accountID_trades_crcdo"))
    await oanda.open().trades.change_barriers("7", Barriers(target=D("1.12000"), trailing_distance=D("0.002")))
    assert oanda.body() == {
        "takeProfit": {"price": "1.12", "timeInForce": "GTC"},
        "trailingStopLoss": {"distance": "0.002", "timeInForce": "GTC"},
        "stopLoss": None,
    }


async def test_barriers_that_are_not_there_need_not_be_taken_away():
    oanda = Oanda().on("GET", "/trades/7", one(trade(7)))
    await oanda.open().trades.change_barriers("7", Barriers())
    assert oanda.calls("PUT") == {}


async def test_barriers_that_are_refused_leave_the_trade_as_it_was():
    word = "STOP_LOSS_ON_FILL_LOSS"
    oanda = Oanda().on("GET", "/trades/7", one(STOPPED))
    oanda.on("PUT", "/trades/7/orders", refused(400, errorCode=word, stopLossOrderRejectTransaction={}))
    with pytest.raises(OrderRefused, match=word):
        await oanda.open().trades.change_barriers("7", Barriers(stop=D("1.2")))


def stop_of(trade_id, price):
    return order(90 + trade_id, kind="STOP_LOSS", units=None, instrument="", tradeID=f"{trade_id}", price=price)


def three_trades():
    """Two trades of one instrument, of which the second has the stop, and one of another."""
    trades = [trade(7), trade(8), trade(9, instrument="USD_JPY")]
    return account_reply(trades=trades, orders=[stop_of(8, "1.09000")])


async def test_a_stop_is_set_on_every_trade_of_the_instrument_that_does_not_have_it():
    oanda = Oanda().on("GET", "", three_trades()).on("PUT", "/trades/7/orders", {"lastTransactionID": "101"})
    await oanda.open().trading.set_stop("EUR/USD", D("1.09"))
    assert oanda.calls("PUT") == {"/trades/7/orders": 1}
    assert oanda.body() == {"stopLoss": {"price": "1.09", "timeInForce": "GTC"}}


async def test_a_position_of_which_one_trade_has_no_stop_has_none():
    oanda = Oanda().on("GET", "", three_trades())
    assert {one.instrument: one.barriers for one in await oanda.open().trading.positions()} == {
        "EUR/USD": Barriers(),
        "USD/JPY": Barriers(),
    }


def held(long="0", short="0"):
    return {
        "position": {"instrument": "EUR_USD", "long": {"units": long}, "short": {"units": short}},
        "lastTransactionID": "100",
    }


async def test_a_position_is_closed_on_the_side_that_is_held():
    oanda = Oanda().on("GET", "/positions/EUR_USD", held(short="-100"))
    answer = {"shortOrderFillTransaction": fill(102, 101, "sd-9"), "lastTransactionID": "102"}
    oanda.on("PUT", "/positions/EUR_USD/close", answer)
    (told,) = await oanda.open().trades.close_position("EUR/USD", client_order_id="sd-9")
    assert (told.client_order_id, told.quantity) == ("sd-9", D(100))
    assert oanda.body() == {"longUnits": "NONE", "shortUnits": "ALL", "shortClientExtensions": {"id": "sd-9"}}


async def test_where_nothing_is_held_nothing_is_sent():
    oanda = Oanda().on("GET", "/positions/EUR_USD", held())
    assert await oanda.open().trades.close_position("EUR/USD", client_order_id="sd-9") == ()
    assert oanda.calls("PUT") == {}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            httpx.Response(
                200,
                json={
                    "longOrderCreateTransaction": create(101),
                    "longOrderCancelTransaction": ended(102, 101, "MARKET_HALTED"),
                    "lastTransactionID": "102",
                },
            ),
            OrderRefused,
        ),
        (refused(400, errorCode="CLOSEOUT_POSITION_DOESNT_EXIST", longOrderRejectTransaction={}), InvalidOrder),
        (httpx.ReadTimeout("slow"), OutcomeUnknown),
        ({"lastTransactionID": "102"}, OutcomeUnknown),
    ],
)
async def test_a_position_that_did_not_close_says_so(answer, error):
    oanda = Oanda().on("GET", "/positions/EUR_USD", held(long="100")).on("PUT", "/positions/EUR_USD/close", answer)
    with pytest.raises(error):
        await oanda.open().trades.close_position("EUR/USD", client_order_id="sd-9")
    assert oanda.calls("PUT")["/positions/EUR_USD/close"] == 1
