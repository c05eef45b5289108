"""Brings the database to the schema that this code knows, and refuses to work on any other."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

import desk.adapters.ledger.tables
import desk.adapters.venues.paper.tables  # noqa: F401 - its tables are part of the schema
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.files import copy_file
from desk.errors import LedgerError

HEAD = "0012"
"""The newest revision in `migrations/versions`; revisions are numbers, and grow."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What was found in a database.

    Attributes:
        revisions: of `alembic_version`; exactly one in a sound database.
        tables: those that are there.
        missing: those of this code that are not.
    """

    revisions: tuple[str, ...]
    tables: frozenset[str]
    missing: frozenset[str]

    @property
    def is_current(self) -> bool:
        """Whether this code can work on it."""
        return self.revisions == (HEAD,) and not self.missing

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever kept in it."""
        return not self.revisions and not self.tables


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What `upgrade` did; `backup` is the copy that it made of an existing file first."""

    before: str | None
    after: str
    backup: Path | None = None


async def check_schema(database: Database) -> None:
    """Let a database with the schema of this code pass.

    Raises:
        LedgerError: it is missing, older, newer or half migrated; the message says what to do.
    """
    found = await find_schema(database)
    if not found.is_current:
        raise LedgerError(f"{database.name}: expected schema {HEAD}, found {_advise(found)}")


async def check_restorable(database: Database) -> Schema:
    """Let a database pass that this code can work on, at once or after an upgrade.

    Raises:
        LedgerError: it is empty, newer or half migrated.
    """
    found = await find_schema(database)
    if not found.is_current and not _is_older(found):
        raise LedgerError(f"{database.name}: expected schema {HEAD} or an older one, found {_advise(found)}")
    return found


async def upgrade(url: str) -> Upgrade:
    """Create the schema, or bring it up to date, in one transaction; an existing SQLite file is copied first.

    Raises:
        LedgerError: the database is newer or half migrated, or a migration failed; nothing was changed.
    """
    database = Database.open(url)
    try:
        found = await find_schema(database)
        if found.is_current:
            return Upgrade(HEAD, HEAD)
        if not found.is_empty and not _is_older(found):
            raise LedgerError(f"{database.name}: expected schema {HEAD} or an older one, found {_advise(found)}")
        backup = None if found.is_empty else await _back_up(database)
        await _migrate(database)
        return Upgrade(found.revisions[0] if found.revisions else None, HEAD, backup)
    finally:
        await database.close()


async def find_schema(database: Database) -> Schema:
    """Return what is in a database."""
    async with database.read() as session:
        return await (await session.connection()).run_sync(_inspect)


def _inspect(connection: Connection) -> Schema:
    tables = set(inspect(connection).get_table_names())
    revisions: tuple[str, ...] = ()
    if "alembic_version" in tables:
        found = connection.execute(text("SELECT version_num FROM alembic_version ORDER BY version_num"))
        revisions = tuple(found.scalars())
    return Schema(revisions, frozenset(tables - {"alembic_version"}), frozenset(set(SQLModel.metadata.tables) - tables))


def _is_older(found: Schema) -> bool:
    return len(found.revisions) == 1 and found.revisions[0] < HEAD


def _advise(found: Schema) -> str:
    if found.is_empty:
        return "no tables at all; run `desk db upgrade`"
    if _is_older(found):
        return f"the older {found.revisions[0]}; run `desk db upgrade`"
    if len(found.revisions) == 1 and found.revisions[0] > HEAD:
        return f"the newer {found.revisions[0]}; install the release of Scandesk that made it"
    missing = f", {', '.join(sorted(found.missing))} missing" if found.missing else ""
    revision = " and ".join(found.revisions) or "no revision"
    return f"a half-migrated one ({revision}{missing}); restore the backup beside it, or begin with an empty database"


async def _back_up(database: Database) -> Path | None:
    if not database.is_sqlite:
        return None
    source = Path(str(database.url.database))
    copy = source.with_name(f"{source.name}.before-{HEAD}")
    await asyncio.to_thread(copy_file, source, copy)
    return copy


async def _migrate(database: Database) -> None:
    # Alembic costs 0.1 s to import, and only an upgrade needs it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    try:
        async with database.write() as session:
            await (await session.connection()).run_sync(run)
    except CommandError as error:
        raise LedgerError(
            f"{database.name}: expected to migrate to {HEAD}, found {error}; nothing was changed"
        ) from error
