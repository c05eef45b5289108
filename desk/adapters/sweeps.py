"""The record of a sweep as a file: one line of JSON for each outcome, so that a sweep goes on where it was killed."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from desk.backtest.sweep import Outcome
from desk.errors import ConfigError


class SweepFile:
    """Outcomes of one sweep; the first line says of which."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        """Open the record, or begin it.

        Args:
            fingerprint: of the sweep.

        Raises:
            ConfigError: the file holds something else.
        """
        self._path = path
        self._outcomes: list[Outcome] = []
        if path.exists() and b"\n" in path.read_bytes():
            self._read(fingerprint)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_line({"sweep": fingerprint}))

    def outcomes(self) -> Sequence[Outcome]:
        """Return what the file held when it was opened."""
        return self._outcomes

    def keep(self, outcomes: Sequence[Outcome]) -> None:
        """Append; a process that is killed loses what it is just writing, and no more."""
        with self._path.open("ab") as file:
            file.write(b"".join(_line(_told(one)) for one in outcomes))

    def _read(self, fingerprint: str) -> None:
        lines = self._path.read_bytes().splitlines(keepends=True)
        # A line without its end is one that a killed process was writing.
        whole = [line for line in lines if line.endswith(b"\n")]
        try:
            head, *told = (orjson.loads(line) for line in whole)
            found = head["sweep"]
            self._outcomes = [Outcome(**one) for one in told]
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{self._path}: expected the record of a sweep, found {error}; give another file, or remove this one"
            ) from error
        if found != fingerprint:
            raise ConfigError(
                f"{self._path}: expected the record of this sweep, found one of other candles, rules or signals; "
                "give another file, or remove this one"
            )
        if len(whole) < len(lines):
            self._path.write_bytes(b"".join(whole))


def _told(outcome: Outcome) -> dict[str, object]:
    return {
        "parameters": dict(outcome.parameters),
        "trades": outcome.trades,
        "final_equity": outcome.final_equity,
        "refused": outcome.refused,
    }


def _line(value: dict[str, object]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
