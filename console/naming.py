"""Finds what a word of the command stands for, or says which name comes nearest."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from console.failures import NotUnderstood

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


def unknown(expected: str, name: str, known: Iterable[str]) -> NotUnderstood:
    """Build the error for a name that there is not."""
    from desk.accounts.problems import suggestion

    return NotUnderstood(f"expected {expected}, found '{name}'{suggestion(name, known)}")
