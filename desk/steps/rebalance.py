"""Finds what accounts have, for a plan of how money is shared out, and carries out the conversions of such a plan."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from desk.execution.placing import OrderDesk, place_orders
from desk.execution.plan import client_order_id
from desk.model.books import AccountState
from desk.model.instrument import Side
from desk.model.orders import Order, OrderIntent, OrderType, TimeInForce
from desk.portfolio.actions import Conversion
from desk.steps.surroundings import Company, Standing, fleet_rates, other_account

REBALANCE = "rebalance"
"""The strategy of the orders that convert."""


def equities_of(company: Company, standings: Iterable[Standing], at: datetime) -> dict[str, Decimal | None]:
    """Return what accounts are worth in the fleet's currency, by name; None where a rate is not known.

    Args:
        company: with a seat for each of the accounts.
        standings: of these accounts; one without is missing from the answer.
        at: when they stood so.
    """
    found, nothing = tuple(standings), Decimal(0)
    worth = fleet_rates(company, AccountState(company.currency, nothing, nothing, at), found)
    return {one.account: other_account(one, company.seats[one.account], worth).equity for one in found}


def day_of(at: datetime) -> datetime:
    """Return when the UTC day of a time began."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def conversion_order(conversion: Conversion, *, day: datetime, number: int) -> OrderIntent:
    """Return the order of a conversion; the same number of the same day has the same id, and is sent once.

    Args:
        conversion: what to buy.
        day: when its UTC day began.
        number: of the conversions of this day, from 1.
    """
    leg = f"{conversion.currency} {number}"
    return OrderIntent(
        client_order_id=client_order_id(conversion.account, REBALANCE, conversion.instrument, day, leg),
        account=conversion.account,
        strategy=REBALANCE,
        instrument=conversion.instrument,
        candle_close=day,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=conversion.quantity,
        time_in_force=TimeInForce.IOC,
    )


async def convert(intent: OrderIntent, desk: OrderDesk) -> Order:
    """Send the order of a conversion once, and return what became of it."""
    [order] = await place_orders([intent], desk)
    return order
