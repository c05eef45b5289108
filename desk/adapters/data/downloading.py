"""Brings candles from a feed into a recording, page by page, so that what has come is kept whatever happens next.

A recording is one stretch of time without holes of ours: a download goes on where it begins and where it ends, and what
lies between it and the wanted period is fetched too. So the next one knows from its ends alone what is missing. Where
the source has nothing older, the recording remembers since when it was asked.

Feeds look for `count` candles at least as far back as they reach without holes, and some no farther: a market that was
closed, or an instrument that few trade, is therefore gone through in windows of that length.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from desk.adapters.data.grids import grid_of
from desk.adapters.data.keeping import Batch, keep, note_asked
from desk.adapters.data.names import SeriesName
from desk.adapters.data.stored import Extent, read_extent, read_facts
from desk.candle_checks.columns import columns_of
from desk.errors import DataError
from desk.model.assembling import join
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.ports import Feed
from desk.registry import nearest

PAGE: Final = 1_000
"""Candles that a feed is asked for at once."""
_KEPT_AFTER: Final = 20
"""Pages after which what has come is written: a kill loses so many, Ctrl-C and errors none."""
_NOTHING: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be there afterwards.

    Attributes:
        start: the earliest open time.
        end: the latest close.
        now: nothing that closes later is asked for.
    """

    name: SeriesName
    start: datetime
    end: datetime
    now: datetime

    def bounds(self) -> tuple[datetime, datetime]:
        """Return the first open time and the last close, on boundaries of the timeframe."""
        timeframe = self.name.timeframe
        first = timeframe.floor(self.start)
        opens = first if first == self.start else first + timeframe.duration
        return opens, timeframe.floor(min(self.end, self.now))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is.

    Attributes:
        done: the share of the missing time, from 0 to 1.
        candles: how many have come.
    """

    done: float
    candles: int


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What a download came to.

    Attributes:
        fetched: candles that came.
        extent: of the recording afterwards; None where there is none still.
    """

    path: Path
    fetched: int
    extent: Extent | None


async def download(folder: Path, feed: Feed, order: Order, tell: Callable[[Progress], None]) -> Downloaded:
    """Fetch what is missing of the order and keep it; whatever ends this early, what has come until then is kept.

    Args:
        tell: called after each page.

    Raises:
        DataError: the feed does not have the instrument or the timeframe, or the period is empty.
        VenueUnavailable: try again; the download goes on where it was.
    """
    known = await feed.instruments()
    if order.name.instrument not in known:
        advice = nearest(order.name.instrument, known)
        raise DataError(f"{order.name.instrument}: expected an instrument of the feed, found none; {advice}")
    instrument = known[order.name.instrument]
    keeper = _Keeper(folder, order, instrument)
    try:
        async with aclosing(_pages(feed, order, keeper.reach())) as pages:
            async for done, page in pages:
                keeper.add(page)
                tell(Progress(done, keeper.fetched))
    finally:
        keeper.flush()
    note_asked(folder, order.name, since=order.bounds()[0], instrument=instrument)
    return Downloaded(order.name.path(folder), keeper.fetched, keeper.extent())


async def _pages(
    feed: Feed, order: Order, reach: tuple[datetime, datetime] | None
) -> AsyncGenerator[tuple[float, Candles], None]:
    """Give what is missing before the recording, newest first, and then what is missing after it, oldest first.

    Args:
        reach: from when to when nothing is missing.
    """
    opens, closes = order.bounds()
    if closes <= opens:
        raise DataError(f"{order.name}: expected a period with a closed candle, found {opens} to {closes}")
    first, last = reach or (opens, opens)
    before, after = max(first - opens, _NOTHING), max(closes - last, _NOTHING)
    if before:
        async for cursor, page in _backwards(feed, order, opens, first):
            yield (first - cursor) / (before + after), page
    if after:
        async for cursor, page in _onwards(feed, order, last, closes):
            yield (before + (cursor - last)) / (before + after), page


async def _onwards(
    feed: Feed, order: Order, start: datetime, end: datetime
) -> AsyncGenerator[tuple[datetime, Candles], None]:
    """Give the candles of one window after the other, each with the end of its window."""
    cursor, name = start, order.name
    while cursor < end:
        until = min(cursor + PAGE * name.timeframe.duration, end)
        # A window with holes may be answered with older candles as well, which are there already.
        page = await feed.candles(name.instrument, name.timeframe, until=until, count=PAGE)
        yield until, page.since(cursor).until(until)
        cursor = until


async def _backwards(
    feed: Feed, order: Order, start: datetime, end: datetime
) -> AsyncGenerator[tuple[datetime, Candles], None]:
    """Give the candles of one window before the other, each with the beginning of its window."""
    cursor, name = end, order.name
    while cursor > start:
        page = await feed.candles(name.instrument, name.timeframe, until=cursor, count=PAGE)
        window = cursor - PAGE * name.timeframe.duration
        reached = page[:1].closed_at - name.timeframe.duration if len(page) == PAGE else window
        cursor = max(reached, start)
        yield cursor, page.since(cursor)


class _Keeper:
    """Holds pages until there are enough of them to be written."""

    def __init__(self, folder: Path, order: Order, instrument: Instrument) -> None:
        self._folder, self._order, self._instrument = folder, order, instrument
        self._pages: list[Candles] = []
        self.fetched = 0

    def extent(self) -> Extent | None:
        path = self._order.name.path(self._folder)
        return read_extent(path, self._order.name.timeframe) if path.exists() else None

    def reach(self) -> tuple[datetime, datetime] | None:
        """Return from when to when there is nothing missing in the recording; None where there is nothing."""
        extent = self.extent()
        if extent is None or extent.first is None or extent.last is None:
            return None
        asked = read_facts(self._order.name.path(self._folder)).asked_since
        return min(asked or extent.first, extent.first), extent.last

    def add(self, page: Candles) -> None:
        if len(page):
            self._pages.append(page)
            self.fetched += len(page)
        if len(self._pages) >= _KEPT_AFTER:
            self.flush()

    def flush(self) -> None:
        pages, self._pages = sorted(self._pages, key=lambda page: int(page.time[0])), []
        if pages:
            told = self._instrument
            columns, origin = columns_of(join(pages)), "what the feed tells"
            batch = Batch(self._order.name, columns, origin, told.kind, grid=grid_of(told))
            keep(self._folder, batch, written_at=self._order.now)
