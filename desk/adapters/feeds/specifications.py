"""Where the grid of a recorded instrument is from: what the operator wrote, what its file says, or the catalogue."""

from collections.abc import Mapping
from pathlib import Path

from desk.adapters.data.names import known_kind
from desk.adapters.data.stored import Facts
from desk.adapters.feeds.candle_files import facts_of
from desk.adapters.feeds.catalogue import CATALOGUE
from desk.errors import ConfigError
from desk.model.instrument import Instrument
from desk.registry import nearest


def specification_of(name: str, path: Path, written: Mapping[str, Instrument]) -> Instrument:
    """Return an instrument from the first of the three that knows it; of the file, no candle is read.

    Raises:
        ConfigError: none of them does, and what to do about it; or the file is unreadable or of another instrument.
    """
    if name in written:
        return written[name]
    facts = facts_of(path, name)
    if facts is not None and facts.instrument is not None:
        return facts.instrument
    if name not in CATALOGUE:
        raise ConfigError(_not_known(name, path, facts))
    return CATALOGUE[name].instrument


def is_described(name: str, path: Path) -> bool:
    """Whether a file says how its instrument is traded.

    Raises:
        ConfigError: it is unreadable or of another instrument.
    """
    facts = facts_of(path, name)
    return facts is not None and facts.instrument is not None


def _not_known(name: str, path: Path, facts: Facts | None) -> str:
    head = f"recorded feed: unknown instrument '{name}'; {nearest(name, CATALOGUE)}"
    if "/" not in name:
        return head
    return (
        f"{head}\n{path}: expected a recording that says how {name} is traded, found none; make it one with "
        f"`{_command(name, path, facts)}`, or write kind, tick, lot and minimum_quantity of {name} under "
        "`instruments` of a recorded feed in accounts.yaml"
    )


def _command(name: str, path: Path, facts: Facts | None) -> str:
    """The import that adds what is missing; a recording is added to itself."""
    kind = facts.kind if facts else known_kind(name)
    words = [f"desk data import {path} --instrument {name}"]
    words += [f"--timeframe {facts.name.timeframe} --source {facts.name.source}" if facts else "--timeframe TIMEFRAME"]
    words += [] if kind else ["--kind KIND"]
    words += [] if facts and facts.grid else ["--tick TICK --lot LOT --minimum-quantity QUANTITY"]
    return " ".join(words)
