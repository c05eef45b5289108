"""Whether, at which price and for how much an order is filled, at a quote or inside a candle."""

from dataclasses import dataclass
from decimal import Decimal

from desk.matching.fees import Liquidity
from desk.matching.slippage import Slippage
from desk.matching.spread import Bar
from desk.model.books import Quote
from desk.model.instrument import Instrument, Side
from desk.model.orders import OrderIntent, OrderType


@dataclass(frozen=True, slots=True)
class Execution:
    """What an order got."""

    price: Decimal
    quantity: Decimal
    liquidity: Liquidity


@dataclass(frozen=True, slots=True)
class Touch:
    """A price that an order meets, before slippage.

    Attributes:
        at_open: whether it is the first price of the candle, so that all of the candle comes after it.
    """

    price: Decimal
    liquidity: Liquidity
    at_open: bool


def touch_quote(intent: OrderIntent, quote: Quote) -> Touch | None:
    """Return what the order meets the moment it arrives, or None where it has to wait."""
    price = quote.price_for(intent.side)
    return Touch(price, Liquidity.TAKER, at_open=True) if _is_met(intent, price) else None


def touch_bar(intent: OrderIntent, bar: Bar, *, triggered: bool = False) -> Touch | None:
    """Return what a working order meets inside a closed candle, or None.

    A candle that opens beyond the price of a limit or a stop fills at its open; otherwise the price itself is met.

    Args:
        triggered: whether the candle finds a stop order that an earlier candle has turned into a market order.
    """
    prices = bar.prices_for(intent.side)
    if triggered or _is_met(intent, prices.open):
        maker = intent.type is OrderType.LIMIT
        return Touch(prices.open, Liquidity.MAKER if maker else Liquidity.TAKER, at_open=True)
    if intent.type is OrderType.LIMIT and _is_met(intent, prices.best_for(intent.side)):
        return Touch(_price(intent), Liquidity.MAKER, at_open=False)
    if intent.type is OrderType.STOP and _is_met(intent, prices.worst_for(intent.side)):
        return Touch(_price(intent), Liquidity.TAKER, at_open=False)
    return None


def execute(
    intent: OrderIntent,
    touch: Touch,
    quantity: Decimal,
    *,
    volume: Decimal | None,
    slippage: Slippage,
    instrument: Instrument,
) -> Execution:
    """Return the execution of `quantity` at a touched price: a taker slips, a limit is never passed."""
    if touch.liquidity is Liquidity.MAKER:
        return Execution(instrument.round_price_for(intent.side, touch.price), quantity, touch.liquidity)
    price = slippage.worsen(touch.price, intent.side, quantity, volume, instrument)
    if intent.type is OrderType.LIMIT:
        price = _better(intent.side, price, _price(intent))
    return Execution(price, quantity, touch.liquidity)


def cut(quantity: Decimal, room: Decimal | None, instrument: Instrument) -> Decimal:
    """Return what fits into `room`, rounded down to the lot; all of `quantity` where the room is None."""
    return quantity if room is None else instrument.round_quantity(min(quantity, room))


def _is_met(intent: OrderIntent, price: Decimal) -> bool:
    if intent.type is OrderType.MARKET:
        return True
    distance = (price - _price(intent)) * intent.side.sign
    return distance <= 0 if intent.type is OrderType.LIMIT else distance >= 0


def _price(intent: OrderIntent) -> Decimal:
    assert intent.price is not None, f"{intent.client_order_id}: a {intent.type} order needs a price"
    return intent.price


def _better(side: Side, first: Decimal, second: Decimal) -> Decimal:
    return min(first, second) if side is Side.BUY else max(first, second)
