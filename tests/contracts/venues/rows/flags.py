"""Group 7: what else an order can say of itself."""

from desk.model.instrument import Side
from desk.model.orders import OrderState
from tests.contracts.venues.bench import Bench
from tests.contracts.venues.rows.listing import tried, untried

untried("the desk has no orders that only wait in the book", E60="an order that may only wait")


@tried("TC-E61", "an order that may only reduce closes a position")
async def _reduce(bench: Bench) -> None:
    await bench.hold()
    order = await bench.trading.submit(bench.market_order(side=Side.SELL, reduce_only=True))
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, bench.case.quantity)
    assert await bench.held() == 0


untried("the desk shows the whole of its orders", E62="an order that shows a part of its size")
untried("an order intent has no words of a single venue", E63="an order with parameters of the venue's own")
