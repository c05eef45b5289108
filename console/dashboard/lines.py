"""Lines of a log as a table."""

from collections.abc import Sequence

import orjson

from console.dashboard.parts import BAD, BUSY, CAREFUL, QUIET, Cell, account_path
from console.dashboard.tables import table
from console.times import format_instant
from desk.adapters.logs.reading import LogEntry

_KINDS = {"debug": QUIET, "info": BUSY, "warning": CAREFUL, "error": BAD, "critical": BAD}
_NOT_SHOWN = frozenset({"process", "run", "run_name", "task"})


def show_lines(entries: Sequence[LogEntry], *, around: bool = True) -> None:
    """Put lines on the page, in their order.

    Args:
        entries: what was logged.
        around: whether to say which account and cycle a line is about.
    """
    about = ("Account", "Cycle") if around else ()
    rows = [_row(entry, around=around) for entry in entries]
    table(("Time", "Level", *about, "Event"), rows, otherwise="Nothing was logged of that.")


def _row(entry: LogEntry, *, around: bool) -> tuple[Cell, ...]:
    facts = {name: value for name, value in entry.facts.items() if name not in _NOT_SHOWN and value not in ("", None)}
    told = ", ".join(f"{name.replace('_', ' ')} {_short(value)}" for name, value in facts.items())
    begin = (Cell(format_instant(entry.at)), Cell("", _KINDS.get(entry.level, QUIET), badge=entry.level))
    return *begin, *(_about(entry) if around else ()), Cell(f"{entry.event}: {told}" if told else entry.event)


def _about(entry: LogEntry) -> tuple[Cell, Cell]:
    account = Cell(entry.account, link=account_path(entry.account) if entry.account else "")
    is_known = bool(entry.account and entry.cycle)
    return account, Cell(entry.cycle, link=f"{account_path(entry.account)}/cycle/{entry.cycle}" if is_known else "")


def _short(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
