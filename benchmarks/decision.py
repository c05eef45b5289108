"""The pure decision: 20 instruments, 4 timeframes, 500 candles each, five strategies, all rules."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import numpy as np

from benchmarks.figures import Figure
from benchmarks.floor import Call, distinct, indicator_calls
from desk.decide import Policy, WeightedStrategy, decide
from desk.model.books import AccountState, Quote, Snapshot
from desk.model.candles import Candles
from desk.model.cycle import Decision
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.market import Market
from desk.model.reasons import Reason
from desk.model.timeframe import Timeframe
from desk.registry import risk_rules, sizings, strategies

AT = datetime(2026, 1, 14, 16, 0, tzinfo=UTC)
COUNT = 500
STRATEGIES = ("momentum_trading", "breakout", "mean_reversion", "trend_following", "volatility_breakout")
TIMEFRAMES = (Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.H4)
INSTRUMENTS = {
    f"X{number:02d}/USD": Instrument(
        f"X{number:02d}/USD", InstrumentKind.FX, Decimal("0.00001"), Decimal(1), Decimal(1)
    )
    for number in range(20)
}


def measure() -> Iterator[Figure]:
    """Give the milliseconds from arrays to intents, candles built and validated, and their ratio to the indicators'."""
    walks, snapshot = {name: _walk(seed) for seed, name in enumerate(INSTRUMENTS)}, _snapshot()

    def decide_all() -> None:
        for timeframe in TIMEFRAMES:
            markets = {name: Market(timeframe, {timeframe: _candles(name, timeframe, walks[name])}) for name in walks}
            _check(decide(_policy(timeframe), snapshot, markets, AT))

    calls = indicator_calls(decide_all)
    costs = [_median(work) for work in (decide_all, partial(_make, calls), partial(_make, distinct(calls)))]
    milliseconds, floor, shared = (seconds * 1000 for seconds in costs)
    yield Figure(
        "pure decision, 20 instruments x 4 timeframes x 500 candles",
        f"{milliseconds:.1f} ms",
        f"{len(STRATEGIES)} strategies and {len(risk_rules().discover())} rules, every candle validated",
        "at most 60 ms",
        milliseconds <= 60,
    )
    yield Figure(
        "the same as a multiple of its indicators alone",
        f"{milliseconds / floor:.1f} x",
        f"{len(calls)} calls of TA-Lib in {floor:.1f} ms; {shared:.1f} ms if no two strategies computed the same",
        "at most 12 x",
        milliseconds <= 12 * floor,
    )


def _check(decision: Decision) -> None:
    assert len(decision.no_trades) + len(decision.verdicts) == len(INSTRUMENTS), "an instrument has no outcome"
    failed = [drop.detail for drop in decision.no_trades if drop.reason is Reason.STRATEGY_FAILED]
    assert not failed, failed


def _make(calls: list[Call]) -> None:
    for call in calls:
        call()


def _median(work: Callable[[], None]) -> float:
    """Seconds of processor time, which others on the machine change less than the time of the wall."""
    times = []
    for _ in range(20):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times)


def _walk(seed: int) -> np.ndarray:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.001, COUNT)))


def _candles(name: str, timeframe: Timeframe, close: np.ndarray) -> Candles:
    opens = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(opens, close) * 1.0002, np.minimum(opens, close) * 0.9998
    time_ = int(AT.timestamp()) - timeframe.seconds * np.arange(COUNT, 0, -1)
    return Candles(name, timeframe, time_, opens, high, low, close, np.full(COUNT, 1000.0))


def _policy(timeframe: Timeframe) -> Policy:
    return Policy(
        account="bench",
        timeframe=timeframe,
        instruments=tuple(INSTRUMENTS),
        strategies=tuple(WeightedStrategy(strategies().build(name, {}), 1.0) for name in STRATEGIES),
        sizing=sizings().build("fixed_fraction", {}),
        rules=tuple(risk_rules().build(name, {}) for name in risk_rules().discover()),
        entry_score=0.3,
        exit_score=0.3,
        time_limit=None,
        lookback=COUNT,
    )


def _snapshot() -> Snapshot:
    money = AccountState("USD", Decimal(100_000), Decimal(100_000), AT)
    return Snapshot(
        account="bench",
        at=AT,
        money=money,
        day_start_equity=money.equity,
        peak_equity=money.equity,
        instruments=INSTRUMENTS,
        quotes={name: Quote(name, Decimal("99.999"), Decimal("100.001"), AT) for name in INSTRUMENTS},
    )
