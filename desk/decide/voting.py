"""From what the strategies think of an instrument to one score."""

from desk.decide.policy import Policy
from desk.model.books import Snapshot
from desk.model.regimes import Regime
from desk.model.views import Signal
from desk.model.votes import Voice, Vote
from desk.plugin import BookStrategy


def hold_vote(
    policy: Policy, snapshot: Snapshot, signals: tuple[Signal, ...], regime: Regime | None, *, owner: str = ""
) -> Vote:
    """Weigh the opinions of the strategies that forecast.

    Args:
        policy: gives the weights.
        snapshot: gives the strategies' records.
        signals: of one instrument.
        regime: of its market; None where it plays no part.
        owner: the strategy whose position is open; it is heard about that in every regime.
    """
    weights = forecasters(policy)
    voices = (
        Voice(
            strategy=signal.strategy,
            score=signal.score,
            weight=weights[signal.strategy],
            regime_weight=_regime_weight(policy, signal.strategy, regime, owner),
            record_weight=policy.votes.record_weight(signal.strategy, snapshot.records),
        )
        for signal in signals
        if signal.score != 0 and signal.strategy in weights
    )
    return Vote(tuple(voices), regime)


def forecasters(policy: Policy) -> dict[str, float]:
    """Return the weight of each strategy that forecasts, by its name."""
    return {
        weighted.strategy.name: weighted.weight
        for weighted in policy.strategies
        if not isinstance(weighted.strategy, BookStrategy)
    }


def lead_of(vote: Vote, signals: tuple[Signal, ...]) -> Signal:
    """Return the signal that counts most of those that agree with the vote; the first one where nobody is heard."""
    heard = {voice.strategy: voice.counts for voice in vote.heard}
    voices = [signal for signal in signals if signal.strategy in heard]
    agreeing = [signal for signal in voices if signal.score * vote.score > 0] or voices
    return max(agreeing, key=lambda signal: heard[signal.strategy] * abs(signal.score), default=signals[0])


def _regime_weight(policy: Policy, strategy: str, regime: Regime | None, owner: str) -> float:
    weight = policy.votes.regime_weight(strategy, regime)
    return max(weight, 1.0) if strategy == owner else weight
