"""From an account's name to whom it has around it."""

from desk.accounts import Fleet
from desk.adapters.calendars.listed import ListedCalendar
from desk.steps.surroundings import Company, Seat


def company_of(fleet: Fleet, name: str) -> Company:
    """Return the other accounts of an account's world, with the currency in which all are added up."""
    seats = {other.name: Seat(other.venue, other.currency) for other in fleet.neighbours_of(name)}
    calendar = ListedCalendar(fleet.events) if fleet.events else None
    return Company(seats, fleet.currency, fleet.rates, calendar)
