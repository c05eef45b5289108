"""Halts, reduces and resumes trading by scope, says what is in force, and closes what is open where asked."""

import asyncio
import getpass
import os
from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from console.failures import FAILED
from console.ledgers import ask, fleet_in_force
from console.services.closing import close_accounts
from console.services.states import (
    StateInForce,
    StateOrder,
    StatesPut,
    accounts_of,
    end_of,
    put_states,
    states_in_force,
)
from console.showing import print_json, print_line, print_rows
from console.times import format_minute
from desk.adapters.ledger.ledger import Ledger
from desk.model.books import Restriction, TradingState
from desk.model.scopes import Scope

_STYLES = {TradingState.HALTED: "bold red", TradingState.REDUCE_ONLY: "yellow"}


def order_state(order: StateOrder, *, as_json: bool) -> int:
    """Put a trading state into force, then close what is open where asked.

    Returns:
        1 where it is not in force for each account of a group, or something is left open.

    Raises:
        NotUnderstood: the scope is none, or has a name that is not configured; the message gives the nearest.
        DeskError: it is in force for nothing.
    """
    done = ask(lambda ledger: put_states(ledger, order, fleet_in_force))
    if not as_json:
        _say(done)
    left = flatten_all(done.put, quiet=as_json) if order.flatten else {}
    if as_json:
        print_json({"put": done.put, "not_put": done.not_put, "left": left})
    return FAILED if done.not_put or any(left.values()) else 0


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


def flatten_all(put: Sequence[StateInForce], *, quiet: bool) -> Mapping[str, Sequence[str]]:
    """Close what the accounts of an order have, all at once; return what is left of each, nothing where it is flat."""
    fleet, scopes = fleet_in_force(), [Scope.parse(one.scope) for one in put]
    names = [spec.name for scope in scopes for spec in accounts_of(fleet, scope)]
    # The scopes of one order differ in nothing but the account.
    ended = asyncio.run(close_accounts(names, scopes[0], who=put[0].who, why=put[0].why))
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


def _say(done: StatesPut) -> None:
    for put in done.put:
        end = f" until {format_minute(put.until)} UTC" if put.until else ""
        print_line(f"{put.scope}: {put.state}{end}")
        for line in put.stricter:
            print_line(line)
    for one in done.not_put:
        print_line(f"{one.scope}: {one.told}: {one.cause}")


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
