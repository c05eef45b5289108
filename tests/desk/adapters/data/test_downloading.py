"""A download fetches what is missing and no more, keeps what has come, and goes on where it was stopped."""

import asyncio
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from desk.adapters.data.downloading import PAGE, Order, download
from desk.adapters.data.keeping import Batch, keep
from desk.adapters.data.names import SeriesName
from desk.adapters.data.stored import load, read_facts
from desk.candle_checks.columns import to_candles
from desk.errors import DataError, VenueUnavailable
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe
from tests.builders import EUR_USD
from tests.desk.candle_checks.recordings import FIRST, recorded

M5 = Timeframe.M5
NAME = SeriesName("oanda", "EUR/USD", M5)
START = datetime.fromtimestamp(FIRST, tz=UTC)
LONG_AFTER = START + timedelta(days=365)
ALL = 3_500
GONE = VenueUnavailable("oanda", "candles", "", "gone")


class Source:
    """A feed of what was recorded, which notes what it is asked and may fail at a question."""

    base_timeframe = M5

    def __init__(self, rows=slice(None), fails_at=None, error=GONE, *, is_short_sighted=False):
        self.has = to_candles("EUR/USD", M5, recorded(ALL, sides=True).rows(rows))
        self.asked = []
        self.fails_at, self.error = fails_at, error
        self.is_short_sighted = is_short_sighted

    async def instruments(self):
        return {"EUR/USD": EUR_USD}

    async def quotes(self, instruments, *, at):
        return {}

    async def candles(self, instrument, timeframe, *, until, count):
        if len(self.asked) == self.fails_at:
            raise self.error
        self.asked.append(until)
        found = self.has.until(until).tail(count)
        return found.since(until - count * timeframe.duration) if self.is_short_sighted else found


def at(candles):
    return START + candles * M5.duration


def order(first=0, last=ALL, now=LONG_AFTER):
    return Order(NAME, at(first), at(last), now)


async def fetched(folder, source, wanted=None):
    told = []
    done = await download(folder, source, wanted or order(), told.append)
    return done, told


def rows_kept(folder):
    return ((load(NAME.path(folder)).time - FIRST) // M5.seconds).tolist()


async def test_everything_comes_page_by_page_oldest_first(tmp_path):
    source = Source()
    done, told = await fetched(tmp_path, source)
    assert source.asked == [at(PAGE), at(2 * PAGE), at(3 * PAGE), at(ALL)]
    assert [(one.done, one.candles) for one in told] == [
        (PAGE / ALL, PAGE),
        (2 * PAGE / ALL, 2 * PAGE),
        (3 * PAGE / ALL, 3 * PAGE),
        (1.0, ALL),
    ]
    assert (done.fetched, done.extent.candles) == (ALL, ALL)
    kept = load(NAME.path(tmp_path))
    assert np.array_equal(kept.close, source.has.close)
    assert np.array_equal(kept.ask.high, source.has.ask.high)


async def test_what_is_there_is_not_fetched_again(tmp_path):
    await fetched(tmp_path, Source())
    source = Source()
    done, _ = await fetched(tmp_path, source)
    assert (source.asked, done.fetched, done.extent.candles) == ([], 0, ALL)


@pytest.mark.parametrize("error", [GONE, asyncio.CancelledError()])
async def test_what_has_come_is_kept_whatever_ends_it_and_the_next_goes_on_there(tmp_path, error):
    broken = Source(fails_at=2, error=error)
    with pytest.raises(type(error)):
        await fetched(tmp_path, broken)
    assert rows_kept(tmp_path) == list(range(2 * PAGE))
    source = Source()
    await fetched(tmp_path, source)
    assert source.asked == [at(3 * PAGE), at(ALL)]
    assert rows_kept(tmp_path) == list(range(ALL))


async def test_a_download_that_is_stopped_again_and_again_comes_to_the_same(tmp_path):
    for _ in range(4):
        source = Source(fails_at=1)
        try:
            await fetched(tmp_path / "stopped", source)
        except VenueUnavailable:
            continue
    await fetched(tmp_path / "whole", Source())
    stopped, whole = (NAME.path(tmp_path / folder).read_bytes() for folder in ("stopped", "whole"))
    assert stopped == whole


async def test_the_time_before_a_recording_is_fetched_from_its_beginning_backwards(tmp_path):
    await fetched(tmp_path, Source(), order(2_500, 3_000))
    source = Source(fails_at=1)
    with pytest.raises(VenueUnavailable):
        await fetched(tmp_path, source)
    assert source.asked == [at(2_500)]
    assert rows_kept(tmp_path) == list(range(1_500, 3_000))
    source = Source()
    await fetched(tmp_path, source)
    assert source.asked == [at(1_500), at(500), at(ALL)]
    assert rows_kept(tmp_path) == list(range(ALL))


async def test_what_lies_between_a_recording_and_a_later_period_is_fetched_too(tmp_path):
    await fetched(tmp_path, Source(), order(0, 500))
    await fetched(tmp_path, Source(), order(2_000, 2_100))
    assert rows_kept(tmp_path) == list(range(2_100))


async def test_holes_stay_holes_and_are_passed_over(tmp_path):
    rows = np.r_[0:700, 2_400:ALL]
    done, told = await fetched(tmp_path, Source(rows))
    assert rows_kept(tmp_path) == rows.tolist()
    assert (done.fetched, told[-1].done) == (len(rows), 1.0)


@pytest.mark.parametrize("is_short_sighted", [True, False])
@pytest.mark.parametrize("first", [0, 3_200])
async def test_a_hole_longer_than_a_page_hides_nothing(tmp_path, first, is_short_sighted):
    rows = np.r_[0:700, 3_100:ALL]
    await fetched(tmp_path, Source(rows, is_short_sighted=is_short_sighted), order(first, 3_300))
    await fetched(tmp_path, Source(rows, is_short_sighted=is_short_sighted))
    assert rows_kept(tmp_path) == rows.tolist()


async def test_a_source_that_begins_later_is_not_asked_again_for_what_it_does_not_have(tmp_path):
    await fetched(tmp_path, Source(slice(3_000, None)), order(2_900))
    source = Source(slice(3_000, None))
    done, _ = await fetched(tmp_path, source, order(1_500))
    assert source.asked == [at(2_900), at(1_900)]
    assert (done.fetched, done.extent.candles) == (0, 500)
    again = Source(slice(3_000, None))
    await fetched(tmp_path, again, order(1_500))
    assert again.asked == []


async def test_what_comes_later_does_not_make_it_forget_since_when_it_asked(tmp_path):
    late = slice(3_000, None)
    await fetched(tmp_path, Source(late), order(1_500, 3_200))
    await fetched(tmp_path, Source(late), order(3_200, 3_300))
    source = Source(late)
    await fetched(tmp_path, source, order(1_500, 3_300))
    assert source.asked == []


async def test_a_beginning_that_was_not_asked_for_to_the_end_is_asked_for_again(tmp_path):
    with pytest.raises(VenueUnavailable):
        await fetched(tmp_path, Source(slice(1_500, None), fails_at=2), order(0))
    assert rows_kept(tmp_path) == list(range(1_500, 2_000))
    source = Source(slice(1_500, None))
    await fetched(tmp_path, source, order(0, 2_000))
    assert source.asked == [at(1_500), at(500)]


async def test_only_closed_candles_inside_the_period_are_kept(tmp_path):
    now = at(100) + timedelta(minutes=4, seconds=59)
    await fetched(tmp_path, Source(), Order(NAME, at(9) + timedelta(seconds=1), LONG_AFTER, now))
    assert rows_kept(tmp_path) == list(range(10, 100))


async def test_a_source_without_candles_of_the_period_leaves_no_file(tmp_path):
    done, _ = await fetched(tmp_path, Source(), Order(NAME, at(-50), at(-10), LONG_AFTER))
    assert (done.fetched, done.extent) == (0, None)
    assert not NAME.path(tmp_path).exists()


async def test_a_period_without_a_closed_candle_and_an_unknown_instrument_are_refused(tmp_path):
    with pytest.raises(DataError, match="expected a period with a closed candle"):
        await fetched(tmp_path, Source(), order(5, 5))
    unknown = Order(SeriesName("oanda", "EUR/USB", M5), at(0), at(9), LONG_AFTER)
    with pytest.raises(DataError, match="expected an instrument of the feed, found none; did you mean 'EUR/USD'"):
        await fetched(tmp_path, Source(), unknown)


async def test_the_kind_that_the_source_tells_is_kept(tmp_path):
    await fetched(tmp_path, Source(), order(0, 50))
    facts = read_facts(NAME.path(tmp_path))
    assert (facts.kind, facts.written_at) == (InstrumentKind.FX, LONG_AFTER)


async def test_how_the_source_trades_the_instrument_is_kept(tmp_path):
    await fetched(tmp_path, Source(), order(0, 50))
    assert read_facts(NAME.path(tmp_path)).instrument == EUR_USD


async def test_an_older_recording_learns_it_though_no_candle_is_missing(tmp_path):
    keep(tmp_path, Batch(NAME, recorded(50, sides=True), "an earlier release"), written_at=LONG_AFTER)
    done, _ = await fetched(tmp_path, Source(), order(0, 50))
    assert done.fetched == 0
    assert read_facts(NAME.path(tmp_path)).instrument == EUR_USD


async def test_what_came_before_a_download_failed_says_it_already(tmp_path):
    with pytest.raises(VenueUnavailable):
        await fetched(tmp_path, Source(fails_at=2))
    assert read_facts(NAME.path(tmp_path)).instrument == EUR_USD
