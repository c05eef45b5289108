"""Stop and target of a position as Coinbase has them: one order, where the exchange keeps two."""

from collections.abc import Iterator
from dataclasses import replace

from simulator.account import Account
from simulator.records import EventKind, PlacedOrder, Role

KIND = "trigger_bracket_gtc"


def listed(account: Account) -> Iterator[PlacedOrder]:
    """Yield every order that the venue tells of, newest first; a bracket has the number of its stop."""
    for placed in reversed(account.orders.values()):
        if placed.role is not Role.TARGET:
            yield as_one(account, placed)


def order_of(account: Account, number: int | None) -> PlacedOrder | None:
    """Return an order by its number, None where there is none that is told of."""
    placed = account.orders.get(number or 0)
    return None if placed is None or placed.role is Role.TARGET else as_one(account, placed)


def as_one(account: Account, placed: PlacedOrder) -> PlacedOrder:
    """Return a bracket as it stands: like its target, where that was reached."""
    target = target_of(account, placed)
    return placed if target is None or not target.order.filled_quantity else replace(placed, order=target.order)


def target_of(account: Account, placed: PlacedOrder) -> PlacedOrder | None:
    """Return the other half of a stop that guards a position, which was placed right before it."""
    return account.orders[placed.number - 1] if placed.role is Role.STOP else None


def told_number(placed: PlacedOrder) -> int:
    """Return the number under which the venue tells of an order of the exchange."""
    return placed.number + 1 if placed.role is Role.TARGET else placed.number


def origin_of(account: Account, placed: PlacedOrder) -> PlacedOrder | None:
    """Return the order whose fill brought a bracket, None for one that was sent by itself."""
    if placed.role is Role.PLAIN or placed.details:
        return None
    batch = account.events[placed.number - 1].batch
    for event in reversed(account.events[: placed.number - 1]):
        if event.batch != batch:
            break
        if event.kind is EventKind.FILLED and event.order is not None:
            return account.orders[event.order.number]
    return None
