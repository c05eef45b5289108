"""How often each venue was called, how much of its limits that is, and which pauses it ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.times import format_near
from desk.adapters.budget.facts import CallCount, Level, Pause, Scope, hour_of
from desk.adapters.budget.limits import Period
from desk.adapters.budget.usage import CallUsage, Usage
from desk.adapters.ledger.ledger import Ledger
from desk.ports import Clock


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What was counted at one endpoint since a time, and of it in the hour that has begun."""

    scope: Scope
    name: str
    this_hour: int
    calls: int
    errors: int
    limited: int
    refused: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Called:
    """What is known of calls, and of it by endpoint what was counted in the time that was asked about."""

    usage: Usage
    endpoints: tuple[Endpoint, ...]


async def calls_of(
    ledger: Ledger, length: timedelta, *, venue: str | None = None, clock: Clock | None = None
) -> Called:
    """Return what is known of calls.

    Args:
        length: how far back; counts are kept by the hour, for a month.
        venue: of one venue; None for all.
    """
    usage = await CallUsage(ledger.database, clock).read(venue)
    return Called(usage, tuple(_endpoints(usage, hour_of(usage.at - length))))


def usage_facts(called: Called) -> dict[str, object]:
    """Return the same as plain values, for programs."""
    usage = called.usage
    return {
        "at": usage.at,
        "endpoints": [
            {
                **_scope(endpoint.scope),
                "endpoint": endpoint.name,
                "this_hour": endpoint.this_hour,
                "calls": endpoint.calls,
                "errors": endpoint.errors,
                "limited": endpoint.limited,
                "refused": endpoint.refused,
                "last_at": endpoint.last_at,
            }
            for endpoint in called.endpoints
        ],
        "limits": [
            {
                **_scope(level.scope),
                "period": level.period,
                "limit": level.calls,
                "used": None if level.period is Period.SECOND else usage.calls(level.scope, level.period),
                "room": level.room,
            }
            for level in usage.levels
        ],
        "pauses": [
            {
                **_scope(pause.scope),
                "since": pause.since,
                "until": pause.until,
                "status": pause.status,
                "why": pause.why,
            }
            for pause in usage.pauses
        ],
    }


def tell_level(level: Level, usage: Usage) -> str:
    """Return a limit, and how much of it is used."""
    limit, room = f"{level.calls:,} per {level.period}", f"{level.room:,} may leave now"
    if level.period is Period.SECOND:
        return f"{limit}: {room}"
    used = usage.calls(level.scope, level.period)
    when = "this hour" if level.period is Period.HOUR else "in 24 hours"
    return f"{limit}: {used:,} {when} ({used / level.calls:.0%}); {room}"


def tell_pause(pause: Pause, now: datetime) -> str:
    """Return until when a venue is or was silent, and why."""
    until = format_near(pause.until, now - pause.until)
    verb = "is silent until" if pause.until > now else "was silent until"
    return f"{verb} {until}, ordered with {pause.status} at {format_near(pause.since, now - pause.since)} ({pause.why})"


def _scope(scope: Scope) -> dict[str, object]:
    return {"venue": scope.venue, "environment": scope.environment, "credential": scope.credential}


def _endpoints(usage: Usage, since: datetime) -> list[Endpoint]:
    found: dict[tuple[Scope, str], list[CallCount]] = {}
    for count in usage.counts:
        if count.hour >= since:
            found.setdefault((count.scope, count.endpoint), []).append(count)
    endpoints = [_endpoint(counts, hour_of(usage.at)) for counts in found.values()]
    return sorted(endpoints, key=lambda endpoint: (str(endpoint.scope), -endpoint.calls, endpoint.name))


def _endpoint(counts: Sequence[CallCount], hour: datetime) -> Endpoint:
    return Endpoint(
        scope=counts[0].scope,
        name=counts[0].endpoint,
        this_hour=sum(count.calls for count in counts if count.hour == hour),
        calls=sum(count.calls for count in counts),
        errors=sum(count.errors for count in counts),
        limited=sum(count.limited for count in counts),
        refused=sum(count.refused for count in counts),
        last_at=max(count.last_at for count in counts),
    )
