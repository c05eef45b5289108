"""From a sized wish to an approved quantity: proposal, finding, verdict; and why there was none."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from desk.model.costs import CostEstimate
from desk.model.instrument import Side
from desk.model.orders import Barriers
from desk.model.reasons import Reason
from desk.model.views import Signal
from desk.model.votes import Vote

TRADING_STATE = "trading_state"
"""Who speaks for halts and arming among the rules."""
HOUR_OF_DAY = "hour of the day"
"""The unit of times of day; which of them is within a limit takes more words than two figures."""

_UNRESTRICTED = "nothing is halted or restricted"
# Under these a trade is refused for want of a fact, and 0 observed; data that are only old have an age above 0.
_MISSING = frozenset({Reason.NOT_KNOWN, Reason.NO_CONVERSION_RATE, Reason.STALE_DATA})


class Intention(StrEnum):
    """Whether a proposal adds to the account's risk or takes from it."""

    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sized wish, before risk.

    Attributes:
        quantity: base units, above 0, not yet rounded to the lot where it opens a position.
        reference_price: the quote that sizing used, in quote currency.
        conviction: in (0, 1]; how sure whoever proposed it is.
        trigger: what started it, where that was no vote of strategies.
        cost: of the whole round trip at this quantity; None where it was not estimated.
        vote: of the strategies that forecast; None where it was no vote that led to it.
        offsets: the base asset whose net exposure an opening trade takes back; empty for a view of its own.
    """

    strategy: str
    instrument: str
    candle_close: datetime
    side: Side
    intention: Intention
    quantity: Decimal
    reference_price: Decimal
    barriers: Barriers
    signals: tuple[Signal, ...]
    conviction: float = 1
    trigger: str = ""
    cost: CostEstimate | None = None
    vote: Vote | None = None
    offsets: str = ""


@dataclass(frozen=True, slots=True)
class Reduction:
    """What a strategy that acts on the book wants taken back of the net exposure in an asset.

    Attributes:
        instrument: the one that is held, to close some of it; or another one of the same asset, to offset it there.
        intention: CLOSE, or OPEN for an offset; its side is the one that takes back.
        quantity: base units, above 0.
        why: what was seen, for the explanation.
    """

    instrument: str
    intention: Intention
    quantity: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule said.

    Attributes:
        reason: the code under which the rule cut or refused; None where it let everything pass.
        allowed_quantity: base units, from 0 to the proposal's quantity.
        limit, observed: the two sides of the comparison, in `unit`.
        detail: what the numbers do not say; empty where they say it all.
    """

    rule: str
    allowed_quantity: Decimal
    limit: Decimal
    observed: Decimal
    unit: str
    reason: Reason | None = None
    detail: str = ""

    @property
    def words(self) -> str:
        """What a reader is told instead of `observed` and `limit`, where those are no comparison; else empty."""
        if self.rule == TRADING_STATE:
            return self.detail or _UNRESTRICTED
        is_missing = self.reason in _MISSING and self.observed == 0
        return self.detail if self.unit == HOUR_OF_DAY or is_missing else ""


class VerdictState(StrEnum):
    """What became of a proposal."""

    APPROVED = "approved"
    REDUCED = "reduced"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The only thing that execution accepts.

    Attributes:
        quantity: base units on the lot; 0 where the proposal was refused.
        findings: one per rule, in the order in which they were asked.
    """

    proposal: Proposal
    state: VerdictState
    quantity: Decimal
    findings: tuple[Finding, ...]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The codes of the rules that cut or refused."""
        return tuple(finding.reason for finding in self.findings if finding.reason is not None)


@dataclass(frozen=True, slots=True)
class NoTrade:
    """An instrument that led to no proposal, and why."""

    instrument: str
    reason: Reason
    detail: str
