"""Fills of a stop or a target that is an order of its own at the venue, and in no ledger, close trades all the same."""

from collections.abc import Iterator

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.adapters.venues.aster.protected import ProtectedTrading
from desk.adapters.venues.aster.trading import AsterTrading
from desk.model.orders import FillReason, OrderState
from desk.steps.repair import sync_fills
from simulator.server import Addresses, Plan, simulated
from tests.builders import CLOSE
from tests.desk.adapters.venues.aster.simulated import START, entry, place_at

EXITS = [("58990", "58991", "sd-1-s", FillReason.STOP), ("62000", "62001", "sd-1-t", FillReason.TARGET)]


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(venues=("aster",), start=START, speed=0)) as running:
        yield running


async def book(ledger: Ledger, trading: AsterTrading | ProtectedTrading) -> int:
    return await sync_fills("sample", trading=trading, books=ledger, now=CLOSE)


@pytest.mark.parametrize(("bid", "ask", "order", "reason"), EXITS)
async def test_a_trade_that_the_venue_ends_is_closed_with_its_reason(
    ledger: Ledger, addresses: Addresses, bid: str, ask: str, order: str, reason: FillReason
) -> None:
    async with place_at(addresses) as place:
        trading = ProtectedTrading(place.venue.trading)
        await ledger.store_intents([entry()])
        await trading.submit(entry())
        assert await book(ledger, trading) == 1
        await place.price(bid, ask)
        # A run of its own, which remembers nothing of the orders.
        later = place.open()
        assert await book(ledger, later.trading) == 1
        assert await book(ledger, later.trading) == 0
        cash = (await later.trading.account()).cash
        await later.session.close()
    assert await ledger.positions("sample") == ()
    [trade] = await ledger.trades("sample")
    assert (trade.strategy, trade.entry_order_id, trade.exit_reason) == ("constant", "sd-1", reason.value)
    assert 100_000 + trade.realised_profit - trade.fees == cash
    fills = await ledger.fills("sample")
    assert [(fill.client_order_id, fill.reason) for fill in fills] == [("sd-1", FillReason.ORDER), (order, reason)]
    [stored] = (await ledger.store_intents([entry()])).values()
    assert stored.state is OrderState.FILLED
