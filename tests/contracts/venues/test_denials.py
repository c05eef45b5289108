"""Orders that every venue has to refuse: a definite no, in the venue's words, and nothing is left of them."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from desk.errors import InsufficientFunds, InvalidOrder, OrderRefused
from desk.model.instrument import Side
from desk.model.orders import OrderIntent
from tests.contracts.venues.bench import Bench, VenueCase
from tests.contracts.venues.venues import WIRED

Build = Callable[[Bench], OrderIntent]


def _too_small(bench: Bench) -> OrderIntent:
    return bench.market_order(quantity=Decimal("0.00000001"))


def _too_much(bench: Bench) -> OrderIntent:
    return bench.market_order(quantity=bench.case.quantity * 1_000_000)


def _nowhere(bench: Bench) -> OrderIntent:
    return bench.market_order(instrument=bench.case.instrument.replace("/", "X/", 1))


def _badly_named(bench: Bench) -> OrderIntent:
    return bench.market_order("sd one, näher")


def _nothing_to_close(bench: Bench) -> OrderIntent:
    return bench.market_order(side=Side.SELL, reduce_only=True)


DENIED: dict[str, tuple[Build, type[OrderRefused]]] = {
    "below the smallest size": (_too_small, InvalidOrder),
    "above the free balance": (_too_much, InsufficientFunds),
    "in an instrument that there is not": (_nowhere, InvalidOrder),
    "under an id that no venue takes": (_badly_named, InvalidOrder),
    "to close what is not there": (_nothing_to_close, OrderRefused),
}


@pytest.mark.parametrize("case", WIRED, ids=str)
@pytest.mark.parametrize("why", DENIED)
async def test_an_order_is_refused(why: str, case: VenueCase, bench: Bench) -> None:
    build, kind = DENIED[why]
    with pytest.raises(kind) as told:
        await bench.trading.submit(build(bench))
    assert told.value.code
    assert await bench.working() == set()
    assert await bench.held() == 0


@pytest.mark.parametrize("case", WIRED, ids=str)
async def test_an_order_is_refused_while_the_market_is_halted_and_taken_afterwards(
    case: VenueCase, bench: Bench
) -> None:
    bench.steer.halt(case.instrument)
    with pytest.raises(OrderRefused):
        await bench.trading.submit(bench.market_order())
    bench.steer.resume(case.instrument)
    assert (await bench.trading.submit(bench.market_order("sd-two"))).filled_quantity == case.quantity
