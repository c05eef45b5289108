"""Group 1: orders that are filled at once."""

from desk.model.instrument import Side
from desk.model.orders import OrderState, TimeInForce
from tests.contracts.venues.bench import Bench
from tests.contracts.venues.rows.listing import tried, untried

BUY, SELL = Side.BUY, Side.SELL


@tried("TC-E01", "a market order to buy is filled, whole, above the bid")
async def _buy(bench: Bench) -> None:
    asked = bench.market_order()
    order = await bench.trading.submit(asked)
    assert (order.client_order_id, order.state) == ("sd-one", OrderState.FILLED)
    assert order.filled_quantity == sum(fill.quantity for fill in order.fills) == asked.quantity
    assert {fill.price for fill in order.fills} == {bench.ask}
    assert await bench.held() == asked.quantity


@tried("TC-E02", "a market order to sell is filled, and opens a short position where nothing is held")
async def _sell(bench: Bench) -> None:
    order = await bench.trading.submit(bench.market_order(side=SELL))
    assert (order.state, {fill.price for fill in order.fills}) == (OrderState.FILLED, {bench.bid})
    assert await bench.held() == -bench.case.quantity


@tried("TC-E03", "a market order that says immediate-or-cancel is filled")
async def _immediate(bench: Bench) -> None:
    order = await bench.trading.submit(bench.market_order(time_in_force=TimeInForce.IOC))
    assert order.state is OrderState.FILLED


untried("an order of the desk is good till cancelled or immediate, never all-or-nothing", E04="fill or kill, market")
untried("the desk sizes in base units, rounded down once", E05="a market order by its worth in quote currency")


@tried("TC-E06", "a position is closed by a market order of its size")
async def _close(bench: Bench) -> None:
    await bench.hold()
    order = await bench.trading.submit(bench.market_order(side=SELL))
    assert order.state is OrderState.FILLED
    assert await bench.held() == 0
