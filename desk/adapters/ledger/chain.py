"""The chain of the audit: how a row is hashed, and which row is the first that cannot be as it was written."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import orjson


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One action of a person or of the desk.

    Attributes:
        sequence: counted from 1, without gaps.
        detail: what else there is to say, as texts, so that every database returns it to the letter.
        hash: over all the others.
    """

    sequence: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: Mapping[str, str]
    previous_hash: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far the chain was when it was last found whole, kept outside the database."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """The first row that is not as it was written; `found` says what is wrong with it."""

    sequence: int
    found: str


def hash_of(entry: AuditEntry) -> str:
    """Return the SHA-256 of an entry and of the hash before it, in hexadecimal."""
    document = {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "who": entry.who,
        "action": entry.action,
        "subject": entry.subject,
        "detail": dict(entry.detail),
        "previous": entry.previous_hash,
    }
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


def first_bad(entries: Iterable[AuditEntry], checkpoint: Checkpoint | None = None) -> BadRow | None:
    """Return the first row that was edited, deleted, inserted or moved; None where the chain is whole.

    What nobody can find: rows that were cut off the end since `checkpoint`, and a chain that was computed anew from a
    row after it.

    Args:
        entries: all of them, by sequence.
        checkpoint: rows up to it can be missing at the end no more, nor be written anew.
    """
    known = list(entries)
    origin = AuditEntry(0, datetime.fromtimestamp(0, tz=UTC), "", "", "", {}, "")
    faults = (_fault(before, entry, checkpoint) for before, entry in pairwise((origin, *known)))
    found = next((fault for fault in faults if fault is not None), None)
    if found is None and checkpoint is not None and len(known) < checkpoint.sequence:
        return BadRow(len(known) + 1, f"it is missing, and so are all up to {checkpoint.sequence}: the end was cut off")
    return found


def _fault(before: AuditEntry, entry: AuditEntry, checkpoint: Checkpoint | None) -> BadRow | None:
    expected = before.sequence + 1
    if entry.sequence != expected:
        return BadRow(expected, f"it is missing; the next one is {entry.sequence}")
    if entry.hash != hash_of(entry):
        return BadRow(expected, "it was edited: its hash does not fit what it says")
    if entry.previous_hash != before.hash:
        return BadRow(expected, f"it does not follow row {before.sequence}: it was inserted, or the one before was")
    if checkpoint is not None and entry.sequence == checkpoint.sequence and entry.hash != checkpoint.hash:
        return BadRow(expected, "it is another than at the last check: it, or one before it, was written anew")
    return None
