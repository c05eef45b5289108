"""Which change of state an order may make; everything else is a contradiction and stops the account."""

from collections.abc import Mapping

from desk.errors import LedgerError
from desk.model.orders import OrderState


class IllegalTransition(LedgerError):
    """An order was said to make a change that no order makes; ask the venue what is true before trading on."""


def is_legal(before: OrderState, after: OrderState) -> bool:
    """Return whether an order may go from one state to another; staying where it is is always legal."""
    return after is before or after in TRANSITIONS[before]


def check_transition(client_order_id: str, before: OrderState, after: OrderState) -> None:
    """Let a legal change pass.

    Raises:
        IllegalTransition: naming the order, both states and what would have been legal.
    """
    if is_legal(before, after):
        return
    legal = ", ".join(sorted(TRANSITIONS[before])) or "nothing more"
    raise IllegalTransition(
        f"order {client_order_id}: expected {legal} after {before}, found {after}; ask the venue what became of it"
    )


def state_for_filled(before: OrderState, *, is_complete: bool) -> OrderState:
    """Return the state of an order of which something was executed.

    An order that was ended before stays as it ended, until all of it turns out to be filled.
    """
    if is_complete:
        return OrderState.FILLED
    ended = (OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)
    return before if before in ended else OrderState.PARTIAL


_ANSWERS = frozenset(
    {
        OrderState.ACKED,
        OrderState.PARTIAL,
        OrderState.FILLED,
        OrderState.CANCELLED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
    }
)

# PLANNED → an answer: the venue shows an order after all that it definitely did not have before.
# CANCELLED and EXPIRED → FILLED: the last fill and the end of the order crossed on the wire.
# REJECTED → FILLED: the venue took back its word; a fill is never lost, and the ledger restricts the account.
TRANSITIONS: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.PLANNED: _ANSWERS | {OrderState.SENDING},
    OrderState.SENDING: _ANSWERS | {OrderState.UNKNOWN, OrderState.PLANNED},
    OrderState.UNKNOWN: _ANSWERS | {OrderState.PLANNED},
    OrderState.ACKED: _ANSWERS - {OrderState.ACKED},
    OrderState.PARTIAL: frozenset({OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED}),
    OrderState.FILLED: frozenset(),
    OrderState.CANCELLED: frozenset({OrderState.FILLED}),
    OrderState.EXPIRED: frozenset({OrderState.FILLED}),
    OrderState.REJECTED: frozenset({OrderState.FILLED}),
}
