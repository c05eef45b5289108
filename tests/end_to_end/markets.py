"""Made markets in which an account has something to do, whenever a test runs."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from desk.accounts import policy_of
from desk.accounts.fleet import Fleet
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.decide import Policy, compute_signals
from desk.model.cycle import Decision
from desk.model.views import Signal
from desk.steps.markets import fetch_markets

_CLEARLY = 0.6
"""A score that the next candles do not take back."""
_TRIED = 200


async def seed_that_trades(fleet: Fleet, account: str, *, at: datetime, candles: int = 1) -> int:
    """Return the seed of a made market in which an account clearly wants to buy at a time.

    Args:
        candles: for so many of them, from that time on; a busy machine is not there on its minute.
    """
    policy = policy_of(fleet, account)
    first = policy.timeframe.floor(at)
    closes = [first + number * policy.timeframe.duration for number in range(candles)]
    for seed in range(1, _TRIED + 1):
        if all([await _wants_to_buy(policy, SyntheticFeed(seed), close) for close in closes]):
            return seed
    raise AssertionError(f"expected one of {_TRIED} made markets to rise somewhere, found none")


async def _wants_to_buy(policy: Policy, feed: SyntheticFeed, close: datetime) -> bool:
    markets = await fetch_markets(feed, policy, close)
    decision = compute_signals(policy, markets.by_instrument, close, Decision(no_trades=markets.no_trades))
    return any(score > _CLEARLY for score in _scores(decision.signals).values())


def _scores(signals: Iterable[Signal]) -> Counter[str]:
    scores: Counter[str] = Counter()
    for signal in signals:
        scores[signal.instrument] += signal.score
    return scores
