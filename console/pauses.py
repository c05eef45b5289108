"""Ends by hand the silence that a venue ordered."""

from collections.abc import Sequence

from console.ledgers import ask
from console.showing import print_json, print_line
from console.times import format_near
from desk.adapters.budget.facts import BELIEVED_FOR, Pause
from desk.adapters.budget.store import CallStore
from desk.adapters.clocks import SystemClock
from desk.adapters.ledger.ledger import Ledger
from desk.ports import Clock


def lift_pauses(venue: str, *, as_json: bool, clock: Clock | None = None) -> int:
    """End every pause of a venue, and print those that were in force."""
    used = clock or SystemClock()

    async def lift(ledger: Ledger) -> tuple[Pause, ...]:
        return await CallStore(ledger.database, used).lift(venue)

    pauses = ask(lift)
    if as_json:
        print_json({"venue": venue, "lifted": [_facts(pause) for pause in pauses]})
    else:
        _print(venue, pauses, used)
    return 0


def _print(venue: str, pauses: Sequence[Pause], clock: Clock) -> None:
    now = clock.now()
    for pause in pauses:
        until = format_near(pause.until, now - pause.until)
        print_line(f"Lifted: {pause.scope} was silent until {until}, ordered with {pause.status} ({pause.why}).")
    if pauses:
        seconds = int(BELIEVED_FOR.total_seconds())
        print_line(f"Calls leave again within {seconds} seconds. If the venue meant it, it says so once more.")
    else:
        print_line(f"No pause of {venue} was in force, and nothing was changed.")


def _facts(pause: Pause) -> dict[str, object]:
    scope = pause.scope
    return {
        "environment": scope.environment,
        "credential": scope.credential,
        "since": pause.since,
        "until": pause.until,
        "status": pause.status,
        "why": pause.why,
    }
