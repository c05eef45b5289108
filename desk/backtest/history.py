"""Recorded candles of several instruments, as a scan of any time in them would have found them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import numpy as np

from desk.errors import DataError
from desk.matching.quoting import QUIET_FOR, quote_of
from desk.model.books import Quote
from desk.model.candles import Candles, IntArray
from desk.model.instrument import Instrument
from desk.model.market import Market
from desk.model.resampling import resample
from desk.model.timeframe import Timeframe


class History:
    """Candles of one base timeframe, every longer one made from them, and the quotes that they imply.

    Args:
        instruments: by name, of every instrument that has candles.
        candles: by instrument; shorter ones are resampled to the longest timeframe among them.
        quiet_for: how long an open market may go without a candle and still take orders.
    """

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        candles: Mapping[str, Candles],
        *,
        quiet_for: timedelta = QUIET_FOR,
    ) -> None:
        if not candles:
            raise DataError("expected candles of at least one instrument, found none")
        self.instruments = {name: instruments[name] for name in candles}
        self.timeframe = max((one.timeframe for one in candles.values()), key=lambda one: one.seconds)
        self.base = {name: resample(one, self.timeframe) for name, one in candles.items()}
        self.quiet_for = quiet_for
        self._made: dict[tuple[str, Timeframe], Candles] = {}

    def candles(self, instrument: str, timeframe: Timeframe) -> Candles:
        """Return all candles of an instrument; the newest one may be unfinished, see `resample`.

        Raises:
            DataError: there are none of the instrument, or the timeframe is shorter than the base.
        """
        if instrument not in self.base:
            raise DataError(f"expected candles of {instrument}, found those of {', '.join(sorted(self.base))}")
        key = (instrument, timeframe)
        if key not in self._made:
            self._made[key] = resample(self.base[instrument], timeframe)
        return self._made[key]

    def newest(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return at most `count` candles that were closed at `until`, as a feed would."""
        candles = self.candles(instrument, timeframe)
        known = candles.rows_until(until.timestamp())
        return candles[max(0, known - count) : known]

    def market(self, instrument: str, timeframes: Iterable[Timeframe]) -> Market:
        """Return all candles in several timeframes, the first of which is the own one."""
        own, *others = timeframes
        return Market(own, {one: self.candles(instrument, one) for one in (own, *others)})

    def closes(self, instruments: Iterable[str], timeframe: Timeframe, start: datetime, end: datetime) -> IntArray:
        """Return when candles of any of the instruments closed, after `start` and until `end`, in seconds, once each.

        A candle that is not finished at the end of the data is left out.
        """
        found = [self._finished(name, timeframe) for name in instruments]
        times = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
        first, last = np.searchsorted(times, [start.timestamp(), end.timestamp()], side="right")
        return np.asarray(times[first:last], dtype=np.int64)

    def quote(self, instrument: str, at: datetime) -> Quote | None:
        """Return the best prices as of `at`, or None where there is no candle yet; see `quote_of`."""
        return quote_of(self.instruments[instrument], self.base[instrument], at, quiet_for=self.quiet_for)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The open of the first and the close of the last base candle of all."""
        held = [one for one in self.base.values() if len(one)]
        first = min((int(one.time[0]) for one in held), default=0)
        last = max((int(one.close_times[-1]) for one in held), default=0)
        return datetime.fromtimestamp(first, tz=UTC), datetime.fromtimestamp(last, tz=UTC)

    @property
    def identity(self) -> str:
        """The SHA-256 of every number in it, grids too: runs of the same identity have seen the same past."""
        digest = sha256()
        for name in sorted(self.base):
            one = self.base[name]
            digest.update(f"{self.instruments[name]!r} {one.timeframe} {len(one)}".encode())
            for side in (one, one.bid, one.ask):
                arrays = () if side is None else (side.open, side.high, side.low, side.close)
                for array in arrays:
                    digest.update(np.ascontiguousarray(array).data)
            digest.update(np.ascontiguousarray(one.time).data)
            digest.update(np.ascontiguousarray(one.volume).data)
        return digest.hexdigest()

    def _finished(self, instrument: str, timeframe: Timeframe) -> IntArray:
        closes = self.candles(instrument, timeframe).close_times
        known_until = self.base[instrument].close_times[-1:] if len(closes) else closes
        return closes[closes <= known_until] if len(closes) else closes
