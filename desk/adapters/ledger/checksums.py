"""The checksum beside a backup, in the form that `sha256sum --check` reads."""

import hashlib
from pathlib import Path

from desk.adapters.ledger.files import arriving
from desk.errors import LedgerError


def checksum_file(path: Path) -> Path:
    """Return where a file's checksum is kept."""
    return path.with_name(f"{path.name}.sha256")


def store_checksum(content: Path, path: Path) -> str:
    """Write down the checksum of a content that will be called `path`, and return it."""
    found = _sha256(content)
    with arriving(checksum_file(path)) as partial:
        partial.write_text(f"{found}  {path.name}\n", encoding="ascii")
    return found


def check_checksum(path: Path) -> bool:
    """Let a file pass that is as it was written, and return whether there was a checksum to compare it with.

    Raises:
        LedgerError: it is another file now, or cannot be read.
    """
    try:
        found = _sha256(path)
        if not checksum_file(path).exists():
            return False
        expected = checksum_file(path).read_text(encoding="ascii", errors="replace").partition(" ")[0]
    except OSError as error:
        raise LedgerError(f"{path}: expected a backup that can be read, found {error.strerror}") from error
    if found != expected:
        raise LedgerError(
            f"{path}: expected the checksum {expected} of {checksum_file(path).name}, found {found}; the file was "
            "changed or damaged since it was written, use another backup"
        )
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
