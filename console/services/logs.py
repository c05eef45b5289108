"""What the logs of an installation say: their newest lines, of an account, a cycle or a level."""

import asyncio
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from console.naming import account_of
from console.services.opening import OpenDesk
from console.times import parse_time
from desk.adapters.logs.events import cycle_name
from desk.adapters.logs.keeping import DASHBOARD, TRADING, log_file
from desk.adapters.logs.reading import LogEntry, Wanted, newest_first
from desk.adapters.settings import Settings

Which = Literal["trading", "dashboard"]
Level = Literal["debug", "info", "warning", "error"]
FILES = {"trading": TRADING, "dashboard": DASHBOARD}


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """Which lines are looked for.

    Attributes:
        cycle: the close of its candle, as a time that a person may type; empty for all.
        level: the least that a line must have.
    """

    which: Which = "trading"
    account: str = ""
    cycle: str = ""
    level: Level = "debug"

    @property
    def wanted(self) -> Wanted:
        """The same, as logs have it.

        Raises:
            NotUnderstood: the cycle is no time.
        """
        close = cycle_name(parse_time(self.cycle)) if self.cycle else ""
        return Wanted(self.account, close, self.level)


async def newest_lines(chosen: Settings, question: LogQuestion, *, limit: int) -> tuple[LogEntry, ...]:
    """Return the newest lines, oldest first; none where nothing was logged.

    Raises:
        NotUnderstood: the cycle is no time.
    """
    path, wanted = log_file(chosen.home, FILES[question.which]), question.wanted
    found = await asyncio.to_thread(lambda: list(islice(newest_first(path, wanted), limit)))
    return tuple(reversed(found))


async def lines_of_cycle(desk: OpenDesk, chosen: Settings, account: str, close: str) -> tuple[LogEntry, ...]:
    """Return what was logged of a cycle, oldest first; none where its lines were deleted with an old file.

    Raises:
        NotUnderstood: there is no such account, or the close is no time.
    """
    question = LogQuestion(account=account_of(desk.fleet, account).name, cycle=close)
    return await newest_lines(chosen, question, limit=_MOST_OF_A_CYCLE)


_MOST_OF_A_CYCLE = 500
