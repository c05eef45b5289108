"""Looking for an order: everywhere, several times, and never taking silence or age for absence."""

from datetime import timedelta

import httpx
import pytest

from desk.adapters.venues.recalling import Sent
from desk.errors import InvalidOrder, OutcomeUnknown, VenueUnavailable
from desk.model.orders import OrderState
from tests.desk.adapters.venues.aster.fakes import BTC, ETH, NO_SUCH_ORDER, NOW, Aster, error, intent, order


def empty(**answers):
    """A venue that knows no order, apart from the given answers."""
    nothing = {"openOrders": [[]], "positionRisk": [[]], "GET order": [error(*NO_SUCH_ORDER)], "allOrders": [[]]}
    return Aster(**{**nothing, "userTrades": [[]], **answers})


def recalling(instrument=BTC, age=timedelta(0)):
    async def recall(client_order_id):
        return Sent(instrument, NOW - age)

    return recall


async def test_an_order_that_never_arrived_is_absent_after_several_looks():
    venue = empty()
    assert await venue.open().trading.find_order("sd-1") is None
    assert len(venue.asked("openOrders")) == 3
    assert venue.pauses == [1.0, 1.0]


@pytest.mark.parametrize(
    "place",
    [
        {"openOrders": [[order("other"), order(status="NEW")]]},
        {"GET order": [order(status="NEW")]},
        {"allOrders": [[order("other"), order(status="NEW")]]},
    ],
    ids=["open orders", "by id", "history"],
)
async def test_an_order_is_found_wherever_it_is(place):
    found = await empty(**place).open().trading.find_order("sd-1")
    assert (found.client_order_id, found.state) == ("sd-1", OrderState.ACKED)


async def test_an_order_that_becomes_visible_late_is_found():
    venue = empty(**{"GET order": [error(*NO_SUCH_ORDER), error(*NO_SUCH_ORDER), order(status="NEW")]})
    assert await venue.open().trading.find_order("sd-1") is not None
    assert venue.pauses == [1.0, 1.0]


async def test_after_a_lost_reply_only_the_orders_own_instrument_is_asked():
    venue = empty(**{"POST order": [httpx.ReadTimeout("slow")], "GET order": [order()]})
    trading = venue.open(instruments=(BTC, ETH)).trading
    with pytest.raises(OutcomeUnknown):
        await trading.submit(intent())
    assert (await trading.find_order("sd-1")).state is OrderState.FILLED
    assert [asked["symbol"] for asked in venue.asked("order", "GET")] == ["BTCUSDT"]
    assert venue.asked("openOrders")[0]["symbol"] == "BTCUSDT"
    assert len(venue.asked("order", "POST")) == 1


async def test_an_order_of_an_earlier_process_is_looked_for_in_all_that_the_account_trades_or_holds():
    held = {"symbol": "ETHUSDT", "positionAmt": "1", "entryPrice": "1"}
    venue = empty(positionRisk=[[held]])
    assert await venue.open(instruments=(BTC,)).trading.find_order("sd-1") is None
    assert {asked["symbol"] for asked in venue.asked("order", "GET")} == {"BTCUSDT", "ETHUSDT"}


async def test_without_an_instrument_to_ask_about_nothing_is_concluded():
    with pytest.raises(VenueUnavailable, match="NO_INSTRUMENT"):
        await empty().open(instruments=()).trading.find_order("sd-1")


@pytest.mark.parametrize("endpoint", ["openOrders", "GET order", "allOrders"])
@pytest.mark.parametrize("failure", [httpx.ConnectError("down"), httpx.Response(503, text="?"), error(-1007)], ids=str)
async def test_a_look_that_fails_is_not_taken_for_absence(endpoint, failure):
    with pytest.raises(VenueUnavailable):
        await empty(**{endpoint: [failure]}).open().trading.find_order("sd-1")


async def test_an_answer_other_than_no_such_order_is_not_taken_for_absence():
    with pytest.raises(InvalidOrder, match="-1121"):
        await empty(**{"GET order": [error(-1121, "Invalid symbol.")]}).open().trading.find_order("sd-1")


async def test_an_old_order_that_cannot_be_found_may_have_been_forgotten():
    recall = recalling(age=timedelta(days=7))
    with pytest.raises(VenueUnavailable, match="TOO_OLD"):
        await empty().open(recall=recall).trading.find_order("sd-1")


async def test_a_recent_order_that_is_remembered_and_cannot_be_found_is_absent():
    recall = recalling(age=timedelta(days=6))
    assert await empty().open(recall=recall).trading.find_order("sd-1") is None


async def test_an_order_of_another_id_is_not_taken_for_it():
    assert await empty(**{"GET order": [order("sd-2")]}).open().trading.find_order("sd-1") is None
