"""What the rows of one account owe each other; pure, over rows whose values can be read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import pairwise

from desk.adapters.ledger.books import entry_from
from desk.adapters.ledger.codec import event_from, fill_from, from_json, position_from, record_from, trade_from
from desk.adapters.ledger.control_rules import adjustment_problems, arm_problems, flattening_problems, trip_problems
from desk.adapters.ledger.orders import fill_order
from desk.adapters.ledger.tables import (
    AdjustmentRow,
    ArmRow,
    AuditRow,
    FillRow,
    FlatteningRow,
    OrderEventRow,
    OrderRow,
    PositionRow,
    TradeRow,
    TripRow,
    UniverseChoiceRow,
)
from desk.adapters.ledger.universes import standings_from
from desk.execution.breaker import Limit
from desk.execution.folding import Standing, fold
from desk.execution.lifecycle import is_legal
from desk.execution.plan import is_ours
from desk.model.arming import ArmCheck
from desk.model.books import TradingState
from desk.model.cycle import CycleState
from desk.model.orders import FillReason, OrderState
from desk.model.records import Trade


@dataclass(frozen=True, slots=True)
class CycleParts:
    """A cycle, and the numbers of its rows in the tables below it.

    Attributes:
        hash: of the rows below, empty before they are written.
        proposals: how many there were.
        intents: client order ids.
        numbers: of the rows in each table below it.
        judged: the numbers of the verdicts that have findings.
    """

    candle_close: datetime
    state: str
    finished_at: datetime | None
    hash: str
    proposals: int
    intents: tuple[str, ...]
    numbers: Mapping[str, Sequence[int]]
    judged: Sequence[int]

    @property
    def name(self) -> str:
        """The cycle in a message."""
        return f"cycle {self.candle_close:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class AccountRows:
    """The rows of one account; orders by client order id, actions are of the audit, oldest first."""

    account: str
    orders: Mapping[str, OrderRow]
    events: Sequence[OrderEventRow]
    fills: Sequence[FillRow]
    positions: Sequence[PositionRow]
    trades: Sequence[TradeRow]
    cycles: Sequence[CycleParts]
    adjustments: Sequence[AdjustmentRow]
    trips: Sequence[TripRow]
    flattenings: Sequence[FlatteningRow]
    arms: Sequence[ArmRow]
    choices: Sequence[UniverseChoiceRow]
    actions: Sequence[AuditRow]

    @property
    def booked(self) -> list[FillRow]:
        """The fills that positions and trades are folded from, in the order of the fold."""
        return sorted((row for row in self.fills if row.booked_at is not None), key=fill_order)


_CHARGES = {reason.value for reason in FillReason if reason.is_charge}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name, and what counts the rows that it is about and describes those that break it."""

    name: str
    check: Callable[[AccountRows], tuple[int, list[str]]]


def _words(rows: AccountRows) -> tuple[int, list[str]]:
    read = _readings(rows)
    found = [f"{name}: {problem}" for name, reader in read if (problem := _problem_of(reader))]
    return len(read), [*found, *(problem for row in rows.fills if (problem := _figures(row)))]


def _readings(rows: AccountRows) -> list[tuple[str, Callable[[], object]]]:
    return [
        *((f"order {row.client_order_id}", partial(record_from, row)) for row in rows.orders.values()),
        *((f"event {row.sequence} of order {row.client_order_id}", partial(event_from, row)) for row in rows.events),
        *((f"fill {row.venue_trade_id}", partial(fill_from, row)) for row in rows.fills),
        *((f"position {row.instrument}", partial(position_from, row)) for row in rows.positions),
        *((f"trade opened by {row.opened_by}", partial(trade_from, row)) for row in rows.trades),
        *((cycle.name, partial(CycleState, cycle.state)) for cycle in rows.cycles),
        *((f"trip {row.limit}", partial(Limit, row.limit)) for row in rows.trips),
        *((f"trip {row.limit}", partial(TradingState, row.state)) for row in rows.trips),
        *(
            (f"flattening of {row.begun_at}", partial(from_json, list[str], row.instruments))
            for row in rows.flattenings
        ),
        *((f"choice of {row.candle_close}", partial(standings_from, row)) for row in rows.choices),
        *(("arm", partial(from_json, tuple[ArmCheck, ...], row.checks)) for row in rows.arms),
    ]


def _problem_of(read: Callable[[], object]) -> str:
    try:
        read()
    except ValueError as error:
        return " ".join(str(error).split())
    return ""


def _figures(fill: FillRow) -> str:
    if fill.reason in _CHARGES:
        return f"charge {fill.venue_trade_id}: expected no quantity, found {fill.quantity:f}" if fill.quantity else ""
    if fill.quantity <= 0:
        return f"fill {fill.venue_trade_id}: expected a quantity above 0, found {fill.quantity:f}"
    return ""


def _fills(rows: AccountRows) -> tuple[int, list[str]]:
    return len(rows.fills), [problem for row in rows.fills if (problem := _fill_problem(row, rows.orders))]


def _fill_problem(fill: FillRow, orders: Mapping[str, OrderRow]) -> str:
    """What is wrong with a fill that has an id of ours; any other was not asked for by the desk, and is external."""
    name = fill.client_order_id
    # A stop or target of an order is named after it.
    order = orders.get(name) or orders.get(name.rpartition("-")[0])
    if order is None:
        return f"fill {fill.venue_trade_id}: expected an order {name}, found none" if is_ours(name) else ""
    expected = (order.instrument, order.side) if order.client_order_id == name else (order.instrument, fill.side)
    if (fill.instrument, fill.side) == expected:
        return ""
    return f"fill {fill.venue_trade_id} of order {name}: expected {expected}, found {(fill.instrument, fill.side)}"


def _filled_quantities(rows: AccountRows) -> tuple[int, list[str]]:
    sums: dict[str, Decimal] = {}
    for row in rows.fills:
        if row.booked_at is not None:
            sums[row.client_order_id] = sums.get(row.client_order_id, Decimal(0)) + row.quantity
    newest = max((row.at for row in rows.booked), default=None)
    return len(rows.orders), [
        f"order {name}: expected a filled quantity of {sums.get(name, Decimal(0)):f}, as its fills add up to, "
        f"found {row.filled_quantity:f}"
        for name, row in rows.orders.items()
        if _is_off(row, sums.get(name, Decimal(0)), newest)
    ]


def _is_off(order: OrderRow, booked: Decimal, newest: datetime | None) -> bool:
    """Whether fills are too many, or missing though later ones are booked; until then the venue was not asked again."""
    if booked >= order.filled_quantity:
        return booked > order.filled_quantity
    # An order that the venue said nothing of has its quantity from fills.
    return order.venue_at is None or (newest is not None and newest > order.venue_at)


def _events(rows: AccountRows) -> tuple[int, list[str]]:
    events: dict[str, list[OrderEventRow]] = {name: [] for name in rows.orders}
    for event in sorted(rows.events, key=lambda event: event.sequence):
        events[event.client_order_id].append(event)
    found = ((name, _event_problem(row, events[name])) for name, row in rows.orders.items())
    return len(rows.events), [f"order {name}: {problem}" for name, problem in found if problem]


def _event_problem(order: OrderRow, events: Sequence[OrderEventRow]) -> str:
    numbers = [event.sequence for event in events]
    if not events or numbers != list(range(len(events))):
        return f"expected events numbered from 0 without a gap, found {', '.join(map(str, numbers)) or 'none'}"
    if events[0].state != OrderState.PLANNED:
        return f"expected event 0 to be planned, found {events[0].state}"
    for before, after in pairwise(events):
        if not is_legal(OrderState(before.state), OrderState(after.state)):
            return f"expected event {after.sequence} to be legal after {before.state}, found {after.state}"
    expected, found = (events[-1].state, events[-1].filled_quantity), (order.state, order.filled_quantity)
    if expected == found:
        return ""
    return f"expected it {expected[0]} with {expected[1]:f} filled, as its last event says, found {_pair(found)}"


def _pair(found: tuple[str, Decimal]) -> str:
    return f"{found[0]} with {found[1]:f}"


def _positions(rows: AccountRows) -> tuple[int, list[str]]:
    folded = {name: standing.position for name, standing in _standings(rows).items() if standing.position}
    stored = {row.instrument: position_from(row) for row in rows.positions}
    names = sorted({*folded, *stored})
    # Barriers are left out: whoever watches a position may move its stop.
    wanted = ("quantity", "cost", "opened_at", "strategy")
    found = ((name, _difference(folded.get(name), stored.get(name), wanted)) for name in names)
    return len(names), [f"position {name}: {problem}" for name, problem in found if problem]


def _trades(rows: AccountRows) -> tuple[int, list[str]]:
    folded = {trade.opened_by: trade for standing in _standings(rows).values() for trade in _trades_of(standing)}
    stored = {row.opened_by: trade_from(row) for row in rows.trades}
    names, wanted = sorted({*folded, *stored}), [field.name for field in fields(Trade)]
    found = ((name, _difference(folded.get(name), stored.get(name), wanted)) for name in names)
    return len(names), [f"trade opened by {name}: {problem}" for name, problem in found if problem]


def _standings(rows: AccountRows) -> dict[str, Standing]:
    standings: dict[str, Standing] = {}
    for row in rows.booked:
        entry = entry_from(row, rows.orders.get(row.client_order_id))
        standings[row.instrument] = fold(standings.get(row.instrument, Standing()), entry)
    return standings


def _trades_of(standing: Standing) -> tuple[Trade, ...]:
    return (*standing.closed, *([standing.trade] if standing.trade else []))


def _difference(folded: object, stored: object, names: Iterable[str]) -> str:
    if folded is None or stored is None:
        return f"expected {'none' if folded is None else 'one'}, as the fills give, found the other"
    wrong = [name for name in names if getattr(folded, name) != getattr(stored, name)]
    return "; ".join(
        f"expected the {name} {getattr(folded, name)}, as the fills give, found {getattr(stored, name)}"
        for name in wrong
    )


def _cycles(rows: AccountRows) -> tuple[int, list[str]]:
    found = ((cycle.name, _cycle_problem(cycle, rows.orders)) for cycle in rows.cycles)
    return len(rows.cycles), [f"{name}: {problem}" for name, problem in found if problem]


def _adjustments(rows: AccountRows) -> tuple[int, list[str]]:
    return len(rows.adjustments), adjustment_problems(rows.adjustments, rows.fills)


def _trips(rows: AccountRows) -> tuple[int, list[str]]:
    return len(rows.trips), trip_problems(rows.trips, rows.actions)


def _flattenings(rows: AccountRows) -> tuple[int, list[str]]:
    return len(rows.flattenings), flattening_problems(rows.flattenings, rows.actions)


def _arms(rows: AccountRows) -> tuple[int, list[str]]:
    return len(rows.arms), arm_problems(rows.arms, rows.actions)


def _cycle_problem(cycle: CycleParts, orders: Mapping[str, OrderRow]) -> str:
    state = CycleState(cycle.state)
    if (state is CycleState.RUNNING) is not (cycle.finished_at is None):
        return f"expected a time of its end unless it is running, found {cycle.finished_at} and {state}"
    for part, numbers in cycle.numbers.items():
        if sorted(numbers) != list(range(len(numbers))):
            return f"expected each {part} numbered from 0 without a gap, found {', '.join(map(str, numbers))}"
    verdicts = len(cycle.numbers["verdict"])
    if any(number >= verdicts for number in cycle.judged):
        return f"expected findings of {verdicts} verdicts, found some of verdict {max(cycle.judged)}"
    if not state.is_finished:
        return ""
    if not cycle.hash or verdicts != cycle.proposals:
        return f"expected its decision with {cycle.proposals} verdicts, found {verdicts}"
    missing = [name for name in cycle.intents if name not in orders] if state is CycleState.TRADED else []
    return f"expected its order {missing[0]}, found none" if missing else ""


RULES = (
    Rule("every word and figure is one that the desk writes", _words),
    Rule("every fill has its order, or is nobody's order of ours", _fills),
    Rule("an order is filled by its fills", _filled_quantities),
    Rule("an order's events are all there, and legal", _events),
    Rule("positions are what the fills give", _positions),
    Rule("trades are what the fills give", _trades),
    Rule("a cycle is complete", _cycles),
    Rule("an adjustment is its fills, and leads to what the venue held", _adjustments),
    Rule("a trip is possible, and in the audit", _trips),
    Rule("a flattening is in the audit, and so is its end", _flattenings),
    Rule("an arm is what the audit says last", _arms),
)
"""In the order in which they are checked; the others count on the first."""
