"""Keeps backtests, a folder each, with all that is needed to do them again."""

import os
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import orjson
from pydantic import ValidationError

from desk.accounts import Fleet
from desk.accounts.alone import alone
from desk.adapters.backtests.records import Outcome, Run
from desk.adapters.backtests.run_tables import write_tables
from desk.adapters.placing import sync
from desk.errors import DataError

CONFIGURATION, RUN, REPORT = "configuration", "run.json", "report.html"
_WRITING = ".writing-"


@dataclass(frozen=True, slots=True)
class Runs:
    """The folder of all backtests that are kept; it need not be there yet."""

    folder: Path

    def keep(self, run: Run, outcome: Outcome, fleet: Fleet) -> None:
        """Keep a backtest, whole or not at all; the same one again changes nothing.

        Args:
            run: what is kept of it, see `record_of`.
            outcome: what came of it.
            fleet: as it was configured.

        Raises:
            DataError: it cannot be written.
        """
        partial = self.folder / f"{_WRITING}{run.id}-{os.getpid()}"
        try:
            (partial / CONFIGURATION).mkdir(parents=True)
            for name, text in alone(fleet, run.account).items():
                (partial / CONFIGURATION / name).write_text(text, encoding="utf-8")
            write_tables(partial, outcome.result, outcome.rounds)
            (partial / RUN).write_bytes(orjson.dumps(run.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
            sync(partial / RUN)
            if not self.path(run.id).exists():
                partial.rename(self.path(run.id))
                sync(self.folder)
        except OSError as error:
            raise DataError(f"{self.folder}: expected a folder that can be written, found {error.strerror}") from error
        finally:
            rmtree(partial, ignore_errors=True)

    def path(self, name: str) -> Path:
        """Return the folder of a backtest."""
        return self.folder / name

    def names(self) -> tuple[str, ...]:
        """Return the ids of all, oldest first."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(one.parent.name for one in self.folder.glob(f"[!.]*/{RUN}")))

    def read(self, name: str) -> Run:
        """Return a backtest by its id.

        Raises:
            DataError: there is none, or it cannot be read.
        """
        path = self.path(name) / RUN
        try:
            return Run.model_validate_json(path.read_bytes())
        except OSError as error:
            raise DataError(f"{path}: expected a backtest that was kept, found {error.strerror}") from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(map(str, first["loc"]))
            raise DataError(
                f"{path}: expected a backtest that this release can read, found a problem at '{key}': {first['msg']}"
            ) from error

    def remove(self, name: str) -> None:
        """Forget a backtest.

        Raises:
            DataError: there is none, or it cannot be removed.
        """
        self.read(name)
        try:
            rmtree(self.path(name))
        except OSError as error:
            raise DataError(f"{self.path(name)}: expected a folder that can be removed: {error.strerror}") from error
