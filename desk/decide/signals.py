"""What every strategy thinks of every instrument's newest candle."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import numpy as np

from desk.decide.conditions import conditions_of
from desk.decide.policy import Policy
from desk.decide.remaining import remaining
from desk.model.cycle import Decision
from desk.model.market import Market
from desk.model.reasons import Reason
from desk.model.regimes import NOTHING_KNOWN, Conditions
from desk.model.scores import Scores
from desk.model.trade import NoTrade
from desk.model.views import Plan, Signal
from desk.plugin import Strategy

Opinion = tuple[Signal, Plan | None]
"""What a strategy thinks, and what a rule of it says of the entry, where it has rules."""


class Views(Protocol):
    """Where opinions come from, and what a market is like."""

    def opinion(self, strategy: Strategy, market: Market, candle_close: datetime) -> Opinion | NoTrade:
        """Return what a strategy thinks of the newest candle of a market, or why it thinks nothing."""
        ...

    def conditions(self, policy: Policy, market: Market) -> Conditions:
        """Return what the newest candle of a market, which has at least one, was met in."""
        ...


class Evaluated:
    """`Views` by evaluating the candles that there are, as a scan does."""

    def opinion(self, strategy: Strategy, market: Market, candle_close: datetime) -> Opinion | NoTrade:
        """Return what a strategy thinks of the newest candle of a market, or why it thinks nothing."""
        name, found = market.instrument, len(market.own)
        if found <= strategy.warm_up:
            return warming_up(strategy, name, found)
        try:
            return opinion_at(strategy, strategy.evaluate(market), -1, name, candle_close)
        except Exception as error:  # noqa: BLE001 - a plug-in; its failure costs its instrument, not the cycle
            return failed(strategy, name, error)

    def conditions(self, policy: Policy, market: Market) -> Conditions:
        """Return what the newest candle of a market, which has at least one, was met in."""
        return conditions_of(policy, market)


_EVALUATED = Evaluated()


def compute_signals(
    policy: Policy,
    markets: Mapping[str, Market],
    candle_close: datetime,
    decision: Decision,
    views: Views = _EVALUATED,
) -> Decision:
    """Ask every strategy about every instrument that has not dropped out, and look at what its market is like.

    Args:
        policy: names strategies and instruments.
        markets: closed candles by instrument.
        candle_close: names the cycle.
        decision: has the instruments that have dropped out.
        views: where opinions come from; a backtest has all of them beforehand.
    """
    opinions: list[Opinion] = []
    no_trades: list[NoTrade] = []
    conditions: dict[str, Conditions] = {}
    for name in remaining(policy, decision):
        market = _usable(policy, markets.get(name), name, candle_close)
        answer = market if isinstance(market, NoTrade) else _judge(policy, market, candle_close, views)
        if isinstance(answer, NoTrade):
            no_trades.append(answer)
            continue
        opinions.extend(answer)
        if (found := views.conditions(policy, markets[name])) != NOTHING_KNOWN:
            conditions[name] = found
    return replace(
        decision,
        signals=(*decision.signals, *(signal for signal, _ in opinions)),
        no_trades=(*decision.no_trades, *no_trades),
        conditions={**decision.conditions, **conditions},
        plans={**decision.plans, **_plans(opinions)},
    )


def _plans(opinions: Iterable[Opinion]) -> dict[tuple[str, str], Plan]:
    return {(signal.strategy, signal.instrument): plan for signal, plan in opinions if plan is not None}


def _usable(policy: Policy, market: Market | None, name: str, candle_close: datetime) -> Market | NoTrade:
    if market is None or len(market.own) == 0:
        return NoTrade(name, Reason.NO_DATA, f"expected {policy.timeframe} candles, found none")
    if market.own.closed_at != candle_close:
        detail = f"the newest {policy.timeframe} candle closed at {market.own.closed_at:%Y-%m-%d %H:%M}Z"
        return NoTrade(name, Reason.STALE_DATA, f"{detail}, expected {candle_close:%Y-%m-%d %H:%M}Z")
    if policy.regimes is not None and policy.votes.regimes and len(market.own) < policy.regimes.warm_up:
        detail = f"the regime needs {policy.regimes.warm_up} candles, found {len(market.own)}"
        return NoTrade(name, Reason.WARMING_UP, detail)
    return market


def _judge(policy: Policy, market: Market, candle_close: datetime, views: Views) -> tuple[Opinion, ...] | NoTrade:
    opinions: list[Opinion] = []
    for weighted in policy.strategies:
        opinion = views.opinion(weighted.strategy, market, candle_close)
        if isinstance(opinion, NoTrade):
            return opinion
        opinions.append(opinion)
    return tuple(opinions)


def opinion_at(
    strategy: Strategy, scores: Scores, row: int, instrument: str, candle_close: datetime
) -> Opinion | NoTrade:
    """Return what a strategy thinks of one candle, or what is wrong with it.

    Args:
        row: of the candle in `scores`; -1 for the newest.
        candle_close: when that candle closed.
    """
    plan = scores.plan_at(row)
    score, stop, target = (float(values[row]) for values in (scores.score, scores.stop, scores.target))
    if not (-1 <= score <= 1 and 0 < stop < np.inf and 0 < target < np.inf):
        detail = f"{strategy.name}: expected a score in [-1, 1] and distances above 0"
        return NoTrade(
            instrument, Reason.STRATEGY_FAILED, f"{detail}, found score {score}, stop {stop}, target {target}"
        )
    if plan is not None and not 0 < plan.size <= 1:
        detail = f"{strategy.name}: expected a size above 0, up to 1, found {plan.size}"
        return NoTrade(instrument, Reason.STRATEGY_FAILED, detail)
    return Signal(strategy.name, instrument, candle_close, score, stop, target, _explain(score, scores, row)), plan


def warming_up(strategy: Strategy, instrument: str, found: int) -> NoTrade:
    """Return that a strategy has too few candles yet."""
    detail = f"{strategy.name} needs more than {strategy.warm_up} candles, found {found}"
    return NoTrade(instrument, Reason.WARMING_UP, detail)


def failed(strategy: Strategy, instrument: str, error: Exception) -> NoTrade:
    """Return that a strategy did not answer."""
    return NoTrade(instrument, Reason.STRATEGY_FAILED, f"{strategy.name}: {type(error).__name__}: {error}")


def _explain(score: float, scores: Scores, row: int) -> str:
    view = "no opinion" if score == 0 else f"{'long' if score > 0 else 'short'} {abs(score):.2f}"
    values = ", ".join(f"{name} {float(values[row]):.6g}" for name, values in scores.features.items())
    return f"{view}: {values}" if values else view
