"""Takes the evidence: what the simulator's truth and the ledger's tables have of an account."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.tables import FillRow, OrderEventRow, OrderRow, PositionRow, TradeRow
from desk.execution.adjusting import PREFIX
from desk.model.instrument import Side
from desk.model.orders import OrderState, OrderType
from drill.evidence import LedgerBooks, LedgerOrder, TrueFill, Turn, VenueBooks, VenueEvent, VenueOrder

_TURNS = {"created": Turn.CREATED, "filled": Turn.FILLED, "cancelled": Turn.ENDED}
_GUARDS = {"stop", "trail"}
_FINAL = {state.value for state in OrderState if state.is_final}


def venue_books(truth: Mapping[str, Any], *, until: datetime) -> VenueBooks:
    """Return the books of an account as the admin port of the simulator tells them.

    Args:
        truth: of one account.
        until: the present of the simulator.
    """
    events = truth["events"]
    return VenueBooks(
        orders=tuple(_order(order) for order in truth["orders"]),
        fills=tuple(_fill(event) for event in events if event["kind"] == "filled"),
        events=tuple(_event(event) for event in events if event["kind"] in _TURNS),
        positions={one["instrument"]: Decimal(one["quantity"]) for one in truth["positions"]},
        opening_cash=Decimal(events[0]["cash"]),
        cash=Decimal(truth["cash"]),
        until=until,
    )


async def ledger_books(database: Database, account: str) -> LedgerBooks:
    """Return what the ledger has of an account."""
    async with database.read() as session:
        orders = (await session.exec(select(OrderRow).where(OrderRow.account == account))).all()
        fills = (await session.exec(select(FillRow).where(FillRow.account == account))).all()
        positions = (await session.exec(select(PositionRow).where(PositionRow.account == account))).all()
        trades = (await session.exec(select(TradeRow).where(TradeRow.account == account))).all()
    return LedgerBooks(
        orders=tuple(_ledger_order(row) for row in orders),
        fills=tuple(_ledger_fill(row) for row in fills if row.booked_at and not row.venue_trade_id.startswith(PREFIX)),
        positions={row.instrument: row.quantity for row in positions},
        profit=sum((row.realised_profit - row.fees for row in trades), Decimal(0)),
        adjusted=frozenset(row.instrument for row in fills if row.venue_trade_id.startswith(PREFIX)),
    )


async def sent_entries(database: Database, account: str) -> frozenset[str]:
    """Return the client ids of the orders that open something and have been on their way."""
    sent = (
        select(OrderRow.client_order_id)
        .join(OrderEventRow, col(OrderEventRow.client_order_id) == col(OrderRow.client_order_id))
        .where(OrderRow.account == account, OrderEventRow.state == OrderState.SENDING.value)
        .where(col(OrderRow.reduce_only).is_(False))
    )
    async with database.read() as session:
        return frozenset((await session.exec(sent)).all())


def _ledger_order(row: OrderRow) -> LedgerOrder:
    return LedgerOrder(row.client_order_id, row.instrument, OrderState(row.state), row.filled_quantity, row.reduce_only)


def _ledger_fill(row: FillRow) -> TrueFill:
    return TrueFill(row.client_order_id, row.instrument, Side(row.side), row.quantity, row.price, row.at)


def _order(order: Mapping[str, Any]) -> VenueOrder:
    state = order["order"]
    return VenueOrder(
        number=order["number"],
        client_order_id=order["client_id"] if order["role"] == "plain" else "",
        instrument=order["intent"]["instrument"],
        quantity=Decimal(state["quantity"]),
        filled_quantity=Decimal(state["filled_quantity"]),
        is_working=state["state"] not in _FINAL,
    )


def _event(event: Mapping[str, Any]) -> VenueEvent:
    order, turn = event["order"], _TURNS[event["kind"]]
    intent = order["intent"]
    # Spot markets know no order that only reduces; a stop on the other side of a position protects it anyway.
    is_stop = order["role"] in _GUARDS or intent["type"] == OrderType.STOP
    quantity = event["booked"]["fill"]["quantity"] if turn is Turn.FILLED else order["order"]["quantity"]
    return VenueEvent(
        datetime.fromisoformat(event["at"]),
        turn,
        order["number"],
        order["client_id"],
        intent["instrument"],
        Side(intent["side"]),
        Decimal(quantity),
        is_stop,
    )


def _fill(event: Mapping[str, Any]) -> TrueFill:
    order, booked = event["order"], event["booked"]
    fill = booked["fill"]
    return TrueFill(
        order["client_id"],
        fill["instrument"],
        Side(fill["side"]),
        Decimal(fill["quantity"]),
        Decimal(fill["price"]),
        datetime.fromisoformat(event["at"]),
        Decimal(booked["realised_profit"]) - Decimal(fill["fee"]),
    )
