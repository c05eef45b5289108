"""Builders of what venue and ledger have at the end of a story."""

from dataclasses import replace
from decimal import Decimal

from drill.crashes.books import Holding, LedgerBooks, VenueBooks, VenueOrder
from drill.crashes.states import State

BOUGHT = VenueOrder("sd-entry", "EUR/USD", "buy", "market", "", Decimal(1000), Decimal(1000), "filled")
STOP = VenueOrder("sd-stop", "EUR/USD", "sell", "stop", "1.09", Decimal(1000), Decimal(0), "acked")
HELD = Holding("EUR/USD", Decimal(1000), "1100", "")
_ORDER = {"client_order_id": "sd-entry", "strategy": "sample", "state": "filled"}
_STOP = {"client_order_id": "sd-stop", "strategy": "watch", "state": "acked"}
_FILL = {"client_order_id": "sd-entry", "instrument": "EUR/USD", "side": "buy", "quantity": "1000", "reason": "order"}
_POSITION = {"instrument": "EUR/USD", "quantity": "1000"}


def venue(*orders: VenueOrder, holdings: tuple[Holding, ...] = (HELD,), cash: str = "100000") -> VenueBooks:
    return VenueBooks(cash, orders or (BOUGHT, STOP), holdings)


def ledger(**tables: list[dict[str, str]]) -> LedgerBooks:
    usual = {"order": [_ORDER, _STOP], "fill": [_FILL], "position": [_POSITION], "lease": [{"holder": ""}]}
    return LedgerBooks({**usual, **tables}, "worth 100000, cash 100000", "abc")


def state(at_venue: VenueBooks | None = None, in_ledger: LedgerBooks | None = None) -> State:
    return State(in_ledger or ledger(), at_venue or venue())


def placed_by_the_next_watch() -> State:
    """The same position, whose first stop was never heard of, so that the next watch has placed its own."""
    lost, own = replace(STOP, client_order_id="sd-lost", state="cancelled"), replace(STOP, client_order_id="sd-own")
    rows = ledger().rows["order"]
    return state(venue(BOUGHT, lost, own), ledger(order=[rows[0], {**rows[1], "client_order_id": "sd-own"}]))
