"""What proves that the position of a stop or target is closed: fills, and never an answer without the position."""

from collections.abc import Iterable

from desk.model.orders import Fill, Order


def is_closed_by(fills: Iterable[Fill], guard: Order) -> bool:
    """Return whether fills have sold all that an order guards, and what was bought to it since; or the other way round.

    At least what the order would still close was held when it was placed or last filled; more is no less guarded.

    Args:
        fills: of its instrument, all since `guard.at`.
        guard: a stop or a target.
    """
    since = (fill for fill in fills if _is_later(fill, guard))
    reduced = sum(fill.quantity * fill.side.sign for fill in since) * guard.side.sign
    return reduced >= guard.quantity - guard.filled_quantity


def _is_later(fill: Fill, guard: Order) -> bool:
    """Of the same instant, what was bought is earlier: the order came after it; what the order itself sold is known."""
    if fill.at != guard.at:
        return fill.at > guard.at
    return fill.side is guard.side and fill.client_order_id != guard.client_order_id
