"""The rules of a simulated venue that are not a matter of its spelling."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from desk.adapters.venues.paper.terms import PaperTerms
from desk.matching.fees import NO_FEES, FeeSchedule
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.timeframe import Timeframe
from simulator.reasons import Reason


class IdRule(StrEnum):
    """What a client order id that was used before means to a venue."""

    UNIQUE_AMONG_OPEN = "unique among open orders"
    UNIQUE = "unique for ever"
    IDEMPOTENT = "the first order is given again"


@dataclass(frozen=True, slots=True)
class Venue:
    """What an exchange does with orders.

    Attributes:
        kinds, quotes: which instruments of the market it lists: their kinds, and their quote currencies (all without).
        currency, cash: what an account starts with.
        secrets: what the account that is always there is opened with; everyone may know them.
        rejections: reasons for which an order never comes to life; for others it is created and cancelled at once.
        rests_when_closed: whether a limit or stop order waits for the market to open.
        lag: seconds for which a new order is not found by its id.
    """

    name: str
    kinds: frozenset[InstrumentKind]
    currency: str
    account: str
    secrets: Mapping[str, str]
    id_rule: IdRule
    quotes: frozenset[str] = frozenset()
    cash: Decimal = Decimal(100_000)
    fees: FeeSchedule = NO_FEES
    leverage: Decimal = Decimal(1)
    rejections: frozenset[Reason] = field(default=frozenset(Reason))
    rests_when_closed: bool = False
    lag: float = 0.0

    def lists(self, instrument: Instrument) -> bool:
        """Whether the instrument can be traded here."""
        return instrument.kind in self.kinds and (not self.quotes or instrument.quote in self.quotes)

    def terms(self, currency: str, cash: Decimal) -> PaperTerms:
        """What an account here is matched under."""
        return PaperTerms(currency, cash, Timeframe.M1, fees=self.fees, max_leverage=self.leverage)
