"""What a backtest was made from and what it came to, as hashes: runs of the same hashes are the same run."""

from collections.abc import Iterable
from hashlib import file_digest, sha256
from pathlib import Path

import numpy as np

import desk
from desk.backtest.result import BacktestResult
from desk.errors import DataError

_DIGITS = 16


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: expected a file that can be read, found {error.strerror}") from error


def code_hash(strategies: Path | None) -> str:
    """Return the hash of everything that decides: the desk's own code, and the folder of the operator's strategies."""
    digest = sha256()
    for folder in filter(None, (Path(desk.__file__).parent, strategies)):
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{path.relative_to(folder)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def result_hash(result: BacktestResult) -> str:
    """Return the hash of what was traded and of what became of the money, to the last digit."""
    digest = sha256()
    digest.update(np.ascontiguousarray(result.times).data)
    digest.update(np.ascontiguousarray(result.equity).data)
    for fill in result.fills:
        digest.update(repr(fill).encode())
    return digest.hexdigest()[:_DIGITS]


def text_hash(parts: Iterable[object]) -> str:
    """Return the hash of values as text."""
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:_DIGITS]
