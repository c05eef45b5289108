"""Candles and quotes from files, as of any time that they cover: history through the port of a live venue."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import RLock

from desk.adapters.feeds.candle_files import check_path, read_candles
from desk.adapters.feeds.specifications import specification_of
from desk.errors import ConfigError, DataError
from desk.matching.quoting import QUIET_FOR, quote_of
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.model.resampling import resample
from desk.model.timeframe import Timeframe
from desk.registry import nearest


class RecordedFeed:
    """Implements `desk.ports.Feed` over one file per instrument, read when it is first needed.

    Quotes and matching need one base timeframe for all instruments: the longest among the files, unless it is stated.
    Shorter files are resampled to it. An instrument is tradable while a candle contains the time; between candles it is
    so while its session is open and the last candle ended at most `quiet_for` ago. Data of trades only give quotes
    whose bid is the ask: the feed does not invent a spread.

    Args:
        files: the file of each instrument, `.parquet` or `.csv`; see `candle_files` for the columns.
        base_timeframe: stated instead of inferred from all files.
        instruments: specifications that replace or extend those of the files and of the catalogue.
        quiet_for: how long an open market may go without a candle and still take orders.

    Raises:
        ConfigError: a file does not exist or has an unknown ending, or neither it nor anything else says the grid of
            its instrument.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        *,
        base_timeframe: Timeframe | None = None,
        instruments: Mapping[str, Instrument] | None = None,
        quiet_for: timedelta = QUIET_FOR,
    ) -> None:
        self._files = dict(files)
        self._stated = base_timeframe
        self._quiet_for = quiet_for
        self._read: dict[str, Candles] = {}
        self._series: dict[tuple[str, Timeframe], Candles] = {}
        self._lock = RLock()
        for name, path in self._files.items():
            check_path(path, name)
        self._instruments = {name: specification_of(name, path, instruments or {}) for name, path in files.items()}

    @property
    def base_timeframe(self) -> Timeframe:
        """The stated timeframe, or the longest of the files; reads all of them the first time."""
        if self._stated is None:
            found = [self._file(name).timeframe for name in self._files]
            self._stated = max(found, key=lambda timeframe: timeframe.seconds, default=Timeframe.M1)
        return self._stated

    async def load(self) -> None:
        """Read every file now, so that a bad one is known before anything starts.

        Raises:
            ConfigError: a file cannot be used.
            MalformedCandles: a file holds candles that cannot be right.
        """
        for name in self._files:
            await asyncio.to_thread(self._base, name)

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return the instruments that have a file."""
        return dict(self._instruments)

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return at most `count` candles that were closed at `until`; see `desk.ports.Feed`."""
        if instrument not in self._files:
            raise DataError(f"recorded feed: no file for '{instrument}'; {nearest(instrument, self._files)}")
        series = self._series.get((instrument, timeframe))
        if series is None:
            series = await asyncio.to_thread(self._make_series, instrument, timeframe)
        return series.until(until).tail(count)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices as of `at`; see `quoting.quote_of`."""
        quotes: dict[str, Quote] = {}
        for name in instruments:
            if name in self._files:
                quote = await self._quote(name, at)
                quotes |= {name: quote} if quote else {}
        return quotes

    async def _quote(self, instrument: str, at: datetime) -> Quote | None:
        candles = None if self._stated is None else self._series.get((instrument, self._stated))
        if candles is None:
            candles = await asyncio.to_thread(self._base, instrument)
        return quote_of(self._instruments[instrument], candles, at, quiet_for=self._quiet_for)

    def _base(self, instrument: str) -> Candles:
        return self._make_series(instrument, self.base_timeframe)

    def _make_series(self, instrument: str, timeframe: Timeframe) -> Candles:
        with self._lock:
            if (instrument, timeframe) not in self._series:
                source = self._file(instrument) if timeframe is self.base_timeframe else self._base(instrument)
                self._series[instrument, timeframe] = resample(source, timeframe)
            return self._series[instrument, timeframe]

    def _file(self, instrument: str) -> Candles:
        with self._lock:
            if instrument not in self._read:
                self._read[instrument] = self._read_file(instrument)
            return self._read[instrument]

    def _read_file(self, instrument: str) -> Candles:
        path = self._files[instrument]
        candles = read_candles(path, instrument, self._stated)
        if self._stated is not None and candles.timeframe.seconds > self._stated.seconds:
            raise ConfigError(
                f"{path}: expected candles of {self._stated} or shorter, found {candles.timeframe}; "
                f"state {candles.timeframe} as the base timeframe of the feed"
            )
        return candles
