"""What lies around an account when it decides: the rest of the fleet in one currency, and the events of these days."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from desk.model.books import AccountState
from desk.model.surroundings import CalendarEvent, OtherAccount, Surroundings
from desk.ports import Calendar

AROUND = timedelta(hours=24)
"""How far before and after a decision its events are known."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Another account of the fleet, as it is configured."""

    venue: str
    currency: str


@dataclass(frozen=True, slots=True)
class Company:
    """Whom an account has around it, and in which currency they are added up.

    Attributes:
        seats: the other accounts of its world, by name: paper accounts see no live ones, and live ones none that
            trade play money.
        currency: the fleet's.
        rates: what one unit of a currency is worth in the fleet's, where no feed quotes it.
        calendar: None where the operator keeps none.
    """

    seats: Mapping[str, Seat] = field(default_factory=dict)
    currency: str = "USD"
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stood when it was last looked at, by the ledger.

    Attributes:
        equity, day_start: in its own currency.
        held, working: signed quantities by instrument, by its fills and of its orders that may still open something.
        prices: halfway between bid and ask at its last decision, by instrument.
        conversion: what one unit of a currency was worth in its own at its last decision.
    """

    account: str
    equity: Decimal
    day_start: Decimal
    held: Mapping[str, Decimal] = field(default_factory=dict)
    working: Mapping[str, Decimal] = field(default_factory=dict)
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    conversion: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def quantities(self) -> dict[str, Decimal]:
        """What is held and what working orders may add to it, by instrument, without what is nothing."""
        names = dict.fromkeys((*self.held, *self.working))
        totals = {name: self.held.get(name, Decimal(0)) + self.working.get(name, Decimal(0)) for name in names}
        return {name: quantity for name, quantity in totals.items() if quantity}


class Standings(Protocol):
    """What the ledger knows of the fleet."""

    async def standings(self, accounts: Collection[str], at: datetime) -> tuple[Standing, ...]:
        """Return how accounts stood at a time; one whose money was never written down is left out."""
        ...


@dataclass(frozen=True, slots=True)
class Around:
    """What was found around an account, before it is known what its own currency is worth.

    Attributes:
        company: None where nobody says whom the account has around it.
        events: None where no calendar is kept.
    """

    company: Company | None = None
    standings: tuple[Standing, ...] = ()
    events: tuple[CalendarEvent, ...] | None = None

    def seen_from(self, money: AccountState) -> Surroundings:
        """Return what lies around the account with this money, and with the rates that its feed knows."""
        if self.company is None:
            return Surroundings()
        seats, worth = self.company.seats, fleet_rates(self.company, money, self.standings)
        others = tuple(other_account(one, seats[one.account], worth) for one in self.standings)
        return Surroundings(others=others, rate=worth.get(money.currency), events=self.events)


async def look_around(company: Company | None, log: Standings, at: datetime) -> Around:
    """Ask how the other accounts stand at the time of a decision, and what is scheduled around it."""
    if company is None:
        return Around()
    standings = await log.standings(company.seats.keys(), at) if company.seats else ()
    events = await company.calendar.events(at - AROUND, at + AROUND) if company.calendar else None
    return Around(company, standings, events)


def fleet_rates(company: Company, money: AccountState, standings: Iterable[Standing]) -> dict[str, Decimal]:
    """Return what one unit of each currency is worth in the fleet's, where that is known.

    What a feed quotes comes first, that of the account before those of the others; then the operator's fixed rates;
    then what follows from either through the currency of an account.
    """
    known = [(money.currency, money.conversion)]
    known += [(company.seats[one.account].currency, one.conversion) for one in standings]
    worth = {company.currency: Decimal(1)}
    for currency, conversion in known:
        if rate := conversion.get(company.currency):
            worth.setdefault(currency, 1 / rate)
    worth = {**company.rates, **worth}
    for currency, conversion in known:
        if currency in worth:
            worth = {**{quoted: rate * worth[currency] for quoted, rate in conversion.items()}, **worth}
    return worth


def other_account(standing: Standing, seat: Seat, worth: Mapping[str, Decimal]) -> OtherAccount:
    """Return an account in the fleet's currency; what has no price or no rate is not known, which is not nothing."""
    rate, quantities = worth.get(seat.currency), standing.quantities
    return OtherAccount(
        name=standing.account,
        venue=seat.venue,
        equity=None if rate is None else standing.equity * rate,
        day_start_equity=None if rate is None else standing.day_start * rate,
        exposure=_exposure(standing, worth),
        ideas={name: 1 if quantity > 0 else -1 for name, quantity in quantities.items()},
    )


def _exposure(standing: Standing, worth: Mapping[str, Decimal]) -> dict[str, Decimal] | None:
    values = {}
    for name, quantity in standing.quantities.items():
        price, rate = standing.prices.get(name), worth.get(name.split("/")[1].split(":")[0])
        if price is None or rate is None:
            return None
        values[name] = quantity * price * rate
    return values
