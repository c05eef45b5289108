"""Finds what a word of the command stands for, or says which name comes nearest."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from console.failures import NotUnderstood
from desk.model.scopes import ALL, FLEET

if TYPE_CHECKING:  # numpy comes with it, and a kill switch must not wait for that
    from desk.accounts import AccountSpec, Fleet


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
    several = {**_by_venue(fleet), **fleet.groups}
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


def accounts_for_each(fleet: "Fleet", words: Iterable[str]) -> tuple[str, ...]:
    """Return the accounts that words stand for, each once, in the order of the words; see `accounts_for`."""
    return tuple(dict.fromkeys(name for word in words for name in accounts_for(fleet, word)))


def _by_venue(fleet: "Fleet") -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for account in fleet.accounts.values():
        found[str(account.venue)] = (*found.get(str(account.venue), ()), account.name)
    return found


def unknown(expected: str, name: str, known: Iterable[str]) -> NotUnderstood:
    """Build the error for a name that there is not."""
    from desk.accounts.problems import suggestion

    return NotUnderstood(f"expected {expected}, found '{name}'{suggestion(name, known)}")
