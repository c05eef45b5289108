"""Group 4: orders that get another price."""

from decimal import Decimal

from desk.model.instrument import Side
from desk.model.orders import OrderState
from tests.contracts.venues.bench import Bench
from tests.contracts.venues.rows.listing import tried, untried

BUY, SELL = Side.BUY, Side.SELL


async def _edited(bench: Bench, side: Side, price: Decimal) -> None:
    await bench.trading.submit(bench.limit_order(side=side))
    order = await bench.edit("sd-one", price=price, quantity=bench.case.quantity)
    assert (order.client_order_id, order.state, order.price) == ("sd-one", OrderState.ACKED, price)
    assert bench.true_ids()["sd-one"] == 1


@tried("TC-E30", "a limit order to buy gets another price and stays the same order")
async def _edit_buy(bench: Bench) -> None:
    await _edited(bench, BUY, bench.away(BUY) - bench.case.step)


@tried("TC-E31", "a limit order to sell gets another price and stays the same order")
async def _edit_sell(bench: Bench) -> None:
    await bench.hold()
    await _edited(bench, SELL, bench.away(SELL) + bench.case.step)


async def _replaced(bench: Bench, side: Side, price: Decimal) -> None:
    first = await bench.trading.submit(bench.limit_order("sd-one", side))
    cancelled = await bench.trading.cancel(first.client_order_id)
    assert (cancelled.state, cancelled.filled_quantity) == (OrderState.CANCELLED, 0)
    second = await bench.trading.submit(bench.limit_order("sd-two", side, price=price))
    assert (second.state, second.price) == (OrderState.ACKED, price)
    assert await bench.working() == {"sd-two"}


@tried("TC-E32", "a limit order to buy is cancelled and sent again at another price, under another id")
async def _replace_buy(bench: Bench) -> None:
    await _replaced(bench, BUY, bench.away(BUY) - bench.case.step)


@tried("TC-E33", "a limit order to sell is cancelled and sent again at another price, under another id")
async def _replace_sell(bench: Bench) -> None:
    await bench.hold()
    await _replaced(bench, SELL, bench.away(SELL) + bench.case.step)


untried("no port of the desk changes a stop; it is cancelled and sent again (TC-E35)", E34="a stop gets another price")


@tried("TC-E35", "a stop is cancelled and sent again at another price, under another id")
async def _replace_stop(bench: Bench) -> None:
    await bench.trading.submit(bench.stop_order("sd-one"))
    assert (await bench.trading.cancel("sd-one")).state is OrderState.CANCELLED
    await bench.trading.submit(bench.stop_order("sd-two", price=bench.through(BUY) + bench.case.step))
    assert await bench.working() == {"sd-two"}


untried("the trading port has no such call, so that there is nothing to refuse", E36="a change that cannot be made")
