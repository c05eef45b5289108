"""Examines recordings: the file, its rows, and what should be there by the sessions of the market."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from desk.adapters.data.stored import Facts, data_hash, read_columns, read_facts
from desk.adapters.feeds.expecting import expected_opens
from desk.candle_checks.checking import check_columns
from desk.candle_checks.columns import Columns
from desk.candle_checks.findings import Broken, Finding, Rule, moment
from desk.candle_checks.gaps import gaps
from desk.model.candles import IntArray
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe


@dataclass(frozen=True, slots=True)
class Examined:
    """A recording and what is wrong or odd about it."""

    path: Path
    facts: Facts
    candles: int
    broken: tuple[Broken, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether anything cannot be right."""
        return any(one.rule.is_wrong for one in self.broken)


def examine(path: Path) -> Examined:
    """Return what is wrong or odd about a recording.

    Raises:
        ConfigError: it is no file of ours.
        DataError: it cannot be read.
    """
    facts, columns = read_facts(path), read_columns(path)
    found = _changed(facts, columns)
    broken = check_columns(columns, facts.name.timeframe, expected_of(facts, columns)) if len(columns) else ()
    return Examined(path, facts, len(columns), (*found, *broken))


def gaps_of(facts: Facts, columns: Columns) -> Broken | None:
    """Return what is missing between the first and the last candle."""
    return gaps(columns.time, expected_of(facts, columns)) if len(columns) else None


def expected_of(facts: Facts, columns: Columns) -> IntArray:
    """Return the open times of all candles that there should be from the first to the last.

    Where the kind of the instrument is not known, its market is taken to be always open.
    """
    return opens_between(facts.kind, facts.name.timeframe, int(columns.time.min()), int(columns.time.max()))


def opens_between(kind: InstrumentKind | None, timeframe: Timeframe, first: int, last: int) -> IntArray:
    """Return the open times of the candles of an open market, both ends included; seconds since the epoch."""
    start, end = timeframe.floor(moment(first)), timeframe.floor(moment(last)) + timedelta(seconds=timeframe.seconds)
    return expected_opens(kind or InstrumentKind.SPOT, timeframe, start, end)


def _changed(facts: Facts, columns: Columns) -> tuple[Broken, ...]:
    found = data_hash(columns)
    if found == facts.sha256:
        return ()
    first, last = (moment(columns.time[0]), moment(columns.time[-1])) if len(columns) else (facts.written_at,) * 2
    detail = f"expected the data hash {facts.sha256} of what was written, found {found}; the file was changed since"
    finding = Finding(Rule.HASH, 0, first, last, len(columns), detail)
    return (Broken(Rule.HASH, 1, len(columns), (finding,)),)
