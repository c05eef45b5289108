"""Lists the keys of the connections, takes another one from a prompt or a pipe, and tries keys out."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import asdict
from getpass import getpass

from pydantic import SecretStr

from console.failures import FAILED
from console.halting import os_user
from console.ledgers import ask, configured_fleet
from console.services.credentials import (
    CredentialFacts,
    NewCredential,
    examine_credential,
    list_credentials,
    put_credential,
)
from console.showing import print_json, print_line, print_rows
from console.venues import print_answers
from desk.adapters.credentials.chain import credentials
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from desk.adapters.venues.examining import Answer, Result

_NONE_YET = "no connection in accounts.yaml, so no key is needed; docs/how-to/connect-a-venue.md says how to add one"


def show_credentials(*, as_json: bool) -> int:
    """Print a row for each key that a connection names; return 1 where one is missing or cannot be looked for."""
    found = asyncio.run(list_credentials(configured_fleet(), credentials()))
    rows = [asdict(one) for one in found] if as_json else [_row(one) for one in found]
    print_rows(rows, as_json=as_json, empty=_NONE_YET)
    return FAILED if any(one.origin is None for one in found) else 0


def set_credential(name: str, *, who: str | None, why: str, as_json: bool) -> int:
    """Take a key, asked for at a terminal without being shown, read to its end elsewhere, and write it.

    Raises:
        NotUnderstood: no connection names it, or it is no key.
        ConfigError: it cannot be written, or another place has the say.
    """
    fleet, chain = configured_fleet(), credentials()
    value = SecretStr(getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.read())
    new = NewCredential(name, value, who or os_user(), why)
    asyncio.run(upgrade(settings().ledger_url))
    put = ask(lambda ledger: put_credential(ledger, fleet, chain, new))
    if as_json:
        print_json(asdict(put))
    else:
        print_line(f"{name}: {put.shown} is in force, from {_place(put)}; the next scan takes it.")
        print_line(f"Try it out: desk credentials test {name}")
    return 0


def try_credential(name: str, *, as_json: bool) -> int:
    """Ask the venues that a key is for; return 1 where a question was not answered as it should be.

    Raises:
        NotUnderstood: no connection names it.
        ConfigError: a key of a connection is missing, or is none.
    """
    told = asyncio.run(examine_credential(configured_fleet(), credentials(), name))
    if as_json:
        print_json({connection: [asdict(answer) for answer in answers] for connection, answers in told.items()})
    else:
        print_answers(told)
    return FAILED if _has_failed(told) else 0


def _has_failed(told: Mapping[str, tuple[Answer, ...]]) -> bool:
    return any(answer.result is Result.FAILED for answers in told.values() for answer in answers)


def _row(facts: CredentialFacts) -> dict[str, object]:
    return {
        "key": facts.name,
        "connections": ", ".join(facts.connections),
        "accounts": ", ".join(facts.accounts),
        "from": facts.problem or _place(facts),
        "value": facts.shown,
    }


def _place(facts: CredentialFacts) -> str:
    if facts.origin is None:
        return "missing"
    return f"{facts.origin}, version {facts.version}" if facts.version else str(facts.origin)
