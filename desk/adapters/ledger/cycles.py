"""The record of cycles: claimed once, recorded as a whole, never overwritten by a run that failed later."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import orjson
from sqlalchemy import delete
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.audit import append_audit
from desk.adapters.ledger.books import store_equity
from desk.adapters.ledger.codec import Values, decision_rows, to_json
from desk.adapters.ledger.excursions import store_excursions
from desk.adapters.ledger.facts import Claim
from desk.adapters.ledger.leases import check_lease
from desk.adapters.ledger.repository import Repository, insert_rows, table_of
from desk.adapters.ledger.tables import (
    ConfigVersionRow,
    CycleRow,
    FindingRow,
    NoTradeRow,
    SignalRow,
    VerdictRow,
)
from desk.errors import LedgerError
from desk.model.books import AccountState, Snapshot
from desk.model.cycle import CycleKey, CycleRecord, CycleState, Decision, Mode
from desk.model.orders import Order, OrderIntent
from desk.model.surroundings import Surroundings
from desk.model.trade import Proposal
from desk.ports import Lease

_PARTS: tuple[type[SQLModel], ...] = (SignalRow, NoTradeRow, VerdictRow, FindingRow)
_REPLACEABLE = frozenset({CycleState.RUNNING, CycleState.FAILED, CycleState.CRASHED, CycleState.CANCELLED})
"""What the end of a run may overwrite; the others are outcomes of the cycle itself."""


class Cycles(Repository):
    """Claims, records and ends of cycles."""

    async def claim_cycle(
        self,
        key: CycleKey,
        *,
        mode: Mode,
        flow_run_id: str,
        config_version: str,
        code_version: str,
        now: datetime,
    ) -> Claim:
        """Take up a cycle: make its record, or find out how far it came.

        A finished cycle is left alone. Any other is RUNNING again under this run, and nobody was told of it yet.
        """
        async with self.database.write() as session:
            row = await _find(session, key)
            newest = await _newest_after(session, key)
            claim = Claim(key, CycleState.RUNNING, is_new=True, superseded_by=newest)
            if row is None:
                row = _new_row(key, mode, now)
            else:
                claim = replace(claim, state=CycleState(row.state), is_new=False, notified_at=row.notified_at)
            if claim.state.is_finished:
                return claim
            row.state, row.mode, row.flow_run_id = CycleState.RUNNING.value, mode.value, flow_run_id
            row.config_version, row.code_version = config_version, code_version
            row.finished_at = row.notified_at = None
            session.add(row)
        return replace(claim, notified_at=None)

    async def superseded_by(self, key: CycleKey) -> datetime | None:
        """Return the newest candle that the account has a cycle of; None unless it is newer than the key's."""
        async with self.database.read() as session:
            return await _newest_after(session, key)

    async def record_cycle(self, record: CycleRecord, *, now: datetime, lease: Lease | None = None) -> None:
        """Commit all that a cycle decided and did; once more replaces what was recorded before.

        What its snapshot says of the ways of trades is added to what was seen of them before.

        Raises:
            LeaseLost: `lease` was given, and another run has the account now; nothing was changed.
        """
        async with self.database.write() as session:
            await _fence(session, lease)
            row = await _find(session, record.key) or _new_row(record.key, record.mode, now)
            _fill_row(row, record)
            row.finished_at = None if record.state is CycleState.RUNNING else now
            session.add(row)
            await _replace_parts(session, row, record.decision)
            if record.snapshot is not None:
                await store_excursions(session, record.key.account, record.snapshot.excursions)

    async def close_cycle(
        self,
        record: CycleRecord,
        *,
        money: AccountState | None,
        is_announced: bool,
        now: datetime,
        lease: Lease | None = None,
    ) -> None:
        """Commit what became of a cycle whose decision is recorded, and the money that it left, in one transaction.

        Args:
            money: noted in the equity curve; None where it is not known.
            is_announced: whether there is nothing to tell anybody.

        Raises:
            LeaseLost: `lease` was given, and another run has the account now; nothing was changed.
            LedgerError: there is no such cycle.
        """
        async with self.database.write() as session:
            await _fence(session, lease)
            row = await self._existing(session, record.key)
            row.state, row.detail, row.durations = record.state.value, record.detail, dict(record.durations)
            row.orders = to_json(tuple[Order, ...], record.orders)
            row.finished_at, row.notified_at = now, now if is_announced else None
            if money is not None:
                await store_equity(session, record.key.account, money.at, money.equity, money.cash)

    async def mark_notified(self, key: CycleKey, now: datetime) -> None:
        """Commit that people were told of the cycle.

        Raises:
            LedgerError: there is no such cycle.
        """
        async with self.database.write() as session:
            (await self._existing(session, key)).notified_at = now

    async def record_run_end(
        self,
        key: CycleKey,
        state: CycleState,
        detail: str,
        now: datetime,
        *,
        mode: Mode | None = None,
        flow_run_id: str = "",
    ) -> bool:
        """Commit that a flow run ended as FAILED, CRASHED or CANCELLED before its cycle was recorded.

        A cycle that has an outcome of its own is left alone, and so is one that another run has taken up since.

        Args:
            mode: lets a run that never claimed its cycle leave a record; without it, it leaves none.
            flow_run_id: the run that ended; empty where it is not known.

        Returns:
            Whether anything was recorded.
        """
        assert state in _REPLACEABLE - {CycleState.RUNNING}, f"{key}: {state} is not the end of a run"
        async with self.database.write() as session:
            row = await _find(session, key)
            if row is None and mode is not None:
                row = _new_row(key, mode, now)
                row.flow_run_id = flow_run_id
            if row is None or CycleState(row.state) not in _REPLACEABLE:
                return False
            if flow_run_id not in ("", row.flow_run_id):
                return False
            if row.state == state.value and row.detail:
                return False  # the run has told the reason itself
            row.state, row.detail, row.finished_at = state.value, detail, now
            session.add(row)
            return True

    async def record_skipped(self, key: CycleKey, mode: Mode, detail: str, now: datetime, flow_run_id: str) -> bool:
        """Commit that a run came too late for its candle; a cycle that has a record keeps it.

        Returns:
            Whether it was recorded.
        """
        async with self.database.write() as session:
            if await _find(session, key) is not None:
                return False
            row = _new_row(key, mode, now)
            row.state, row.detail, row.flow_run_id = CycleState.SKIPPED_STALE.value, detail, flow_run_id
            row.finished_at = now
            session.add(row)
            return True

    async def store_config_version(self, version: str, content: str, now: datetime) -> None:
        """Commit what a configuration's hash stands for; one that is known is left alone."""
        async with self.database.write() as session:
            if await session.get(ConfigVersionRow, version) is None:
                session.add(ConfigVersionRow(hash=version, content=content, first_seen=now))
                await append_audit(session, now, "desk", "configured", f"configuration:{version}", {})

    async def config_version(self, version: str) -> str | None:
        """Return what a configuration's hash stands for, or None where it is not known."""
        async with self.database.read() as session:
            row = await session.get(ConfigVersionRow, version)
        return row.content if row else None

    async def _existing(self, session: AsyncSession, key: CycleKey) -> CycleRow:
        row = await _find(session, key)
        if row is None:
            raise LedgerError(f"{self.database.name}: expected the cycle {key}, found none; record it first")
        return row


async def _fence(session: AsyncSession, lease: Lease | None) -> None:
    if lease is not None:
        await check_lease(session, lease)


async def _newest_after(session: AsyncSession, key: CycleKey) -> datetime | None:
    """The newest candle that the account has a cycle of, None unless it is newer than `key`'s."""
    mine = (col(CycleRow.account) == key.account) & (col(CycleRow.candle_close) > key.candle_close)
    newest = select(CycleRow.candle_close).where(mine).order_by(col(CycleRow.candle_close).desc()).limit(1)
    return (await session.exec(newest)).first()


async def _find(session: AsyncSession, key: CycleKey) -> CycleRow | None:
    return await session.get(CycleRow, (key.account, key.candle_close))


def _new_row(key: CycleKey, mode: Mode, now: datetime) -> CycleRow:
    return CycleRow(
        account=key.account,
        candle_close=key.candle_close,
        state=CycleState.RUNNING.value,
        mode=mode.value,
        flow_run_id="",
        started_at=now,
        detail="",
        config_version="",
        code_version="",
        durations={},
        proposals=[],
        intents=[],
        orders=[],
        parts="",
    )


def _fill_row(row: CycleRow, record: CycleRecord) -> None:
    decision, snapshot = record.decision, record.snapshot
    row.state, row.mode, row.detail = record.state.value, record.mode.value, record.detail
    row.config_version, row.code_version = record.config_version, record.code_version
    row.durations = dict(record.durations)
    row.equity = None if snapshot is None else snapshot.money.equity
    row.snapshot = None if snapshot is None else to_json(Snapshot, _by_itself(snapshot))
    row.proposals = to_json(tuple[Proposal, ...], decision.proposals)
    row.intents = to_json(tuple[OrderIntent, ...], decision.intents)
    row.orders = to_json(tuple[Order, ...], record.orders)


def _by_itself(snapshot: Snapshot) -> Snapshot:
    """Without what the ledger has of trades and of other accounts anyhow; findings say what a rule has seen of it."""
    return replace(snapshot, closed_trades=(), surroundings=Surroundings(), excursions=())


async def _replace_parts(session: AsyncSession, row: CycleRow, decision: Decision) -> None:
    rows = decision_rows(CycleKey(row.account, row.candle_close), decision)
    before, row.parts = row.parts, _hash(rows)
    await session.flush()
    if row.parts == before:
        return
    for part in _PARTS:
        table = table_of(part)
        mine = (table.c.account == row.account) & (table.c.candle_close == row.candle_close)
        if before:
            await session.exec(delete(table).where(mine))
        await insert_rows(session, part, rows[table.name])


def _hash(rows: Mapping[str, Sequence[Values]]) -> str:
    return hashlib.sha256(orjson.dumps(rows, default=str)).hexdigest()
