"""Decides recorded cycles again with today's code and configuration, from the snapshots that they were decided on."""

from dataclasses import dataclass, replace

from desk.decide import Policy, compute_signals, propose_trades, risk_check, with_market_facts
from desk.decide.differing import Difference, differences
from desk.model.cycle import CycleRecord, Decision
from desk.ports import Feed
from desk.steps.markets import fetch_markets


@dataclass(frozen=True, slots=True)
class Redecided:
    """A cycle and what is decided about its candles today.

    Attributes:
        record: as it was recorded, with a snapshot.
        now: today's decision.
        differences: where they do not come to the same.
    """

    record: CycleRecord
    now: Decision
    differences: tuple[Difference, ...]


async def redecide(record: CycleRecord, policy: Policy, feed: Feed) -> Redecided | None:
    """Return what is decided about a cycle today; None where it was never decided.

    Money, positions and prices are those of the recorded snapshot. Candles are asked for anew: what a source has
    corrected since is decided on as it is now.

    Args:
        record: of the cycle.
        policy: as it is now.
        feed: that still has the candles of that time.

    Raises:
        DataError: the feed has no such candles.
        VenueUnavailable: it does not answer.
    """
    snapshot = record.snapshot
    if snapshot is None:
        return None
    close = record.key.candle_close
    # An account of a universe had other instruments then.
    known = tuple(name for name in snapshot.instruments if name in policy.instruments) or tuple(snapshot.instruments)
    policy = replace(policy, instruments=known)
    markets = (await fetch_markets(feed, policy, close)).given_up()
    decision = compute_signals(policy, markets.by_instrument, close, Decision(no_trades=markets.no_trades))
    snapshot = with_market_facts(snapshot, markets.by_instrument)
    now = risk_check(policy, snapshot, propose_trades(policy, snapshot, decision))
    return Redecided(record, now, differences(record.decision, now))
