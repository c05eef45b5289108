"""Limit what instruments, alone or together, have of the equity."""

from dataclasses import replace
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cap_exposure


class Part(BaseModel):
    """Instruments that share a part of the equity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(default="", max_length=60, description="What it is called in findings.")
    instruments: tuple[str, ...] = Field(max_length=500, description="Which they are.")
    multiple: Decimal = Field(
        gt=0, le=50, description="Largest value of all positions in them together, as a multiple of equity."
    )


class Allocation(RiskRule):
    """Hold no more of instruments, alone or together, than the part of the equity that is allocated to them.

    An instrument may be in several parts: the one with the least room decides. Positions count by their absolute value,
    orders that may still fill included. While anything that is held of the same part has no quote or no conversion
    rate, nothing is added. Tiers and allocations of a universe become this rule.
    """

    parts: tuple[Part, ...] = Field(
        default=(), min_length=0, max_length=500, description="The parts: each with instruments and a multiple."
    )
    rest: Decimal = Field(
        default=Decimal(1),
        gt=0,
        le=50,
        description="Largest value of all positions in what is in no part, together, as a multiple of equity.",
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        held = snapshot.exposed_instruments() - {proposal.instrument}
        parts = [part for part in self.parts if proposal.instrument in part.instruments] or [self._rest(held)]
        findings = [self._under(part, proposal, snapshot, held) for part in parts]
        return min(findings, key=lambda finding: finding.allowed_quantity)

    def _rest(self, held: frozenset[str]) -> Part:
        placed = {name for part in self.parts for name in part.instruments}
        return Part(name="what is in no part", instruments=tuple(sorted(held - placed)), multiple=self.rest)

    def _under(self, part: Part, proposal: Proposal, snapshot: Snapshot, held: frozenset[str]) -> Finding:
        weights = {name: Decimal(1) for name in part.instruments if name in held}
        finding = cap_exposure(
            self, proposal, snapshot, multiple=part.multiple, weights=weights, reason=Reason.ALLOCATION
        )
        return replace(finding, detail="; ".join(text for text in (part.name, finding.detail) if text))
