"""Client order ids at every venue: one that is taken never becomes a second order, and none is mistaken for another."""

from collections.abc import Awaitable

import pytest

from desk.errors import OutcomeUnknown
from desk.execution.placing import OrderDesk, place_orders
from desk.model.orders import Order, OrderState
from tests.contracts.venues.bench import Bench, VenueCase
from tests.contracts.venues.placing import LEASE, StrictLog
from tests.contracts.venues.venues import CASES

pytestmark = pytest.mark.parametrize("case", CASES, ids=str)


async def _told(submitted: Awaitable[Order]) -> Order | None:
    try:
        return await submitted
    except OutcomeUnknown:
        return None


async def test_an_id_of_a_working_order_makes_no_second_one(case: VenueCase, bench: Bench) -> None:
    first = await bench.trading.submit(bench.limit_order())
    bench.wait(seconds=10)
    second = await _told(bench.trading.submit(bench.limit_order()))
    assert second is None or second.venue_order_id == first.venue_order_id
    (working,) = await bench.trading.open_orders()
    assert (working.client_order_id, working.venue_order_id) == ("sd-one", first.venue_order_id)


async def test_a_desk_that_sends_a_taken_id_adopts_the_order_that_has_it(case: VenueCase, bench: Bench) -> None:
    first = await bench.trading.submit(bench.limit_order())
    bench.wait(seconds=10)
    log = StrictLog()
    await place_orders([bench.limit_order()], OrderDesk(bench.trading, log, LEASE))
    assert log.orders["sd-one"].venue_order_id == first.venue_order_id
    assert log.orders["sd-one"].state is OrderState.ACKED


async def test_an_order_is_found_by_its_own_id_and_a_stranger_is_not(case: VenueCase, bench: Bench) -> None:
    working = await bench.trading.submit(bench.limit_order("sd-one"))
    filled = await bench.trading.submit(bench.market_order("sd-two"))
    for order in (working, filled):
        found = await bench.trading.find_order(order.client_order_id)
        assert found is not None
        assert (found.venue_order_id, found.state) == (order.venue_order_id, order.state)
    assert await bench.trading.find_order("sd-on") is None
