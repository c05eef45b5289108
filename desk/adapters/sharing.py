"""Says from the ledger alone what accounts are worth, and what would share the fleet's money out; no venue is asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from desk.accounts import AccountSpec, Fleet
from desk.accounts.portfolio import PortfolioFile
from desk.adapters.feeds.presents import clock_of
from desk.adapters.ledger.ledger import Ledger
from desk.portfolio.actions import Plan
from desk.portfolio.sharing import Holding, share_out
from desk.steps.rebalance import equities_of, rates_of
from desk.steps.surroundings import Company, Seat, Standing

KNOWN_FOR = timedelta(hours=24)
"""How long the equity of an account counts as known; a weekend's does not."""


@dataclass(frozen=True, slots=True)
class Worths:
    """What accounts of one world are worth.

    Attributes:
        own: equity in the account's currency, by account; one whose money was never written down is missing.
        equities: the same in the fleet's currency; None where a rate is not known.
        seen_at: when it was written down last, by account; one that never was is missing.
        at: when it was asked.
    """

    own: Mapping[str, Decimal]
    equities: Mapping[str, Decimal | None]
    seen_at: Mapping[str, datetime]
    at: datetime

    def is_fresh(self, name: str) -> bool:
        """Return whether an account's money was seen within the time for which it counts as known."""
        seen_at = self.seen_at.get(name)
        return seen_at is not None and self.at - seen_at <= KNOWN_FOR


async def find_worths(fleet: Fleet, ledger: Ledger, specs: Collection[AccountSpec]) -> Worths:
    """Return what accounts are worth, which are of one world, and at least one.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    at, standings = await _standings(fleet, ledger, specs)
    known = await ledger.equity_known([spec.name for spec in specs], at)
    return Worths(
        own={one.account: one.equity for one in standings},
        equities=equities_of(_company_of(fleet, specs), standings, at),
        seen_at={name: last for name, (_, last) in known.items()},
        at=at,
    )


async def rates_now(fleet: Fleet, ledger: Ledger, specs: Collection[AccountSpec]) -> dict[str, Decimal]:
    """Return what one unit of each currency is worth in the fleet's, as far as these accounts know it."""
    at, standings = await _standings(fleet, ledger, specs)
    return rates_of(_company_of(fleet, specs), standings, at)


async def plan_sharing(fleet: Fleet, ledger: Ledger, portfolio: PortfolioFile) -> Plan:
    """Return what would bring the money of accounts nearer to their targets; nothing is done.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    specs = [fleet.account(name) for name in portfolio.targets]
    if not specs:
        return Plan()
    worths = await find_worths(fleet, ledger, specs)
    holdings = {
        spec.name: Holding(
            worths.equities.get(spec.name) if worths.is_fresh(spec.name) else None, spec.allocation, _place(spec)
        )
        for spec in specs
    }
    return share_out(portfolio.shares, holdings, portfolio.limits, currency=fleet.currency)


async def _standings(
    fleet: Fleet, ledger: Ledger, specs: Collection[AccountSpec]
) -> tuple[datetime, tuple[Standing, ...]]:
    at = clock_of(fleet.feed_of(next(iter(specs)).name)).now()
    return at, await ledger.standings({spec.name for spec in specs}, at)


def _company_of(fleet: Fleet, specs: Collection[AccountSpec]) -> Company:
    return Company({spec.name: Seat(spec.venue, spec.currency) for spec in specs}, fleet.currency, fleet.rates)


def _place(spec: AccountSpec) -> str:
    return f"{spec.venue} {spec.connection or ''}"
