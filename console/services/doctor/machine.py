"""Looks at the machine: room on the disk, who may read what, and which versions of libraries are installed."""

import shutil
import stat
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from console.services.doctor.findings import Finding, Verdict

LITTLE, TOO_LITTLE = 2_000_000_000, 200_000_000
"""Bytes: a day of events and logs of a hundred accounts, and what one backup of a ledger may take."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PINNED = ("prefect", "fastapi", "sqlalchemy")
"""Libraries of which a wrong release stops the scans, and how it does so is in docs/decisions."""


def disk(home: Path, *, free: int | None = None) -> Finding:
    """Look at the room on the disk of the home folder.

    Args:
        home: of the installation; it need not be there yet.
        free: bytes, in place of those that are.
    """
    place = next(path for path in (home.resolve(), *home.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free if free is None else free
    found = f"{free / 1e9:,.1f} GB free at {place}"
    if free < TOO_LITTLE:
        return Finding("disk", Verdict.FAILURE, found, "free space: what cannot be written down is not traded")
    if free < LITTLE:
        return Finding("disk", Verdict.WARNING, found, "free space before the ledger cannot be written any more")
    return Finding("disk", Verdict.OK, found)


def permissions(home: Path, env_file: Path) -> Finding:
    """Look whether others than the owner may read keys, ledger, logs, or what Prefect keeps."""
    private = (env_file, home / "desk.db", home / "logs", home / "prefect")
    there = [path for path in private if path.exists()]
    open_ = [path for path in there if path.stat().st_mode & _OTHERS]
    if not there:
        return Finding("permissions", Verdict.SKIPPED, "nothing private was written yet")
    if open_:
        names = " ".join(map(str, open_))
        return Finding("permissions", Verdict.WARNING, f"others may use {names}", f"chmod go-rwx {names}")
    return Finding("permissions", Verdict.OK, f"{len(there)} private files and folders are for their owner alone")


def versions(installed: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Look whether the libraries are of the releases that the desk was made with.

    Args:
        installed: versions by name, in place of those that are.
    """
    wanted = [Requirement(text) for text in requires("scandesk") or ()]
    for one in wanted:
        if one.name in _PINNED and one.marker is None:
            yield _version(one, _installed(one.name) if installed is None else installed.get(one.name, ""))


def _version(wanted: Requirement, found: str) -> Finding:
    what = f"version of {wanted.name}"
    if wanted.specifier.contains(found or "0", prereleases=True):
        return Finding(what, Verdict.OK, found)
    told = f"expected {wanted.specifier}, found {found or 'none'}"
    return Finding(what, Verdict.FAILURE, told, "install the desk again with `--constraint constraints.txt`")


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
