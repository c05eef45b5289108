"""Reads the texts of the configuration's files, to the byte."""

from collections.abc import Mapping
from pathlib import Path

from desk.accounts.files import FILES
from desk.adapters.editing.replacing import read_if_there
from desk.errors import ConfigError

Files = Mapping[str, str | None]
"""The text of each file of a configuration by its name, None where there is no such file."""


def read_files(directory: Path) -> Files:
    """Return the files of a folder as they are.

    Raises:
        ConfigError: one cannot be read, or is not in UTF-8.
    """
    return {file: read_file(directory, file) for file in FILES}


def read_file(directory: Path, file: str) -> str | None:
    """Return the text of a file as it is, line ends too; None where there is none.

    Raises:
        ConfigError: it cannot be read, or is not in UTF-8.
    """
    content = read_if_there(directory / file)
    try:
        return None if content is None else content.decode("utf-8")
    except UnicodeDecodeError as error:
        expected = f"expected text in UTF-8, found another encoding at byte {error.start}; save it as UTF-8"
        raise ConfigError(f"{directory / file}: {expected}") from None
