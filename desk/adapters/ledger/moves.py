"""Moves of money: written down before they are sent, sent under the leases of both accounts, counted once.

What is done is counted in the transaction that says so: cash, equity and its peak, and what the breaker counts from.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.audit import append_audit
from desk.adapters.ledger.books import last_equity
from desk.adapters.ledger.cash import book_moved_cash
from desk.adapters.ledger.controls import find_restriction, objection_of
from desk.adapters.ledger.flows import Flow, open_transfers, scaled, shifted
from desk.adapters.ledger.leases import check_lease
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import EquityRow, TransferRow, TripRow
from desk.errors import LedgerError
from desk.execution.breaker import Limit
from desk.model.moves import OPEN, TREASURY, KeptMove, Move, MoveState, Worth
from desk.model.scopes import Scope
from desk.portfolio.carrying import CarryingLimits, why_not_within
from desk.ports import Lease


class Moves(Repository):
    """`desk.steps.treasury.MoveLog` in the database."""

    async def store_move(self, move: Move) -> KeptMove:
        """Commit a move as PLANNED; one that is stored already is left alone. Return it as it is now."""
        async with self.database.write() as session:
            row = await session.get(TransferRow, move.move_id)
            if row is None:
                row = _planned(move, self._clock.now())
                session.add(row)
            return kept_from(row)

    async def open_moves(self) -> tuple[KeptMove, ...]:
        """Return the moves of which it is not known whether they were carried out, oldest first."""
        async with self.database.read() as session:
            return tuple(map(kept_from, await open_transfers(session)))

    async def newest_moves(self, limit: int) -> tuple[KeptMove, ...]:
        """Return the moves that were planned last, the newest first."""
        newest = select(TransferRow).order_by(col(TransferRow.planned_at).desc(), col(TransferRow.transfer_id).desc())
        async with self.database.read() as session:
            return tuple(map(kept_from, (await session.exec(newest.limit(limit))).all()))

    async def start_move(
        self,
        move: Move,
        leases: Sequence[Lease],
        limits: CarryingLimits,
        *,
        before: Mapping[str, Worth],
        prepared: str,
    ) -> str:
        """Commit PLANNED → SENT if nothing is in the way at this moment; only then may the caller send.

        Args:
            leases: of every account that it touches.
            before: what each of them has.
            prepared: what the venue calls the move; empty where it has no name yet.

        Returns:
            Why it may not be sent; empty where it may. It stays PLANNED then.

        Raises:
            LeaseLost: another holder has taken an account over.
            LedgerError: it was never stored, or is not PLANNED any more.
        """
        now = self._clock.now()
        async with self.database.write() as session:
            venues = [(await check_lease(session, lease)).venue for lease in leases]
            row = await _get(session, move.move_id, MoveState.SENT)
            scopes = [Scope(venue, lease.account) for venue, lease in zip(venues, leases, strict=True)]
            if why := await self._objection(session, move, scopes, limits, now):
                row.detail = why
                return why
            await _note_before(session, row, before)
            row.state, row.detail, row.prepared, row.sent_at = MoveState.SENT.value, "", prepared, now
            await _tell(session, row, "sent", now)
            return ""

    async def end_move(
        self, move_id: str, leases: Sequence[Lease], *, received: Decimal, after: Mapping[str, Worth]
    ) -> None:
        """Commit that a move was carried out, and count it in everything that must not take it for profit or loss.

        Args:
            received: what has arrived, in the currency of arrival.
            after: what each account has then.

        Raises:
            LeaseLost: another holder has taken an account over; nothing was written.
            LedgerError: the move was not on its way.
        """
        async with self.database.write() as session:
            for lease in leases:
                await check_lease(session, lease)
            row = await _get(session, move_id, MoveState.DONE)
            await _end(session, row, received, after, self._clock.now(), who=TREASURY)

    async def record_move(self, move_id: str, state: MoveState, *, detail: str) -> None:
        """Commit that a move was REFUSED, or that its outcome is UNKNOWN.

        Raises:
            LedgerError: it cannot have come to that from where it is.
        """
        now = self._clock.now()
        async with self.database.write() as session:
            row = await _get(session, move_id, state)
            row.state, row.detail = state.value, detail
            row.ended_at = now if state.is_final else None
            await _tell(session, row, state.value, now)

    async def decide_move(self, move_id: str, state: MoveState, *, who: str, why: str) -> KeptMove:
        """Commit a person's word that a move was carried out (DONE) or never was (REFUSED), and return it.

        Raises:
            LedgerError: there is no such move, or it is known what became of it.
        """
        now = self._clock.now()
        async with self.database.write() as session:
            row = await _get(session, move_id, state)
            if row.state not in OPEN:
                raise LedgerError(f"move {move_id}: expected one in doubt, found {row.state}; nothing was changed")
            if state is MoveState.DONE:
                await _end(session, row, row.amount, _after(row, now), now, who=who, why=why)
            else:
                row.state, row.detail, row.ended_at = state.value, f"{why} (said by {who})", now
                await _tell(session, row, state.value, now, who=who)
            return kept_from(row)

    async def _objection(
        self, session: AsyncSession, move: Move, scopes: Sequence[Scope], limits: CarryingLimits, now: datetime
    ) -> str:
        if waiting := await open_transfers(session, *move.accounts):
            return f"it is not known what became of {waiting[0].transfer_id}"
        for scope in scopes:
            found = await find_restriction(session, scope, now, self._triggers(), self._needs())
            if objection := objection_of(found):
                return f"{scope.account}: {objection}"
        return why_not_within(limits, move, await _carried_on(session, now))


def kept_from(row: TransferRow) -> KeptMove:
    """Return the move of a row."""
    move = Move(
        move_id=row.transfer_id,
        day=date.fromisoformat(row.day),
        source=row.source,
        target=row.target,
        currency=row.currency,
        amount=row.amount,
        into=row.into,
        worth=row.worth,
    )
    return KeptMove(move, MoveState(row.state), row.detail, row.prepared, row.sent_at)


def _planned(move: Move, now: datetime) -> TransferRow:
    return TransferRow(
        transfer_id=move.move_id,
        day=move.day.isoformat(),
        source=move.source,
        target=move.target,
        currency=move.currency,
        amount=move.amount,
        into=move.into,
        worth=move.worth,
        state=MoveState.PLANNED.value,
        detail="",
        prepared="",
        planned_at=now,
    )


async def _get(session: AsyncSession, move_id: str, later: MoveState) -> TransferRow:
    row = await session.get(TransferRow, move_id)
    if row is None:
        raise LedgerError(f"move {move_id}: expected it to be stored before it is {later}, found nothing")
    if not MoveState(row.state).may_become(later):
        raise LedgerError(f"move {move_id}: expected a state before {later}, found {row.state}; nothing was changed")
    return row


async def _carried_on(session: AsyncSession, now: datetime) -> Decimal:
    """What was sent on this UTC day is worth, a refusal left out."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = col(TransferRow.state) != MoveState.REFUSED.value
    rows = (await session.exec(select(TransferRow).where(col(TransferRow.sent_at) >= midnight, counted))).all()
    return sum((row.worth for row in rows), Decimal(0))


async def _note_before(session: AsyncSession, row: TransferRow, before: Mapping[str, Worth]) -> None:
    source, target = before[row.source], before[row.target]
    row.source_equity, row.source_peak = source.equity, await _peak(session, row.source, source)
    row.target_equity, row.target_peak = target.equity, await _peak(session, row.target, target)


async def _peak(session: AsyncSession, account: str, worth: Worth) -> Decimal:
    newest = await last_equity(session, account, until=worth.at)
    return worth.equity if newest is None else max(newest.peak, worth.equity)


async def _end(
    session: AsyncSession,
    row: TransferRow,
    received: Decimal,
    after: Mapping[str, Worth],
    now: datetime,
    *,
    who: str,
    why: str = "",
) -> None:
    row.state, row.detail, row.ended_at = MoveState.DONE.value, why, now
    row.source_at, row.target_at = after[row.source].at, after[row.target].at
    await _book_cash(session, row, received)
    if row.source != row.target:
        await _count(session, row, after)
    await _tell(session, row, "done", now, who=who)


def _after(row: TransferRow, now: datetime) -> dict[str, Worth]:
    """What both accounts had before it, with the move: what was seen since may have it or not."""
    return {
        account: Worth(now, equity + amount, equity + amount)
        for account, equity, amount in (
            (row.target, row.target_equity, row.amount),
            (row.source, row.source_equity, -row.amount),
        )
        if equity is not None
    }


async def _book_cash(session: AsyncSession, row: TransferRow, received: Decimal) -> None:
    """Both legs of a transfer; of a conversion the one that leaves: what arrives is not the account's currency."""
    assert row.source_at is not None
    assert row.target_at is not None
    given = {"currency": row.currency, "why": row.transfer_id}
    await book_moved_cash(session, row.source, -row.amount, **given, now=row.source_at)
    if row.source != row.target:
        arrived = {"currency": row.into, "why": row.transfer_id}
        await book_moved_cash(session, row.target, received, **arrived, now=row.target_at)


async def _count(session: AsyncSession, row: TransferRow, after: Mapping[str, Worth]) -> None:
    sides = (
        (row.source, -row.amount, row.source_equity, row.source_peak),
        (row.target, row.amount, row.target_equity, row.target_peak),
    )
    for account, amount, equity, peak in sides:
        assert equity is not None, f"{row.transfer_id}: what {account} had before was not written down"
        assert peak is not None, f"{row.transfer_id}: the peak of {account} was not written down"
        await _store_worth(session, account, after[account], scaled(peak, equity, amount))
        await _shift_references(session, after[account], Flow(account, None, amount, equity, row.sent_at))


async def _store_worth(session: AsyncSession, account: str, worth: Worth, peak: Decimal) -> None:
    highest = max(peak, worth.equity)
    await session.merge(EquityRow(account=account, at=worth.at, equity=worth.equity, cash=worth.cash, peak=highest))


async def _shift_references(session: AsyncSession, after: Worth, flow: Flow) -> None:
    """Move along what re-armed limits count from."""
    rows = (await session.exec(select(TripRow).where(col(TripRow.account) == flow.account))).all()
    for row in rows:
        if row.reference_equity is None or row.reference_at is None:
            continue
        row.reference_equity = shifted(row.limit, row.reference_equity, row.reference_at, flow)
        if row.limit == Limit.DRAWDOWN:
            row.reference_equity = max(row.reference_equity, after.equity)


async def _tell(session: AsyncSession, row: TransferRow, became: str, now: datetime, *, who: str = TREASURY) -> None:
    """Write a change into the audit, of each account that it touches."""
    detail = {
        "move": row.transfer_id,
        "amount": f"{row.amount:f} {row.currency}",
        "from": row.source,
        "to": row.target if row.source != row.target else row.into,
        "why": row.detail,
    }
    for account in sorted({row.source, row.target}):
        await append_audit(session, now, who, f"move {became}", str(Scope(account=account)), detail)
