"""Group 9: what a process finds that begins, and leaves when it ends."""

from desk.model.instrument import Side
from desk.model.orders import OrderState
from tests.contracts.venues.bench import Bench
from tests.contracts.venues.rows.listing import tried, untried


@tried("TC-E80", "the first thing that a new process does may be an order")
async def _first(bench: Bench) -> None:
    await bench.reopen()
    assert (await bench.trading.submit(bench.market_order())).state is OrderState.FILLED


@tried("TC-E81", "a process that did not place them finds the working orders and cancels them")
async def _cancel_all(bench: Bench) -> None:
    await bench.trading.submit(bench.limit_order("sd-one"))
    await bench.trading.submit(bench.limit_order("sd-two"))
    await bench.reopen()
    for order in await bench.trading.open_orders():
        await bench.trading.cancel(order.client_order_id)
    assert await bench.working() == set()


@tried("TC-E82", "a process that did not open it finds a position and closes it")
async def _close_all(bench: Bench) -> None:
    await bench.hold()
    await bench.reopen()
    (position,) = await bench.trading.positions()
    closing = bench.market_order(side=position.side.opposite, quantity=abs(position.quantity), reduce_only=True)
    await bench.trading.submit(closing)
    assert await bench.held() == 0


untried("a scan asks for its data and subscribes to nothing", E83="subscriptions end with the process")


@tried("TC-E84", "the working orders of an earlier process are told with their ids, sizes and prices")
async def _working(bench: Bench) -> None:
    placed = await bench.trading.submit(bench.limit_order())
    await bench.reopen()
    (found,) = await bench.trading.open_orders()
    assert (found.client_order_id, found.venue_order_id) == ("sd-one", placed.venue_order_id)
    assert (found.state, found.quantity, found.price) == (OrderState.ACKED, placed.quantity, placed.price)
    assert await bench.trading.find_order("sd-one") is not None


@tried("TC-E85", "the filled orders of an earlier process are told with their fills, once each")
async def _filled(bench: Bench) -> None:
    placed = await bench.trading.submit(bench.market_order())
    await bench.reopen()
    found = await bench.trading.find_order("sd-one")
    assert found is not None
    assert (found.state, found.venue_order_id) == (OrderState.FILLED, placed.venue_order_id)
    fills, cursor = await bench.trading.fills_since("")
    assert [fill.venue_trade_id for fill in fills] == [fill.venue_trade_id for fill in found.fills]
    assert {fill.client_order_id for fill in fills} == {"sd-one"}
    assert (await bench.trading.fills_since(cursor))[0] == ()


async def _position(bench: Bench, side: Side) -> None:
    await bench.trading.submit(bench.market_order(side=side))
    await bench.reopen()
    (position,) = await bench.trading.positions()
    assert (position.instrument, position.quantity) == (bench.case.instrument, side.sign * bench.case.quantity)
    assert position.average_price == (bench.ask if side is Side.BUY else bench.bid)


@tried("TC-E86", "a long position of an earlier process is told with its size and price")
async def _long(bench: Bench) -> None:
    await _position(bench, Side.BUY)


@tried("TC-E87", "a short position of an earlier process is told with its size and price")
async def _short(bench: Bench) -> None:
    await _position(bench, Side.SELL)
