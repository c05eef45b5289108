"""What adding, cloning and removing an account come to in the files of a configuration."""

from collections.abc import Mapping
from pathlib import Path

from desk.accounts import ACCOUNTS_FILE, POLICY_FILE
from desk.accounts.editing.editing import Add, Copy, Edit, Put, Remove, piece_at, require_written
from desk.accounts.editing.paths import KeyPath
from desk.accounts.portfolio import PORTFOLIO_FILE
from desk.adapters.editing.reading import read_file
from desk.adapters.ledger.ledger import Ledger
from desk.errors import ConfigError

Edits = list[tuple[str, Edit]]


def to_add(name: str, keys: Mapping[str, str]) -> Edits:
    """Return the edits that write a new account, a line for each key."""
    return [(ACCOUNTS_FILE, Add(KeyPath(("accounts", name)), keys))]


def to_clone(directory: Path, account: str, name: str, keys: Mapping[str, str]) -> Edits:
    """Return the edits that write an account like another one behind it, with other values for some keys.

    Raises:
        ConfigError: there is no such account; the message gives the nearest.
    """
    _require(directory, account)
    edits: Edits = [(ACCOUNTS_FILE, Copy(KeyPath(("accounts", account)), name))]
    edits += [(ACCOUNTS_FILE, Put(KeyPath(("accounts", name, *KeyPath.parse(key).steps)), keys[key])) for key in keys]
    overrides = KeyPath(("overrides", account))
    return [*edits, *([(POLICY_FILE, Copy(overrides, name))] if _is_written(directory, POLICY_FILE, overrides) else [])]


def to_remove(directory: Path, account: str) -> Edits:
    """Return the edits that remove an account, its overrides and its share of the fleet's money.

    Raises:
        ConfigError: there is no such account; the message gives the nearest.
    """
    _require(directory, account)
    references = ((POLICY_FILE, "overrides"), (PORTFOLIO_FILE, "targets"))
    paths = [(file, KeyPath((section, account))) for file, section in references]
    return [
        (ACCOUNTS_FILE, Remove(KeyPath(("accounts", account)))),
        *((file, Remove(path)) for file, path in paths if _is_written(directory, file, path)),
    ]


async def require_empty(ledger: Ledger, account: str) -> None:
    """Let an account pass that holds nothing; nobody would look after what is left of one that is removed.

    Raises:
        ConfigError: it has open positions, or orders that may still be filled.
    """
    positions = [position.instrument for position in await ledger.positions(account)]
    working = (ledger.planned_orders, ledger.unresolved_orders, ledger.open_orders)
    orders = {order.client_order_id for orders_of in working for order in await orders_of(account)}
    if positions or orders:
        held = f"positions in {', '.join(positions)}" if positions else f"{len(orders)} orders that may still be filled"
        raise ConfigError(
            f"{account}: expected an account that holds nothing, found {held}; close everything first: "
            f"desk halt account:{account} --flatten"
        )


def _require(directory: Path, account: str) -> None:
    require_written(read_file(directory, ACCOUNTS_FILE) or "", KeyPath(("accounts", account)))


def _is_written(directory: Path, file: str, path: KeyPath) -> bool:
    return piece_at(read_file(directory, file) or "", path) is not None
