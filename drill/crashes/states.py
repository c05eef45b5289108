"""Compares the end of a story with that of the same story without a death, and judges it by itself. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from desk.execution.watching import WATCH
from drill.crashes.books import LedgerBooks, VenueBooks, VenueOrder

_PROTECTION = "protection"
"""Stands for the name of an order that protects or ends a position."""

_UNFINISHED = ("planned", "sending", "unknown")


@dataclass(frozen=True, slots=True)
class State:
    """Both books of an account."""

    ledger: LedgerBooks
    venue: VenueBooks

    def differences(self, expected: "State") -> list[str]:
        """Return every difference in words: what is here and not there, and the other way round."""
        found = _differences(_all(self), _all(expected))
        if not found and self.ledger.digest != expected.ledger.digest:
            return ["ledger: signals, verdicts or findings differ"]
        return found

    def deviations(self, expected: "State") -> list[str]:
        """Return what differs beside the names and the number of the orders that protect and end positions."""
        return _differences(_essence(self), _essence(expected))

    def violations(self, *, keeps_stops: bool) -> list[str]:
        """Return what must not be at the end of any story.

        Args:
            keeps_stops: whether the stop of a position rests at the venue.
        """
        naked = _unprotected(self.venue) if keeps_stops else ()
        return [*duplicates(self.venue), *_lost_orders(self), *_lost_fills(self), *_positions(self), *naked]


def duplicates(venue: VenueBooks) -> list[str]:
    """Return what was done twice; found without ids: in this story an instrument is entered once and left once."""
    filled = [order for order in venue.orders if order.filled]
    done = Counter((order.instrument, order.side) for order in filled)
    working = Counter(order.client_order_id for order in venue.orders if order.is_working and order.client_order_id)
    return [
        *(f"duplicate: {times} orders to {side} {name}" for (name, side), times in done.items() if times > 1),
        *(f"duplicate: {times} working orders {name}" for name, times in working.items() if times > 1),
    ]


def _lost_orders(state: State) -> Iterator[str]:
    """Entries of the venue that the ledger does not have, and orders of the ledger whose outcome is not known."""
    known = {row["client_order_id"]: row for row in state.ledger.rows["order"]}
    for order in state.venue.orders:
        if not order.is_exit and order.filled and order.client_order_id not in known:
            yield f"lost order: {order.client_order_id} of the venue is not in the ledger"
    for name, row in known.items():
        if row["state"] in _UNFINISHED:
            yield f"lost order: {name} is {row['state']} at the end"


def _lost_fills(state: State) -> Iterator[str]:
    true: Counter[tuple[str, str]] = Counter()
    booked: Counter[tuple[str, str]] = Counter()
    for order in state.venue.orders:
        _add(true, order.instrument, order.side, order.filled)
    for row in state.ledger.rows["fill"]:
        _add(booked, row["instrument"], row["side"], Decimal(row["quantity"]))
    for key in sorted(true.keys() | booked.keys()):
        if true[key] != booked[key]:
            yield f"lost fill: {key[1]} {key[0]} {true[key]} at the venue, {booked[key]} in the ledger"


def _add(sums: "Counter[tuple[str, str]]", instrument: str, side: str, quantity: Decimal) -> None:
    if quantity:
        sums[instrument, side] += quantity  # type: ignore[assignment]  # a Counter adds whatever adds


def _positions(state: State) -> Iterator[str]:
    ours = {row["instrument"]: Decimal(row["quantity"]) for row in state.ledger.rows["position"]}
    true = {held.instrument: held.quantity for held in state.venue.holdings}
    for name in sorted(ours.keys() | true.keys()):
        if ours.get(name) != true.get(name):
            yield f"position: {name} {true.get(name)} at the venue, {ours.get(name)} in the ledger"


def _unprotected(venue: VenueBooks) -> Iterator[str]:
    for held in venue.holdings:
        stops = [order.quantity - order.filled for order in _stops(venue) if order.instrument == held.instrument]
        covered = max(sum(stops, Decimal(0)), abs(held.quantity) if held.stop else Decimal(0))
        if covered < abs(held.quantity):
            yield f"unprotected: {held.quantity} {held.instrument}, stops over {covered}"


def _stops(venue: VenueBooks) -> Iterator[VenueOrder]:
    return (order for order in venue.orders if order.is_exit and order.is_working and order.type == "stop")


def _all(state: State) -> "Counter[str]":
    return Counter(
        chain(
            (f"ledger: {table} {dict(row)}" for table, rows in state.ledger.rows.items() for row in rows),
            (f"venue: {order}" for order in state.venue.orders),
            _sums(state),
        )
    )


def _essence(state: State) -> "Counter[str]":
    rows = state.ledger.rows
    names = {row["client_order_id"] for row in rows["order"] if row["strategy"] != WATCH}
    lines = chain(
        (f"ledger: {table} {dict(row)}" for table in rows for row in rows[table] if table not in ("order", "fill")),
        (f"ledger: order {dict(row)}" for row in rows["order"] if row["strategy"] != WATCH),
        (f"ledger: fill {_unnamed(row, names)}" for row in rows["fill"]),
        (f"venue: {order}" for order in state.venue.orders if not order.is_exit),
        (f"venue: left {one.instrument} {one.side} {one.filled}" for one in _exits(state.venue)),
        (f"venue: stop {one.instrument} {one.price} {one.quantity}" for one in _nearest(state.venue)),
    )
    return Counter(chain(lines, _sums(state)))


def _unnamed(row: Mapping[str, str], names: set[str]) -> dict[str, str]:
    name = row["client_order_id"]
    return {**row, "client_order_id": name if name in names else _PROTECTION, "reason": ""}


def _exits(venue: VenueBooks) -> Iterator[VenueOrder]:
    return (order for order in venue.orders if order.is_exit and order.filled)


def _nearest(venue: VenueBooks) -> Iterator[VenueOrder]:
    """The stop of each instrument that would be reached first; here all positions are long."""
    stops = sorted(_stops(venue), key=lambda order: Decimal(order.price or 0))
    return iter({order.instrument: order for order in stops}.values())


def _sums(state: State) -> Iterator[str]:
    yield f"ledger: {state.ledger.money}"
    yield f"venue: cash {state.venue.cash}"
    yield from (f"venue: position {held.instrument} {held.quantity} {held.cost}" for held in state.venue.holdings)


def _differences(found: "Counter[str]", expected: "Counter[str]") -> list[str]:
    return [*_signed("+", (found - expected).elements()), *_signed("-", (expected - found).elements())]


def _signed(sign: str, lines: Iterable[str]) -> list[str]:
    return [f"{sign} {line}" for line in lines]
