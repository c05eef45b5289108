"""Limit how many accounts of the fleet make the same bet."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, other_accounts
from desk.model.reasons import Reason
from desk.model.surroundings import OtherAccount
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import refuse


class DuplicateIdea(RiskRule):
    """Let no more than a number of accounts be on the same side of the same thing, at whatever venue.

    The same thing is the same base: gold is gold against any currency, and a coin is that coin on spot and as a
    perpetual. An account counts with what it holds and with what it is about to buy or sell. The detail names them.
    """

    accounts: int = Field(
        default=2, ge=1, le=200, description="Largest number of accounts with the same idea, this one included."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        others, limit = other_accounts(snapshot), Decimal(self.accounts)
        if isinstance(others, Missing):
            return refuse(self, others, limit=limit, unit="accounts")
        base = snapshot.instruments[proposal.instrument].base
        same = sorted(other.name for other in others if _has(other, base, proposal.side.sign))
        refused = len(same) + 1 > self.accounts
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=limit,
            observed=Decimal(len(same) + 1),
            unit="accounts",
            reason=Reason.DUPLICATE_IDEA if refused else None,
            detail=", ".join(same),
        )


def _has(other: OtherAccount, base: str, direction: int) -> bool:
    return any(sign == direction and name.partition("/")[0] == base for name, sign in other.ideas.items())
