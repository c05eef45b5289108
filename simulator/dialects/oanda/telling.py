"""Tells transactions, orders and trades as OANDA does."""

from collections.abc import Iterable, Mapping

from desk.model.instrument import Instrument
from desk.model.orders import OrderState, OrderType
from simulator.account import Account
from simulator.dialects.oanda.asking import on_fill
from simulator.dialects.oanda.rules import CANCELLED, REJECTED
from simulator.dialects.oanda.spelling import money, price, spelled, time, units
from simulator.dialects.oanda.trades import Changes, Closed, Trade, TradeBook
from simulator.records import Event, EventKind, PlacedOrder, Role

Told = dict[str, object]

_GUARDS = {Role.STOP: "STOP_LOSS", Role.TARGET: "TAKE_PROFIT", Role.TRAILING: "TRAILING_STOP_LOSS"}
_STATES = {OrderState.FILLED: "FILLED", OrderState.CANCELLED: "CANCELLED"}
_CLOSINGS = {"TRADE_CLOSE": "MARKET_ORDER_TRADE_CLOSE", "POSITION_CLOSEOUT": "MARKET_ORDER_POSITION_CLOSEOUT"}


class Teller:
    """What an account's customer is told."""

    def __init__(self, account: Account, book: TradeBook, instruments: Mapping[str, Instrument], style: str) -> None:
        self._account = account
        self._book = book
        self._instruments = instruments
        self._style = style

    def transaction(self, event: Event) -> Told:
        """Tell what happened."""
        told: Told = {
            "id": str(event.id),
            "accountID": self._account.name,
            "userID": 1,
            "batchID": str(event.batch),
            "requestID": str(event.batch),
            "time": time(event.at, self._style),
        }
        if event.order is None:
            amount = money(event.cash)
            return told | {
                "type": "TRANSFER_FUNDS",
                "amount": amount,
                "fundingReason": "CLIENT_FUNDING",
                "accountBalance": amount,
            }
        return told | self._happened(event, event.order)

    def order(self, order: PlacedOrder) -> Told:
        """Tell how an order stands."""
        told: Told = {
            "id": str(order.number),
            "createTime": time(order.created_at, self._style),
            "state": _STATES.get(order.order.state, "PENDING"),
            "type": self.kind(order),
            **self._terms(order),
        }
        if order.client_id:
            told.setdefault("clientExtensions", {"id": order.client_id})
        ending = [event for event in self._account.events[order.number :] if _is_end(event, order)]
        return told | self._end(order, ending[-1]) if ending else told

    def trade(self, trade: Trade) -> Told:
        """Tell how a trade stands, without its present profit."""
        told: Told = {
            "id": str(trade.id),
            "instrument": spelled(trade.instrument),
            "price": price(trade.price, self._instruments[trade.instrument]),
            "openTime": time(trade.opened_at, self._style),
            "initialUnits": units(trade.initial),
            "currentUnits": units(trade.current),
            "realizedPL": money(trade.realised),
            "financing": "0.0000",
            "state": "OPEN" if trade.current else "CLOSED",
        }
        if trade.extensions:
            told["clientExtensions"] = trade.extensions
        if trade.closed_at:
            told |= {
                "closeTime": time(trade.closed_at, self._style),
                "closingTransactionIDs": [str(one) for one in trade.closing],
            }
        return told | self._guards(trade)

    def kind(self, order: PlacedOrder) -> str:
        """Return OANDA's word for the type of an order."""
        return _GUARDS.get(order.role) or str(order.details.get("type", "MARKET"))

    def _guards(self, trade: Trade) -> Told:
        names = {Role.STOP: "stopLossOrder", Role.TARGET: "takeProfitOrder", Role.TRAILING: "trailingStopLossOrder"}
        guards = self._account.guards(trade.instrument) if trade.current else {}
        return {names[role]: self.order(order) for role, order in guards.items()}

    def _happened(self, event: Event, order: PlacedOrder) -> Told:
        if event.kind is EventKind.CREATED:
            return {"type": f"{self.kind(order)}_ORDER", "reason": _why(order), **self._terms(order)}
        if event.kind is EventKind.REJECTED:
            return {
                "type": f"{self.kind(order)}_ORDER_REJECT",
                "reason": _why(order),
                "rejectReason": reject_word(event),
                **self._terms(order),
            }
        named: Told = {"clientOrderID": order.client_id} if order.client_id else {}
        if event.kind is EventKind.CANCELLED:
            return {"type": "ORDER_CANCEL", "orderID": str(order.number), "reason": cancel_word(event), **named}
        return {"type": "ORDER_FILL", "orderID": str(order.number), **named, **self._filled(event, order)}

    def _terms(self, order: PlacedOrder) -> Told:
        intent = order.intent
        instrument = self._instruments[intent.instrument]
        if order.role is not Role.PLAIN:
            told: Told = {"timeInForce": "GTC", "triggerCondition": "DEFAULT"}
            trades = self._book.open_in(intent.instrument)
            told |= {"tradeID": str(trades[0].id)} if trades else {}
            return told | ({"price": price(intent.price, instrument)} if intent.price is not None else {})
        told = {"instrument": spelled(intent.instrument), "units": str(order.details["signed"])}
        if intent.price is not None:
            name = "priceBound" if order.details.get("type") == "MARKET" else "price"
            told[name] = price(intent.price, instrument)
        echo = order.details.get("echo")
        return told | (dict(echo) if isinstance(echo, Mapping) else {}) | on_fill(intent.barriers, instrument)

    def _filled(self, event: Event, order: PlacedOrder) -> Told:
        assert event.booked is not None, f"fill {event.id} has no fill"
        fill, profit = event.booked
        instrument = self._instruments[fill.instrument]
        told: Told = {
            "instrument": spelled(fill.instrument),
            "units": units(fill.quantity * fill.side.sign),
            "price": price(fill.price, instrument),
            "fullVWAP": price(fill.price, instrument),
            "reason": self._fill_reason(order),
            "pl": money(profit),
            "financing": "0.0000",
            "commission": money(fill.fee),
            "guaranteedExecutionFee": "0.0000",
            "halfSpreadCost": "0.0000",
            "accountBalance": money(event.cash),
        }
        changes = self._book.changes.get(event.id)
        return told | self._changes(changes, instrument) if changes else told

    def _fill_reason(self, order: PlacedOrder) -> str:
        closing = _CLOSINGS.get(str(order.details.get("reason")))
        return closing or f"{self.kind(order)}_ORDER"

    def _changes(self, changes: Changes, instrument: Instrument) -> Told:
        told: Told = {}
        if changes.opened is not None:
            opened: Told = {
                "tradeID": str(changes.opened.id),
                "units": units(changes.opened_units),
                "price": price(changes.opened.price, instrument),
            }
            if changes.opened.extensions:
                opened["clientExtensions"] = changes.opened.extensions
            told["tradeOpened"] = opened
        ended = [_taken(one) for one in changes.closed if one.is_all]
        reduced = [_taken(one) for one in changes.closed if not one.is_all]
        told |= {"tradesClosed": ended} if ended else {}
        return told | ({"tradeReduced": reduced[0]} if reduced else {})

    def _end(self, order: PlacedOrder, event: Event) -> Told:
        at = time(event.at, self._style)
        if event.kind is EventKind.CANCELLED:
            return {"cancellingTransactionID": str(event.id), "cancelledTime": at} | self._last_fill(order)
        return {"filledTime": at} | self._last_fill(order)

    def _last_fill(self, order: PlacedOrder) -> Told:
        fills = [event for event in self._account.events[order.number :] if _is_fill(event, order)]
        if not fills:
            return {}
        told: Told = {"fillingTransactionID": str(fills[-1].id)}
        changes = self._book.changes.get(fills[-1].id, Changes())
        if changes.opened is not None:
            told["tradeOpenedID"] = str(changes.opened.id)
        closed = [str(one.trade) for one in changes.closed if one.is_all]
        return told | ({"tradeClosedIDs": closed} if closed else {})


def reject_word(event: Event) -> str:
    """Return why an order never came to life."""
    if event.reason is not None:
        return REJECTED[event.reason]
    return str(event.order.details["rejectReason"]) if event.order else ""


def cancel_word(event: Event) -> str:
    """Return why an order was cancelled; a limit order that may not wait has run out of time."""
    if event.order is not None and event.order.intent.type is not OrderType.MARKET and not _is_market(event.order):
        return CANCELLED[event.reason].replace("BOUNDS_VIOLATION", "TIME_IN_FORCE_EXPIRED") if event.reason else ""
    return CANCELLED[event.reason] if event.reason else ""


def ids(events: Iterable[Event]) -> list[str]:
    """Return the ids of transactions."""
    return [str(event.id) for event in events]


def _taken(closed: Closed) -> Told:
    return {
        "tradeID": str(closed.trade),
        "units": units(closed.units),
        "realizedPL": money(closed.profit),
        "financing": "0.0000",
    }


def _is_market(order: PlacedOrder) -> bool:
    return order.details.get("type") == "MARKET"


def _why(order: PlacedOrder) -> str:
    return str(order.details.get("reason", "ON_FILL"))


def _is_fill(event: Event, order: PlacedOrder) -> bool:
    return event.kind is EventKind.FILLED and event.order is not None and event.order.number == order.number


def _is_end(event: Event, order: PlacedOrder) -> bool:
    same = event.order is not None and event.order.number == order.number
    return same and (event.kind is EventKind.CANCELLED or (event.kind is EventKind.FILLED and not order.is_working))
