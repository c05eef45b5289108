"""OANDA as a venue: one look at the account, orders sent once, refusals inside of success, orders found again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.venues.oanda.conversions import HomeConversions
from desk.errors import (
    AccessDenied,
    ConfigError,
    InsufficientFunds,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    VenueError,
    VenueUnavailable,
)
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderState, OrderType, TimeInForce
from tests.builders import intent
from tests.desk.adapters.venues.oanda.fake import (
    AT,
    NOW,
    D,
    Oanda,
    account_reply,
    conversion,
    create,
    ended,
    fill,
    history,
    nothing_found,
    order,
    placed,
    price,
    prices,
    recorded,
    refused,
    trade,
    traded,
    transactions,
)

LIMIT = replace(intent(), type=OrderType.LIMIT, price=Decimal("1.1"), time_in_force=TimeInForce.GTC)


class MovableClock:
    """A clock that the test moves."""

    shown = NOW

    def now(self):
        return self.shown


def filled(**changes):
    return placed(fill=fill(102, 101, **changes))


async def submitted(answer, sent=None, **options):
    oanda = Oanda().on("POST", "/orders", answer)
    return await oanda.open(**options).trading.submit(sent or intent())


# The account


async def test_a_scan_looks_at_the_account_once():
    oanda = Oanda(trades=[trade(7)], orders=[order(8, "sd-8")])
    trading = oanda.open().trading
    money, positions, orders = await asyncio.gather(trading.account(), trading.positions(), trading.open_orders())
    assert (money.currency, money.cash, money.equity) == ("USD", D("10000.0000"), D("10012.5000"))
    assert (money.conversion, money.balances) == ({"USD": D(1)}, {"USD": D("10000.0000")})
    assert money.margin_used is None
    assert (len(positions), len(orders)) == (1, 1)
    assert await trading.fills_since("100") == ((), "100")
    assert oanda.calls()[""] == 1


async def test_the_margin_of_open_trades_is_the_venues_own_figure():
    assert (await Oanda(marginUsed="42.3000").open().trading.account()).margin_used == D("42.3000")


async def test_an_account_is_looked_at_again_after_a_while_and_after_every_order():
    clock = MovableClock()
    oanda = Oanda().on("POST", "/orders", filled())
    trading = oanda.open(clock=clock).trading
    await trading.positions()
    clock.shown = NOW + timedelta(seconds=5)
    await trading.positions()
    assert oanda.calls()[""] == 2
    await trading.submit(intent())
    oanda.on("GET", "", account_reply(last="102"))
    await trading.positions()
    assert oanda.calls()[""] == 3


async def test_an_account_from_before_our_own_order_is_not_believed():
    oanda = Oanda().on("POST", "/orders", filled())
    trading = oanda.open().trading
    await trading.submit(intent())
    oanda.on("GET", "", account_reply(), account_reply(last="102", trades=[trade(102)]))
    assert [one.quantity for one in await trading.positions()] == [100]
    assert oanda.sleeper.pauses == [0.25]


async def test_an_account_that_stays_behind_is_no_flat_account():
    oanda = Oanda().on("POST", "/orders", filled())
    trading = oanda.open().trading
    await trading.submit(intent())
    with pytest.raises(VenueUnavailable, match="STALE"):
        await trading.positions()
    oanda.on("GET", "", account_reply(last="102"))
    assert await trading.positions() == ()


@pytest.mark.parametrize("counts", [{"openTradeCount": 1}, {"pendingOrderCount": 1}])
async def test_an_account_whose_lists_are_shorter_than_its_counts_is_no_flat_account(counts):
    with pytest.raises(VenueUnavailable, match="UNREADABLE"):
        await Oanda(**counts).open().trading.positions()


async def test_trades_of_one_instrument_add_up_to_one_position_with_its_barriers():
    stop = order(11, kind="STOP_LOSS", units=None, instrument="", tradeID="7", price="1.09000")
    target = order(12, kind="TAKE_PROFIT", units=None, instrument="", tradeID="7", price="1.12000")
    trailing = order(13, kind="TRAILING_STOP_LOSS", units=None, instrument="", tradeID="7", distance="0.00300")
    owned = trade(7, "-50", "1.20000", openTime="2026-01-14T09:00:00.5Z", clientExtensions={"id": "a", "tag": "trend"})
    oanda = Oanda(trades=[trade(9, "-150", "1.10000"), owned], orders=[stop, target, trailing])
    trading = oanda.open().trading
    (position,) = await trading.positions()
    assert (position.quantity, position.average_price, position.strategy) == (D(-200), D("1.125"), "trend")
    assert position.opened_at.isoformat() == "2026-01-14T09:00:00.500000+00:00"
    assert position.barriers == Barriers(target=D("1.12000"))  # one of the two has no stop
    assert await trading.open_orders() == ()


async def test_a_position_has_the_stop_of_its_only_trade():
    stop = order(11, kind="STOP_LOSS", units=None, instrument="", tradeID="7", price="1.09000")
    trailing = order(13, kind="TRAILING_STOP_LOSS", units=None, instrument="", tradeID="7", distance="0.00300")
    (position,) = await Oanda(trades=[trade(7)], orders=[stop, trailing]).open().trading.positions()
    assert position.barriers == Barriers(D("1.09000"), trailing_distance=D("0.00300"))


async def test_an_account_that_hedges_is_refused_in_words():
    with pytest.raises(ConfigError, match="EUR/USD held long and short"):
        await Oanda(trades=[trade(7, "10"), trade(8, "-10")]).open().trading.positions()


async def test_every_currency_in_which_something_was_traded_has_a_rate():
    oanda = Oanda(positions=[traded("USD_JPY"), traded("EUR_GBP"), traded("EUR_USD"), traded("GONE_CHF")])
    oanda.on("GET", "/pricing", prices(conversions=[conversion("JPY", "0.0066"), conversion("GBP", "1.33")]))
    trading = oanda.open().trading
    money = await trading.account()
    assert money.conversion == {"USD": D(1), "JPY": D("0.0066"), "GBP": D("1.33")}
    assert dict(oanda.requests[-1].url.params) == {
        "instruments": "EUR_GBP,USD_JPY",
        "includeHomeConversions": "true",
    }
    await trading.account()
    assert oanda.calls()["/pricing"] == 1


async def test_accounts_of_one_process_share_their_rates():
    shared = HomeConversions(FixedClock(NOW))
    for known in (0, 1):
        oanda = Oanda(positions=[traded("USD_JPY")])
        oanda.on("GET", "/pricing", prices(conversions=[conversion("JPY", "0.0066")]))
        assert (await oanda.open(conversions=shared).trading.account()).conversion["JPY"] == D("0.0066")
        assert oanda.calls()["/pricing"] == 1 - known


async def test_rates_come_along_with_prices_and_are_asked_for_by_themselves_when_they_are_old():
    clock = MovableClock()
    oanda = Oanda(positions=[traded("USD_JPY")])
    oanda.on("GET", "/pricing", prices(price("USD_JPY"), conversions=[conversion("JPY", "0.0066")]))
    venue = oanda.open(clock=clock)
    await venue.market.quotes(["USD/JPY"], at=NOW)
    clock.shown += timedelta(minutes=10)
    assert (await venue.trading.account()).conversion["JPY"] == D("0.0066")
    assert oanda.calls()["/pricing"] == 1
    clock.shown += timedelta(seconds=1)
    await venue.trading.account()
    assert oanda.calls()["/pricing"] == 2


# Orders


async def test_a_filled_order_comes_back_with_its_fill():
    told = await submitted(filled())
    assert (told.client_order_id, told.venue_order_id, told.state) == ("sd-1", "101", OrderState.FILLED)
    assert (told.filled_quantity, told.at, told.side) == (D(100), AT, Side.BUY)
    assert [(one.venue_trade_id, one.client_order_id, one.price) for one in told.fills] == [
        ("102", "sd-1", D("1.10001"))
    ]


async def test_an_order_that_rests_is_acknowledged():
    answer = placed(created=create(101, kind="LIMIT_ORDER", price="1.10000", timeInForce="GTC"))
    told = await submitted(answer, LIMIT)
    assert (told.state, told.price, told.type) == (OrderState.ACKED, D("1.1"), OrderType.LIMIT)


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("INSUFFICIENT_MARGIN", InsufficientFunds),
        ("MARKET_HALTED", OrderRefused),
        ("BOUNDS_VIOLATION", OrderRefused),
        ("A_WORD_OF_NEXT_YEAR", OrderRefused),
        ("ACCOUNT_LOCKED", AccessDenied),
        ("CLIENT_TRADE_ID_ALREADY_EXISTS", OutcomeUnknown),
    ],
)
async def test_an_order_accepted_and_cancelled_at_once_is_refused(word, error):
    with pytest.raises(VenueError) as told:
        await submitted(placed(cancel=ended(102, 101, word)))
    assert (type(told.value), told.value.code) == (error, word)


async def test_an_order_that_found_nothing_to_fill_it_expires():
    told = await submitted(placed(cancel=ended(102, 101, "TIME_IN_FORCE_EXPIRED")))
    assert (told.state, told.filled_quantity, told.reason) == (OrderState.EXPIRED, D(0), "TIME_IN_FORCE_EXPIRED")


@pytest.mark.parametrize("cancel", [None, ended(103, 101, "INSUFFICIENT_LIQUIDITY")])
async def test_what_was_filled_of_an_order_stays_filled(cancel):
    told = await submitted(placed(fill=fill(102, 101, units="40"), cancel=cancel))
    assert (told.state, told.filled_quantity) == (OrderState.CANCELLED, D(40))


async def test_a_rejected_order_is_refused_and_sent_once():
    body = {"orderRejectTransaction": {"rejectReason": "INSUFFICIENT_MARGIN"}, "errorCode": "INSUFFICIENT_MARGIN"}
    oanda = Oanda().on("POST", "/orders", refused(400, **body))
    with pytest.raises(InsufficientFunds):
        await oanda.open().trading.submit(intent())
    assert oanda.calls("POST") == {"/orders": 1}


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("half a reply"),
        refused(500, errorMessage="oops"),
        refused(503, errorMessage="maintenance"),
        httpx.Response(201, text='{"orderCreateTransaction": {"id": "1'),
        httpx.Response(201, text="<html>gateway</html>"),
        httpx.Response(201, json={"lastTransactionID": "101"}),
        httpx.Response(201, json=["not", "an", "object"]),
        placed(fill={**fill(102, 101), "units": "many"}),
        refused(400, errorCode="CLIENT_ORDER_ID_ALREADY_EXISTS", errorMessage="in use"),
    ],
    ids=str,
)
async def test_an_order_without_a_definite_answer_is_unknown_and_sent_once(failure):
    oanda = Oanda().on("POST", "/orders", failure)
    with pytest.raises(OutcomeUnknown):
        await oanda.open().trading.submit(intent())
    assert oanda.calls("POST") == {"/orders": 1}


async def test_a_venue_that_asks_for_patience_is_not_asked_again_with_an_order():
    oanda = Oanda().on("POST", "/orders", httpx.Response(429, headers={"Retry-After": "3"}))
    with pytest.raises(RateLimited) as told:
        await oanda.open().trading.submit(intent())
    assert told.value.retry_after == timedelta(seconds=3)
    assert oanda.calls("POST") == {"/orders": 1}


async def test_an_id_that_looks_like_one_of_the_venues_is_never_sent():
    oanda = Oanda()
    with pytest.raises(InvalidOrder, match="nothing was sent"):
        await oanda.open().trading.submit(intent("oanda-7"))
    assert oanda.requests == []


async def test_before_the_account_can_be_read_no_order_leaves():
    oanda = Oanda().on("GET", "", refused(503))
    with pytest.raises(OrderRefused, match="nothing was sent"):
        await oanda.open().trading.submit(intent())
    assert oanda.calls("POST") == {}


@pytest.mark.parametrize(("side", "bound"), [(Side.BUY, "1.1034"), (Side.SELL, "1.0967")])
async def test_a_collar_bounds_the_price_of_a_market_order(side, bound):
    oanda = Oanda().on("POST", "/orders", filled()).on("GET", "/pricing", prices(price()))
    trading = oanda.open(collar_bps=Decimal(30)).trading
    await trading.submit(replace(intent(), side=side))
    assert oanda.body()["order"]["priceBound"] == bound


async def test_a_collar_holds_back_neither_limit_orders_nor_what_only_reduces():
    oanda = Oanda().on("POST", "/orders", filled())
    trading = oanda.open(collar_bps=Decimal(30)).trading
    await trading.submit(replace(intent(), reduce_only=True))
    await trading.submit(LIMIT)
    assert not [body for body in oanda.sent("POST") if "priceBound" in body["order"]]


@pytest.mark.parametrize("answer", [prices(), refused(503)])
async def test_a_collar_without_a_quote_lets_nothing_leave(answer):
    oanda = Oanda().on("GET", "/pricing", answer)
    with pytest.raises(OrderRefused, match="NOT_SENT"):
        await oanda.open(collar_bps=Decimal(30)).trading.submit(intent())
    assert oanda.calls("POST") == {}


async def test_working_orders_are_told_with_the_venues_name_where_they_have_none():
    oanda = Oanda(orders=[order(8, "sd-8", units="-5"), order(9, positionFill="REDUCE_ONLY", kind="STOP")])
    first, second = await oanda.open().trading.open_orders()
    assert (first.client_order_id, first.side, first.quantity, first.state) == (
        "sd-8",
        Side.SELL,
        D(5),
        OrderState.ACKED,
    )
    assert (second.client_order_id, second.type, second.reduce_only) == ("oanda-9", OrderType.STOP, True)


# Looking for an order


async def test_a_filled_order_is_found_in_the_list_with_its_fill():
    listed = order(101, "sd-1", state="FILLED", kind="MARKET", fillingTransactionID="102", timeInForce="IOC")
    oanda = Oanda().on("GET", "/orders", {"orders": [order(99, "sd-0"), listed], "lastTransactionID": "102"})
    oanda.on("GET", "/transactions/102", {"transaction": fill(102, 101), "lastTransactionID": "102"})
    oanda.on("GET", "", account_reply(last="102"))
    told = await oanda.open().trading.find_order("sd-1")
    assert (told.state, told.filled_quantity, told.fills[0].venue_trade_id) == (OrderState.FILLED, D(100), "102")


async def test_the_order_that_lives_is_found_before_one_of_the_same_id_that_was_refused():
    older = order(101, "sd-1", state="FILLED", fillingTransactionID="102")
    newer = order(103, "sd-1", state="CANCELLED", cancellingTransactionID="104")
    oanda = Oanda().on("GET", "/orders", {"orders": [newer, older], "lastTransactionID": "100"})
    oanda.on("GET", "/transactions/102", {"transaction": fill(102, 101), "lastTransactionID": "100"})
    assert (await oanda.open().trading.find_order("sd-1")).venue_order_id == "101"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("CLIENT_REQUEST", OrderState.CANCELLED),
        ("TIME_IN_FORCE_EXPIRED", OrderState.EXPIRED),
        ("MARKET_HALTED", OrderState.REJECTED),
    ],
)
async def test_an_order_that_ended_is_told_with_how_it_ended(word, state):
    listed = order(101, "sd-1", state="CANCELLED", cancellingTransactionID="102")
    oanda = Oanda().on("GET", "/orders", {"orders": [listed], "lastTransactionID": "100"})
    oanda.on("GET", "/transactions/102", {"transaction": ended(102, 101, word), "lastTransactionID": "100"})
    told = await oanda.open().trading.find_order("sd-1")
    assert (told.state, told.reason) == (state, word)


async def test_an_order_that_the_list_leaves_out_is_asked_for_by_its_id():
    oanda = nothing_found(Oanda()).on("GET", "/orders/@sd-1", {"order": order(101, "sd-1"), "lastTransactionID": "100"})
    assert (await oanda.open().trading.find_order("sd-1")).state is OrderState.ACKED


async def test_an_order_that_only_the_transactions_know_is_found_there():
    oanda = nothing_found(Oanda())
    oanda.on("GET", "/transactions/sinceid", history(create(101, "sd-0"), create(102), fill(103, 102)))
    oanda.on("GET", "", account_reply(last="103"))
    told = await oanda.open().trading.find_order("sd-1")
    assert (told.venue_order_id, told.state, told.filled_quantity) == ("102", OrderState.FILLED, D(100))


async def test_after_a_lost_reply_the_search_starts_where_the_account_was():
    oanda = nothing_found(Oanda(last="4242"), last="4242").on("POST", "/orders", httpx.ReadTimeout("slow"))
    trading = oanda.open().trading
    with pytest.raises(OutcomeUnknown):
        await trading.submit(intent())
    oanda.on("GET", "/transactions/sinceid", transactions(create(4243), fill(4244, 4243)))
    oanda.on("GET", "", account_reply(last="4244"))
    told = await trading.find_order("sd-1")
    assert (told.state, oanda.calls("POST")["/orders"]) == (OrderState.FILLED, 1)
    asked = [request for request in oanda.requests if request.url.path.endswith("/sinceid")]
    assert asked[0].url.params["id"] == "4242"


async def test_an_order_that_appears_after_the_lag_is_found():
    oanda = nothing_found(Oanda())
    oanda.on(
        "GET",
        "/orders",
        {"orders": [], "lastTransactionID": "100"},
        {"orders": [order(101, "sd-1")], "lastTransactionID": "101"},
    )
    oanda.on("GET", "", account_reply(last="101"))
    assert (await oanda.open().trading.find_order("sd-1")).venue_order_id == "101"
    assert oanda.sleeper.pauses == [0.5]


async def test_an_order_is_absent_only_after_looking_everywhere_past_the_lag():
    oanda = nothing_found(Oanda())
    assert await oanda.open().trading.find_order("sd-1") is None
    assert oanda.calls() == {"/orders": 3, "/orders/@sd-1": 3, "/transactions/sinceid": 3}
    assert sum(oanda.sleeper.pauses) >= 1.0


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/orders", httpx.ReadTimeout("slow")),
        ("/orders", refused(503)),
        ("/orders", {"orders": "none", "lastTransactionID": "100"}),
        ("/orders/@sd-1", refused(404, errorMessage="a gateway that knows no such path")),
        ("/transactions/sinceid", refused(500)),
    ],
    ids=str,
)
async def test_a_question_that_failed_is_never_taken_for_absence(path, answer):
    oanda = nothing_found(Oanda()).on("GET", path, answer)
    with pytest.raises(VenueUnavailable):
        await oanda.open().trading.find_order("sd-1")


async def test_an_id_that_the_venue_cannot_read_is_not_an_absent_order():
    garbled = refused(400, errorMessage="Invalid value specified for 'orderSpecifier'")
    oanda = nothing_found(Oanda()).on("GET", "/orders/@sd-1", garbled)
    with pytest.raises(InvalidOrder, match="orderSpecifier"):
        await oanda.open().trading.find_order("sd-1")


async def test_a_fill_that_cannot_be_read_yet_gives_no_half_order():
    listed = order(101, "sd-1", state="FILLED", fillingTransactionID="102")
    oanda = Oanda().on("GET", "/orders", {"orders": [listed], "lastTransactionID": "100"})
    oanda.on("GET", "/transactions/102", refused(404, errorCode="NO_SUCH_TRANSACTION", errorMessage=""))
    with pytest.raises(VenueUnavailable, match="cannot be read yet"):
        await oanda.open().trading.find_order("sd-1")


async def test_older_orders_are_looked_through_as_far_as_they_can_matter():
    page = [order(number) for number in range(1500, 1000, -1)]
    last = {"orders": [order(7, "sd-1")], "lastTransactionID": "100"}
    oanda = Oanda().on("GET", "/orders", {"orders": page, "lastTransactionID": "100"}, last)
    assert (await oanda.open().trading.find_order("sd-1")).venue_order_id == "7"
    assert [request.url.params.get("beforeID") for request in oanda.requests[:2]] == [None, "1001"]
    ancient = [*page[:-1], order(1001, createTime="2025-01-01T00:00:00Z")]
    oanda = nothing_found(Oanda()).on("GET", "/orders", {"orders": ancient, "lastTransactionID": "100"})
    assert await oanda.open().trading.find_order("sd-1") is None
    assert oanda.calls()["/orders"] == 3


# Cancelling


async def test_a_cancelled_order_is_told_as_cancelled_although_the_list_is_behind():
    reply = recorded("orders", "_v3_accounts_accountID_order_cancel")
    listed = {"orders": [order(2307, "myID")], "lastTransactionID": "2308"}
    oanda = Oanda().on("PUT", "/orders/@myID/cancel", reply).on("GET", "/orders", listed)
    oanda.on("GET", "", account_reply(last="2308"))
    told = await oanda.open().trading.cancel("myID")
    assert (told.venue_order_id, told.state, told.reason) == ("2307", OrderState.CANCELLED, "CLIENT_REQUEST")


async def test_a_final_order_is_returned_unchanged():
    listed = order(101, "sd-1", state="FILLED", fillingTransactionID="102")
    gone = refused(404, errorCode="ORDER_DOESNT_EXIST", orderCancelRejectTransaction={"id": "103"})
    oanda = Oanda().on("PUT", "/orders/@sd-1/cancel", gone)
    oanda.on("GET", "/orders", {"orders": [listed], "lastTransactionID": "100"})
    oanda.on("GET", "/transactions/102", {"transaction": fill(102, 101), "lastTransactionID": "100"})
    assert (await oanda.open().trading.cancel("sd-1")).state is OrderState.FILLED


async def test_an_order_so_young_that_its_id_is_not_known_yet_is_cancelled_by_its_number():
    young = refused(404, errorCode="ORDER_DOESNT_EXIST", orderCancelRejectTransaction={"id": "102"})
    done = {"orderCancelTransaction": ended(103, 101, "CLIENT_REQUEST"), "lastTransactionID": "103"}
    oanda = Oanda().on("PUT", "/orders/@sd-1/cancel", young).on("PUT", "/orders/101/cancel", done)
    oanda.on("GET", "/orders", {"orders": [order(101, "sd-1")], "lastTransactionID": "103"})
    oanda.on("GET", "", account_reply(last="103"))
    assert (await oanda.open().trading.cancel("sd-1")).state is OrderState.CANCELLED
    assert oanda.sleeper.pauses == [0.5]
    oanda.on("PUT", "/orders/101/cancel", young)
    assert (await oanda.open().trading.cancel("sd-1")).state is OrderState.ACKED


async def test_what_never_was_cannot_be_cancelled():
    gone = refused(404, errorCode="ORDER_DOESNT_EXIST", orderCancelRejectTransaction={"id": "103"})
    oanda = nothing_found(Oanda()).on("PUT", "/orders/@sd-1/cancel", gone)
    with pytest.raises(InvalidOrder, match="ORDER_DOESNT_EXIST"):
        await oanda.open().trading.cancel("sd-1")


async def test_a_cancellation_without_an_answer_is_unknown():
    oanda = Oanda().on("PUT", "/orders/oanda-9/cancel", refused(500)).on("PUT", "/orders/9/cancel", refused(500))
    with pytest.raises(OutcomeUnknown):
        await oanda.open().trading.cancel("oanda-9")
    assert oanda.calls("PUT") == {"/orders/9/cancel": 1}
