"""Halts, reduces and resumes trading by scope, says what is in force, and closes what is open where asked."""

import asyncio
import getpass
import os
from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from console.failures import FAILED
from console.ledgers import ask, configured_fleet
from console.services.closing import close_accounts
from console.services.states import StateInForce, StateOrder, accounts_of, end_of, put_state, states_in_force
from console.showing import print_json, print_line, print_rows
from console.times import format_minute
from desk.adapters.ledger.ledger import Ledger
from desk.model.books import Restriction, TradingState
from desk.model.scopes import Scope

_STYLES = {TradingState.HALTED: "bold red", TradingState.REDUCE_ONLY: "yellow"}


def order_state(order: StateOrder, *, as_json: bool) -> int:
    """Put a trading state into force, then close what is open where asked; return 1 where something is left open.

    Raises:
        NotUnderstood: the scope is none, or has a name that is not configured; the message gives the nearest.
    """
    put = ask(lambda ledger: put_state(ledger, order, configured_fleet))
    if not as_json:
        _say(put)
    scope, who, why = Scope.parse(put.scope), put.who, put.why
    left = flatten_scope(scope, who=who, why=why, quiet=as_json) if order.flatten else {}
    if as_json:
        told = {"scope": put.scope, "state": put.state, "until": put.until, "who": who, "why": why}
        print_json({**told, "left": left})
    return FAILED if any(left.values()) else 0


def show_states(*, as_json: bool) -> int:
    """Print every trading state in force that is not active."""
    if as_json:
        print_json(ask(states_in_force))
    else:
        in_force = ask(Ledger.restrictions_in_force)
        print_rows([_row(restriction) for restriction in in_force], as_json=False, empty="everything is active")
    return 0


def os_user() -> str:
    """Return the user of the operating system, by number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def flatten_scope(scope: Scope, *, who: str, why: str, quiet: bool) -> Mapping[str, Sequence[str]]:
    """Close what the accounts of a scope have, all at once; return what is left of each, nothing where it is flat."""
    names = [spec.name for spec in accounts_of(configured_fleet(), scope)]
    ended = asyncio.run(close_accounts(names, scope, who=who, why=why))
    if not quiet:
        for line in _outcomes(ended):
            print_line(line)
    return ended


def _outcomes(ended: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, left in ended.items():
        yield f"{name}: {'NOT flat' if left else 'flat'}"
        yield from (f"  {line}" for line in left)
    if any(ended.values()):
        yield "Close what is left at the venue, or run the same command again: it goes on where it stopped."


def _say(put: StateInForce) -> None:
    end = f" until {format_minute(put.until)} UTC" if put.until else ""
    print_line(f"{put.scope}: {put.state}{end}")
    for line in put.stricter:
        print_line(line)


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
