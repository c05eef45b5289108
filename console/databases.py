"""Looks after the ledger's database."""

import asyncio

from console.showing import print_json, print_line
from desk.adapters.ledger.database import parse_url
from desk.adapters.ledger.schema import Upgrade, upgrade
from desk.adapters.settings import settings


def upgrade_database(*, as_json: bool) -> int:
    """Bring the ledger's tables up to this version and say what was done.

    Raises:
        LedgerError: the database is newer, half migrated or cannot be written; nothing was changed.
    """
    url = settings().ledger_url
    done, name = asyncio.run(upgrade(url)), without_password(url)
    if as_json:
        print_json({"database": name, "before": done.before, "after": done.after, "backup": done.backup})
    else:
        print_line(f"{name}: {_describe(done)}")
    return 0


def without_password(url: str) -> str:
    """Return a database address as the operator writes it, its password as stars."""
    parsed = parse_url(url)
    return parsed.set(drivername=parsed.get_backend_name()).render_as_string(hide_password=True)


def _describe(done: Upgrade) -> str:
    if done.before == done.after:
        return f"schema {done.after} is the newest, nothing to do"
    step = f"schema {done.before or 'none'} → {done.after}"
    return f"{step}; the file as it was is {done.backup}" if done.backup else step
