"""A market that tells the newest candles of many instruments in one call, on a clock that the test moves."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from desk.errors import DataError
from desk.model.assembling import from_bars
from desk.model.candles import PriceBars
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.timeframe import Timeframe

START = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
EURO, YEN, GOLD = "EUR/USD", "USD/JPY", "XAU/USD"
M1, M5, H1 = Timeframe.M1, Timeframe.M5, Timeframe.H1
_KINDS = {EURO: InstrumentKind.FX, YEN: InstrumentKind.FX, GOLD: InstrumentKind.METAL}


class HandClock:
    """A clock that stands where the test puts it, and that sleeping moves."""

    def __init__(self, at=START):
        self.at = at
        self.pauses = []

    def now(self):
        return self.at

    async def sleep(self, seconds):
        self.pauses.append(seconds)
        until = self.at + timedelta(seconds=seconds)
        await asyncio.sleep(0)
        self.at = max(self.at, until)


class BatchMarket:
    """Has a candle for every period that is not in `quiet`, known when it closes or `delays` later, in order of time.

    Attributes:
        quiet: open times without a candle, of every pair.
        delays: by open time, how long after its close a candle is known.
        asked: ("candles", pair) or ("latest", pairs), in order.
        failures: raised by the next calls, in turn.
        hiccups: how many candles the next fetches give at the most, in turn.
        corrected: open times of candles that have another volume than they were first told with.
    """

    base_timeframe = M1

    def __init__(self, clock, *, begins=START - timedelta(days=1)):
        self.clock = clock
        self.begins = begins
        self.quiet = set()
        self.delays = {}
        self.asked = []
        self.failures = []
        self.hiccups = []
        self.corrected = set()

    async def instruments(self):
        return {name: Instrument(name, kind, Decimal("0.001"), Decimal(1), Decimal(1)) for name, kind in _KINDS.items()}

    async def quotes(self, instruments, *, at):
        return {}

    async def candles(self, instrument, timeframe, *, until, count):
        self.asked.append(("candles", (instrument, timeframe)))
        if instrument not in _KINDS:
            raise DataError(f"no {instrument}")
        await self._answering()
        return self.known(instrument, timeframe, until, self.hiccups.pop(0) if self.hiccups else count)

    async def latest(self, wanted):
        self.asked.append(("latest", tuple(sorted(wanted))))
        await self._answering()
        return {pair: self.known(*pair, self.clock.now(), 1) for pair in wanted}

    async def _answering(self):
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)

    def known(self, instrument, timeframe, until, count, at=None):
        """What a fetch would give at a time, by default now."""
        at = at or self.clock.now()
        opens = []
        opened = timeframe.floor(self.begins)
        while opened + timeframe.duration <= until:
            if opened not in self.quiet:
                if opened + timeframe.duration + self.delays.get(opened, timedelta(0)) > at:
                    break
                opens.append(int(opened.timestamp()))
            opened += timeframe.duration
        return made(instrument, timeframe, opens[-count:], {int(opened.timestamp()) for opened in self.corrected})

    def fetches(self):
        return [pair for call, pair in self.asked if call == "candles"]

    def batches(self):
        return [pairs for call, pairs in self.asked if call == "latest"]


def made(instrument, timeframe, opens, corrected=frozenset()):
    """Candles whose prices are a function of instrument and time."""
    time = np.array(opens, dtype=np.int64)
    bid = 100 + len(instrument) + (time // 60 % 977) / 100
    sides = [PriceBars(bid + spread, bid + 0.5 + spread, bid - 0.5 + spread, bid + spread) for spread in (0, 0.1)]
    mid = PriceBars(*((getattr(sides[0], one) + 0.05) for one in ("open", "high", "low", "close")))
    return from_bars(
        instrument,
        timeframe,
        time,
        mid,
        time % 7 + 1.0 + 100 * np.isin(time, list(corrected)),
        bid=sides[0],
        ask=sides[1],
    )
