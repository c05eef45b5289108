"""Looks after the ledger's database."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import typer

from console.failures import FAILED, NotUnderstood
from console.services.opening import require_file
from console.showing import print_json, print_line, print_table
from desk.adapters.clocks import SystemClock
from desk.adapters.ledger.backup import Backup, back_up, backup_name, check_dump, prune
from desk.adapters.ledger.checksums import check_checksum
from desk.adapters.ledger.database import Database, parse_url
from desk.adapters.ledger.files import copy_file
from desk.adapters.ledger.restoring import Restored, restore
from desk.adapters.ledger.schema import Upgrade, upgrade
from desk.adapters.ledger.verifying import Check, verify
from desk.adapters.settings import settings

T = TypeVar("T")


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


def back_up_database(*, to: Path | None, keep: int | None, as_json: bool) -> int:
    """Copy the ledger to a file while the desk goes on, and say where it is.

    Args:
        to: the file; by default one with the time in its name, in `backups` of the home folder.
        keep: how many backups there may be in that folder; by default all of them.

    Raises:
        NotUnderstood: `to` and `keep` were given together.
        LedgerError: there is no ledger, or it cannot be copied; there is no backup then.
    """
    if to is not None and keep is not None:
        raise NotUnderstood("--keep: expected a folder of backups, found one file with --to; leave one of them out")
    url = settings().ledger_url
    require_file(url)
    done = asyncio.run(_with_database(url, lambda database: back_up(database, to or _next_backup(database))))
    pruned = prune(done.path.parent, keep) if keep is not None else ()
    if as_json:
        print_json({"backup": done.path, "bytes": done.size_bytes, "sha256": done.checksum, "deleted": list(pruned)})
    else:
        print_line(_describe_backup(done, pruned))
    return 0


def restore_database(file: Path, *, is_confirmed: bool, as_json: bool) -> int:
    """Put a backup in the place of the ledger, once the operator has agreed to it.

    Raises:
        NotUnderstood: there is nobody to agree.
        LedgerError: the backup or the ledger does not allow it; nothing was changed.
    """
    url = settings().ledger_url
    name = without_password(url)
    if not is_confirmed:
        if as_json:
            raise NotUnderstood("--json: expected --yes with it, for a program cannot be asked; nothing was changed")
        if not typer.confirm(f"Put {file} in the place of {name}?"):
            print_line("nothing was changed")
            return FAILED
    done = asyncio.run(restore(url, file, keep_in=_folder(), now=SystemClock().now()))
    if as_json:
        print_json({"database": name, "schema": done.revision, "before": done.kept, "upgrade": done.needs_upgrade})
    else:
        print_line(f"{name}: {_describe_restored(done, file)}")
    return 0


def verify_database(file: Path | None, *, as_json: bool) -> int:
    """Check the ledger, or a backup, and name the first row that breaks each rule; end with 1 where one is broken.

    Raises:
        LedgerError: it cannot be read, is not what its checksum says, or its schema is not of this version.
    """
    url = settings().ledger_url
    if file is not None and parse_url(url).get_backend_name() != "sqlite" and file.suffix == ".dump":
        return _tell_dump(file, as_json=as_json)
    if file is None:
        require_file(url)
        checks = asyncio.run(_with_database(url, verify))
    else:
        checks = _verify_copy(file)
    name = without_password(url) if file is None else str(file)
    is_sound = not any(check.bad for check in checks)
    if as_json:
        print_json({"database": name, "is_sound": is_sound, "checks": checks})
    else:
        _tell(name, checks)
    return 0 if is_sound else FAILED


def without_password(url: str) -> str:
    """Return a database address as the operator writes it, its password as stars."""
    parsed = parse_url(url)
    return parsed.set(drivername=parsed.get_backend_name()).render_as_string(hide_password=True)


def _describe(done: Upgrade) -> str:
    if done.before == done.after:
        return f"schema {done.after} is the newest, nothing to do"
    step = f"schema {done.before or 'none'} → {done.after}"
    return f"{step}; the file as it was is {done.backup}" if done.backup else step


async def _with_database(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    database = Database.open(url)
    try:
        return await work(database)
    finally:
        await database.close()


def _folder() -> Path:
    return settings().home / "backups"


def _next_backup(database: Database) -> Path:
    return _folder() / backup_name(database, SystemClock().now())


def _describe_backup(done: Backup, pruned: Sequence[Path]) -> str:
    size = f"{done.path}: schema {done.revision}, {done.size_bytes:,} bytes, sha256 {done.checksum}"
    return f"{size}; deleted {', '.join(path.name for path in pruned)}" if pruned else size


def _describe_restored(done: Restored, file: Path) -> str:
    kept = f"; the ledger as it was is {done.kept}" if done.kept else ""
    advice = "; run `desk db upgrade`" if done.needs_upgrade else ""
    return f"restored from {file}, schema {done.revision}{kept}{advice}"


def _verify_copy(file: Path) -> tuple[Check, ...]:
    """Look at a copy: SQLite would change the file itself."""
    check_checksum(file)
    with tempfile.TemporaryDirectory(prefix="desk-verify-") as folder:
        copy = Path(folder) / "desk.db"
        copy_file(file, copy)
        return asyncio.run(_with_database(f"sqlite:///{copy}", verify))


def _tell_dump(file: Path, *, as_json: bool) -> int:
    revision = check_dump(file)
    if as_json:
        print_json({"database": str(file), "is_sound": True, "schema": revision})
    else:
        print_line(f"{file}: a backup of schema {revision} that can be read; its rows are checked when it is restored")
    return 0


def _tell(name: str, checks: Sequence[Check]) -> None:
    bad = [check for check in checks if check.bad]
    print_table([{"rule": check.rule, "checked": check.checked, "bad": check.bad} for check in checks], title=name)
    for check in bad:
        print_line(f"{check.rule}: {check.first}")
    broken = "1 rule does not hold" if len(bad) == 1 else f"{len(bad)} rules do not hold"
    print_line(broken if bad else "every rule holds")
