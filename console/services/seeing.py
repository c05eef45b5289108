"""What a strategy of an account saw at the candles of a chart: its score, and the values that explain it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np

from console.naming import account_of, unknown
from desk.accounts import AccountSpec, Fleet
from desk.accounts.building import policy_of
from desk.accounts.reference import written
from desk.contracts.scaling import prices_among
from desk.decide import Policy
from desk.decide.signals import failed, warming_up
from desk.errors import DataError
from desk.model.candles import Candles, FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import BookStrategy, Strategy
from desk.ports import Feed
from desk.registry import strategies

Values = tuple[float | None, ...]
"""One for each candle of the chart, None where it is not known."""

_NOTHING = "There are no candles that it could judge."


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A value by which a strategy explains itself, under the name that it has in `desk why`.

    Attributes:
        meaning: what it says, with its unit, in the strategy's own words; empty where it has none.
    """

    name: str
    values: Values
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a strategy says of each candle of a chart, as a scan would have heard it.

    Attributes:
        timeframe: of the candles that it judges; each of the chart has what was said of the newest that was closed.
        parameters: those that are written for it, as they are written.
        threshold: what the score of the account must reach for a position to be opened; None for a strategy that acts
            on what is held, and takes no part in votes.
        voters: how many strategies vote in the account; the threshold is that of them together.
        lacking: why it says nothing; empty where it does.
        unread: what it reads besides candles: that is not kept, and unknown to it here.
        score: in [-1, 1].
        stop, target: where an entry at that close would end, in quote currency, where the score alone would do for one.
        over: the values that are prices.
        beside: the others.
    """

    strategy: str
    timeframe: str
    parameters: Mapping[str, str]
    threshold: float | None
    voters: int
    lacking: str = ""
    unread: tuple[str, ...] = ()
    score: Values = ()
    stop: Values = ()
    target: Values = ()
    over: tuple[SeenLine, ...] = ()
    beside: tuple[SeenLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """A strategy as an account has it; `written` are its parameters in the configuration."""

    strategy: Strategy
    policy: Policy
    written: Mapping[str, object] = field(default_factory=dict)


def strategies_of(spec: AccountSpec) -> tuple[str, ...]:
    """Return the strategies of an account by their present names, in its order."""
    return tuple(strategies().present_name(one.name) for one in spec.strategies)


def judge_of(fleet: Fleet, account: str, name: str) -> Judge:
    """Return a strategy of an account, by its name or one that it had before.

    Raises:
        NotUnderstood: there is no such account, or it has no such strategy; the message gives the nearest.
        ConfigError: a plug-in has changed since the fleet was loaded and no longer takes its parameters.
    """
    spec = account_of(fleet, account)
    known, present = strategies_of(spec), strategies().present_name(name)
    if present not in known:
        raise unknown(f"a strategy of {account}: {', '.join(known)}", name, known)
    policy, place = policy_of(fleet, account), known.index(present)
    return Judge(policy.strategies[place].strategy, policy, spec.strategies[place].parameters)


async def seen_by(judge: Judge, feed: Feed | None, candles: Candles | None) -> Seen:
    """Return what a strategy saw at the candles of a chart.

    Args:
        judge: the strategy.
        feed: of the account; None where its candles are not kept.
        candles: of the chart, in any timeframe; None for none.
    """
    unseen = _unseen(judge)
    if feed is None or candles is None:
        return replace(unseen, lacking=_NOTHING)
    own = judge.policy.timeframe
    if candles.timeframe.seconds > own.seconds:
        return replace(
            unseen, lacking=f"It judges {own} candles, and several of them lie in each of these: choose {own}."
        )
    try:
        market = await _market(judge, feed, candles)
    except DataError as error:
        return replace(unseen, lacking=str(error))
    return await asyncio.to_thread(_judged, judge, market, candles, unseen)


def _unseen(judge: Judge) -> Seen:
    strategy, policy = judge.strategy, judge.policy
    voters = sum(not isinstance(one.strategy, BookStrategy) for one in policy.strategies)
    return Seen(
        strategy=strategy.name,
        timeframe=str(policy.timeframe),
        parameters={name: written(value) for name, value in judge.written.items()},
        threshold=None if isinstance(strategy, BookStrategy) else policy.entry_score,
        voters=voters,
        unread=strategy.reads_series,
    )


async def _market(judge: Judge, feed: Feed, candles: Candles) -> Market:
    """What a scan at any of the candles would have looked at: as many before the first one as it looks back."""
    own, until = judge.policy.timeframe, candles.closed_at
    timeframes = tuple(dict.fromkeys((own, *judge.strategy.reads)))
    span = int(candles.close_times[-1] - candles.time[0])
    counts = [min(len(candles), span // each.seconds + 1) + judge.policy.lookback for each in timeframes]
    found = await asyncio.gather(
        *(
            feed.candles(candles.instrument, each, until=until, count=count)
            for each, count in zip(timeframes, counts, strict=True)
        )
    )
    return Market(own, dict(zip(timeframes, found, strict=True)))


def _judged(judge: Judge, market: Market, candles: Candles, unseen: Seen) -> Seen:
    strategy = judge.strategy
    if len(market.own) <= strategy.warm_up:
        return replace(unseen, lacking=warming_up(strategy, market.instrument, len(market.own)).detail)
    try:
        scores = strategy.evaluate(market)
        meanings = {name: strategy.meaning(name) for name in scores.features}
    except Exception as error:  # noqa: BLE001 - a plug-in; its failure is told, and costs no chart
        return replace(unseen, lacking=failed(strategy, market.instrument, error).detail)
    rows = np.searchsorted(market.own.close_times, candles.close_times, side="right") - 1
    lines = {name: SeenLine(name, _at(values, rows), meanings[name]) for name, values in scores.features.items()}
    prices = _prices(strategy, market, scores)
    stop, target = _ends(scores, market.own, unseen.threshold)
    return replace(
        unseen,
        score=_at(scores.score, rows),
        stop=_at(stop, rows),
        target=_at(target, rows),
        over=tuple(line for name, line in lines.items() if name in prices),
        beside=tuple(line for name, line in lines.items() if name not in prices),
    )


def _prices(strategy: Strategy, market: Market, scores: Scores) -> frozenset[str]:
    try:
        return prices_among(strategy, market, scores)
    except Exception:  # noqa: BLE001 - a plug-in that fails at prices that there never were; its values are shown beside
        return frozenset()


def _ends(scores: Scores, own: Candles, threshold: float | None) -> tuple[FloatArray, FloatArray]:
    """Stop and target, in price, of an entry at each close; NaN where the score is too small for one."""
    enters = np.zeros(len(own), bool) if threshold is None else np.abs(scores.score) >= threshold
    side = np.where(enters, np.sign(scores.score), np.nan)
    return own.close - side * scores.stop, own.close + side * scores.target


def _at(values: FloatArray, rows: np.ndarray) -> Values:
    found = np.where(rows >= 0, values[np.maximum(rows, 0)], np.nan).tolist()
    return tuple(value if isfinite(value) else None for value in found)
