"""Group 2: orders that wait for a price."""

from desk.model.instrument import Side
from desk.model.orders import OrderState, TimeInForce
from tests.contracts.venues.bench import Bench
from tests.contracts.venues.rows.listing import tried, untried

BUY, SELL = Side.BUY, Side.SELL
IOC = TimeInForce.IOC


async def _rests(bench: Bench, name: str, side: Side) -> None:
    asked = bench.limit_order(name, side)
    order = await bench.trading.submit(asked)
    assert (order.state, order.filled_quantity, order.price) == (OrderState.ACKED, 0, asked.price)
    assert order.venue_order_id
    found = {one.client_order_id: one for one in await bench.trading.open_orders()}[name]
    assert (found.state, found.side, found.quantity, found.price) == (
        OrderState.ACKED,
        side,
        asked.quantity,
        asked.price,
    )


@tried("TC-E10", "a limit order to buy below the market rests")
async def _buy(bench: Bench) -> None:
    await _rests(bench, "sd-one", BUY)


@tried("TC-E11", "a limit order to sell above the market rests")
async def _sell(bench: Bench) -> None:
    await bench.hold()
    await _rests(bench, "sd-one", SELL)


@tried("TC-E12", "limit orders on both sides rest beside each other")
async def _both(bench: Bench) -> None:
    await bench.hold()
    await _rests(bench, "sd-one", BUY)
    await _rests(bench, "sd-two", SELL)
    assert await bench.working() == {"sd-one", "sd-two"}


@tried("TC-E13", "an immediate limit order that meets the market is filled, no worse than at its price")
async def _taken(bench: Bench) -> None:
    order = await bench.trading.submit(bench.limit_order(price=bench.through(BUY), time_in_force=IOC))
    assert order.state is OrderState.FILLED
    assert all(fill.price == bench.ask for fill in order.fills)


@tried("TC-E14", "an immediate limit order away from the market ends without a fill")
async def _passed_by(bench: Bench) -> None:
    order = await bench.trading.submit(bench.limit_order(time_in_force=IOC))
    assert (order.filled_quantity, order.fills) == (0, ())
    assert order.state in (OrderState.CANCELLED, OrderState.EXPIRED)
    assert await bench.working() == set()


untried(
    "an order of the desk is good till cancelled or immediate, never all-or-nothing",
    E15="fill or kill, met",
    E16="fill or kill, not met",
)
untried(
    "an order of the desk has no end by the clock; a scan cancels what is old",
    E17="good till a date",
    E18="good till a date, which comes",
    E19="good for the day",
)
