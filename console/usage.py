"""Says how often each venue was called, how much of its limits that is, and what the venue said of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import RenderableType
from rich.text import Text

from console.ledgers import ask
from console.showing import command, print_blocks, print_json, print_line, print_table
from console.tables import grid
from console.times import format_age, format_near, parse_length
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


def show_usage(*, venue: str | None, since: str, as_json: bool, clock: Clock | None = None) -> int:
    """Print a row per endpoint, then limits and pauses.

    Args:
        since: how far back, such as `24h`; counts are kept by the hour, for a month.
    """
    length = parse_length(since)

    async def read(ledger: Ledger) -> Usage:
        return await CallUsage(ledger.database, clock).read(venue)

    usage = ask(read)
    endpoints = _endpoints(usage, hour_of(usage.at - length))
    if as_json:
        print_json(_facts(usage, endpoints))
    elif not endpoints and not usage.levels:
        print_line(_nothing(venue))
    else:
        _print(usage, endpoints, length, since)
    return 0


def _print(usage: Usage, endpoints: Sequence[Endpoint], length: timedelta, since: str) -> None:
    if endpoints:
        print_table([_row(endpoint, usage.at, since) for endpoint in endpoints])
        print_line()
    else:
        print_line(f"No call was counted in the last {since}.")
    print_blocks(_notes(usage, length))


def _nothing(venue: str | None) -> str:
    of = "any venue" if venue is None else venue
    return f"No call to {of} was ever counted: paper accounts on made or recorded candles need none, and calls of an \
account that trades are counted once it is scanned (`{command()} scan ACCOUNT`)."


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


def _row(endpoint: Endpoint, now: datetime, since: str) -> dict[str, object]:
    age = now - endpoint.last_at
    return {
        "venue": str(endpoint.scope),
        "endpoint": endpoint.name,
        "this hour": f"{endpoint.this_hour:,}",
        since: f"{endpoint.calls:,}",
        "errors": f"{endpoint.errors:,}",
        "limited": _alarming(endpoint.limited),
        "refused": _alarming(endpoint.refused),
        "last": f"{format_near(endpoint.last_at, age)}, {format_age(age)}",
    }


def _alarming(number: int) -> Text:
    return Text(f"{number:,}", style="bold red" if number else "")


def _notes(usage: Usage, length: timedelta) -> Iterator[RenderableType]:
    """What stands under the table."""
    if usage.levels:
        yield grid([(str(level.scope), _level(level, usage)) for level in usage.levels])
    pauses = [pause for pause in usage.pauses if pause.until > usage.at - length]
    if pauses:
        yield ""
        yield grid([(Text(str(pause.scope), style="red"), _pause(pause, usage.at)) for pause in pauses])
    yield ""
    yield "Limited: the venue said that it was too much. Refused: not sent, by the budget. Times are UTC."


def _level(level: Level, usage: Usage) -> str:
    limit, room = f"{level.calls:,} per {level.period}", f"{level.room:,} may leave now"
    if level.period is Period.SECOND:
        return f"{limit}: {room}"
    used = usage.calls(level.scope, level.period)
    when = "this hour" if level.period is Period.HOUR else "in 24 hours"
    return f"{limit}: {used:,} {when} ({used / level.calls:.0%}); {room}"


def _pause(pause: Pause, now: datetime) -> str:
    until = format_near(pause.until, now - pause.until)
    verb = "is silent until" if pause.until > now else "was silent until"
    return f"{verb} {until}, ordered with {pause.status} at {format_near(pause.since, now - pause.since)} ({pause.why})"


def _facts(usage: Usage, endpoints: Sequence[Endpoint]) -> dict[str, object]:
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
            for endpoint in endpoints
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


def _scope(scope: Scope) -> dict[str, object]:
    return {"venue": scope.venue, "environment": scope.environment, "credential": scope.credential}
