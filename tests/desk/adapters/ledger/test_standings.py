"""How the other accounts of a fleet stand, by what the ledger has of them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from desk.model.cycle import CycleKey
from desk.model.instrument import Side
from desk.model.orders import OrderState
from desk.steps.surroundings import Standing
from tests.builders import CLOSE, intent, snapshot
from tests.desk.adapters.ledger.builders import CONVERSION, answer, fill, record

LATER = CLOSE + timedelta(seconds=5)
MIDNIGHT = CLOSE.replace(hour=0)


async def open_account(ledger: Ledger, name: str, equity: str = "1000") -> None:
    await ledger.acquire_lease(name, "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
    await ledger.record_equity(name, CLOSE, Decimal(equity), Decimal(equity))


async def test_the_newest_equity_and_that_at_midnight_are_told_as_of_a_time(ledger: Ledger) -> None:
    await open_account(ledger, "gold", "980")
    for at, equity in ((MIDNIGHT - timedelta(hours=1), "1000"), (MIDNIGHT + timedelta(hours=1), "1010"), (LATER, "7")):
        await ledger.record_equity("gold", at, Decimal(equity), Decimal(1))
    assert await ledger.standings(["gold"], CLOSE) == (Standing("gold", Decimal(980), Decimal(1000)),)


async def test_without_a_figure_before_midnight_the_day_starts_with_the_first(ledger: Ledger) -> None:
    await ledger.record_equity("gold", CLOSE - timedelta(hours=1), Decimal(900), Decimal(900))
    await open_account(ledger, "gold", "990")
    assert await ledger.standings(["gold"], CLOSE) == (Standing("gold", Decimal(990), Decimal(900)),)


async def test_an_account_that_was_never_valued_by_then_is_left_out(ledger: Ledger) -> None:
    await ledger.acquire_lease("new", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
    await open_account(ledger, "gold")
    assert [one.account for one in await ledger.standings(["new", "gold", "unheard-of"], CLOSE)] == ["gold"]
    assert await ledger.standings(["gold"], CLOSE - timedelta(seconds=1)) == ()


async def test_what_is_held_and_what_may_still_be_opened_are_told_with_their_signs(ledger: Ledger) -> None:
    await open_account(ledger, "sample")
    await ledger.book_fills("sample", (fill(side=Side.SELL, order="x"),), cursor="", conversion=CONVERSION, now=CLOSE)
    partial, planned = intent("sd-1"), replace(intent("sd-2", quantity="7"), side=Side.SELL)
    closing = replace(intent("sd-3"), reduce_only=True)
    over = intent("sd-4", instrument="XAU/USD")
    await ledger.store_intents([partial, planned, closing, over])
    for asked, state in ((partial, OrderState.PARTIAL), (over, OrderState.CANCELLED)):
        lease = await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
        assert lease is not None
        await ledger.start_sending(asked.client_order_id, lease)
        taken = (fill("T9", order="sd-1", quantity="40"),) if state is OrderState.PARTIAL else ()
        await ledger.record_order("sample", answer(asked, state, *taken))
    [standing] = await ledger.standings(["sample"], CLOSE)
    assert standing.held == {"EUR/USD": Decimal(-100)}
    assert standing.working == {"EUR/USD": Decimal(60 - 7)}
    assert standing.quantities == {"EUR/USD": Decimal(-47)}


async def test_prices_and_rates_are_those_of_the_last_cycle_that_came_to_a_snapshot(ledger: Ledger) -> None:
    await open_account(ledger, "sample")
    await ledger.book_fills("sample", (fill(),), cursor="", conversion=CONVERSION, now=CLOSE)
    before, failed, after = (CLOSE + timedelta(minutes=minutes) for minutes in (-5, 0, 5))
    await ledger.record_cycle(record(CycleKey("sample", before)), now=CLOSE)
    await ledger.record_cycle(replace(record(CycleKey("sample", failed)), snapshot=None), now=CLOSE)
    dearer = {name: replace(one, bid=one.bid * 2) for name, one in snapshot().quotes.items()}
    await ledger.record_cycle(replace(record(CycleKey("sample", after)), snapshot=snapshot(quotes=dearer)), now=CLOSE)
    [standing] = await ledger.standings(["sample"], CLOSE)
    assert standing.prices["EUR/USD"] == Decimal("1.1")
    assert standing.conversion == {"JPY": Decimal("0.0066")}


async def test_an_account_that_holds_nothing_needs_no_prices(ledger: Ledger) -> None:
    await open_account(ledger, "sample")
    await ledger.record_cycle(record(), now=CLOSE)
    assert await ledger.standings(["sample"], CLOSE) == (Standing("sample", Decimal(1000), Decimal(1000)),)
