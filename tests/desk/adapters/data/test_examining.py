"""A recording is examined as a file, row by row, and by the sessions of its market."""

from datetime import UTC, datetime

import numpy as np
import pytest

from desk.adapters.data.examining import examine, gaps_of
from desk.adapters.data.names import SeriesName
from desk.adapters.data.stored import Facts, data_hash, read_columns, read_facts, write_file
from desk.candle_checks.findings import Rule
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe
from tests.desk.candle_checks.recordings import M5, changed, recorded

AT = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
FRIDAY = int(datetime(2026, 1, 16, 12, 0, tzinfo=UTC).timestamp())
"""Currencies close at 21:58 UTC on this day, and open at 22:03 on Sunday."""
SUNDAY = datetime(2026, 1, 18, 22, 0, tzinfo=UTC)


@pytest.fixture
def written(tmp_path):
    def write(columns, kind=InstrumentKind.FX, hashed=None):
        name = SeriesName("oanda", "EUR/USD", M5)
        facts = Facts(name, kind, AT, data_hash(hashed or columns))
        write_file(name.path(tmp_path), facts, columns)
        return name.path(tmp_path)

    return write


def over_the_week_end(*, monday=False):
    """Friday noon to Monday, with the candles of the open market, and some while it is closed if wanted."""
    columns = recorded(900, first=FRIDAY)
    closes, opens = FRIDAY + 10 * 3_600, int(SUNDAY.timestamp())
    is_open = (columns.time < closes) | (columns.time >= opens)
    return columns if monday else columns.rows(is_open)


def rules(examined):
    return {one.rule: (one.places, one.candles) for one in examined.broken}


def test_a_week_end_is_no_gap(written):
    examined = examine(written(over_the_week_end()))
    assert examined.broken == ()
    assert not examined.is_wrong


def test_candles_of_a_week_end_are_odd_and_not_wrong(written):
    examined = examine(written(over_the_week_end(monday=True)))
    assert rules(examined) == {Rule.SESSION: (1, 48 * 12)}
    assert not examined.is_wrong


def test_where_the_kind_is_not_known_the_market_is_always_open(written):
    path = written(over_the_week_end(), kind=None)
    assert rules(examine(path)) == {Rule.GAP: (1, 48 * 12)}
    assert gaps_of(read_facts(path), read_columns(path, ())).candles == 48 * 12


def test_a_missing_candle_is_a_gap_of_which_the_time_is_told(written):
    columns = over_the_week_end()
    [broken] = examine(written(columns.rows(np.delete(np.arange(len(columns)), 30)))).broken
    assert broken.first[0].at == datetime(2026, 1, 16, 14, 30, tzinfo=UTC)


def test_a_file_that_was_changed_since_is_wrong(written):
    columns = over_the_week_end()
    examined = examine(written(changed(columns, "volume", 3, 7_777.0), hashed=columns))
    assert rules(examined) == {Rule.HASH: (1, len(columns))}
    assert examined.is_wrong
    assert "the file was changed since" in examined.broken[0].first[0].detail


def test_what_is_wrong_keeps_oddities_from_being_looked_for(written):
    columns = over_the_week_end()
    broken = changed(columns.rows(np.delete(np.arange(len(columns)), 30)), "high", 7, 0.5)
    examined = examine(written(broken))
    assert rules(examined) == {Rule.ENCLOSE: (1, 1)}
    assert examined.is_wrong


def test_an_empty_recording_has_nothing_wrong(written):
    assert examine(written(recorded(0))).broken == ()


def test_times_off_the_boundaries_are_examined_all_the_same(written):
    columns = over_the_week_end()
    examined = examine(written(changed(columns, "time", 0, int(columns.time[0]) - 7)))
    assert Rule.BOUNDARY in rules(examined)
    assert examined.facts.name.timeframe is Timeframe.M5
