"""The audit: every action of an operator and every change of state is a row, committed with what it tells of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.chain import AuditEntry, hash_of
from desk.adapters.ledger.codec import from_json
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import AuditRow


class Audit(Repository):
    """Reads the chain, and adds what changes nothing else in the ledger."""

    async def record_action(self, who: str, action: str, subject: str, detail: Mapping[str, str]) -> None:
        """Commit that something was done; for what has no other row to be committed with."""
        async with self.database.write() as session:
            await append_audit(session, self._clock.now(), who, action, subject, detail)

    async def audit_entries(self, *, newest: int | None = None) -> tuple[AuditEntry, ...]:
        """Return the chain, oldest first; with `newest` so many of its end."""
        wanted = select(AuditRow).order_by(col(AuditRow.sequence).desc()).limit(newest)
        async with self.database.read() as session:
            rows = (await session.exec(wanted)).all()
        return tuple(_entry_from(row) for row in reversed(rows))

    async def audit_page(self, *, before: int | None, limit: int) -> tuple[AuditEntry, ...]:
        """Return rows of the chain, the newest first; those before the row of a number where one is given."""
        wanted = select(AuditRow).order_by(col(AuditRow.sequence).desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(col(AuditRow.sequence) < before)
        async with self.database.read() as session:
            return tuple(map(_entry_from, (await session.exec(wanted)).all()))


async def append_audit(
    session: AsyncSession, at: datetime, who: str, action: str, subject: str, detail: Mapping[str, str]
) -> None:
    """Add a row to the end of the chain, in the transaction of what it tells of.

    Args:
        session: of `Database.write`: its lock is what keeps two writers from following the same row.
        who: a person, or the part of the desk that acted.
        action: one word, such as `halted`.
        subject: what it was done to.
    """
    last = (await session.exec(select(AuditRow).order_by(col(AuditRow.sequence).desc()).limit(1))).first()
    sequence, previous = (1, "") if last is None else (last.sequence + 1, last.hash)
    entry = AuditEntry(sequence, at, who, action, subject, dict(detail), previous)
    session.add(_row_of(replace(entry, hash=hash_of(entry))))
    await session.flush()


def _row_of(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        sequence=entry.sequence,
        at=entry.at,
        who=entry.who,
        action=entry.action,
        subject=entry.subject,
        detail=dict(entry.detail),
        previous_hash=entry.previous_hash,
        hash=entry.hash,
    )


def _entry_from(row: AuditRow) -> AuditEntry:
    detail = from_json(dict[str, str], row.detail)
    return AuditEntry(row.sequence, row.at, row.who, row.action, row.subject, detail, row.previous_hash, row.hash)
