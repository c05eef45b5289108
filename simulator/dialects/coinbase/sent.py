"""What a client sent with an order, as far as the venue tells it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from desk.model.orders import OrderType
from simulator.account import Account
from simulator.dialects.coinbase.brackets import KIND, origin_of, target_of
from simulator.dialects.coinbase.listing import DOLLAR, product_id
from simulator.dialects.coinbase.rules import text
from simulator.records import PlacedOrder


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to order.

    Attributes:
        order_type, life: the venue's words.
        at_once: what does not fill right away is cancelled.
        whole: all at once or not at all.
    """

    order_type: str
    life: str
    type: OrderType
    at_once: bool = False
    whole: bool = False


_AT_ONCE, _ALL_OR_NOTHING = "IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"
_FOR_EVER, _UNTIL = "GOOD_UNTIL_CANCELLED", "GOOD_UNTIL_DATE_TIME"

KINDS = {
    "market_market_ioc": Kind("MARKET", _AT_ONCE, OrderType.MARKET, at_once=True),
    "market_market_fok": Kind("MARKET", _ALL_OR_NOTHING, OrderType.MARKET, at_once=True, whole=True),
    "sor_limit_ioc": Kind("LIMIT", _AT_ONCE, OrderType.LIMIT, at_once=True),
    "limit_limit_fok": Kind("LIMIT", _ALL_OR_NOTHING, OrderType.LIMIT, at_once=True, whole=True),
    "limit_limit_gtc": Kind("LIMIT", _FOR_EVER, OrderType.LIMIT),
    "limit_limit_gtd": Kind("LIMIT", _UNTIL, OrderType.LIMIT),
    "stop_limit_stop_limit_gtc": Kind("STOP_LIMIT", _FOR_EVER, OrderType.STOP),
    "stop_limit_stop_limit_gtd": Kind("STOP_LIMIT", _UNTIL, OrderType.STOP),
    KIND: Kind("BRACKET", _FOR_EVER, OrderType.STOP),
    "trigger_bracket_gtd": Kind("BRACKET", _UNTIL, OrderType.STOP),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """An order's configuration.

    Attributes:
        quote: the currency of the wallet that pays.
        settings: under the name of its kind.
        worst: the limit price, None without one.
        in_quote: what a market order is to cost, None where it has a size.
    """

    product: str
    quote: str
    kind: str
    settings: Mapping[str, object]
    worst: Decimal | None = None
    in_quote: Decimal | None = None
    end: datetime | None = None


def sent_of(account: Account, placed: PlacedOrder) -> Sent:
    """Return what was sent; for a bracket that was attached to an order, what the venue has made of it."""
    found = placed.details.get("sent")
    if isinstance(found, Sent):
        return found
    origin, target = origin_of(account, placed), target_of(account, placed)
    quote = sent_of(account, origin).quote if origin else DOLLAR
    prices = {"limit_price": target, "stop_trigger_price": placed}
    told = {name: text(one.intent.price) for name, one in prices.items() if one is not None and one.intent.price}
    settings = {"base_size": text(placed.intent.quantity), **told}
    return Sent(product_id(placed.intent.instrument, quote), quote, KIND, settings)


def end_of(placed: PlacedOrder) -> datetime | None:
    """Return until when an order is good, None for one that stays."""
    found = placed.details.get("sent")
    return found.end if isinstance(found, Sent) else None
