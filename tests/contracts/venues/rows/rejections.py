"""Group 8: orders that are refused, and requests of which nobody knows what became."""

from contextlib import suppress

import pytest

from desk.errors import InvalidOrder, OutcomeUnknown
from desk.model.instrument import Side
from desk.model.orders import OrderState
from tests.contracts.venues.bench import Bench
from tests.contracts.venues.rows.listing import tried, untried

_WAITS_ONLY = "the desk has no orders that only wait in the book"
_ONE_AT_A_TIME = "the desk sends and cancels one order at a time"

untried(_WAITS_ONLY, E70="an order that may only wait, at a price that is met")


@tried("TC-E71", "an order that may only reduce is refused where there is nothing to reduce")
async def _nothing_to_reduce(bench: Bench) -> None:
    asked = bench.market_order(side=Side.SELL, reduce_only=True)
    assert await bench.refused(asked)
    assert await bench.held() == 0


@tried("TC-E72", "an order of a type that the venue does not know is refused before it is sent")
async def _unsupported(bench: Bench) -> None:
    with pytest.raises(InvalidOrder):
        await bench.trading.submit(bench.stop_order())
    assert bench.orders_sent() == 0


untried("every venue knows both times in force of the desk", E73="a time in force that the venue does not know")


@tried("TC-E74", "an order whose answer is lost is unknown, is sent once, and is found by its id")
async def _lost_order(bench: Bench) -> None:
    bench.lose_orders()
    with pytest.raises(OutcomeUnknown):
        await bench.trading.submit(bench.market_order())
    found = await bench.trading.find_order("sd-one")
    assert found is not None
    assert (found.state, found.filled_quantity) == (OrderState.FILLED, bench.case.quantity)
    assert (bench.orders_sent(), bench.true_ids()) == (1, {"sd-one": 1})


@tried("TC-E75", "a cancellation whose answer is lost is unknown or told by the order, and harmless when repeated")
async def _lost_cancel(bench: Bench) -> None:
    await bench.trading.submit(bench.limit_order())
    method, path = bench.case.cancels
    bench.fault("after", "close", method=method, path=path)
    with suppress(OutcomeUnknown):
        await bench.trading.cancel("sd-one")
    assert bench.steer.struck() == [1]
    assert (await bench.trading.cancel("sd-one")).state is OrderState.CANCELLED
    assert await bench.working() == set()


@tried("TC-E76", "a change whose answer is lost is unknown, and made once")
async def _lost_edit(bench: Bench) -> None:
    await bench.trading.submit(bench.limit_order())
    bench.fault("after", "close", method="POST", path="/orders/edit")
    price = bench.away(Side.BUY) - bench.case.step
    with pytest.raises(OutcomeUnknown):
        await bench.edit("sd-one", price=price, quantity=bench.case.quantity)
    found = await bench.trading.find_order("sd-one")
    assert found is not None
    assert (found.state, found.price) == (OrderState.ACKED, price)


untried(
    _ONE_AT_A_TIME,
    E77="a batch of which nobody knows what became",
    E78="a batch of which one order is refused",
)
