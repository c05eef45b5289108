"""Every request to Coinbase that the adapter makes; paths are below `/api/v3/brokerage`."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from desk.adapters.venue_http.session import Parameters, Request
from desk.adapters.venues.candle_lengths import named
from desk.adapters.venues.coinbase.names import product_id
from desk.adapters.venues.coinbase.terms import CoinbaseTerms
from desk.adapters.venues.coinbase.wire.orders import VenueOrder
from desk.errors import ConfigError
from desk.model.instrument import Instrument, Side
from desk.model.orders import OrderIntent, OrderType, TimeInForce
from desk.model.timeframe import Timeframe

PAGE = 250
PRODUCTS_PAGE = 500

_GRANULARITIES = {
    Timeframe.M1: "ONE_MINUTE",
    Timeframe.M5: "FIVE_MINUTE",
    Timeframe.M15: "FIFTEEN_MINUTE",
    Timeframe.M30: "THIRTY_MINUTE",
    Timeframe.H1: "ONE_HOUR",
    Timeframe.H2: "TWO_HOUR",
    Timeframe.H4: "FOUR_HOUR",
    Timeframe.D1: "ONE_DAY",
}
# The venue caches its public answers for about a second.
_FRESH = {"Cache-Control": "no-cache"}


def products_page(offset: int) -> Request:
    """Spot products; public."""
    query: Parameters = {"limit": PRODUCTS_PAGE, "offset": offset, "product_type": "SPOT"}
    return Request("GET", "/market/products", "products", query)


def products(names: Iterable[str]) -> Request:
    """Some products as they are now; public."""
    query: Parameters = {"product_ids": tuple(names)}
    return Request("GET", "/market/products", "states of products", query, headers=_FRESH)


def candles(instrument: str, timeframe: Timeframe, start: int, end: int) -> Request:
    """Candles that open from `start` to `end`, in seconds since the epoch; public."""
    path = f"/market/products/{_quoted(product_id(instrument))}/candles"
    granularity = named(timeframe, _GRANULARITIES, venue="coinbase", instrument=instrument)
    query: Parameters = {"start": str(start), "end": str(end), "granularity": granularity}
    return Request("GET", path, f"{timeframe} candles of {instrument}", query, headers=_FRESH)


def best_prices(names: Iterable[str]) -> Request:
    """Best prices of several products."""
    return Request("GET", "/best_bid_ask", "best prices", {"product_ids": tuple(names)})


def book(name: str, levels: int = 1) -> Request:
    """The best prices of one product, so many of each side; public."""
    query: Parameters = {"product_id": name, "limit": levels}
    return Request("GET", "/market/product_book", f"book of {name}", query, headers=_FRESH)


def wallets(cursor: str) -> Request:
    """Balances."""
    return Request("GET", "/accounts", "accounts", _query({"limit": PAGE, "cursor": cursor}))


def permissions() -> Request:
    """What the key may do."""
    return Request("GET", "/key_permissions", "rights of the key")


def fees() -> Request:
    """The account's fees."""
    return Request("GET", "/transaction_summary", "fees", {"product_type": "SPOT"})


def order(order_id: str) -> Request:
    """One order, by the venue's id."""
    return Request("GET", f"/orders/historical/{_quoted(order_id)}", f"order {order_id}")


def orders(cursor: str, *, status: str = "", since: datetime | None = None) -> Request:
    """Orders of any state, or of one, that were created since a time, or ever."""
    query: Parameters = {"order_status": status, "limit": PAGE, "start_date": _at(since), "cursor": cursor}
    return Request("GET", "/orders/historical/batch", "orders", _query(query))


def fills(cursor: str, *, order_id: str = "", products: tuple[str, ...] = (), since: datetime | None = None) -> Request:
    """Fills of one order, of some products, or all, written down since a time, or ever."""
    query: Parameters = {
        "order_ids": order_id,
        "product_ids": products,
        "start_sequence_timestamp": _at(since),
        "limit": PAGE,
        "cursor": cursor,
    }
    return Request("GET", "/orders/historical/fills", "fills", _query(query))


def create(intent: OrderIntent, instrument: Instrument, terms: CoinbaseTerms) -> Request:
    """An order.

    Raises:
        ConfigError: it has no price where its type needs one.
    """
    body = {"client_order_id": intent.client_order_id, **_body(intent, instrument, terms)}
    return Request("POST", "/orders", _name("order", intent), json=body)


def again(wire: VenueOrder, client_order_id: str, size: Decimal) -> Request:
    """A stop or a bracket that sells, as it was, under another id and over another size."""
    told = wire.configuration
    prices = {
        "limit_price": told.limit_price,
        "stop_price": told.stop_price,
        "stop_trigger_price": told.stop_trigger_price,
    }
    settings = {name: _number(price) for name, price in prices.items() if price is not None}
    direction = {} if told.stop_price is None else {"stop_direction": "STOP_DIRECTION_STOP_DOWN"}
    body = {
        "client_order_id": client_order_id,
        "product_id": wire.product_id,
        "side": wire.side,
        "order_configuration": {wire.kind: {"base_size": _number(size), **settings, **direction}},
    }
    return Request(
        "POST", "/orders", f"order {client_order_id} (again, {wire.side} {size} {wire.product_id})", json=body
    )


def preview(intent: OrderIntent, instrument: Instrument, terms: CoinbaseTerms) -> Request:
    """The same order, to be told what it would cost."""
    return Request("POST", "/orders/preview", _name("preview of", intent), json=_body(intent, instrument, terms))


def edit(order_id: str, *, price: Decimal, size: Decimal) -> Request:
    """A new price and size; the venue wants both."""
    body = {"order_id": order_id, "price": _number(price), "size": _number(size)}
    return Request("POST", "/orders/edit", f"edit of order {order_id}", json=body)


def cancel(order_ids: Iterable[str]) -> Request:
    """Cancellation of up to 100 orders."""
    names = list(order_ids)
    return Request("POST", "/orders/batch_cancel", f"cancel {', '.join(names)}", json={"order_ids": names})


def quote_conversion(source: str, target: str, amount: Decimal) -> Request:
    """An offer to convert; `amount` is in the source's currency."""
    body = {"from_account": source, "to_account": target, "amount": _number(amount)}
    return Request("POST", "/convert/quote", f"conversion of {source} to {target}", json=body)


def commit_conversion(conversion_id: str, source: str, target: str) -> Request:
    """Acceptance of an offer."""
    body = {"from_account": source, "to_account": target}
    return Request("POST", f"/convert/trade/{_quoted(conversion_id)}", f"conversion {conversion_id}", json=body)


def conversion(conversion_id: str, source: str, target: str) -> Request:
    """A conversion as it is now."""
    query: Parameters = {"from_account": source, "to_account": target}
    return Request("GET", f"/convert/trade/{_quoted(conversion_id)}", f"conversion {conversion_id}", query)


def _body(intent: OrderIntent, instrument: Instrument, terms: CoinbaseTerms) -> dict[str, object]:
    body: dict[str, object] = {
        "product_id": product_id(intent.instrument),
        "side": intent.side.value.upper(),
        "order_configuration": _configuration(intent, instrument, terms),
    }
    attached = _attached(intent, terms)
    return body | {"attached_order_configuration": attached} if attached else body


def _configuration(intent: OrderIntent, instrument: Instrument, terms: CoinbaseTerms) -> dict[str, object]:
    size = {"base_size": _number(intent.quantity)}
    if intent.type is OrderType.MARKET:
        return {"market_market_ioc": size}
    if intent.price is None:
        raise ConfigError(f"order {intent.client_order_id}: expected a price for a {intent.type} order, found none")
    if intent.type is OrderType.STOP:
        return {"stop_limit_stop_limit_gtc": size | _stop(intent.side, intent.price, instrument, terms)}
    if intent.time_in_force is TimeInForce.IOC:
        return {"sor_limit_ioc": size | {"limit_price": _number(intent.price)}}
    return {"limit_limit_gtc": {**size, "limit_price": _number(intent.price), "post_only": False}}


def _stop(side: Side, price: Decimal, instrument: Instrument, terms: CoinbaseTerms) -> dict[str, str]:
    """A stop of Coinbase is a limit order once it is triggered; it works until then, whatever it says of its time."""
    worst = instrument.round_price_for(side, terms.stop_limit(price, side.sign))
    direction = "STOP_DIRECTION_STOP_UP" if side is Side.BUY else "STOP_DIRECTION_STOP_DOWN"
    return {"limit_price": _number(worst), "stop_price": _number(price), "stop_direction": direction}


def _attached(intent: OrderIntent, terms: CoinbaseTerms) -> dict[str, object]:
    """Stop and target, where the venue takes them; the size is that of the order they are attached to."""
    stop, target = intent.barriers.stop, intent.barriers.target
    wanted = terms.attach_brackets and intent.side is Side.BUY and not intent.reduce_only
    if not wanted or stop is None or target is None:
        return {}
    return {"trigger_bracket_gtc": {"limit_price": _number(target), "stop_trigger_price": _number(stop)}}


def _name(what: str, intent: OrderIntent) -> str:
    return f"{what} {intent.client_order_id} ({intent.side} {intent.quantity} {intent.instrument})"


def _query(values: Parameters) -> Parameters:
    return {name: value for name, value in values.items() if value}


def _at(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if time else ""


def _number(value: Decimal) -> str:
    return f"{value:f}"


def _quoted(part: str) -> str:
    return quote(part, safe="")
