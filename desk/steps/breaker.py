"""Lets the circuit breaker look at an account before anything is decided, and tells people of what tripped."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from desk.errors import AccessDenied
from desk.execution.breaker import (
    BreakerLimits,
    Limit,
    LossFacts,
    PastTrip,
    Reference,
    Running,
    Trip,
    look_at_losses,
    trip_on_denial,
)
from desk.model.books import Restriction, Snapshot, most_severe
from desk.model.messages import MessageKind
from desk.model.records import ClosedTrade
from desk.model.scopes import Scope
from desk.ports import Clock, Message, Notifier

BESIDE = Running()
"""The account lives by the machine's time."""


class TripLog(Protocol):
    """The durable record of what tripped."""

    async def past_trips(self, account: str) -> Mapping[Limit, PastTrip]:
        """Return the last trip of each limit that ever tripped."""
        ...

    async def record_trips(self, account: str, trips: Iterable[Trip]) -> None:
        """Put trips into force; a limit whose trip is in force keeps that one."""
        ...

    async def count_from(self, account: str, references: Mapping[Limit, Reference]) -> None:
        """Commit from where limits that were re-armed count."""
        ...

    async def last_closed(self, account: str, count: int) -> tuple[ClosedTrade, ...]:
        """Return the last round trips that are over, oldest first, at most `count`."""
        ...

    async def restrictions(self, account: str, venue: str) -> tuple[Restriction, ...]:
        """Return every trading state in force for the account, or for a strategy or an instrument of it."""
        ...


class TripNews(Protocol):
    """What people were told of."""

    async def untold_trips(self, account: str) -> tuple[PastTrip, ...]:
        """Return the trips that nobody was told of."""
        ...

    async def mark_trip_told(self, account: str, limit: Limit, now: datetime) -> None:
        """Commit that people were told of a trip."""
        ...


class Denials(TripLog, TripNews, Protocol):
    """What tripped, and who was told of it."""


async def check_breaker(
    snapshot: Snapshot, venue: str, limits: BreakerLimits, log: TripLog, *, now: datetime, running: Running = BESIDE
) -> Snapshot:
    """Trip what must trip by what was lost, and return the snapshot with what is in force then.

    Args:
        venue: where the account trades.
        now: the machine's time.
        running: how the account's time runs beside that.
    """
    account, equity = snapshot.account, snapshot.money.equity
    facts = LossFacts(snapshot.at, equity, snapshot.day_start_equity, snapshot.peak_equity, running=running)
    if not await check_losses(account, facts, limits, log, now=now):
        return snapshot
    return _restricted(snapshot, venue, await log.restrictions(account, venue))


def running_of(clock: Clock, now: datetime) -> Running:
    """Return how the time of an account runs beside the machine's; one that stands still lasts as long as that."""
    moment = timedelta(seconds=1)
    shown = clock.shown_at(now)
    return Running(shown - now, (clock.shown_at(now + moment) - shown) / moment or 1.0)


async def check_losses(
    account: str, facts: LossFacts, limits: BreakerLimits, log: TripLog, *, now: datetime
) -> tuple[Trip, ...]:
    """Trip what must trip by what was lost, and return it.

    Args:
        facts: without the closed trades, which are read from the log.
        now: the machine's time.
    """
    if not limits.watches_losses:
        return ()
    count = limits.consecutive_losses
    closed = await log.last_closed(account, count) if count else ()
    found = look_at_losses(limits, replace(facts, closed=closed), await log.past_trips(account), now)
    if found.references:
        await log.count_from(account, found.references)
    if found.trips:
        await log.record_trips(account, found.trips)
    return found.trips


async def tell_trips(account: str, log: TripNews, notifier: Notifier, *, now: datetime) -> None:
    """Tell people of every trip that they were not told of, each once."""
    for trip in await log.untold_trips(account):
        await notifier.send(_message(account, trip))
        await log.mark_trip_told(account, trip.limit, now)


async def halt_denied(
    account: str, connection: str, denial: AccessDenied, log: Denials, notifier: Notifier, *, now: datetime
) -> None:
    """Halt an account whose credentials are not accepted, and tell people once, however often they are refused."""
    await log.record_trips(account, [trip_on_denial(connection, str(denial))])
    await tell_trips(account, log, notifier, now=now)


async def is_denial_told(account: str, log: Denials, *, now: datetime) -> bool:
    """Return whether the account is halted for want of access, and people know it."""
    trip = (await log.past_trips(account)).get(Limit.ACCESS)
    if trip is None or not trip.is_in_force(now):
        return False
    return all(untold.limit is not Limit.ACCESS for untold in await log.untold_trips(account))


def _restricted(snapshot: Snapshot, venue: str, restrictions: tuple[Restriction, ...]) -> Snapshot:
    whole = Scope(venue=venue, account=snapshot.account)
    state = most_severe(one for one in restrictions if one.scope.covers(whole)).state
    return replace(snapshot, restrictions=restrictions, trading_state=state)


def _message(account: str, trip: PastTrip) -> Message:
    return _denied(account, trip) if trip.limit is Limit.ACCESS else _tripped(account, trip)


def _denied(account: str, trip: PastTrip) -> Message:
    body = (
        f"{trip.why[:1].upper()}{trip.why[1:]}. Nothing can be sent or cancelled with these keys, and positions are "
        "not watched; stops that are at the venue stay there.\n"
        f"`desk venues check` says what is not allowed. Mend the key, then run `desk resume account:{account}`."
    )
    return Message(f"{account}: the venue denies access, the account is halted", body, "error", MessageKind.STATE)


def _tripped(account: str, trip: PastTrip) -> Message:
    end = f"by itself at {trip.until:%Y-%m-%d %H:%M} UTC, or" if trip.until else "only"
    body = (
        f"{trip.why[:1].upper()}{trip.why[1:]}. Nothing is opened; what is open keeps its stop and is still closed.\n"
        f"It ends {end} by `desk resume account:{account}`; find out first what happened, with `desk why {account}`."
    )
    return Message(f"{account}: the breaker tripped, the account is {trip.state}", body, "error", MessageKind.STATE)
