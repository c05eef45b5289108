"""PostgreSQL's own programs for backups: pg_dump, pg_restore and psql, where they are installed."""

import os
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from sqlalchemy import URL

from desk.errors import LedgerError

_LAST_LINES = 3


def dump_tables(url: URL, tables: Collection[str], path: Path) -> None:
    """Write tables, as of one moment, to a file that `pg_restore` reads.

    Raises:
        LedgerError: the program is not installed or failed.
    """
    wanted = [f"--table={table}" for table in sorted(tables)]
    _run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={path}", *wanted], url)


def revisions_in(path: Path) -> tuple[str, ...]:
    """Return the revisions of the schema that a dump was made of.

    Raises:
        LedgerError: the program is not installed, or the file is no dump.
    """
    script = _run("pg_restore", ["--data-only", "--table=alembic_version", "--file=-", str(path)])
    _, found, rows = script.partition(" FROM stdin;\n")
    return tuple(rows.partition("\\.")[0].split()) if found else ()


def replace_tables(url: URL, tables: Collection[str], path: Path) -> None:
    """Put the tables of a dump in the place of the present ones, in one transaction.

    Raises:
        LedgerError: a program is not installed or failed; nothing was changed.
    """
    script = _run("pg_restore", ["--no-owner", "--no-privileges", "--file=-", str(path)])
    present = ", ".join(f'"{table}"' for table in sorted(tables))
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    # pg_restore would drop only what the dump has, and tables of a newer schema would stay.
    _run("psql", options, url, script=f"DROP TABLE IF EXISTS {present};\n{script}")


def _run(program: str, options: Sequence[str], url: URL | None = None, *, script: str | None = None) -> str:
    path = shutil.which(program)
    if path is None:
        raise LedgerError(
            f"{program}: expected the program on the PATH, found none; install PostgreSQL's client programs, of the "
            "server's version or newer"
        )
    done = subprocess.run(  # noqa: S603 - the program was looked up, and the words are ours
        [path, *options],
        env={**os.environ, **(_connection(url) if url else {})},
        input=script or "",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = " ".join(done.stderr.strip().splitlines()[-_LAST_LINES:]) or f"exit code {done.returncode}"
        raise LedgerError(f"{program}: expected it to succeed, found {words}; nothing was changed")
    return done.stdout


def _connection(url: URL) -> Mapping[str, str]:
    """An address as the programs read it from the environment; their command lines are for everybody to see."""
    values = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port or url.query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("ssl"),
    }
    return {name: str(value) for name, value in values.items() if value}
