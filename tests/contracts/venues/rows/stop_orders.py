"""Group 3: orders that wait for the market to come to them."""

from desk.model.instrument import Side
from desk.model.orders import OrderState, OrderType
from tests.contracts.venues.bench import Bench
from tests.contracts.venues.rows.listing import tried, untried


async def _waits(bench: Bench, side: Side) -> None:
    asked = bench.stop_order(side=side)
    order = await bench.trading.submit(asked)
    assert (order.state, order.type, order.price) == (OrderState.ACKED, OrderType.STOP, asked.price)
    assert await bench.working() == {"sd-one"}


@tried("TC-E20", "a stop to buy above the market waits, and is filled when the market comes")
async def _buy(bench: Bench) -> None:
    await _waits(bench, Side.BUY)
    bench.move(bench.bid + 2 * bench.case.step)
    assert await bench.working() == set()


@tried("TC-E21", "a stop to sell below the market waits")
async def _sell(bench: Bench) -> None:
    await bench.hold()
    await _waits(bench, Side.SELL)


untried(
    "the desk's stops become market orders; it sends none with a second price",
    E22="a stop with a limit, to buy",
    E23="a stop with a limit, to sell",
)
untried(
    "the desk does not send orders that wait for a better price other than limit orders",
    E24="a market order if touched, to buy",
    E25="a market order if touched, to sell",
    E26="a limit order if touched, to buy",
    E27="a limit order if touched, to sell",
)
