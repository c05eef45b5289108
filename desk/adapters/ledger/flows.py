"""What moves of money have brought accounts and taken from them, so that none of it counts as won or lost."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.tables import TransferRow
from desk.execution.breaker import Limit
from desk.matching.money import EXACT, round_money
from desk.model.moves import OPEN, MoveState

_TOLD = [state.value for state in (*OPEN, MoveState.DONE)]
_OPEN = [state.value for state in OPEN]


@dataclass(frozen=True, slots=True)
class Flow:
    """What one move means to an account.

    Attributes:
        at: when it was counted, on the account's clock; None while nobody knows whether it was carried out.
        amount: signed, in account currency.
        equity: of the account before it.
        sent_at: when it was sent, by the machine's clock.
    """

    account: str
    at: datetime | None
    amount: Decimal
    equity: Decimal
    sent_at: datetime | None

    def scaled(self, peak: Decimal) -> Decimal:
        """Return a peak as it counts with the move, so that the same fraction of it is lost as without."""
        return scaled(peak, self.equity, self.amount)


def scaled(peak: Decimal, equity: Decimal, amount: Decimal) -> Decimal:
    """Return what a peak is after an account with this equity was given an amount, or gave it where that is below 0."""
    if equity <= 0:
        return peak + amount
    with localcontext(EXACT):
        return round_money(peak * (equity + amount) / equity)


def shifted(limit: str, reference: Decimal, since: datetime, flow: Flow) -> Decimal:
    """Return from what a limit that was re-armed counts with a move: money is added to a day, a peak is scaled.

    Args:
        since: when the reference was set; one that was set after the move had been sent knows of it already.
    """
    if flow.sent_at is not None and since > flow.sent_at:
        return reference
    if limit == Limit.DAILY_LOSS:
        return reference + flow.amount
    return flow.scaled(reference) if limit == Limit.DRAWDOWN else reference


async def flows_of(session: AsyncSession, accounts: Collection[str]) -> list[Flow]:
    """Return what moves have meant to accounts: those that are done, and those that may have left."""
    mine = col(TransferRow.source).in_(accounts) | col(TransferRow.target).in_(accounts)
    wanted = mine & col(TransferRow.state).in_(_TOLD) & (col(TransferRow.source) != col(TransferRow.target))
    rows = (await session.exec(select(TransferRow).where(wanted))).all()
    return [flow for row in rows for flow in _flows(row) if flow.account in accounts]


def moved_since(flows: Iterable[Flow], since: datetime, until: datetime) -> Decimal:
    """Return what was brought after a time less what was taken; what may have left counts as gone."""
    known = (flow.amount for flow in flows if flow.at is None or since < flow.at <= until)
    return sum(known, Decimal(0))


async def open_transfers(session: AsyncSession, *accounts: str) -> list[TransferRow]:
    """Return the moves of which it is not known whether they were carried out, of these accounts or of all."""
    wanted = select(TransferRow).where(col(TransferRow.state).in_(_OPEN))
    if accounts:
        wanted = wanted.where(col(TransferRow.source).in_(accounts) | col(TransferRow.target).in_(accounts))
    rows = (await session.exec(wanted)).all()
    return sorted(rows, key=lambda row: (row.planned_at, row.transfer_id))


def _flows(row: TransferRow) -> Iterable[Flow]:
    """Both sides of a move that is done; of another the giver's alone, who must not seem to have lost it."""
    is_done = row.state == MoveState.DONE
    if row.source_equity is not None and (row.source_at is not None or not is_done):
        yield Flow(row.source, row.source_at, -row.amount, row.source_equity, row.sent_at)
    if row.target_equity is not None and row.target_at is not None:
        yield Flow(row.target, row.target_at, row.amount, row.target_equity, row.sent_at)
