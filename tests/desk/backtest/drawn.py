"""Random candles, signals and rules for properties of the simulation."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from hypothesis import strategies as st

from desk.backtest.rules import (
    AtEnd,
    BreakEven,
    Conventions,
    Distance,
    Part,
    Rules,
    Rung,
    SizedBy,
    Sizing,
    Trailing,
)
from desk.backtest.signals import Signals
from desk.model.candles import Candles, PriceBars
from desk.model.timeframe import Timeframe

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class World:
    """What a simulation takes."""

    candles: list[Candles]
    signals: list[Signals]


def world(seed: int, instruments: int, rows: int, *, two_sided: bool = False, gaps: bool = False) -> World:
    """Return made instruments whose signals come every few rows, long and short, with distances of about a candle."""
    random = np.random.default_rng(seed)
    pairs = [_instrument(random, f"I{k}/USD", rows, two_sided=two_sided, gaps=gaps) for k in range(instruments)]
    return World([candles for candles, _ in pairs], [signals for _, signals in pairs])


def _instrument(
    random: np.random.Generator, name: str, rows: int, *, two_sided: bool, gaps: bool
) -> tuple[Candles, Signals]:
    kept = np.flatnonzero(random.random(rows) < 0.8) if gaps else np.arange(rows)
    path = 100.0 * np.exp(np.cumsum(random.normal(0, 0.004, (rows, 4)).ravel())).reshape(rows, 4)[kept]
    bars = _bars(path)
    half = 0.0002 * path[:, :1] if two_sided else None
    sides = (None, None) if half is None else (_bars(path - half), _bars(path + half))
    time = 1_700_000_040 + 60 * kept
    prices = (bars.open, bars.high, bars.low, bars.close)
    candles = Candles(name, Timeframe.M1, time, *prices, np.ones(len(kept)), *sides)
    return candles, _signals(random, len(kept), bars.close)


def _bars(path: np.ndarray) -> PriceBars:
    return PriceBars(path[:, 0], path.max(axis=1), path.min(axis=1), path[:, -1])


def _signals(random: np.random.Generator, rows: int, close: np.ndarray) -> Signals:
    def sometimes(share: float) -> np.ndarray:
        return random.random(rows) < share

    return Signals(
        enter_long=sometimes(0.15),
        enter_short=sometimes(0.1),
        exit_long=sometimes(0.08),
        exit_short=sometimes(0.08),
        stop=np.where(sometimes(0.9), random.uniform(0.5, 3.0, rows), np.nan),
        target=np.where(sometimes(0.8), random.uniform(0.5, 4.0, rows), np.nan),
        unit=0.006 * close,
        quantity=random.uniform(0.1, 2.0, rows),
    )


def with_limits(signals: Signals, candles: Candles, seed: int) -> Signals:
    """Return the signals with limit prices near the close for half of the entries and exits, and replacements."""
    random = np.random.default_rng(seed)

    def near() -> np.ndarray:
        price = candles.close * (1 + random.normal(0, 0.004, len(candles)))
        return np.where(random.random(len(candles)) < 0.5, price, np.nan)

    given = {name: getattr(signals, name) for name in Signals.__dataclass_fields__}
    return Signals(**(given | {"limit": near(), "exit_limit": near(), "replacement": near()}))


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


SIZINGS = st.sampled_from(
    [
        Sizing(SizedBy.EQUITY, 0.05),
        Sizing(SizedBy.EQUITY, 0.6),
        Sizing(SizedBy.NOTIONAL, 2_000.0),
        Sizing(SizedBy.QUANTITY, 10.0),
    ]
)

PLAIN_RULES = st.builds(
    Rules,
    cash=st.just(100_000.0),
    sizing=SIZINGS,
    fee=st.sampled_from([0.0, 0.0005, 0.002]),
    slippage=st.sampled_from([0.0, 0.0003]),
    leverage=st.sampled_from([1.0, 5.0, 40.0]),
    maintenance=st.sampled_from([None, 0.01]),
    distance=st.just(Distance.UNIT),
    at_end=st.sampled_from(AtEnd),
)

RICH_RULES = st.builds(
    Rules,
    cash=st.just(100_000.0),
    sizing=SIZINGS,
    fee=st.sampled_from([0.0, 0.0005, 0.002]),
    slippage=st.sampled_from([0.0, 0.0003]),
    leverage=st.sampled_from([1.0, 5.0, 40.0]),
    maintenance=st.sampled_from([None, 0.01]),
    distance=st.just(Distance.UNIT),
    trailing=maybe(st.builds(Trailing, st.sampled_from([0.5, 2.0]), st.sampled_from([0.0, 1.0]), maybe(st.just(2.5)))),
    break_even=maybe(st.builds(BreakEven, st.sampled_from([0.5, 1.5]), st.sampled_from([0.0, 0.1]))),
    ladder=st.sampled_from([(), (Rung(timedelta(0), 3.0), Rung(5 * MINUTE, 1.0), Rung(20 * MINUTE, -0.5))]),
    parts=st.sampled_from([(), (Part(0.5, 0.5),), (Part(0.5, 0.25), Part(1.0, 0.75))]),
    time_exit=maybe(st.sampled_from([3 * MINUTE, 15 * MINUTE])),
    entry_timeout=maybe(st.just(4 * MINUTE)),
    exit_timeout=maybe(st.just(3 * MINUTE)),
    at_end=st.sampled_from(AtEnd),
)

FREQTRADE_RULES = st.builds(
    Rules,
    cash=st.just(100_000.0),
    sizing=SIZINGS,
    fee=st.sampled_from([0.0, 0.001]),
    leverage=st.sampled_from([1.0, 3.0]),
    distance=st.just(Distance.FRACTION),
    trailing=maybe(
        st.builds(Trailing, st.sampled_from([0.005, 0.02]), st.sampled_from([0.0, 0.01]), maybe(st.just(0.02)))
    ),
    ladder=st.sampled_from([(), (Rung(timedelta(0), 0.03), Rung(5 * MINUTE, 0.01), Rung(20 * MINUTE, -1.0))]),
    entry_timeout=maybe(st.just(4 * MINUTE)),
    exit_timeout=maybe(st.just(3 * MINUTE)),
    at_end=st.sampled_from(AtEnd),
    conventions=st.just(Conventions.FREQTRADE),
)
