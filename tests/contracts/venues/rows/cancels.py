"""Group 5: orders that are taken back."""

import pytest

from desk.errors import InvalidOrder
from desk.model.orders import OrderState
from tests.contracts.venues.bench import Bench
from tests.contracts.venues.rows.listing import tried, untried

_THREE = ("sd-one", "sd-two", "sd-three")


async def _three(bench: Bench) -> None:
    for name in _THREE:
        await bench.trading.submit(bench.limit_order(name))


@tried("TC-E40", "a resting order is cancelled, and says so")
async def _one(bench: Bench) -> None:
    placed = await bench.trading.submit(bench.limit_order())
    order = await bench.trading.cancel("sd-one")
    assert (order.state, order.filled_quantity, order.venue_order_id) == (
        OrderState.CANCELLED,
        0,
        placed.venue_order_id,
    )
    assert await bench.working() == set()


@tried("TC-E41", "everything that works is cancelled when a desk stops")
async def _all(bench: Bench) -> None:
    await _three(bench)
    for order in await bench.trading.open_orders():
        await bench.trading.cancel(order.client_order_id)
    assert await bench.working() == set()


@tried("TC-E42", "orders are cancelled one by one, and the others stay")
async def _each(bench: Bench) -> None:
    await _three(bench)
    left = set(_THREE)
    for name in _THREE:
        await bench.trading.cancel(name)
        left.remove(name)
        assert await bench.working() == left


untried("the trading port cancels one order at a time", E43="several orders are cancelled by one request")


@tried("TC-E44", "to cancel again, or what is filled, changes nothing; to cancel what never was is refused")
async def _again(bench: Bench) -> None:
    await bench.trading.submit(bench.limit_order())
    first = await bench.trading.cancel("sd-one")
    assert (await bench.trading.cancel("sd-one")).state is first.state
    await bench.trading.submit(bench.market_order("sd-two"))
    assert (await bench.trading.cancel("sd-two")).state is OrderState.FILLED
    with pytest.raises(InvalidOrder):
        await bench.trading.cancel("sd-nobody")
