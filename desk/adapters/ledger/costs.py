"""What closed trades were expected to cost, and what they did: the estimate of the proposal beside fees and fills."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import Row
from sqlmodel import col

from desk.adapters.ledger.codec import from_json
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import FillRow, OrderRow, TradeRow, VerdictRow
from desk.execution.rounds import expected_cost_of
from desk.matching.money import round_money
from desk.model.costs import CostEstimate
from desk.model.instrument import Side
from desk.model.orders import FillReason
from desk.model.trade import Intention, Proposal

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class PaidTrade:
    """A closed trade and its costs, all in account currency.

    Attributes:
        expected: of the quantity that was entered; None where the desk did not propose it, or could not value it.
        fees: as charged; a venue may settle interest with them.
        financing: what was booked for holding it apart from the fees, as interest or funding; below 0 it brought
            something.
        entry_slippage: how much worse than the proposal's reference price the entry was filled, below 0 for better;
            None where there was no proposal, or no rate.
    """

    account: str
    strategy: str
    instrument: str
    expected: CostEstimate | None
    fees: Decimal
    financing: Decimal
    entry_slippage: Decimal | None


class Costs(Repository):
    """Expected and paid costs of trades."""

    async def paid_trades(self, account: str, since: datetime | None = None) -> tuple[PaidTrade, ...]:
        """Return the trades that were closed from `since` on, oldest first."""
        query = _QUERY.where(col(TradeRow.account) == account, col(TradeRow.closed_at).is_not(None))
        if since is not None:
            query = query.where(col(TradeRow.closed_at) >= since)
        async with self.database.read() as session:
            connection = await session.connection()
            rows = (await connection.execute(query.order_by(col(TradeRow.closed_at)))).all()
            charges = (await connection.execute(_CHARGES.where(col(FillRow.account) == account))).all()
        financing = _by_order(charges)
        return tuple(_paid_trade(row, financing.get(row.entry_order_id, _NOTHING)) for row in rows)


def entry_proposal() -> sqlalchemy.ScalarSelect[Any]:
    """Return the question for the proposal that opened a trade, to be asked beside a `TradeRow`."""
    proposed = sqlalchemy.select(col(VerdictRow.proposal)).where(
        col(VerdictRow.account) == col(TradeRow.account),
        col(VerdictRow.candle_close) == col(TradeRow.entry_candle_close),
        col(VerdictRow.instrument) == col(TradeRow.instrument),
        col(VerdictRow.strategy) == col(TradeRow.strategy),
        col(VerdictRow.intention) == Intention.OPEN.value,
    )
    return proposed.order_by(col(VerdictRow.sequence)).limit(1).correlate(TradeRow).scalar_subquery()


def with_entry(trades: sqlalchemy.Select[Any]) -> sqlalchemy.Select[Any]:
    """Return a question about trades with the order and the fill beside each that opened it, or NULL."""
    opened = (col(FillRow.account) == col(TradeRow.account)) & (col(FillRow.venue_trade_id) == col(TradeRow.opened_by))
    return (
        trades.select_from(TradeRow)
        .outerjoin(OrderRow, col(OrderRow.client_order_id) == col(TradeRow.entry_order_id))
        .outerjoin(FillRow, opened)
    )


def expected_cost(proposal: object, quantity: Decimal) -> CostEstimate | None:
    """Return what `quantity` of a proposal, as it is kept, was expected to cost; None where it has no estimate."""
    return expected_cost_of(None if proposal is None else from_json(Proposal, proposal), quantity)


_QUERY = (
    sqlalchemy.select(
        *(col(TradeRow.account), col(TradeRow.strategy), col(TradeRow.instrument), col(TradeRow.side)),
        *(col(TradeRow.entry_quantity), col(TradeRow.entry_notional), col(TradeRow.fees), col(FillRow.rate)),
        col(TradeRow.entry_order_id),
        entry_proposal().label("proposal"),
    )
    .select_from(TradeRow)
    .outerjoin(
        FillRow,
        (col(FillRow.account) == col(TradeRow.account)) & (col(FillRow.venue_trade_id) == col(TradeRow.opened_by)),
    )
)


_CHARGES = sqlalchemy.select(col(FillRow.client_order_id), col(FillRow.fee), col(FillRow.fee_rate)).where(
    col(FillRow.reason).in_([reason.value for reason in FillReason if reason.is_charge]),
    col(FillRow.fee_rate).is_not(None),
)


def _by_order(charges: Iterable[Row[Any]]) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for charge in charges:
        before = found.get(charge.client_order_id, _NOTHING)
        found[charge.client_order_id] = before + round_money(charge.fee * charge.fee_rate)
    return found


def _paid_trade(row: Row[Any], financing: Decimal) -> PaidTrade:
    return PaidTrade(
        account=row.account,
        strategy=row.strategy,
        instrument=row.instrument,
        expected=expected_cost(row.proposal, row.entry_quantity),
        fees=row.fees - financing,
        financing=financing,
        entry_slippage=entry_slippage(row),
    )


def entry_slippage(row: Row[Any]) -> Decimal | None:
    """Return how much worse than the reference price an entry was filled; see `PaidTrade`.

    Args:
        row: of a `TradeRow`, with the `rate` of its first fill and its `proposal` as it is kept.
    """
    if row.proposal is None or row.rate is None:
        return None
    reference = from_json(Proposal, row.proposal).reference_price * row.entry_quantity
    worse: Decimal = (row.entry_notional - reference) * Side(row.side).sign * row.rate
    return worse
