"""What the logs of an installation say: their newest lines, of an account, a cycle or a level."""

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import orjson

from console.naming import account_of
from console.services.opening import OpenDesk
from console.times import parse_time
from desk.adapters.logs.events import NOTHING_TO_WATCH, cycle_name
from desk.adapters.logs.keeping import DASHBOARD, TRADING, log_file
from desk.adapters.logs.reading import LogEntry, Wanted, newest_first
from desk.adapters.settings import Settings

Which = Literal["trading", "dashboard"]
Level = Literal["debug", "info", "warning", "error"]
FILES = {"trading": TRADING, "dashboard": DASHBOARD}
_NOT_SHOWN = frozenset({"process", "run", "run_name", "task", "exception"})


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """Which lines are looked for.

    Attributes:
        cycle: the close of its candle, as a time that a person may type; empty for all.
        level: the least that a line must have.
        with_idle: whether lines of watches that had nothing to do are among those of a page.
    """

    which: Which = "trading"
    account: str = ""
    cycle: str = ""
    level: Level = "debug"
    with_idle: bool = False

    @property
    def wanted(self) -> Wanted:
        """The same, as logs have it.

        Raises:
            NotUnderstood: the cycle is no time.
        """
        close = cycle_name(parse_time(self.cycle)) if self.cycle else ""
        return Wanted(self.account, close, self.level)


@dataclass(frozen=True, slots=True)
class PageOfLines:
    """Lines, the newest first, and how many between them were left out."""

    entries: tuple[LogEntry, ...]
    left_out: int


async def page_of_lines(chosen: Settings, question: LogQuestion, *, limit: int) -> PageOfLines:
    """Return the newest lines that tell something, for a page.

    Watches that have nothing to do are most of a log. So that one of nothing else is not read to its end, no more than
    some thousand lines are looked at.

    Raises:
        NotUnderstood: the cycle is no time.
    """
    path, wanted = log_file(chosen.home, FILES[question.which]), question.wanted
    looked_at = _MOST_LOOKED_AT if not question.with_idle else limit
    entries = islice(newest_first(path, wanted), looked_at)
    return await asyncio.to_thread(_page, entries, limit, with_idle=question.with_idle)


def _page(entries: Iterator[LogEntry], limit: int, *, with_idle: bool) -> PageOfLines:
    found: list[LogEntry] = []
    left_out = 0
    for entry in entries:
        if is_idle(entry) and not with_idle:
            left_out += 1
            continue
        found.append(entry)
        if len(found) == limit:
            break
    return PageOfLines(tuple(found), left_out)


def is_idle(entry: LogEntry) -> bool:
    """Whether a line only says that a watch began, or that it found nothing to watch."""
    is_watch = str(entry.facts.get("run_name", "")).startswith(_WATCH) and entry.level == "info"
    return is_watch and (entry.event.startswith("Beginning flow run") or entry.event.endswith(NOTHING_TO_WATCH))


async def newest_lines(chosen: Settings, question: LogQuestion, *, limit: int) -> tuple[LogEntry, ...]:
    """Return the newest lines, oldest first; none where nothing was logged.

    Raises:
        NotUnderstood: the cycle is no time.
    """
    path, wanted = log_file(chosen.home, FILES[question.which]), question.wanted
    found = await asyncio.to_thread(lambda: list(islice(newest_first(path, wanted), limit)))
    return tuple(reversed(found))


async def newest_lines_about(chosen: Settings, accounts: Collection[str], *, limit: int) -> tuple[LogEntry, ...]:
    """Return the newest lines about some accounts together, oldest first."""
    # Of one account, most lines need not be understood to know that they are of another.
    wanted = Wanted(next(iter(accounts))) if len(accounts) == 1 else Wanted()
    entries = newest_first(log_file(chosen.home), wanted)
    found = await asyncio.to_thread(lambda: list(islice((one for one in entries if one.account in accounts), limit)))
    return tuple(reversed(found))


def text_of(entry: LogEntry) -> str:
    """Return what an entry says, on one line: without its time, level and account, and without a traceback."""
    facts = {name: value for name, value in entry.facts.items() if name not in _NOT_SHOWN}
    told = "  ".join(f"{name}={_short(value)}" for name, value in facts.items() if value not in ("", None))
    return "  ".join(part for part in (entry.event, told) if part)


def _short(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


async def lines_of_cycle(desk: OpenDesk, chosen: Settings, account: str, close: str) -> tuple[LogEntry, ...]:
    """Return what was logged of a cycle, oldest first; none where its lines were deleted with an old file.

    Raises:
        NotUnderstood: there is no such account, or the close is no time.
    """
    question = LogQuestion(account=account_of(desk.fleet, account).name, cycle=close)
    return await newest_lines(chosen, question, limit=_MOST_OF_A_CYCLE)


_MOST_OF_A_CYCLE = 500
_WATCH = "watch "
"""How the names of its runs begin."""
_MOST_LOOKED_AT = 5_000
