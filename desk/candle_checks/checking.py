"""Everything that recorded candles are examined for, in one pass."""

from desk.candle_checks.columns import Columns
from desk.candle_checks.findings import Broken
from desk.candle_checks.gaps import gaps, outside_session
from desk.candle_checks.oddities import outliers, zero_volume
from desk.candle_checks.rows import broken_by_rows
from desk.model.candles import IntArray
from desk.model.timeframe import Timeframe


def check_columns(columns: Columns, timeframe: Timeframe, expected: IntArray) -> tuple[Broken, ...]:
    """Return the rules that are broken; oddities are only looked for where no row is wrong.

    Args:
        expected: open times of all candles that there should be, from the first one there is to the last.
    """
    wrong = broken_by_rows(columns, timeframe)
    if wrong:
        return wrong
    found = (
        gaps(columns.time, expected),
        outside_session(columns.time, expected),
        outliers(columns),
        zero_volume(columns),
    )
    return tuple(broken for broken in found if broken is not None)
