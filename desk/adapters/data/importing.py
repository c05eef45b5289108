"""From a file that somebody else wrote to a recording."""

from dataclasses import dataclass
from pathlib import Path

from desk.adapters.data.foreign import Understood, Wanted, read_foreign
from desk.adapters.data.grids import Grid
from desk.adapters.data.keeping import Batch, Kept, keep
from desk.adapters.data.names import SeriesName
from desk.candle_checks.merging import Preference
from desk.errors import DataError
from desk.model.instrument import InstrumentKind


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    kept: Kept
    understood: Understood


def import_file(
    folder: Path,
    wanted: Wanted,
    name: SeriesName,
    *,
    kind: InstrumentKind | None,
    prefer: Preference | None,
    grid: Grid | None = None,
) -> Imported:
    """Read a file and keep its candles; see `read_foreign` and `keep`.

    Raises:
        ConfigError: the file cannot be used.
        MalformedCandles: candles break a rule.
        DataError: no candle of it is closed, or they contradict what is there.
    """
    columns, understood = read_foreign(wanted)
    if not len(columns):
        raise DataError(f"{wanted.path}: expected candles that had closed by {wanted.now}, found none")
    turned = " (rows are counted from its end)" if understood.newest_first else ""
    batch = Batch(name, columns, f"{wanted.path}{turned}", kind, grid=grid)
    return Imported(keep(folder, batch, written_at=wanted.now, prefer=prefer), understood)
