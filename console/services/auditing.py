"""What was done by whom, page by page, and whether anybody changed it since."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from console.services.paging import Page, Turn, number_before, numbered_page
from desk.adapters.checkpoints import read_checkpoint, write_checkpoint
from desk.adapters.ledger.chain import AuditEntry, BadRow, Checkpoint, first_bad
from desk.adapters.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of a check of the whole audit.

    Attributes:
        rows: how many there are.
        head: the newest; None where there is none.
        first_bad: the first row that is not as it was written; None where all are.
    """

    rows: int
    head: Checkpoint | None
    first_bad: BadRow | None


async def audit_page(ledger: Ledger, turn: Turn) -> Page[AuditEntry]:
    """Return rows of the audit, the newest first.

    Raises:
        NotUnderstood: there is no such page.
    """
    found = await ledger.audit_page(before=number_before(turn, "a row of the audit"), limit=turn.limit + 1)
    return numbered_page(found, turn, lambda entry: entry.sequence)


async def verified_audit(ledger: Ledger, home: Path) -> Verified:
    """Check every row, and keep how far the audit is whole, so that the next check finds rows that were cut off."""
    checkpoint = read_checkpoint(home)
    entries = await ledger.audit_entries()
    bad = await asyncio.to_thread(first_bad, entries, checkpoint)
    head = Checkpoint(entries[-1].sequence, entries[-1].hash) if entries else None
    if bad is None and head is not None:
        write_checkpoint(home, head)
    return Verified(len(entries), head, bad)


def detail_of(entry: AuditEntry) -> str:
    """Return what else a row says, in one line."""
    return "; ".join(f"{name} {value}" for name, value in entry.detail.items() if value)
