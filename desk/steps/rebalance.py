"""Finds what accounts have, for a plan of how money is shared out."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from desk.model.books import AccountState
from desk.steps.surroundings import Company, Standing, fleet_rates, other_account


def equities_of(company: Company, standings: Iterable[Standing], at: datetime) -> dict[str, Decimal | None]:
    """Return what accounts are worth in the fleet's currency, by name; None where a rate is not known.

    Args:
        company: with a seat for each of the accounts.
        standings: of these accounts; one without is missing from the answer.
        at: when they stood so.
    """
    found = tuple(standings)
    worth = rates_of(company, found, at)
    return {one.account: other_account(one, company.seats[one.account], worth).equity for one in found}


def rates_of(company: Company, standings: Iterable[Standing], at: datetime) -> dict[str, Decimal]:
    """Return what one unit of each currency is worth in the fleet's, where that is known; see `equities_of`."""
    nothing = Decimal(0)
    return fleet_rates(company, AccountState(company.currency, nothing, nothing, at), standings)
