"""Enter an instrument once per candle."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule


class OneEntryPerCandle(RiskRule):
    """Open nothing in an instrument that was entered since the candle closed on which the proposal is based.

    A position that was stopped out within minutes is not entered again on what was known before. What is working, was
    approved a moment ago, or has no known outcome counts as an entry.
    """

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        entries = sum(at >= proposal.candle_close for at in _entered(proposal, snapshot))
        entries += _may_be_entered(proposal.instrument, snapshot)
        refused = entries > 0
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=Decimal(1),
            observed=Decimal(entries + 1),
            unit="entries",
            reason=Reason.ONE_ENTRY_PER_CANDLE if refused else None,
        )


def _entered(proposal: Proposal, snapshot: Snapshot) -> Iterator[datetime]:
    """When the instrument was entered by what is held, and by what was closed since the candle did."""
    name, since = proposal.instrument, proposal.candle_close
    yield from (position.opened_at for position in snapshot.positions if position.instrument == name)
    # A trade that was closed before was entered before.
    yield from (trade.opened_at for trade in snapshot.closed_since(since) if trade.instrument == name)


def _may_be_entered(instrument: str, snapshot: Snapshot) -> bool:
    position = snapshot.position(instrument)
    held = position.quantity if position else Decimal(0)
    return snapshot.quantity(instrument) != held or instrument in snapshot.blocked
