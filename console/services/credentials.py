"""The keys of the connections: which are needed by whom, where each is found, and putting another in its place.

What a key is goes in and never comes out: what is told of one is where it is and its last four characters.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from console.failures import NotUnderstood
from console.naming import unknown
from console.services.venues import examine, users_of
from desk.accounts import Fleet
from desk.adapters.credentials.chain import Chain
from desk.adapters.credentials.found import Credential, Origin
from desk.adapters.halting import printable
from desk.adapters.keys import is_sendable
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.venues.examining import Answer
from desk.adapters.venues.reaching import variables_of
from desk.errors import ConfigError, DeskError, WrittenOrNot

ACTION, NOT_DONE, UNKNOWN = "key changed", "key not changed", "key changed or not"
_LONGEST = 60_000
"""Bytes; Secret Manager takes 65,536."""


@dataclass(frozen=True, slots=True)
class CredentialFacts:
    """A key that the configuration names.

    Attributes:
        connections, accounts: by which it is needed.
        origin: where it is found, None where it is missing.
        version: of Secret Manager, empty elsewhere.
        shown: its last four characters behind dots, empty where it is missing.
        problem: why it cannot be looked for, empty where it can.
    """

    name: str
    connections: tuple[str, ...]
    accounts: tuple[str, ...]
    origin: Origin | None
    version: str
    shown: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A key to be put in place of what is there; `who` and `why` are as they are written into the audit."""

    name: str
    value: SecretStr
    who: str
    why: str = ""


async def list_credentials(fleet: Fleet, chain: Chain) -> tuple[CredentialFacts, ...]:
    """Return every key that a connection of the fleet names, in the order of the file."""
    names = dict.fromkeys(name for spec in fleet.connections.values() for name in variables_of(spec).values())
    return tuple([await _facts(fleet, chain, name) for name in names])


async def put_credential(ledger: Ledger, fleet: Fleet, chain: Chain, new: NewCredential) -> CredentialFacts:
    """Write a key to the store in force; scans take it without a restart.

    The audit has who does it before it is done, and that it could not be done where that is so.

    Raises:
        NotUnderstood: no connection names it, or it is no key.
        ConfigError: it cannot be written, or another place has the say.
        WrittenOrNot: the store fell silent.
    """
    _connections(fleet, new.name)
    value = _checked(new)
    detail = {"store": str(chain.in_force), "why": printable(new.why)}
    await ledger.record_action(printable(new.who), ACTION, new.name, detail)
    try:
        await asyncio.to_thread(chain.put, new.name, value)
    except DeskError as error:
        outcome = UNKNOWN if isinstance(error, WrittenOrNot) else NOT_DONE
        await ledger.record_action(printable(new.who), outcome, new.name, {**detail, "found": printable(str(error))})
        raise
    return await _facts(fleet, chain, new.name)


async def examine_credential(fleet: Fleet, chain: Chain, name: str) -> Mapping[str, tuple[Answer, ...]]:
    """Ask the venue of each connection that needs a key one question of each kind; the newest version is taken.

    Raises:
        NotUnderstood: no connection names it.
        ConfigError: a key of a connection is missing, or is none.
    """
    await asyncio.to_thread(chain.refresh)
    return {connection: await examine(fleet, connection) for connection in _connections(fleet, name)}


async def _facts(fleet: Fleet, chain: Chain, name: str) -> CredentialFacts:
    connections = _connections(fleet, name)
    users = dict.fromkeys(account.name for connection in connections for account in users_of(fleet, connection))
    found, problem = await _found(chain, name)
    if found is None:
        return CredentialFacts(name, connections, tuple(users), None, "", "", problem)
    return CredentialFacts(name, connections, tuple(users), found.origin, found.version, found.masked)


async def _found(chain: Chain, name: str) -> tuple[Credential | None, str]:
    """The key, and why it could not be looked for."""
    try:
        return await asyncio.to_thread(chain.find, name), ""
    except ConfigError as error:
        return None, str(error)


def _connections(fleet: Fleet, name: str) -> tuple[str, ...]:
    """The connections that need a key, at least one."""
    naming = {connection: tuple(variables_of(spec).values()) for connection, spec in fleet.connections.items()}
    found = tuple(connection for connection, names in naming.items() if name in names)
    if not found:
        raise unknown("a key that a connection names", name, {one for names in naming.values() for one in names})
    return found


def _checked(new: NewCredential) -> str:
    value = new.value.get_secret_value().strip()
    if not value or len(value.encode()) > _LONGEST:
        raise NotUnderstood(f"{new.name}: expected a key of up to {_LONGEST} bytes, found {len(value.encode())} bytes")
    if not is_sendable(value):
        raise NotUnderstood(
            f"{new.name}: expected a key, found one with a blank, a line end or a character that cannot be seen in it; "
            "copy it once more"
        )
    return value
