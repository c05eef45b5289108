"""What was done by whom, page by page, and whether anybody changed it since."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from console.failures import NotUnderstood
from desk.adapters.checkpoints import read_checkpoint, write_checkpoint
from desk.adapters.ledger.chain import AuditEntry, BadRow, Checkpoint, first_bad
from desk.adapters.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Rows of the audit, the newest first; `next` is `after` of the next page, empty where this is the last."""

    rows: tuple[AuditEntry, ...]
    next: str = ""


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


async def audit_page(ledger: Ledger, *, after: str = "", limit: int = 50) -> AuditPage:
    """Return rows of the audit that are older than row `after`, the newest where it is empty.

    Raises:
        NotUnderstood: `after` is not the number of a row.
    """
    if after and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise NotUnderstood(f"expected the number of a row of the audit, found '{after}'")
    found = await ledger.audit_page(before=int(after) if after else None, limit=limit + 1)
    rows = found[:limit]
    return AuditPage(rows, str(rows[-1].sequence) if len(found) > limit else "")


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
