"""What a trade was expected to cost is read back from its proposal, and set beside what it did cost."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.ledger.costs import expected_cost
from desk.adapters.ledger.ledger import Ledger
from desk.model.costs import CostEstimate
from desk.model.cycle import CycleRecord
from desk.model.instrument import Side
from desk.model.orders import Barriers, FillReason
from tests.builders import CLOSE
from tests.desk.adapters.ledger.builders import CONVERSION, fill, record

EXPECTED = CostEstimate(Decimal(4), spread=Decimal(2), slippage=Decimal(1), financing=Decimal("0.5"))


def proposing(cost: CostEstimate | None) -> CycleRecord:
    """A cycle whose order for 100 came of a proposal of 200."""
    done = record()
    first, *others = done.decision.verdicts
    wish = replace(first.proposal, cost=cost, quantity=Decimal(200), reference_price=Decimal("1.1"))
    decision = replace(done.decision, verdicts=(replace(first, proposal=wish), *others))
    return replace(done, decision=decision)


async def trade(
    ledger: Ledger, done: CycleRecord, *, price: str = "1.1", rates: dict[str, Decimal] = CONVERSION
) -> None:
    [asked] = done.decision.intents
    await ledger.record_cycle(done, now=CLOSE)
    await ledger.store_intents([replace(asked, barriers=Barriers(stop=Decimal("1.0")))])
    bought = fill("T1", order=asked.client_order_id, price=price, after=1)
    sold = fill("T2", order="x", side=Side.SELL, price="1.2", after=2, reason=FillReason.STOP)
    await ledger.book_fills("sample", (bought, sold), cursor="", conversion=rates, now=CLOSE)


async def test_the_estimate_is_that_of_what_was_entered(ledger: Ledger) -> None:
    await trade(ledger, proposing(EXPECTED), price="1.102")
    [paid] = await ledger.paid_trades("sample")
    assert (paid.account, paid.strategy, paid.instrument) == ("sample", "constant", "EUR/USD")
    assert paid.expected == EXPECTED.part(Decimal("0.5"))
    assert (paid.fees, paid.entry_slippage) == (Decimal("0.02"), Decimal("0.2"))


async def test_what_holding_it_cost_is_told_apart_from_its_fees(ledger: Ledger) -> None:
    done = proposing(EXPECTED)
    [asked] = done.decision.intents
    charges = (
        fill("T3", order=asked.client_order_id, quantity="0", fee="0.3", after=1, reason=FillReason.FINANCING),
        fill("T4", order=asked.client_order_id, quantity="0", fee="-0.1", after=1, reason=FillReason.FUNDING),
        fill("T5", order="another", quantity="0", fee="7", after=1, reason=FillReason.FUNDING, instrument="XAU/USD"),
    )
    await ledger.book_fills("sample", charges, cursor="", conversion=CONVERSION, now=CLOSE)
    await trade(ledger, done)
    [paid] = await ledger.paid_trades("sample")
    assert (paid.fees, paid.financing) == (Decimal("0.02"), Decimal("0.2"))
    [closed] = [one for one in await ledger.trades("sample") if one.closed_at]
    assert (closed.fees, closed.entry_quantity) == (Decimal("0.22"), 100)


async def test_what_the_entry_slipped_is_in_account_currency(ledger: Ledger) -> None:
    await trade(ledger, proposing(EXPECTED), price="1.102", rates={"USD": Decimal("0.9")})
    assert [paid.entry_slippage for paid in await ledger.paid_trades("sample")] == [Decimal("0.18")]


async def test_a_trade_without_a_proposal_or_an_estimate_has_none(ledger: Ledger) -> None:
    await trade(ledger, proposing(None))
    [paid] = await ledger.paid_trades("sample")
    assert (paid.expected, paid.entry_slippage) == (None, 0)
    await ledger.book_fills(
        "other", (fill("T1"), fill("T2", side=Side.SELL, after=1)), cursor="", conversion=CONVERSION, now=CLOSE
    )
    [stray] = await ledger.paid_trades("other")
    assert (stray.expected, stray.entry_slippage) == (None, None)


async def test_without_a_rate_what_the_entry_slipped_is_not_known(ledger: Ledger) -> None:
    await trade(ledger, proposing(EXPECTED), rates={"JPY": Decimal(1)})
    assert [paid.entry_slippage for paid in await ledger.paid_trades("sample")] == [None]


async def test_only_trades_that_were_closed_since_are_told(ledger: Ledger) -> None:
    await trade(ledger, proposing(EXPECTED))
    assert await ledger.paid_trades("sample", CLOSE + timedelta(seconds=3)) == ()
    assert len(await ledger.paid_trades("sample", CLOSE + timedelta(seconds=2))) == 1


async def test_a_record_knows_what_its_trades_cost(ledger: Ledger) -> None:
    await trade(ledger, proposing(EXPECTED))
    [closed], records = await ledger.trades_and_records("sample", CLOSE)
    assert closed.price_cost == Decimal("1.5")
    # Ten dollars were at risk; fees of two cents and half of what spread and slippage were expected to be came off.
    assert records["constant"].mean_cost == pytest.approx(0.152)
    assert records["constant"].mean == pytest.approx(0.998)


def test_nothing_was_expected_of_what_nobody_proposed() -> None:
    assert expected_cost(None, Decimal(1)) is None
