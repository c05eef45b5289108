"""Shows what was done by whom, and finds the first row of the audit that is not as it was written."""

from functools import partial

from console.failures import FAILED
from console.ledgers import ask
from console.services.auditing import Verified, detail_of, verified_audit
from console.showing import print_json, print_line, print_rows
from console.times import format_instant
from desk.adapters.checkpoints import CHECKPOINT_FILE
from desk.adapters.ledger.chain import AuditEntry
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings

_NOTHING = "nothing was done yet that the audit keeps"


def show_audit(*, newest: int, as_json: bool) -> int:
    """Print the newest rows, oldest first."""
    entries = ask(partial(Ledger.audit_entries, newest=newest))
    if as_json:
        print_json([_facts(entry) for entry in entries])
    else:
        print_rows([_row(entry) for entry in entries], as_json=False, empty=_NOTHING)
    return 0


def verify_audit(*, as_json: bool) -> int:
    """Check every row; return 1 and name the first bad one, or keep how far the audit is whole and return 0."""
    found = ask(lambda ledger: verified_audit(ledger, settings().home))
    _print(found, as_json=as_json)
    return FAILED if found.first_bad else 0


def _print(found: Verified, *, as_json: bool) -> None:
    head, bad = found.head, found.first_bad
    if as_json:
        print_json(
            {
                "rows": found.rows,
                "head": head.hash if head else "",
                "first_bad": None if bad is None else {"sequence": bad.sequence, "found": bad.found},
            }
        )
    elif bad is not None:
        print_line(f"row {bad.sequence} of the audit: {bad.found}.")
        print_line("Compare with a backup (`desk db verify FILE`) before you trust anything that is said after it.")
    elif head is None:
        print_line(_NOTHING)
    else:
        print_line(f"{found.rows} rows, all as they were written. Head: {head.sequence} {head.hash}")
        print_line(f"Kept in {settings().home / CHECKPOINT_FILE}, so that the next check finds rows that were cut off.")


def _row(entry: AuditEntry) -> dict[str, object]:
    return {
        "row": entry.sequence,
        "at": format_instant(entry.at),
        "who": entry.who,
        "action": entry.action,
        "subject": entry.subject,
        "detail": detail_of(entry),
    }


def _facts(entry: AuditEntry) -> dict[str, object]:
    return {**_row(entry), "at": entry.at, "detail": dict(entry.detail), "hash": entry.hash}
