"""Limit what the account holds or owes of one currency through all its pairs."""

from collections.abc import Mapping
from decimal import Decimal, localcontext

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import EXACT, Missing, equity_of, unit_values
from desk.model.instrument import Instrument
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cut, refuse


class CurrencyExposure(RiskRule):
    """Hold and owe no more of any currency than a multiple of equity, legs of all pairs together.

    A long position in EUR/USD is euros held and dollars owed, so three pairs against the dollar are one bet. Metals
    and coins are currencies here, and so is the account's own. The leg with less room decides, and the detail names
    it; what it observes is counted in the direction of the trade. While anything that is held in one of the two
    currencies has no quote or no conversion rate, nothing is added.
    """

    multiple: Decimal = Field(
        default=Decimal(2),
        gt=0,
        le=50,
        description="Largest value held or owed of one currency, as a multiple of equity.",
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        unit, equity = snapshot.money.currency, equity_of(snapshot)
        if isinstance(equity, Missing):
            return refuse(self, equity, limit=Decimal(0), unit=unit)
        limit, sharing = equity * self.multiple, _sharing(proposal, snapshot)
        values = unit_values((*sharing, proposal.instrument), snapshot)
        if isinstance(values, Missing):
            return refuse(self, values, limit=limit, unit=unit)
        taken, detail = max(_taken(proposal, snapshot, sharing, values))
        each = values[proposal.instrument]
        return cut(
            self,
            proposal,
            limit=limit,
            each=each,
            taken=taken,
            unit=unit,
            reason=Reason.CURRENCY_EXPOSURE,
            detail=detail,
        )


def _legs(instrument: Instrument) -> dict[str, int]:
    return {instrument.quote: -1, instrument.base: 1}


def _sharing(proposal: Proposal, snapshot: Snapshot) -> list[str]:
    """What is held in one of the proposal's currencies."""
    own = _legs(snapshot.instruments[proposal.instrument]).keys()
    held = snapshot.exposed_instruments()
    return sorted(name for name in held if own & _legs(snapshot.instruments[name]).keys())


def _taken(
    proposal: Proposal, snapshot: Snapshot, sharing: list[str], values: Mapping[str, Decimal]
) -> list[tuple[Decimal, str]]:
    """For each leg what it has in the direction of the trade already, in account currency, and its name."""
    found: list[tuple[Decimal, str]] = []
    for currency, leg in _legs(snapshot.instruments[proposal.instrument]).items():
        direction = leg * proposal.side.sign
        with localcontext(EXACT):
            parts = (
                snapshot.quantity(name) * values[name] * _legs(snapshot.instruments[name]).get(currency, 0)
                for name in sharing
            )
            taken = sum(parts, Decimal(0)) * direction
        found.append((taken, f"{currency} {'held' if direction > 0 else 'owed'}"))
    return found
