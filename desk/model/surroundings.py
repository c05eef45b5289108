"""What lies around an account when it decides: the other accounts, the events ahead, how markets move together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Importance(StrEnum):
    """How much an event usually moves prices."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """Something scheduled that may move prices, such as a decision about interest rates.

    Attributes:
        currency: what it concerns, such as USD or BTC; empty concerns all.
    """

    at: datetime
    currency: str
    importance: Importance
    title: str


@dataclass(frozen=True, slots=True)
class OtherAccount:
    """Another account of the fleet, as the ledger knows it.

    Attributes:
        equity, day_start_equity: in the fleet's currency; None where no rate into it is known.
        exposure: signed value by instrument, working orders included, in the fleet's currency; None where one of them
            cannot be valued.
        ideas: +1 long or -1 short by instrument, of what it holds or is about to buy or sell.
    """

    name: str
    venue: str
    equity: Decimal | None
    day_start_equity: Decimal | None
    exposure: Mapping[str, Decimal] | None = field(default_factory=dict)
    ideas: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a rule may look at besides the account's own books; None is not known, which is not "none".

    Attributes:
        others: the other accounts of the fleet.
        rate: what one unit of the account's currency is worth in the fleet's.
        events: what is scheduled around the decision, oldest first.
        correlations: of returns, in [-1, 1], by the names of two instruments in alphabetical order, with a space.
        turnover: traded in the last 24 hours, in quote currency, by instrument.
        usual_spread: of the same hour of day, as a fraction of the price, by instrument.
        volatility: standard deviation of the returns of a year, as a fraction, by instrument.
        last_closes: the close of the newest closed candle in quote currency, by instrument.
    """

    others: tuple[OtherAccount, ...] | None = None
    rate: Decimal | None = None
    events: tuple[CalendarEvent, ...] | None = None
    correlations: Mapping[str, float] = field(default_factory=dict)
    turnover: Mapping[str, Decimal] = field(default_factory=dict)
    usual_spread: Mapping[str, float] = field(default_factory=dict)
    volatility: Mapping[str, float] = field(default_factory=dict)
    last_closes: Mapping[str, Decimal] = field(default_factory=dict)

    def correlation(self, one: str, other: str) -> float | None:
        """Return the correlation of two instruments, or None where it is not known."""
        return 1.0 if one == other else self.correlations.get(" ".join(sorted((one, other))))
