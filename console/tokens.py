"""Makes, lists and revokes the keys of programs, and sets the passwords of people."""

import sys
from datetime import datetime
from getpass import getpass

from console.api.keys import digest_of, new_key
from console.failures import FAILED, NotUnderstood
from console.halting import os_user
from console.ledgers import ask
from console.naming import unknown
from console.showing import print_json, print_line, print_rows
from console.times import format_minute
from desk.adapters.clocks import SystemClock
from desk.adapters.halting import printable
from desk.model.access import Rights, Token


def create_token(name: str, rights: Rights, *, as_json: bool) -> int:
    """Print a new key; it cannot be shown again.

    Raises:
        NotUnderstood: there is a token of that name, or the name cannot be printed.
    """
    key, token = new_key("desk_"), Token(_spoken(name), rights, os_user(), SystemClock().now())
    if not ask(lambda ledger: ledger.add_token(token, digest_of(key))):
        raise NotUnderstood(f"expected a name that no token has, found '{name}'; `desk tokens revoke {name}` frees it")
    if as_json:
        print_json({"name": name, "rights": rights, "token": key})
    else:
        print_line(key)
        print_line(f"It may {rights}, is kept as a digest only and cannot be shown again. In a request to the API:")
        print_line("Authorization: Bearer desk_…")
    return 0


def show_tokens(*, as_json: bool) -> int:
    """Print every token that lets in, without its key."""
    rows = [
        {"name": token.name, "rights": token.rights, "by": token.who, "since": _when(token.made_at, as_json=as_json)}
        for token in ask(lambda ledger: ledger.tokens())
    ]
    print_rows(rows, as_json=as_json, empty="no tokens")
    return 0


def revoke_token(name: str, *, as_json: bool) -> int:
    """Let a token in no more.

    Raises:
        NotUnderstood: there is no such token; the message gives the nearest.
    """
    if not ask(lambda ledger: ledger.revoke_token(name, who=os_user())):
        raise unknown("a token", name, [token.name for token in ask(lambda ledger: ledger.tokens())])
    if as_json:
        print_json({"name": name, "revoked": True})
    else:
        print_line(f"{name} lets in no more.")
    return 0


def set_password(name: str | None, rights: Rights, *, as_json: bool) -> int:
    """Ask for a password, twice at a terminal and once elsewhere, and let its person log in; 1 where they differ.

    Raises:
        NotUnderstood: the password is too short, or the name cannot be printed.
    """
    # Imported late: only who sets a password needs it.
    from console.api.passwords import SHORTEST, hash_password

    person = _spoken(name or os_user())
    password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST:
        raise NotUnderstood(f"expected a password of {SHORTEST} characters or more, found {len(password)}")
    if sys.stdin.isatty() and getpass("Once more: ") != password:
        print_line("They differ; nothing was changed.")
        return FAILED
    hashed = hash_password(password)
    ask(lambda ledger: ledger.set_password(person, hashed, rights, who=os_user()))
    if as_json:
        print_json({"name": person, "rights": rights})
    else:
        print_line(f"{person} may log in and {rights}; browsers where {person} was logged in have to log in again.")
    return 0


def _spoken(name: str) -> str:
    if not name or name != printable(name):
        raise NotUnderstood(f"expected a name in one line of printable letters, found {name!r}")
    return name


def _when(at: datetime, *, as_json: bool) -> object:
    return at if as_json else format_minute(at)
