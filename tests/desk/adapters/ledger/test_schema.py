"""The schema: what migrations make is what the models say, and anything else is refused."""

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from desk.adapters.ledger import schema
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.schema import HEAD, check_schema, upgrade
from desk.errors import LedgerError


async def test_migrations_make_exactly_what_the_models_say(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))

    async with database.read() as session:
        assert await (await session.connection()).run_sync(differences) == []


def test_head_is_the_newest_migration() -> None:
    folder = Path(schema.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


async def test_a_migrated_database_is_accepted(database: Database) -> None:
    await check_schema(database)


async def test_an_empty_database_is_refused_with_advice(empty_url: str) -> None:
    database = Database.open(empty_url)
    with pytest.raises(LedgerError, match="no tables at all; run `desk db upgrade`"):
        await check_schema(database)
    await database.close()


async def test_upgrading_twice_changes_nothing_the_second_time(empty_url: str) -> None:
    first, second = await upgrade(empty_url), await upgrade(empty_url)
    assert (first.before, first.after, first.backup) == (None, HEAD, None)
    assert (second.before, second.after, second.backup) == (HEAD, HEAD, None)


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (["UPDATE alembic_version SET version_num = '0000'"], "the older 0000; run `desk db upgrade`"),
        (["UPDATE alembic_version SET version_num = '9999'"], "the newer 9999; install the release"),
        (["DELETE FROM alembic_version"], "half-migrated one \\(no revision\\)"),
        (["DROP TABLE equity"], f"half-migrated one \\({HEAD}, equity missing\\)"),
        (["INSERT INTO alembic_version VALUES ('0001')"], f"half-migrated one \\(0001 and {HEAD}\\)"),
    ],
)
async def test_any_other_schema_is_refused(database: Database, statements: list[str], message: str) -> None:
    await _run(database, *statements)
    with pytest.raises(LedgerError, match=message):
        await check_schema(database)


@pytest.mark.parametrize(
    "statement", ["UPDATE alembic_version SET version_num = '9999'", "DELETE FROM alembic_version"]
)
async def test_newer_and_half_migrated_databases_are_not_touched(
    database: Database, database_url: str, statement: str
) -> None:
    await _run(database, statement)
    with pytest.raises(LedgerError, match="expected schema"):
        await upgrade(database_url)


async def test_a_failing_migration_changes_nothing_and_leaves_a_private_backup(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(sqlite_template, tmp_path / "desk.db"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")  # a revision that no script leads from
    with pytest.raises(LedgerError, match="nothing was changed"):
        await upgrade(f"sqlite:///{path}")
    backup = tmp_path / f"desk.db.before-{HEAD}"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    for file in (path, backup):
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0000",)]


async def test_the_tables_of_the_first_release_are_brought_up_to_date_and_keep_their_rows(database_url: str) -> None:
    database = Database.open(database_url)
    await _run(
        database,
        *(f"DROP TABLE {table}" for table in ("call_bucket", "call_pause", "call_usage")),
        *(f"DROP TABLE {table}" for table in ("audit", "flattening", "adjustment", "external", "trip", "arm")),
        *(f"DROP TABLE {table}" for table in ("universe_choice", "transfer", "paper_transfer", "excursion")),
        *(f"DROP TABLE {table}" for table in ("token", "person", "session", "reply", "message", "delivery")),
        *(f"DROP INDEX ix_trade_account_{when}" for when in ("opened_at", "closed_at")),
        "ALTER TABLE finding DROP COLUMN detail",
        "ALTER TABLE lease DROP COLUMN books",
        "UPDATE alembic_version SET version_num = '0001'",
        "INSERT INTO config_version VALUES ('hash', 'kept', '2026-01-14T15:00:00.000000Z')",
    )
    done = await upgrade(database_url)
    await check_schema(database)
    async with database.read() as session:
        kept = await (await session.connection()).execute(text("SELECT content FROM config_version"))
        assert kept.scalars().all() == ["kept"]
    await database.close()
    assert (done.before, done.after) == ("0001", HEAD)


async def test_an_interrupted_migration_leaves_no_table(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(op, "create_index", interrupted)
    with pytest.raises(KeyboardInterrupt):
        await upgrade(empty_url)
    monkeypatch.undo()
    assert (await upgrade(empty_url)).before is None


async def _run(database: Database, *statements: str) -> None:
    async with database.write() as session:
        for statement in statements:
            await (await session.connection()).execute(text(statement))
