"""Finds what a word of the command stands for, or says which name comes nearest."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from console.failures import NotUnderstood
from desk.errors import ConfigError
from desk.model.scopes import ALL, EXPECTED, FLEET, Scope

if TYPE_CHECKING:  # numpy comes with it, and a kill switch must not wait for that
    from desk.accounts import AccountSpec, Fleet

SCOPE_OR_NAME = f"{EXPECTED}; or a name, such as @GROUP for each account of a group"
"""What may be written where a trading state is ordered."""


def account_of(fleet: "Fleet", name: str) -> "AccountSpec":
    """Return an account of the fleet.

    Raises:
        NotUnderstood: there is none of that name; the message gives the nearest.
    """
    if name not in fleet.accounts:
        raise unknown("an account", name, fleet.accounts)
    return fleet.accounts[name]


def accounts_for(fleet: "Fleet", word: str) -> tuple[str, ...]:
    """Return the accounts that a word stands for: an account, those of a group, those at a venue, or all.

    Raises:
        NotUnderstood: nothing has that name; the message gives the nearest.
    """
    if word == ALL:
        return tuple(fleet.accounts)
    if word in fleet.accounts:
        return (word,)
    several = _several(fleet)
    if word not in several:
        raise unknown("an account, a group, a venue or all", word, [*fleet.accounts, *several, ALL])
    return several[word]


def scopes_of(fleet: "Fleet", word: str) -> tuple[str, ...]:
    """Return the scopes of a trading state that a word stands for, as they are written: of a group, each account's.

    Raises:
        NotUnderstood: nothing has that name; the message gives the nearest.
    """
    names = accounts_for(fleet, word)
    if word == ALL:
        return (FLEET,)
    if word in fleet.accounts or word in fleet.groups:
        return tuple(f"account:{name}" for name in names)
    return (f"venue:{word}",)


def scopes_meant(written: str, fleet: "Callable[[], Fleet]") -> tuple[str, ...]:
    """Return the scopes of a trading state for what somebody wrote: a scope, a name behind an `@`, or a name alone.

    Args:
        written: see `SCOPE_OR_NAME`; what is a scope already is not looked up.
        fleet: asked only for a name.

    Raises:
        NotUnderstood: nothing has that name, and the message gives the nearest; or the configuration cannot be used.
    """
    name = written.removeprefix("@")
    if name == written and _is_scope(written):
        return (written,)
    if name == ALL:
        return (FLEET,)
    try:
        known = fleet()
    except ConfigError as error:
        raise NotUnderstood(
            f"expected {EXPECTED}, found '{written}': what a name stands for is not known while the configuration "
            f"cannot be used ({error})"
        ) from None
    names = [*known.accounts, *_several(known)]
    if name not in names:
        raise unknown(SCOPE_OR_NAME, written, [*names, ALL, FLEET])
    return scopes_of(known, name)


def accounts_for_each(fleet: "Fleet", words: Iterable[str]) -> tuple[str, ...]:
    """Return the accounts that words stand for, each once, in the order of the words; see `accounts_for`."""
    return tuple(dict.fromkeys(name for word in words for name in accounts_for(fleet, word)))


def _is_scope(written: str) -> bool:
    try:
        Scope.parse(written)
    except ValueError:
        return False
    return True


def _several(fleet: "Fleet") -> dict[str, tuple[str, ...]]:
    """The accounts of each name that stands for some."""
    return {**_by_venue(fleet), **fleet.groups}


def _by_venue(fleet: "Fleet") -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for account in fleet.accounts.values():
        found[str(account.venue)] = (*found.get(str(account.venue), ()), account.name)
    return found


def unknown(expected: str, name: str, known: Iterable[str]) -> NotUnderstood:
    """Build the error for a name that there is not."""
    from desk.accounts.problems import suggestion

    return NotUnderstood(f"expected {expected}, found '{name}'{suggestion(name, known)}")
