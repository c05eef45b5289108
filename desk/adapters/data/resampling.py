"""Longer candles from a recording, made of whole ones only."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from desk.adapters.data.examining import opens_between
from desk.adapters.data.keeping import Batch, Kept, keep
from desk.adapters.data.stored import Facts, load, read_columns, read_facts
from desk.candle_checks.columns import VOLUME, Columns, columns_of
from desk.candle_checks.gaps import is_there
from desk.candle_checks.merging import Preference
from desk.errors import DataError
from desk.model.candles import IntArray
from desk.model.resampling import resample
from desk.model.timeframe import Timeframe


@dataclass(frozen=True, slots=True)
class Resampled:
    """What a recording came to.

    Attributes:
        partial: longer candles that were left out, since some of what they are made of is missing.
    """

    kept: Kept
    made: int
    partial: int


@dataclass(frozen=True, slots=True)
class Longer:
    """What is to be made.

    Attributes:
        coverage: the share of its shorter candles that there must be, above 0 and up to 1. By the sessions of the
            market, where these are known: the last candle before a week end is as long as the market was open.
    """

    timeframe: Timeframe
    coverage: float = 1.0


def resample_file(
    folder: Path, path: Path, longer: Longer, *, written_at: datetime, prefer: Preference | None
) -> Resampled:
    """Make longer candles of a recording and keep them beside it; see `keep`.

    Raises:
        DataError: the timeframe is not longer, no candle would be whole, or what is there contradicts.
        MalformedCandles: the file was changed since it was written.
    """
    facts, candles = read_facts(path), load(path)
    if longer.timeframe.seconds <= facts.name.timeframe.seconds:
        raise DataError(
            f"{facts.name}: expected a longer timeframe than {facts.name.timeframe}, found {longer.timeframe}"
        )
    made = columns_of(resample(candles, longer.timeframe))
    whole = _whole(facts, candles.time, made.time, longer)
    columns = _like(read_columns(path, [VOLUME]), made.rows(whole))
    if not len(columns):
        raise DataError(
            f"{facts.name}: expected candles for a whole one of {longer.timeframe}, found {len(made)} in parts"
        )
    name = replace(facts.name, timeframe=longer.timeframe)
    batch = Batch(name, columns, str(path), facts.kind, f"{facts.name} {facts.sha256}", facts.grid)
    kept = keep(folder, batch, written_at=written_at, prefer=prefer)
    return Resampled(kept, made=len(columns), partial=len(made) - len(columns))


def _whole(facts: Facts, time: IntArray, made: IntArray, longer: Longer) -> npt.NDArray[np.bool_]:
    """Return which longer candles have enough of their shorter ones; at both ends the first and the last, too."""
    shorter, length = facts.name.timeframe, longer.timeframe.seconds
    if not len(made):
        return np.zeros(0, dtype=np.bool_)
    expected = opens_between(facts.kind, shorter, int(made[0]), int(made[-1]) + length - shorter.seconds)
    places = np.searchsorted(made, expected // length * length)
    belongs = made[np.minimum(places, len(made) - 1)] == expected // length * length
    expected, places = expected[belongs], places[belongs]
    there = is_there(expected, time)
    wanted, found = (np.bincount(places, weights=part, minlength=len(made)) for part in (np.ones(len(there)), there))
    enough = (wanted > 0) & (found >= longer.coverage * wanted)
    # A recording that begins or ends inside a longer candle cannot be told from one with a quiet minute there.
    for end in (0, -1):
        own = there[places == end % len(made)]
        enough[end] &= len(own) > 0 and own[end]
    return np.asarray(enough)


def _like(source: Columns, columns: Columns) -> Columns:
    """Leave out the volume where the source has none, which is not the same as 0."""
    kept = {name: values for name, values in columns.values.items() if name != VOLUME or VOLUME in source.values}
    return Columns(columns.time, kept)
