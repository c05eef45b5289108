"""Halts, reduces and resumes trading by scope, says what is in force, and closes what is open where asked."""

import asyncio
import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from rich.text import Text

from console.failures import FAILED, NotUnderstood
from console.ledgers import ask
from console.naming import unknown
from console.showing import print_json, print_line, print_rows
from console.times import format_minute, parse_length, parse_time
from desk.adapters.clocks import SystemClock
from desk.adapters.halting import printable
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.errors import ConfigError, DeskError
from desk.model.books import Restriction, TradingState, most_severe
from desk.model.scopes import Scope

if TYPE_CHECKING:  # numpy comes with it, and a halt must be in force before that
    from desk.accounts import AccountSpec, Fleet

_STYLES = {TradingState.HALTED: "bold red", TradingState.REDUCE_ONLY: "yellow"}


@dataclass(frozen=True, slots=True)
class StateOrder:
    """What was typed.

    Attributes:
        why, who: as they are written into the audit; without `who` it is the user of the operating system.
        until: a time or a length of time; None for when somebody lifts it.
        flatten: whether to close what is open.
    """

    scope: str
    state: TradingState
    why: str = ""
    until: str | None = None
    who: str | None = None
    flatten: bool = False


def order_state(order: StateOrder, *, as_json: bool) -> int:
    """Put a trading state into force, then close what is open where asked; return 1 where something is left open.

    Raises:
        NotUnderstood: the scope is none, or has a name that is not configured; the message gives the nearest.
    """
    scope, who = _known_scope(order), printable(order.who or os_user())
    why, until = printable(order.why), _until(order.until)

    async def put(ledger: Ledger) -> tuple[datetime | None, tuple[Restriction, ...]]:
        ends = await ledger.set_trading_state(str(scope), order.state, who=who, why=why, until=until)
        return ends, await ledger.restrictions_in_force()

    until, in_force = ask(put)
    if not as_json:
        _say(scope, order.state, until, in_force)
    left = flatten_scope(scope, who=who, why=why, quiet=as_json) if order.flatten else {}
    if as_json:
        print_json({"scope": str(scope), "state": order.state, "until": until, "who": who, "why": why, "left": left})
    return FAILED if any(left.values()) else 0


def show_states(*, as_json: bool) -> int:
    """Print every trading state in force that is not active."""
    in_force = ask(Ledger.restrictions_in_force)
    if as_json:
        print_json([_facts(restriction) for restriction in in_force])
    else:
        print_rows([_row(restriction) for restriction in in_force], as_json=False, empty="everything is active")
    return 0


def os_user() -> str:
    """Return the user of the operating system, by number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def flatten_scope(scope: Scope, *, who: str, why: str, quiet: bool) -> dict[str, Sequence[str]]:
    """Close what the accounts of a scope have, all at once; return what is left of each, nothing where it is flat."""
    names = [spec.name for spec in _accounts_of(_fleet(), scope)]
    ended = asyncio.run(_flatten_all(names, scope, who, why))
    if not quiet:
        for line in _outcomes(ended):
            print_line(line)
    return ended


async def _flatten_all(names: Sequence[str], scope: Scope, who: str, why: str) -> dict[str, Sequence[str]]:
    # Imported late: Prefect comes with it, and a halt must be in force before that.
    from blocks.resources import close_resources

    try:
        ended = await asyncio.gather(*(_flatten_one(name, scope, who, why) for name in names))
    finally:
        await close_resources()
    return dict(zip(names, ended, strict=True))


async def _flatten_one(name: str, scope: Scope, who: str, why: str) -> Sequence[str]:
    from blocks.flattening import flatten_account

    instruments = (scope.instrument,) if scope.instrument else ()
    try:
        done = await flatten_account(name, run=f"flatten-{uuid4()}", who=who, why=why, instruments=instruments)
    except DeskError as error:
        return (f"nothing was tried: {error}",)
    return (*done.left, done.untold) if done.untold else done.left


def _outcomes(ended: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, left in ended.items():
        yield f"{name}: {'NOT flat' if left else 'flat'}"
        yield from (f"  {line}" for line in left)
    if any(ended.values()):
        yield "Close what is left at the venue, or run the same command again: it goes on where it stopped."


def _fleet() -> "Fleet":
    from desk.accounts import load_fleet

    return load_fleet(settings().config)


def _accounts_of(fleet: "Fleet", scope: Scope) -> "list[AccountSpec]":
    """The accounts that a scope covers something of, those that are not scanned among them: they may hold something."""
    return [
        spec for spec in fleet.accounts.values() if scope.account in ("", spec.name) and scope.venue in ("", spec.venue)
    ]


def _known_scope(order: StateOrder) -> Scope:
    try:
        scope = Scope.parse(order.scope)
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
    if order.flatten and scope.strategy:
        raise NotUnderstood(
            f"expected a scope without a strategy to flatten, found '{scope}': at the venue a position has no strategy"
        )
    if scope.names:
        _check_names(scope, order.state)
    return scope


def _check_names(scope: Scope, state: TradingState) -> None:
    """Refuse a name that nothing has; what is in force may be lifted under a name that is configured no more."""
    try:
        fleet = _fleet()
    except ConfigError:
        # A configuration that is broken must not keep anybody from halting; a name of it cannot be looked up.
        return
    known = _known_names(fleet)
    wrong = [
        (kind, name)
        for kind, name in scope.names.items()
        if name not in known[kind] and not (kind == "instrument" and _may_be_chosen(fleet, name))
    ]
    if wrong and not (state is TradingState.ACTIVE and _is_in_force(scope)):
        kind, name = wrong[0]
        raise unknown(f"a configured {kind}", name, known[kind])


def _known_names(fleet: "Fleet") -> dict[str, set[str]]:
    accounts = fleet.accounts.values()
    return {
        "venue": {str(spec.venue) for spec in accounts},
        "account": set(fleet.accounts),
        "strategy": {strategy.name for spec in accounts for strategy in spec.strategies},
        "instrument": {instrument for spec in accounts for instrument in spec.instruments},
    }


def _may_be_chosen(fleet: "Fleet", instrument: str) -> bool:
    """Whether the universe of an account may have the instrument, by what it is quoted in."""
    quoted = instrument.partition("/")[2].partition(":")[0]
    return any(quoted == found.quote for name in fleet.accounts if (found := fleet.universe_of(name)))


def _is_in_force(scope: Scope) -> bool:
    return any(restriction.scope == scope for restriction in ask(Ledger.restrictions_in_force))


def _until(text: str | None) -> datetime | None:
    """A time, or so long from now.

    Raises:
        NotUnderstood: it is neither, or has been.
    """
    if text is None:
        return None
    now = SystemClock().now()
    until = now + parse_length(text) if text[-1:] in "mhd" and text[:-1].isdigit() else parse_time(text)
    if until <= now:
        raise NotUnderstood(f"expected a time to come, found {format_minute(until)} UTC")
    return until


def _say(scope: Scope, state: TradingState, until: datetime | None, in_force: Sequence[Restriction]) -> None:
    end = f" until {format_minute(until)} UTC" if until else ""
    print_line(f"{scope}: {state}{end}")
    # What has no beginning is no order in the ledger: a file or a variable, which goes away another way.
    above = most_severe(one for one in in_force if one.scope.covers(scope) and (one.scope != scope or not one.since))
    if above.state.severity > state.severity:
        print_line(f"It stays stricter than that: {above}.")
    pulled = [one for one in in_force if one.since is None and one.reason is None]
    if pulled:
        print_line(f"Take away first: {', '.join(one.who for one in pulled)}.")


def _row(restriction: Restriction) -> dict[str, object]:
    since = restriction.since
    return {
        "scope": str(restriction.scope),
        "state": Text(restriction.state, style=_STYLES.get(restriction.state, "")),
        "since": format_minute(since) if since else "",
        "until": end_of(restriction),
        "who": restriction.who,
        "why": restriction.why,
    }


def end_of(restriction: Restriction) -> str:
    """Return until when it is in force: a time, or what somebody has to do."""
    if restriction.until:
        return format_minute(restriction.until)
    return "it is lifted" if restriction.since else "it is armed" if restriction.reason else "it is taken away"


def _facts(restriction: Restriction) -> dict[str, object]:
    return {
        "scope": str(restriction.scope),
        "state": restriction.state,
        "since": restriction.since,
        "until": restriction.until,
        "who": restriction.who,
        "why": restriction.why,
    }
