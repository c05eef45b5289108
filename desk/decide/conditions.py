"""What an instrument's newest candle was met in: the regime of its market, and what holding a perpetual costs."""

import math

from desk.decide.policy import Policy
from desk.model.depth import FUNDING_RATE
from desk.model.market import Market
from desk.model.regimes import Conditions
from desk.regimes.detecting import detect_regimes


def conditions_of(policy: Policy, market: Market) -> Conditions:
    """Return what is known of a market, which has at least one candle; the regime where the policy has one told."""
    funding = _funding_rate(market)
    if policy.regimes is None:
        return Conditions(funding_rate=funding)
    regimes = detect_regimes(market.own, policy.regimes)
    return Conditions(regimes.at(-1), regimes.features_at(-1), funding)


def _funding_rate(market: Market) -> float | None:
    if FUNDING_RATE not in market.series:
        return None
    newest = float(market.latest(FUNDING_RATE)[-1])
    return newest if math.isfinite(newest) else None
