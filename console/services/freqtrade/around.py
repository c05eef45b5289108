"""What lies around the trades of an account, as freqtrade tells it: instruments, locks, its log, the machine."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from console.failures import NothingRecorded
from console.naming import account_of
from console.services.freqtrade.writing import hundred, milliseconds, written
from console.services.logs import LogQuestion, newest_lines, text_of
from console.services.opening import OpenDesk
from desk.adapters.logs.reading import LogEntry
from desk.adapters.machine import MachineNotTold, memory_use, processor_loads
from desk.adapters.settings import Settings
from desk.model.books import Restriction
from desk.universe.choosing import members

NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""When a lock ends that somebody has to lift: freqtrade's have an end."""

LogLine = tuple[str, float, str, str, str]
"""Its time as text and in milliseconds, who logged it, how grave it is, and what it says."""


@dataclass(frozen=True, slots=True)
class Whitelist:
    """The instruments that an account may open, and what chose them."""

    whitelist: tuple[str, ...]
    length: int
    method: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What keeps an instrument, or all as `*`, from being opened, on both sides.

    Attributes:
        id: its place in the list; nothing can be done by it.
        lock_time: empty where nobody knows since when, as of a file that halts.
        lock_end_time: in the year 9999 where somebody has to lift it.
    """

    id: int
    active: bool = True
    lock_end_time: str
    lock_end_timestamp: int
    lock_time: str
    lock_timestamp: int
    pair: str
    side: str = "*"
    reason: str


@dataclass(frozen=True, slots=True)
class Locks:
    """What is locked."""

    lock_count: int
    locks: tuple[Lock, ...]


@dataclass(frozen=True, slots=True)
class LogLines:
    """Lines of a log, oldest first."""

    log_count: int
    logs: tuple[LogLine, ...]


@dataclass(frozen=True, slots=True)
class MachineUse:
    """How busy each processor is, and how much of the memory is used, in hundredths."""

    cpu_pct: tuple[float, ...]
    ram_pct: float


async def whitelist_of(desk: OpenDesk, account: str) -> Whitelist:
    """Return the instruments of the configuration, or those that the universe of an account chose last.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    spec = account_of(desk.fleet, account)
    if spec.universe is None:
        return Whitelist(spec.instruments, len(spec.instruments), ("StaticPairList",))
    choice = await desk.ledger.universe_choice(spec.name)
    chosen = members(choice.standings) if choice else ()
    return Whitelist(chosen, len(chosen), (spec.universe,))


async def locks_of(desk: OpenDesk, account: str) -> Locks:
    """Return the trading states in force that cover an account or an instrument of it; for errors see `whitelist_of`.

    A state of one strategy locks no instrument, and is not among them.
    """
    spec = account_of(desk.fleet, account)
    found = await desk.ledger.restrictions(spec.name, spec.venue)
    locks = tuple(_locks(one for one in found if not one.scope.strategy))
    return Locks(len(locks), locks)


async def log_of(desk: OpenDesk, chosen: Settings, account: str, *, limit: int) -> LogLines:
    """Return the newest lines about an account; for errors see `whitelist_of`."""
    question = LogQuestion(account=account_of(desk.fleet, account).name)
    lines = tuple(map(_line, await newest_lines(chosen, question, limit=limit)))
    return LogLines(len(lines), lines)


async def machine_use() -> MachineUse:
    """Return how busy the machine is that the control room runs on.

    Raises:
        NothingRecorded: it does not tell.
    """
    try:
        loads = await processor_loads()
        return MachineUse(tuple(map(hundred, loads)), hundred(memory_use()))
    except MachineNotTold as error:
        raise NothingRecorded(str(error)) from error


def _locks(found: Iterable[Restriction]) -> Iterator[Lock]:
    for place, one in enumerate(found, 1):
        until = one.until or NEVER
        yield Lock(
            id=place,
            lock_end_time=written(until),
            lock_end_timestamp=milliseconds(until),
            lock_time=written(one.since) if one.since else "",
            lock_timestamp=milliseconds(one.since) if one.since else 0,
            pair=one.scope.instrument or "*",
            reason=str(one),
        )


def _line(entry: LogEntry) -> LogLine:
    failed = str(entry.facts.get("exception", ""))
    told = f"{text_of(entry)}\n{failed}" if failed else text_of(entry)
    return written(entry.at), entry.at.timestamp() * 1000, entry.logger, entry.level.upper(), told
