"""What the ledger's file says, read without the ledger's code, and what must be true of it beside the venue's books."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from desk.execution.lifecycle import is_legal
from desk.execution.plan import client_order_id
from desk.model.books import Snapshot
from desk.model.cycle import Decision
from desk.model.orders import OrderIntent, OrderState
from desk.ports import Lease
from tests.model.venue import CASH, Venue

UNRESOLVED = {state.value for state in OrderState if state.is_unresolved}
FACTS = ("order", "order_event", "fill", "position", "trade")


@dataclass
class Books:
    """The ledger's tables and the venue's books, and the invariants that tie them together, I-01 to I-20.

    Not here: I-06, as nothing has an age before the flow gives it one; I-17, as stops are looked after by the watch;
    I-18, as nothing here changes or cancels an order, so that there is none of somebody else's to spare.
    """

    path: Path
    venue: Venue
    sends: int = 0
    events: dict[tuple[str, int], tuple[Any, ...]] = field(default_factory=dict)
    fills: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = sqlite3.connect(self.path)
        self._connection.row_factory = sqlite3.Row

    def close(self) -> None:
        self._connection.close()

    def rows(self, table: str, order_by: str = "1") -> list[sqlite3.Row]:
        return self._connection.execute(f'SELECT * FROM "{table}" ORDER BY {order_by}').fetchall()

    def facts(self) -> dict[str, list[tuple[Any, ...]]]:
        return {table: sorted(tuple(row) for row in self.rows(table)) for table in FACTS}

    def forget_unheard_refusals(self) -> None:
        """What a run heard and took with it unwritten is news to nobody: the venue knows no such order."""
        unheard = {row["client_order_id"] for row in self.rows("order") if row["state"] in UNRESOLVED}
        self.venue.refused -= unheard

    def witness(self, intent: OrderIntent, lease: Lease | None) -> None:
        """Look at what is committed while an order leaves."""
        self.sends += 1
        orders = {row["client_order_id"]: row for row in self.rows("order")}
        # I-02, I-08: what leaves was committed before.
        assert orders[intent.client_order_id]["state"] == OrderState.SENDING
        # I-03: only the holder of the newest token sends.
        (held,) = self.rows("lease")
        assert lease is not None
        assert (held["holder"], held["token"]) == (lease.holder, lease.token)
        # I-04: while an outcome is not known, nothing is opened in its instrument.
        others = {name: row for name, row in orders.items() if row["state"] in UNRESOLVED}
        others.pop(intent.client_order_id, None)
        blocked = {row["instrument"] for row in others.values()}
        assert intent.reduce_only or intent.instrument not in blocked, f"{intent} leaves beside {sorted(others)}"
        # I-05: what was refused is not sent again.
        assert intent.client_order_id not in self.venue.refused

    def check_decision(self, snapshot: Snapshot, decision: Decision) -> None:
        """Look at what was decided on what."""
        working = [order.client_order_id for order in snapshot.open_orders]
        # I-07: whatever may still fill keeps its room, once.
        assert len(set(working)) == len(working)
        assert set(snapshot.blocked.values()) <= set(working)
        for intent in decision.intents:
            position = snapshot.position(intent.instrument)
            held = position.quantity if position else Decimal(0)
            if intent.reduce_only:
                # I-19: an exit neither increases nor turns a position.
                assert 0 < intent.quantity <= -held * intent.side.sign
            else:
                # I-04 and I-07: nothing is opened where something may still fill.
                assert intent.instrument not in snapshot.blocked
                assert snapshot.quantity(intent.instrument) == 0

    def check(self) -> None:
        """Check what holds at any moment, whatever was lost and whoever has died."""
        # I-01: at most one order at the venue for each intent.
        assert all(count == 1 for count in self.venue.accepted.values()), self.venue.accepted
        orders = {row["client_order_id"]: row for row in self.rows("order")}
        # I-02: every order at the venue is known.
        assert set(self.venue.accepted) <= set(orders)
        for row in orders.values():
            self._check_order(row)
        self._check_nothing_is_forgotten()

    def check_at_rest(self) -> None:
        """Check what holds when nothing is on its way and the ledger has looked at the venue."""
        self.check()
        orders = {row["client_order_id"]: row for row in self.rows("order")}
        assert not [name for name, row in orders.items() if row["state"] in UNRESOLVED | {OrderState.PLANNED}]
        # I-11: each fill of the venue is booked once.
        booked = {row["venue_trade_id"]: Decimal(row["quantity"]) for row in self.rows("fill") if row["booked_at"]}
        assert booked == {fill.venue_trade_id: fill.quantity for fill in self.venue.fills}
        # I-09, I-14: the end is that of a run without faults: each order is filled as at the venue.
        for name, order in self.venue.orders.items():
            row = orders[name]
            assert Decimal(row["filled_quantity"]) == order.filled_quantity
            assert (row["state"] == OrderState.FILLED) == (order.state is OrderState.FILLED)
        self._check_positions()
        self._check_money()

    def _check_order(self, row: sqlite3.Row) -> None:
        name, close = row["client_order_id"], datetime.fromisoformat(row["candle_close"])
        leg = "exit" if row["reduce_only"] else "entry"
        # I-01: the id says account, strategy, instrument, candle and leg, and nothing else.
        assert name == client_order_id(row["account"], row["strategy"], row["instrument"], close, leg)
        self._check_history(row)
        # I-14: fills never exceed what was asked, nor what is said to be filled.
        told = [fill for fill in self.rows("fill") if fill["client_order_id"] == name]
        assert sum((Decimal(fill["quantity"]) for fill in told), Decimal(0)) <= Decimal(row["filled_quantity"])
        assert Decimal(row["filled_quantity"]) <= Decimal(row["quantity"])
        # I-15: what is at the venue was never concluded to be absent.
        assert not (self.venue.accepted[name] and "never received" in row["reason"]), f"{name} is at the venue"
        # I-05: a refusal is final.
        if row["state"] == OrderState.REJECTED:
            assert not self.venue.accepted[name]

    def _check_history(self, row: sqlite3.Row) -> None:
        query = "SELECT sequence, state FROM order_event WHERE client_order_id = ? ORDER BY sequence"
        events = self._connection.execute(query, (row["client_order_id"],)).fetchall()
        states = [OrderState(event["state"]) for event in events]
        # I-13: every change is in the table, none is missing, and the last one is where the order is.
        assert [event["sequence"] for event in events] == list(range(len(events)))
        assert all(is_legal(before, after) for before, after in pairwise(states)), states
        assert states[0] is OrderState.PLANNED
        assert states[-1] == row["state"]

    def _check_nothing_is_forgotten(self) -> None:
        events = {(row["client_order_id"], row["sequence"]): tuple(row) for row in self.rows("order_event")}
        fills = {row["venue_trade_id"]: tuple(row)[:_UNTIL_BOOKED] for row in self.rows("fill")}
        # I-08: what was committed stays as it was.
        assert self.events.items() <= events.items()
        assert self.fills.items() <= fills.items()
        self.events, self.fills = events, fills

    def _check_positions(self) -> None:
        held = {row["instrument"]: Decimal(row["quantity"]) for row in self.rows("position")}
        # I-12, I-16: the position is that of the venue, in whatever order its fills came.
        assert held == {position.instrument: position.quantity for position in self.venue.positions()}

    def _check_money(self) -> None:
        profit = _sum(self.rows("trade"), "realised_profit") - _sum(self.rows("trade"), "fees")
        # I-20: cash is what it was, plus profits, less fees, less what the open positions have cost.
        assert CASH + profit - _sum(self.rows("position"), "cost") == self.venue.cash()


_UNTIL_BOOKED = 11
"""Columns of a fill before its rates and the time of its booking, which come later."""


def _sum(rows: Sequence[sqlite3.Row], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))
