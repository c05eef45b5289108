"""Orders through ccxt over real HTTP: sent once, found by their client order id, whatever happens to the answers."""

from datetime import UTC, datetime
from decimal import Decimal, getcontext

import pytest
from pydantic import SecretStr

from desk.adapters.venue_http.fence import fenced, note_right
from desk.adapters.venues.ccxt.open import open_ccxt
from desk.errors import (
    AccessDenied,
    ConfigError,
    InsufficientFunds,
    InvalidOrder,
    NotSent,
    OrderRefused,
    OutcomeUnknown,
    VenueUnavailable,
)
from desk.model.instrument import Side
from desk.model.orders import OrderState, OrderType
from tests.desk.adapters.venues.ccxt.conftest import QUICK, access
from tests.desk.adapters.venues.ccxt.samples import BTC, intent, resting

pytest.importorskip("ccxt", reason="ccxt is not installed")

ORDERS = r"/order$"


async def test_a_market_order_comes_back_filled_with_its_fills(venue):
    order = await venue.trading.submit(intent())
    assert (order.client_order_id, order.state, order.filled_quantity) == ("sd-1", OrderState.FILLED, Decimal("0.002"))
    (fill,) = order.fills
    assert (fill.client_order_id, fill.quantity, fill.side) == ("sd-1", Decimal("0.002"), Side.BUY)
    assert fill.price >= 100_001
    assert (fill.fee > 0, fill.fee_currency) == (True, "USDT")


async def test_a_limit_order_rests_and_is_found_listed_and_cancelled(venue):
    order = await venue.trading.submit(resting())
    assert (order.state, order.price, order.type) == (OrderState.ACKED, Decimal(90_000), OrderType.LIMIT)
    assert [one.client_order_id for one in await venue.trading.open_orders()] == ["sd-1"]
    assert await venue.trading.find_order("sd-1") == order
    cancelled = await venue.trading.cancel("sd-1")
    assert (cancelled.state, cancelled.filled_quantity) == (OrderState.CANCELLED, 0)
    assert await venue.trading.open_orders() == ()
    assert (await venue.trading.find_order("sd-1")).state is OrderState.CANCELLED


async def test_ccxt_leaves_the_rounding_of_our_decimals_as_it_is(venue):
    before = str(getcontext())
    await venue.trading.submit(resting())
    assert str(getcontext()) == before


async def test_a_final_order_is_not_cancelled(venue, steer):
    await venue.trading.submit(intent())
    steer.fault("before", "status", method="DELETE", times=0)
    assert (await venue.trading.cancel("sd-1")).state is OrderState.FILLED


async def test_an_order_that_was_never_sent_is_found_nowhere(venue):
    assert await venue.trading.find_order("sd-never") is None
    with pytest.raises(InvalidOrder, match="UNKNOWN_ORDER"):
        await venue.trading.cancel("sd-never")


@pytest.mark.parametrize("kind", ["reset", "close", "cut", "garble", "status"])
async def test_an_order_whose_answer_is_lost_is_unknown_sent_once_and_found(venue, steer, kind):
    steer.fault("after", kind, method="POST", path=ORDERS)
    with pytest.raises(OutcomeUnknown):
        await venue.trading.submit(intent())
    assert len(steer.orders()) == 1
    found = await venue.trading.find_order("sd-1")
    assert (found.state, found.filled_quantity) == (OrderState.FILLED, Decimal("0.002"))


async def test_an_order_that_was_lost_on_the_way_there_is_unknown_and_proven_absent(venue, steer):
    steer.fault("before", "reset", method="POST", path=ORDERS)
    with pytest.raises(OutcomeUnknown):
        await venue.trading.submit(intent())
    assert steer.orders() == []
    assert await venue.trading.find_order("sd-1") is None


async def test_an_order_whose_id_ccxt_would_leave_out_is_not_sent(venue, steer):
    whole = venue.calls.exchange.create_order_request

    def without_id(symbol, kind, side, amount, price, params):
        return whole(symbol, kind, side, amount, price, {})

    venue.calls.exchange.create_order_request = without_id
    with pytest.raises(InvalidOrder, match="NOT_CARRIED"):
        await venue.trading.submit(intent())
    assert steer.orders() == []


async def test_an_order_that_has_no_right_to_open_any_more_is_not_sent(venue, steer):
    note_right(datetime.now(UTC))
    with fenced(intent()), pytest.raises(NotSent, match="LEASE_OVER"):
        await venue.trading.submit(intent())
    assert steer.orders() == []
    await venue.trading.submit(intent())  # as one that reduces a position
    assert len(steer.orders()) == 1


async def test_a_list_that_is_full_proves_nothing(venue):
    async def full(*_asked: object) -> list[dict]:
        return [{"id": str(number), "clientOrderId": f"other-{number}"} for number in range(100)]

    venue.calls.exchange.fetch_orders = full
    with pytest.raises(VenueUnavailable, match="TOO_MANY"):
        await venue.trading.find_order("sd-1")


async def test_a_failed_look_proves_nothing(venue, steer):
    steer.fault("before", "status", method="GET", times=0)
    with pytest.raises(VenueUnavailable):
        await venue.trading.find_order("sd-1")


async def test_an_order_whose_look_fails_is_returned_as_accepted(venue, steer):
    await venue.market.instruments()
    steer.fault("before", "status", method="GET", times=0)
    order = await venue.trading.submit(resting())
    assert (order.state, bool(order.venue_order_id)) == (OrderState.ACKED, True)


async def test_an_answer_that_is_no_json_is_not_flat(venue, steer):
    await venue.trading.submit(intent())
    steer.fault("after", "garble", method="GET", path="positionRisk", times=0)
    with pytest.raises(VenueUnavailable):
        await venue.trading.positions()


async def test_a_position_whose_side_ccxt_does_not_know_is_not_guessed(venue):
    await venue.trading.submit(intent(side=Side.SELL))
    with pytest.raises(VenueUnavailable, match="long or short"):
        await venue.trading.positions()


async def test_a_flat_account_has_its_money_and_no_positions(venue):
    assert await venue.trading.positions() == ()
    money = await venue.trading.account()
    assert (money.currency, money.conversion) == ("USDT", {"USDT": 1})
    assert money.balances["USDT"] == money.cash == money.equity > 0


async def test_an_order_that_can_only_reduce_says_so_to_the_exchange(venue, steer):
    await venue.trading.submit(intent())
    closed = await venue.trading.submit(intent("sd-2", side=Side.SELL, reduce_only=True))
    assert (closed.state, closed.reduce_only) == (OrderState.FILLED, True)
    assert await venue.trading.positions() == ()
    with pytest.raises(OrderRefused):
        await venue.trading.submit(intent("sd-3", side=Side.SELL, reduce_only=True))


async def test_fills_come_once_oldest_first_with_the_ids_of_their_orders(venue):
    await venue.trading.submit(intent())
    first, cursor = await venue.trading.fills_since("")
    await venue.trading.submit(intent("sd-2"))
    second, last = await venue.trading.fills_since(cursor)
    assert [[fill.client_order_id for fill in fills] for fills in (first, second)] == [["sd-1"], ["sd-2"]]
    assert await venue.trading.fills_since(last) == ((), last)


async def test_fills_of_orders_that_another_process_sent_have_their_ids(venue, addresses):
    await venue.trading.submit(intent())
    other = open_ccxt(access(addresses.venues["aster"]), currency="USDT", instruments=(BTC,), patience=QUICK)
    async with other:
        assert [fill.client_order_id for fill in (await other.trading.fills_since(""))[0]] == ["sd-1"]


async def test_a_cursor_that_was_not_given_is_refused(venue):
    with pytest.raises(InvalidOrder, match="BAD_CURSOR"):
        await venue.trading.fills_since("yesterday")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": Decimal("0.0025")}, "BAD_QUANTITY"),
        ({"quantity": Decimal("0.0001")}, "BAD_QUANTITY"),
        ({"instrument": "DOGE/USDT:USDT"}, "UNKNOWN_INSTRUMENT"),
        ({"type": OrderType.LIMIT}, "BAD_PRICE"),
        ({"type": OrderType.STOP, "price": Decimal(1)}, "UNSUPPORTED_TYPE"),
    ],
)
async def test_an_order_that_ccxt_would_change_is_refused_without_sending(venue, steer, changes, code):
    with pytest.raises(InvalidOrder, match=code):
        await venue.trading.submit(intent(**changes))
    assert steer.orders() == []


async def test_an_order_that_the_account_cannot_carry_is_refused(venue):
    with pytest.raises(InsufficientFunds):
        await venue.trading.submit(intent(quantity=Decimal(500)))


async def test_a_wrong_key_is_no_access_and_is_in_no_message(addresses, steer):
    key = "0x" + "ab" * 32
    stranger = open_ccxt(access(addresses.venues["aster"], key), currency="USDT", instruments=(BTC,), patience=QUICK)
    async with stranger:
        with pytest.raises(AccessDenied) as told:
            await stranger.trading.account()
    assert "signature" not in str(told.value)
    assert "ab" * 32 not in str(told.value) + repr(access("", key))
    assert told.value.__cause__ is None


async def test_an_account_without_a_key_is_refused(addresses):
    nobody = access(addresses.venues["aster"])
    with pytest.raises(ConfigError, match="secrets"):
        open_ccxt(type(nobody)("aster", nobody.clock), currency="USDT", instruments=(BTC,))


async def test_secrets_are_called_as_ccxt_calls_them(addresses):
    wrong = type(access(""))("aster", access("").clock, secrets={"api_key": SecretStr("x")})
    with pytest.raises(ConfigError, match="api_key"):
        open_ccxt(wrong, currency="USDT", instruments=(BTC,))
