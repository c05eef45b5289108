"""The same past under worse conditions: other candles, worse fills, later orders, dearer trading."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from hashlib import blake2b

import numpy as np

from desk.backtest.history import History
from desk.backtest.validation.subjects import Subject
from desk.decide import Policy, WeightedStrategy
from desk.indicators.volatility import atr
from desk.matching.fees import FeeSchedule
from desk.matching.slippage import Slippage
from desk.matching.terms import Terms
from desk.model.assembling import from_bars
from desk.model.candles import Candles, FloatArray, IntArray, PriceBars
from desk.model.instrument import Instrument, Side
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy

_ATR_PERIOD = 14
_LEAST = 0.5
"""Of its own price: however wild the noise, no price falls below that."""

_STREAMS = {"candles": 1, "lateness": 2}


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is worse than it was; nothing, without any of it.

    Attributes:
        seed: of everything that is drawn.
        candles: standard deviation of the noise on prices, in average true ranges.
        slippage_bps: mean of the slippage that is drawn for each fill and comes on top, exponentially distributed.
        late: how likely an opinion is heard a candle later, in [0, 1].
        costs: how many times fees, spread and slippage are what they were.
    """

    seed: int = 0
    candles: float = 0.0
    slippage_bps: float = 0.0
    late: float = 0.0
    costs: float = 1.0

    def applied_to(self, subject: Subject) -> Subject:
        """Return an account with its past as it is then."""
        history, terms, policy = subject.history, subject.opening.terms, subject.policy
        if self.candles or self.costs != 1:
            history = _with_candles(history, {name: self._disturbed(one) for name, one in history.base.items()})
        if self.costs != 1:
            terms = dearer(terms, Decimal(str(self.costs)))
        if self.slippage_bps:
            terms = replace(terms, slippage=DrawnSlippage.beside(terms.slippage, self.slippage_bps, self.seed))
        if self.late:
            policy = with_late_opinions(policy, self.late, self.seed)
        return replace(subject, policy=policy, history=history, opening=replace(subject.opening, terms=terms))

    def _disturbed(self, candles: Candles) -> Candles:
        noisy = with_noise(candles, self.candles, self.seed) if self.candles else candles
        return with_wider_spread(noisy, self.costs) if self.costs != 1 else noisy


def with_noise(candles: Candles, fraction: float, seed: int) -> Candles:
    """Return the candles with prices that are a little others, high and low still around open and close.

    Each price moves by a normal number of standard deviation `fraction` of the average true range then; both sides of
    the market move alike, so that the spread is what it was.
    """
    if len(candles) == 0:
        return candles
    random = np.random.default_rng([seed, _STREAMS["candles"], _number(candles.instrument)])
    reach = atr(candles.high, candles.low, candles.close, _ATR_PERIOD)
    known = reach[np.isfinite(reach)]
    unit = np.where(np.isfinite(reach), reach, known[0] if len(known) else (candles.high - candles.low).mean())
    moves = random.normal(0, fraction, (4, len(candles))) * unit
    sides = [None if side is None else _moved(side, moves) for side in (candles.bid, candles.ask)]
    return _remade(candles, _moved(candles, moves), *sides)


def with_wider_spread(candles: Candles, times: float) -> Candles:
    """Return the candles with bid and ask as many times as far from the middle; those of trades have none."""
    if candles.bid is None or candles.ask is None:
        return candles
    sides = [
        PriceBars(*(mid + times * (one - mid) for one, mid in zip(_prices(side), _prices(candles), strict=True)))
        for side in (candles.bid, candles.ask)
    ]
    return _remade(candles, PriceBars(*_prices(candles)), *(_enclosed(side) for side in sides))


def dearer(terms: Terms, times: Decimal) -> Terms:
    """Return terms with as many times the fees, the spread and the slippage; what limits trading stays."""
    return replace(
        terms,
        fees=FeeSchedule(terms.fees.maker_bps * times, terms.fees.taker_bps * times),
        slippage=replace(
            terms.slippage,
            fixed_bps=terms.slippage.fixed_bps * times,
            impact_bps=terms.slippage.impact_bps * times,
        ),
        half_spread_bps=terms.half_spread_bps * times,
    )


@dataclass(frozen=True, slots=True)
class DrawnSlippage(Slippage):
    """A slippage with something drawn on top, the same for the same order at the same price.

    Attributes:
        mean_bps: of what is drawn, 0 or more.
    """

    mean_bps: float = 0.0
    seed: int = 0

    @classmethod
    def beside(cls, slippage: Slippage, mean_bps: float, seed: int) -> "DrawnSlippage":
        """Return a slippage that draws beside another."""
        return cls(slippage.fixed_bps, slippage.impact_bps, mean_bps, seed)

    def worsen(
        self, price: Decimal, side: Side, quantity: Decimal, volume: Decimal | None, instrument: Instrument
    ) -> Decimal:
        """Return the price at which an order is filled; see `Slippage.worsen`."""
        drawn = -np.log1p(-_uniform(f"{self.seed} {instrument.name} {price} {side} {quantity}")) * self.mean_bps
        worse = Slippage(self.fixed_bps + Decimal(str(round(min(float(drawn), 1_000.0), 6))), self.impact_bps)
        return worse.worsen(price, side, quantity, volume, instrument)


def with_late_opinions(policy: Policy, likely: float, seed: int) -> Policy:
    """Return the policy with strategies that are heard a candle later, each candle as likely as `likely`."""
    late = (WeightedStrategy(_late(one.strategy, likely, seed), one.weight) for one in policy.strategies)
    return replace(policy, strategies=tuple(late))


def _late(strategy: Strategy, likely: float, seed: int) -> Strategy:
    kind = type(strategy)

    def evaluate(self: Strategy, market: Market) -> Scores:
        scores = kind.evaluate(self, market)
        return _taken(scores, _heard(market.own.time, market.timeframe.seconds, self.warm_up, likely, seed))

    # A class of its own, so that whatever else the strategy is and is called stays what it was.
    changed: type[Strategy] = type(kind.__name__, (kind,), {"evaluate": evaluate, "__module__": kind.__module__})
    return changed.model_construct(**dict(strategy))


def _heard(time: IntArray, seconds: int, warm_up: int, likely: float, seed: int) -> IntArray:
    """The row whose opinion is heard at each candle: its own, or the one before."""
    rows = np.arange(len(time))
    is_late = (_uniforms(time // seconds, seed) < likely) & (rows >= max(warm_up, 1))
    return rows - is_late


def _taken(scores: Scores, rows: IntArray) -> Scores:
    followed = None if scores.followed is None else scores.followed[rows]
    features = {name: values[rows] for name, values in scores.features.items()}
    return Scores(scores.score[rows], scores.stop[rows], scores.target[rows], features, scores.plans, followed)


def _with_candles(history: History, candles: Mapping[str, Candles]) -> History:
    return History(history.instruments, candles, quiet_for=history.quiet_for)


def _remade(candles: Candles, mid: PriceBars, bid: PriceBars | None, ask: PriceBars | None) -> Candles:
    return from_bars(candles.instrument, candles.timeframe, candles.time, mid, candles.volume, bid, ask)


def _moved(bars: Candles | PriceBars, moves: FloatArray) -> PriceBars:
    moved = (np.maximum(one + move, _LEAST * one) for one, move in zip(_prices(bars), moves, strict=True))
    return _enclosed(PriceBars(*moved))


def _enclosed(bars: PriceBars) -> PriceBars:
    """The bars with high and low around every price."""
    prices = _prices(bars)
    return PriceBars(bars.open, np.maximum.reduce(prices), np.minimum.reduce(prices), bars.close)


def _prices(bars: Candles | PriceBars) -> tuple[FloatArray, ...]:
    return tuple(getattr(bars, field.name) for field in fields(PriceBars))


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest())


def _uniform(text: str) -> float:
    """A number from 0 to below 1 that a text stands for."""
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest()) / 2**48


def _uniforms(numbers: IntArray, seed: int) -> FloatArray:
    """A number from 0 to below 1 for each number, whatever others there are (Steele's SplitMix64)."""
    with np.errstate(over="ignore"):
        mixed = numbers.astype(np.uint64) + np.uint64((seed * 4 + _STREAMS["lateness"]) % 2**32) * np.uint64(2**32 + 15)
        mixed = (mixed + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2**53
