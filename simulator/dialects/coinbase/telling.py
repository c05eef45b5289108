"""Tells products, orders and fills as Coinbase does: numbers are texts, and what there is not is empty."""

from decimal import Decimal

from desk.model.books import Quote
from desk.model.orders import OrderState
from simulator.account import Account
from simulator.dialects.coinbase.brackets import order_of, origin_of, told_number
from simulator.dialects.coinbase.listing import Product
from simulator.dialects.coinbase.rules import TAKER, entry_id, order_id, portfolio_id, stamp, text, trade_id
from simulator.dialects.coinbase.sent import KINDS, sent_of
from simulator.dialects.coinbase.wallets import held_by
from simulator.reasons import Reason
from simulator.records import Event, PlacedOrder

Told = dict[str, object]

MOST = "150000000"
_STATES = {
    OrderState.ACKED: "OPEN",
    OrderState.PARTIAL: "OPEN",
    OrderState.FILLED: "FILLED",
    OrderState.CANCELLED: "CANCELLED",
}
_IN_STATES = (
    *("client_order_id", "completion_percentage", "filled_value", "number_of_fills", "order_id", "order_type"),
    *("outstanding_hold_amount", "product_id", "product_type", "reject_reason", "retail_portfolio_id", "status"),
    *("time_in_force", "total_fees", "total_value_after_fees", "trigger_status"),
)
_ON_REQUEST = "User requested cancel"
_HUNDRED = Decimal(100)
_EIGHT_PLACES = Decimal("0.00000001")


def status_of(placed: PlacedOrder) -> str:
    """Return the word for where an order stands."""
    is_over = placed.order.state is OrderState.CANCELLED and placed.order.reason == Reason.EXPIRED
    return "EXPIRED" if is_over else _STATES[placed.order.state]


def client_id_of(account: Account, placed: PlacedOrder) -> str:
    """Return the client's id; the venue gives an attached bracket one of its own."""
    return placed.client_id or order_id(account, placed.number)


def tell_order(account: Account, placed: PlacedOrder) -> Told:
    """Tell how an order stands."""
    sent, order = sent_of(account, placed), placed.order
    kind, origin = KINDS[sent.kind], origin_of(account, placed)
    is_cancelled = order.state is OrderState.CANCELLED
    edits = placed.details.get("edits", ())
    return {
        "order_id": order_id(account, placed.number),
        "client_order_id": client_id_of(account, placed),
        "product_id": sent.product,
        "user_id": account.name,
        "order_configuration": {sent.kind: sent.settings},
        "side": placed.intent.side.name,
        "status": status_of(placed),
        "time_in_force": kind.life,
        "created_time": stamp(placed.created_at),
        "completion_percentage": _completion(placed),
        **tell_filled(placed),
        "fee": "",
        "pending_cancel": False,
        "size_in_quote": sent.in_quote is not None,
        "size_inclusive_of_fees": sent.in_quote is not None,
        "trigger_status": _trigger_status(placed, kind.order_type),
        "order_type": kind.order_type,
        "reject_reason": "REJECT_REASON_UNSPECIFIED",
        "reject_message": "",
        "cancel_message": _cancel_message(order.reason) if is_cancelled else "",
        "settled": not placed.is_working,
        "product_type": "SPOT",
        "outstanding_hold_amount": text(held_by(account, placed)[1]),
        "last_fill_time": stamp(order.fills[-1].at) if order.fills else None,
        "edit_history": list(edits) if isinstance(edits, tuple) else [],
        "leverage": "",
        "margin_type": "UNKNOWN_MARGIN_TYPE",
        "retail_portfolio_id": portfolio_id(account),
        "originating_order_id": order_id(account, origin.number) if origin else "",
    }


def tell_state(account: Account, placed: PlacedOrder) -> Told:
    """Tell how an order stands as the stream does: everything is as of all that has happened to it."""
    told, sent = tell_order(account, placed), sent_of(account, placed)
    settings = {name: str(sent.settings.get(name, "")) for name in ("limit_price", "end_time", "start_time")}
    return {
        **{name: told[name] for name in _IN_STATES},
        **settings,
        "avg_price": told["average_filled_price"],
        "cancel_reason": told["cancel_message"],
        "contract_expiry_type": "UNKNOWN_CONTRACT_EXPIRY_TYPE",
        "creation_time": told["created_time"],
        "cumulative_quantity": told["filled_size"],
        "leaves_quantity": text(placed.order.quantity - placed.order.filled_quantity) if placed.is_working else "0",
        "order_side": told["side"],
        "post_only": str(sent.settings.get("post_only", False)).lower(),
        "risk_managed_by": "UNKNOWN_RISK_MANAGEMENT_TYPE",
        "stop_price": str(sent.settings.get("stop_price", sent.settings.get("stop_trigger_price", ""))),
    }


def tell_filled(placed: PlacedOrder) -> Told:
    """Tell what has been filled of an order, and for how much."""
    fills = placed.order.fills
    value = sum((fill.price * fill.quantity for fill in fills), Decimal(0))
    fees = sum((fill.fee for fill in fills), Decimal(0))
    filled = placed.order.filled_quantity
    return {
        "filled_size": text(filled),
        "average_filled_price": text(value / filled) if filled else "0",
        "number_of_fills": str(len(fills)),
        "filled_value": text(value),
        "total_fees": text(fees),
        "total_value_after_fees": text(value + placed.intent.side.sign * fees),
    }


def _completion(placed: PlacedOrder) -> str:
    share = placed.order.filled_quantity / placed.order.quantity * _HUNDRED if placed.order.quantity else Decimal(0)
    return text(share.quantize(_EIGHT_PLACES))


def _trigger_status(placed: PlacedOrder, order_type: str) -> str:
    if order_type not in ("STOP_LIMIT", "BRACKET"):
        return "INVALID_ORDER_TYPE"
    return "STOP_TRIGGERED" if placed.order.filled_quantity else "STOP_PENDING"


def _cancel_message(reason: str) -> str:
    return _ON_REQUEST if reason == Reason.ON_REQUEST else reason.replace("_", " ").capitalize()


def tell_fill(account: Account, event: Event) -> Told:
    """Tell a part of an order that was executed; its size is in the quote currency where the order's was."""
    assert event.booked is not None, f"event {event.id} is no fill"
    assert event.order is not None, f"fill {event.id} has no order"
    placed = order_of(account, told_number(event.order))
    assert placed is not None, f"fill {event.id} is of an order that is not told"
    fill, sent = event.booked.fill, sent_of(account, placed)
    in_quote = sent.in_quote is not None
    is_maker = KINDS[sent.kind].order_type == "LIMIT" and event.batch != placed.number
    return {
        "entry_id": entry_id(account, event.id),
        "trade_id": trade_id(account, event.id),
        "order_id": order_id(account, placed.number),
        "trade_time": stamp(event.at),
        "trade_type": "FILL",
        "price": text(fill.price),
        "size": text(fill.price * fill.quantity if in_quote else fill.quantity),
        "commission": text(fill.fee),
        "product_id": sent.product,
        "sequence_timestamp": stamp(event.at),
        "liquidity_indicator": "MAKER" if is_maker else "TAKER",
        "size_in_quote": in_quote,
        "user_id": account.name,
        "side": fill.side.name,
        "retail_portfolio_id": portfolio_id(account),
    }


def tell_product(product: Product, quote: Quote | None) -> Told:
    """Tell what can be traded, and on which grid."""
    instrument = product.instrument
    can_trade = quote is not None and quote.tradable
    return {
        "product_id": product.id,
        "price": text(quote.mid) if quote else "",
        "price_percentage_change_24h": "0",
        "volume_24h": "0",
        "volume_percentage_change_24h": "0",
        "base_increment": text(instrument.lot),
        "quote_increment": text(instrument.tick),
        "price_increment": text(instrument.tick),
        "quote_min_size": text(instrument.minimum_notional),
        "quote_max_size": MOST,
        "base_min_size": text(instrument.minimum_quantity),
        "base_max_size": MOST,
        "base_name": instrument.base,
        "quote_name": product.quote,
        "watched": False,
        "is_disabled": False,
        "new": False,
        "status": "online",
        "cancel_only": False,
        "limit_only": False,
        "post_only": False,
        "trading_disabled": not can_trade,
        "auction_mode": False,
        "view_only": False,
        "product_type": "SPOT",
        "quote_currency_id": product.quote,
        "base_currency_id": instrument.base,
        "fcm_trading_session_details": None,
        "mid_market_price": "",
        "alias": product.alias,
        "alias_to": list(product.aliases),
        "base_display_symbol": instrument.base,
        "quote_display_symbol": product.quote,
        "display_name": product.id,
        "product_venue": "CBE",
        "approximate_quote_24h_volume": "0",
    }


def tell_costs(quantity: Decimal, price: Decimal, quote: Quote) -> Told:
    """Tell what an order would cost at a price."""
    value = quantity * price
    return {
        "order_total": text(value * (1 + TAKER)),
        "commission_total": text(value * TAKER),
        "errs": [],
        "warning": [],
        "quote_size": text(value),
        "base_size": text(quantity),
        "best_bid": text(quote.bid),
        "best_ask": text(quote.ask),
        "average_filled_price": text(price),
        "slippage": "0",
        "is_max": False,
    }
