"""The last configuration that could be used, kept in the home folder: what is in force while the files cannot be."""

from collections.abc import Mapping
from pathlib import Path

import orjson

from desk.accounts import Fleet
from desk.adapters.configuration import read_fleet
from desk.adapters.editing.reading import Files
from desk.adapters.editing.replacing import read_if_there
from desk.adapters.placing import put_in_place
from desk.errors import ConfigError
from desk.model.books import Restriction, TradingState
from desk.model.cycle import Mode
from desk.model.scopes import Scope

LAST_GOOD_FILE = "configuration.json"


class LastGood:
    """One file; it is of one folder of the configuration, and says nothing of others."""

    def __init__(self, home: Path, folder: Path) -> None:
        self._path = home / LAST_GOOD_FILE
        self._folder = folder

    def keep(self, files: Files) -> None:
        """Keep the texts of a configuration that can be used; nothing is written where they are kept already.

        Raises:
            ConfigError: it cannot be written.
        """
        if self._read().get("files") != files:
            self._write({**self._read(), "files": dict(files)})

    def fleet(self) -> Fleet | None:
        """Return the configuration that is kept; None where none is, or it cannot be read or used."""
        try:
            files = self._read().get("files")
            return read_fleet(self._folder, instead=files) if isinstance(files, dict) else None
        except ConfigError:
            return None

    @property
    def told(self) -> str:
        """The problem that people were told of last; empty after they were told of its end."""
        return str(self._read().get("told", ""))

    def note_told(self, problem: str) -> None:
        """Remember what people were told of."""
        self._write({**self._read(), "told": problem})

    def _read(self) -> dict[str, object]:
        try:
            found = orjson.loads(read_if_there(self._path) or b"{}")
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) and found.get("folder") == self._name else {}

    def _write(self, content: Mapping[str, object]) -> None:
        with put_in_place(self._path, fails_as=ConfigError) as partial:
            partial.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.touch(mode=0o600)
            partial.write_bytes(orjson.dumps({**content, "folder": self._name}))

    @property
    def _name(self) -> str:
        return str(self._folder.resolve())


def held_back(fleet: Fleet, problem: str) -> tuple[Restriction, ...]:
    """Return what live accounts may do while the files cannot be used: nothing that opens a position.

    Whoever edits the file of an account wants something else of it than what is in force, maybe less risk.

    Args:
        problem: what is wrong, a line for each; empty where nothing is.
    """
    live = [name for name, spec in fleet.accounts.items() if problem and spec.mode is Mode.LIVE]
    why = f"the configuration cannot be used, the one before it is in force: {problem.partition(chr(10))[0]}"
    return tuple(Restriction(TradingState.REDUCE_ONLY, "the configuration", why, Scope(account=name)) for name in live)
