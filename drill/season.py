"""A season: so many cycles of a venue's accounts, from empty books to a judgement, all of it drawn from a seed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from traceback import extract_tb

from desk.adapters.ledger.schema import upgrade
from desk.errors import DeskError, LeaseLost, LedgerError, VenueError
from desk.model.books import TradingState
from desk.ports import Feed
from drill.evidence import Expected, Span
from drill.in_the_process import IN_THE_PROCESS
from drill.in_the_world import IN_THE_WORLD, Hand, Mend, World
from drill.interrupting import Killed
from drill.judging import Violation, Wrong, judge, longest_naked_time
from drill.mishaps import Hits, Scene
from drill.on_the_wire import ON_THE_WIRE
from drill.process import Inbox, Installation, Process, newest_close
from drill.seats import Seat
from drill.steering import Steering
from drill.testimony import ledger_books, venue_books
from drill.wires import DIALECTS, pass_time
from simulator.clock import SteeredClock
from simulator.server import Plan, simulated

FAULTS = tuple(sorted({*ON_THE_WIRE, *IN_THE_PROCESS, *IN_THE_WORLD}))
"""Every fault that a drill can make."""

_START = datetime(2026, 1, 12, 6, 0, tzinfo=UTC)
_DAYS = 4
"""A season begins on one of so many days after the start, none of which is at a weekend."""

_AFTER_CLOSE = 2.0
_BETWEEN_LOOKS = 3.0
"""Seconds from a scan, or from one look of the watch at an account with which all was not well, to the next look."""

_RESTART = 2.0
"""Seconds until a killed process is there again."""

_MILLISECONDS = 1_000
"""In a second: most venues tell times no more precisely, and fills are compared by theirs."""

_MOST_LOOKS = 4
_UNTIL_MENDED = 2
"""Cycles of each account for which a change of the world stays."""

_ROUNDS = 2
"""Of mending at the end: what needs another thing to be mended first succeeds in the second."""

_SETTLED = 150.0
"""Seconds of quiet before the end, longer than anything that the desk waits for before it concludes."""

_DISTURBED, _DISTURBED_WATCH, _CHANGED_WORLD, _LATE_LOOK, _RESUMED, _RENEWED = 0.6, 0.2, 0.15, 0.3, 0.2, 0.03


@dataclass(frozen=True, slots=True)
class Terms:
    """What a season is made of.

    Attributes:
        cycles: in all, of all accounts together.
        faults: by number; none is a drill without any.
        folder: for the ledger.
        database: of the ledger, in place of a SQLite file in the folder; it must be empty.
        feed: the market; a made one without.
    """

    dialect: str
    seats: tuple[Seat, ...]
    cycles: int
    seed: str
    faults: Collection[str]
    folder: Path
    feed: Feed | None = None
    database: str = ""
    looks_up: bool = True


@dataclass(slots=True)
class Harvest:
    """What a season came to.

    Attributes:
        failures: runs that ended with an error, which is what faults are for.
        seconds: real ones that it took.
        unprotected: the longest time in which a position was without its stop.
    """

    hits: Hits = field(default_factory=Hits)
    cycles: int = 0
    orders: int = 0
    fills: int = 0
    kills: int = 0
    failures: int = 0
    messages: int = 0
    seconds: float = 0.0
    unprotected: timedelta = timedelta(0)
    violations: list[Violation] = field(default_factory=list)


async def play(terms: Terms) -> Harvest:
    """Play a season from beginning to end."""
    chance = Random(terms.seed)  # noqa: S311 - repeatable on purpose, nothing secret
    start = _START + timedelta(days=chance.randrange(_DAYS), minutes=chance.randrange(600))
    clock = SteeredClock(start, speed=0)
    url = terms.database or f"sqlite:///{terms.folder / 'drill.db'}"
    await upgrade(url)
    plan = Plan(venues=(terms.dialect,), clock=clock, feed=terms.feed)
    with simulated(plan) as addresses, Steering(addresses.admin) as steering:
        installation = Installation(
            terms.dialect,
            terms.seats,
            addresses.venues[terms.dialect],
            url,
            clock,
            Inbox(),
            terms.looks_up,
        )
        season = _Season(terms, installation, steering, chance)
        async with season.opened():
            return await season.play()


class _Season:
    def __init__(self, terms: Terms, installation: Installation, steering: Steering, chance: Random) -> None:
        self._terms = terms
        self._installation = installation
        self._steering = steering
        self._clock = installation.clock
        self._chance = chance
        self._dialect = DIALECTS[terms.dialect]
        self._harvest = Harvest()
        self._halted: dict[str, list[str]] = {seat.name: [] for seat in terms.seats}
        self._asleep: list[Span] = []
        self._scanned: dict[str, datetime] = {}
        self._mends: list[tuple[int, Mend]] = []
        self._count = 0
        self._stack = AsyncExitStack()

    def opened(self) -> AsyncExitStack:
        """Open the accounts at the venue, a first process, and a hand for each account."""
        for seat in self._terms.seats:
            self._steering.open_account(
                self._terms.dialect,
                self._dialect.number(seat.place),
                self._dialect.secrets(seat.place),
                currency=seat.account.currency,
                cash=seat.cash,
            )
        names = [seat.name for seat in self._terms.seats]
        hands = {seat.name: Hand(self._installation, seat) for seat in self._terms.seats}
        for hand in hands.values():
            self._stack.push_async_callback(hand.close)
        foreign, touched = ({name: set[str]() for name in names} for _ in range(2))
        self._world = World(self._steering, self._clock, hands, foreign, touched)
        self._process = self._new_process()
        return self._stack

    async def play(self) -> Harvest:
        while self._harvest.cycles < self._terms.cycles:
            await self._until_next_close()
            for seat in self._due():
                await self._change_the_world(seat)
                await self._scan(seat)
            await self._look_after()
            if self._chance.random() < _LATE_LOOK:
                await pass_time(self._clock, 1 + self._chance.randrange(20_000) / _MILLISECONDS)
                await self._look_after()
            if await self._mend_what_is_due():
                await self._look_after()
            if self._chance.random() < _RESUMED:
                await self._resume_all()
            if self._chance.random() < _RENEWED:
                await self._renew()
        await self._end()
        return self._harvest

    async def _until_next_close(self) -> None:
        now = self._clock.now()
        closes = [_next_close(seat, now) for seat in self._terms.seats]
        self._clock.jump(max(now, min(closes) + timedelta(seconds=_AFTER_CLOSE)))

    def _due(self) -> Iterator[Seat]:
        for seat in self._terms.seats:
            close = newest_close(seat, self._clock.now())
            if self._scanned.get(seat.name) != close:
                self._scanned[seat.name] = close
                yield seat

    async def _scan(self, seat: Seat) -> None:
        self._harvest.cycles += 1
        close = self._scanned[seat.name]

        async def scan() -> None:
            await self._process.scan(seat, close)

        number = self._drawn((*ON_THE_WIRE, *IN_THE_PROCESS), _DISTURBED)
        if await self._disturbed(seat, scan, number):
            # The run of the dead process is run again, as a schedule or a person would.
            await self._calm(scan)

    async def _look_after(self) -> None:
        """Let the watch look at every account until all is well, as it does in its own rhythm."""
        for _ in range(_MOST_LOOKS):
            await pass_time(self._clock, _BETWEEN_LOOKS)
            if not [seat for seat in self._terms.seats if not await self._is_well(seat)]:
                return

    async def _is_well(self, seat: Seat) -> bool:
        well: list[bool] = []

        async def watch() -> None:
            done = await self._process.watch(seat)
            well.append(done is None or not (done.done or done.left))

        await self._disturbed(seat, watch, self._drawn((*ON_THE_WIRE, *IN_THE_PROCESS), _DISTURBED_WATCH))
        return well == [True]

    async def _disturbed(self, seat: Seat, action: Callable[[], Awaitable[None]], number: str | None) -> bool:
        """Do something while something goes wrong; True where the process died of it."""
        self._count += 1
        if number is None:
            await self._calm(action)
            return False
        mishaps = (ON_THE_WIRE | IN_THE_PROCESS)[number]  # type: ignore[operator]
        scene = self._scene(seat)
        end = await self._chance.choice(mishaps)(scene)
        dead = False
        try:
            await self._guarded(action, number)
        except Killed:
            dead = True
        finally:
            await end()
        if dead:
            await self._restart()
        return dead

    async def _calm(self, action: Callable[[], Awaitable[None]]) -> None:
        await self._guarded(action, "")

    async def _guarded(self, action: Callable[[], Awaitable[None]], number: str) -> None:
        try:
            await action()
        except DeskError as error:
            self._harvest.failures += 1
            if _is_surprising(error, number):
                self._note_error(error, number)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            self._note_error(error, number)

    def _note_error(self, error: Exception, number: str) -> None:
        where = extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {error}, in {where.name}, line {where.lineno} of {Path(where.filename).name}"
        detail = f"{told} ({number or 'no fault'}, {self._clock.now():%Y-%m-%d %H:%M:%S} UTC)"
        self._harvest.violations.append(Violation(Wrong.ERROR, f"season {self._terms.seed}", detail))

    def _drawn(self, possible: Collection[str], share: float) -> str | None:
        chosen = [number for number in possible if number in self._terms.faults]
        if not chosen or self._chance.random() >= share:
            return None
        return self._chance.choice(chosen)

    async def _change_the_world(self, seat: Seat) -> None:
        number = self._drawn(IN_THE_WORLD, _CHANGED_WORLD)
        if number is None:
            return
        mend = await self._world.change(self._scene(seat), number)
        if mend is not None:
            self._mends.append((self._harvest.cycles + _UNTIL_MENDED * len(self._terms.seats), mend))

    async def _mend_what_is_due(self, *, all_of_it: bool = False) -> bool:
        """Take back what has stayed long enough; whether there was anything."""
        due = [one for one in self._mends if all_of_it or one[0] <= self._harvest.cycles]
        for one in due:
            self._mends.remove(one)
            try:
                await one[1]()
            except VenueError:  # somebody's hand was refused, by a halt for example, and comes back later
                self._mends.append((self._harvest.cycles + 1, one[1]))
        return bool(due)

    def _scene(self, seat: Seat) -> Scene:
        return Scene(
            venue=self._terms.dialect,
            address=self._installation.address,
            dialect=self._dialect,
            seat=seat,
            process=self._process,
            steering=self._steering,
            clock=self._clock,
            chance=self._chance,
            hits=self._harvest.hits,
            rival=self._new_process,
            halted=self._halted[seat.name],
            asleep=self._asleep,
        )

    def _new_process(self) -> Process:
        self._count += 1
        return Process(self._installation, f"{self._count}")

    async def _restart(self) -> None:
        dead = self._process
        await dead.bury(set())
        self._harvest.kills += 1
        await pass_time(self._clock, _RESTART)
        self._process = self._new_process()
        await self._process.clear_up(dead)
        for seat in self._terms.seats:
            await self._calm(lambda seat=seat: self._watch(seat))  # type: ignore[misc]

    async def _watch(self, seat: Seat) -> None:
        await self._process.watch(seat)

    async def _renew(self) -> None:
        """End the process in good order, and let the next one begin with a reconciliation."""
        await self._process.close()
        self._process = self._new_process()
        for seat in self._terms.seats:
            await self._calm(lambda seat=seat: self._reconcile(seat))  # type: ignore[misc]
        await self._resume_all()

    async def _reconcile(self, seat: Seat) -> None:
        await self._process.reconcile(seat, newest_close(seat, self._clock.now()))

    async def _resume_all(self) -> None:
        """A person has read why accounts were halted, and lets them trade again."""
        for seat in self._terms.seats:
            await self._resume(seat)

    async def _resume(self, seat: Seat) -> None:
        ledger = self._process.ledger
        if await ledger.trading_state(seat.name, seat.account.venue) is not TradingState.ACTIVE:
            name = f"account:{seat.name}"
            await ledger.set_trading_state(name, TradingState.ACTIVE, who="drill", why="the drill goes on")

    async def _end(self) -> None:
        for _ in range(_ROUNDS):
            await self._mend_what_is_due(all_of_it=True)
        await self._renew()
        await self._look_after_calmly()
        await pass_time(self._clock, _SETTLED)
        await self._look_after_calmly()
        for seat in self._terms.seats:
            await self._calm(lambda seat=seat: self._reconcile(seat))  # type: ignore[misc]
        for seat in self._terms.seats:
            await self._judge(seat)
        self._harvest.messages = len(self._installation.inbox.messages)
        await self._process.close()

    async def _look_after_calmly(self) -> None:
        for seat in self._terms.seats:
            await self._calm(lambda seat=seat: self._watch(seat))  # type: ignore[misc]

    async def _judge(self, seat: Seat) -> None:
        number = self._dialect.number(seat.place)
        venue = venue_books(self._steering.truth(self._terms.dialect, number), until=self._clock.now())
        ledger = await ledger_books(self._process.ledger.database, seat.name)
        expected = Expected(
            foreign=frozenset(self._world.foreign[seat.name] | self._world.touched[seat.name]),
            halted=tuple(self._halted[seat.name]),
            keeps_stops=self._dialect.keeps_stops,
            told_unit=self._dialect.told_unit,
            asleep=tuple(self._asleep),
            shut={name: tuple(spans) for name, spans in self._world.shut.items()},
        )
        self._harvest.orders += len(ledger.orders)
        self._harvest.fills += len(ledger.fills)
        self._harvest.unprotected = max(self._harvest.unprotected, longest_naked_time(venue, expected))
        self._harvest.violations.extend(judge(venue, ledger, expected))


def _next_close(seat: Seat, now: datetime) -> datetime:
    timeframe = seat.account.timeframe
    return timeframe.floor(now) + timeframe.duration


def _is_surprising(error: DeskError, number: str) -> bool:
    """Whether an error is not one that its fault is expected to lead to."""
    if isinstance(error, LeaseLost):
        return number not in ("F12", "F14")
    if isinstance(error, LedgerError):
        return number != "F35"
    return not number


def run_season(terms: Terms) -> Harvest:
    """Play a season in an event loop of its own."""
    return asyncio.run(play(terms))
