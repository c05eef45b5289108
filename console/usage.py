"""Says how often each venue was called, how much of its limits that is, and what the venue said of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rich.console import RenderableType
from rich.text import Text

from console.ledgers import ask
from console.services.usage import Endpoint, calls_of, tell_level, tell_pause, usage_facts
from console.showing import command, print_blocks, print_json, print_line, print_table
from console.tables import grid
from console.times import format_age, format_near, parse_length
from desk.adapters.budget.usage import Usage
from desk.ports import Clock


def show_usage(*, venue: str | None, since: str, as_json: bool, clock: Clock | None = None) -> int:
    """Print a row per endpoint, then limits and pauses.

    Args:
        since: how far back, such as `24h`; counts are kept by the hour, for a month.
    """
    length = parse_length(since)
    called = ask(lambda ledger: calls_of(ledger, length, venue=venue, clock=clock))
    usage, endpoints = called.usage, called.endpoints
    if as_json:
        print_json(usage_facts(called))
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
        yield grid([(str(level.scope), tell_level(level, usage)) for level in usage.levels])
    pauses = [pause for pause in usage.pauses if pause.until > usage.at - length]
    if pauses:
        yield ""
        yield grid([(Text(str(pause.scope), style="red"), tell_pause(pause, usage.at)) for pause in pauses])
    yield ""
    yield "Limited: the venue said that it was too much. Refused: not sent, by the budget. Times are UTC."
