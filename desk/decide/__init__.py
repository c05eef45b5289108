"""The pure middle: from closed candles and a snapshot to order intents, the same for a live scan and a backtest.

Each stage takes the decision so far and returns it with its own part added; `decide` is all stages in a row. Every
instrument ends with a reason or with a proposal, and every proposal with a verdict.
"""

from collections.abc import Mapping
from datetime import datetime

from desk.decide.market_facts import with_market_facts
from desk.decide.policy import Policy, WeightedStrategy
from desk.decide.proposing import propose_trades
from desk.decide.reviewing import review, risk_check
from desk.decide.signals import compute_signals
from desk.model.books import Snapshot
from desk.model.cycle import Decision
from desk.model.market import Market

__all__ = [
    "Policy",
    "WeightedStrategy",
    "compute_signals",
    "decide",
    "propose_trades",
    "review",
    "risk_check",
    "with_market_facts",
]


def decide(policy: Policy, snapshot: Snapshot, markets: Mapping[str, Market], candle_close: datetime) -> Decision:
    """Decide what to do about the candles that closed at `candle_close`.

    Args:
        policy: how the account decides.
        snapshot: what it owns and what the market says now.
        markets: closed candles by instrument; an instrument without any is passed over.
        candle_close: names the cycle; a market whose newest candle is older is stale.
    """
    snapshot = with_market_facts(snapshot, markets)
    decision = compute_signals(policy, markets, candle_close, Decision())
    decision = propose_trades(policy, snapshot, decision)
    return risk_check(policy, snapshot, decision)
