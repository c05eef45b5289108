"""What a round trip that is over came to: its profit, the risk that it took, and what it was expected to cost."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from desk.model.costs import CostEstimate
from desk.model.instrument import Side
from desk.model.orders import Barriers, FillReason
from desk.model.records import ClosedTrade
from desk.model.trade import Proposal


class Round(Protocol):
    """The sums of a closed trade; see `desk.model.records.Trade`."""

    @property
    def strategy(self) -> str: ...
    @property
    def instrument(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def opened_at(self) -> datetime: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def entry_quantity(self) -> Decimal: ...
    @property
    def entry_notional(self) -> Decimal: ...
    @property
    def realised_profit(self) -> Decimal: ...
    @property
    def fees(self) -> Decimal: ...
    @property
    def exit_reason(self) -> str: ...


def closed_trade(
    found: Round,
    *,
    barriers: Barriers | None,
    rate: Decimal | None,
    proposal: Proposal | None,
    was_adjusted: bool = False,
) -> ClosedTrade:
    """Return a round trip that is over, with the risk that it took.

    The risk is what would have been lost between the average entry and the stop of the order that opened it.

    Args:
        found: closed.
        barriers: of that order; None where the desk sent none.
        rate: the account-currency value of one unit of the quote currency at its first fill; None where not known.
        proposal: behind that order; None where there was none.
        was_adjusted: whether one of its fills was an adjustment.
    """
    assert found.closed_at is not None, f"the trade of {found.opened_at} in {found.instrument} is open"
    return ClosedTrade(
        strategy=found.strategy,
        instrument=found.instrument,
        side=Side(found.side),
        opened_at=found.opened_at,
        closed_at=found.closed_at,
        profit=found.realised_profit - found.fees,
        fees=found.fees,
        risk=risk_of(found, barriers.stop if barriers else None, rate),
        reason=FillReason(found.exit_reason),
        entry_value=None if rate is None else found.entry_notional * rate,
        price_cost=_price_cost(proposal, found.entry_quantity),
        regime=proposal.vote.regime if proposal is not None and proposal.vote is not None else None,
        was_adjusted=was_adjusted,
    )


def expected_cost_of(proposal: Proposal | None, quantity: Decimal) -> CostEstimate | None:
    """Return what `quantity` of a proposal was expected to cost; None where there is no proposal, or no estimate."""
    if proposal is None or proposal.cost is None:
        return None
    return proposal.cost.part(quantity / proposal.quantity)


def risk_of(found: Round, stop: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """Return what would have been lost at the first stop, or None where there was none below the entry, or no rate."""
    if stop is None or rate is None:
        return None
    distance = (found.entry_notional - stop * found.entry_quantity) * Side(found.side).sign
    return distance * rate if distance > 0 else None


def _price_cost(proposal: Proposal | None, quantity: Decimal) -> Decimal:
    expected = expected_cost_of(proposal, quantity)
    return expected.spread + expected.slippage if expected is not None else Decimal(0)
