"""Group 6: entries with their stop and target."""

from decimal import Decimal

from desk.model.instrument import Side
from desk.model.orders import OrderState
from tests.contracts.venues.bench import Bench
from tests.contracts.venues.rows.listing import tried, untried


async def _rests(bench: Bench, side: Side) -> None:
    price = bench.away(side)
    order = await bench.trading.submit(bench.limit_order(side=side, barriers=bench.barriers(side, at=price)))
    assert order.state is OrderState.ACKED
    assert "sd-one" in await bench.working()
    assert await bench.held() == 0


@tried("TC-E50", "an entry to buy with stop and target rests, and holds nothing yet")
async def _buy(bench: Bench) -> None:
    await _rests(bench, Side.BUY)


@tried("TC-E51", "an entry to sell with stop and target rests, and holds nothing yet")
async def _sell(bench: Bench) -> None:
    await _rests(bench, Side.SELL)


async def _ends(bench: Bench, name: str, distance: Decimal) -> None:
    entry = bench.market_order(name, barriers=bench.barriers(Side.BUY))
    order = await bench.trading.submit(entry)
    if bench.protect is not None:
        await bench.protect(entry, order.filled_quantity)
    assert await bench.held() == entry.quantity
    bench.move(bench.bid + distance)
    assert await bench.held() == 0


@tried("TC-E52", "once the entry is filled, its target ends the position, and so does its stop")
async def _guarded(bench: Bench) -> None:
    await _ends(bench, "sd-one", 3 * bench.case.step)
    await _ends(bench, "sd-two", -3 * bench.case.step)


untried("the desk has no orders that only wait in the book", E53="an entry that may only wait, with stop and target")
