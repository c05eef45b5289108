"""Why the matching engine refuses an order before it looks for a price."""

from decimal import Decimal

from desk.matching.book import Book
from desk.matching.fills import touch_quote
from desk.matching.terms import Terms
from desk.matching.valuation import MarketNow, equity, exposure, is_spot_sale
from desk.model.books import Quote
from desk.model.instrument import Instrument, Side
from desk.model.orders import OrderIntent, OrderType


def refusal(book: Book, intent: OrderIntent, market: MarketNow) -> str:
    """Return why the order cannot be taken, empty where it can."""
    instrument, quote = market.instruments[intent.instrument], market.quotes.get(intent.instrument)
    if quote is None:
        return "no price"
    if not quote.tradable:
        return "market closed"
    if market.rate(intent.instrument) is None:
        return f"no conversion rate from {instrument.quote} to {book.currency}"
    return (
        _malformed(intent, instrument)
        or _too_small(book, intent, instrument, quote)
        or _misplaced_barrier(intent, quote)
        or _nothing_to_give(book, intent, instrument)
    )


def overdraft(before: Book, after: Book, intent: OrderIntent, market: MarketNow, terms: Terms) -> str:
    """Return why the account cannot carry an order that led from one book to the other, empty where it can.

    An order that only reduces a position, or leaves no more at stake than there was, is always carried.
    """
    if _only_reduces(before, intent):
        return ""
    limit = equity(after, market) * terms.leverage(market.instruments[intent.instrument])
    stake = exposure(after, market)
    if stake <= limit or stake <= exposure(before, market):
        return ""
    return f"insufficient funds: exposure would be {stake:.2f} {before.currency}, allowed are {limit:.2f}"


def _malformed(intent: OrderIntent, instrument: Instrument) -> str:
    if intent.quantity <= 0 or instrument.round_quantity(intent.quantity) != intent.quantity:
        return f"quantity {intent.quantity} is not a positive multiple of the lot {instrument.lot}"
    if intent.type is OrderType.MARKET:
        return "" if intent.price is None else "a market order has no price"
    if intent.price is None or intent.price <= 0 or instrument.round_price(intent.price) != intent.price:
        return f"price {intent.price} is not a positive multiple of the tick {instrument.tick}"
    return ""


def _too_small(book: Book, intent: OrderIntent, instrument: Instrument, quote: Quote) -> str:
    if _only_reduces(book, intent):
        return ""
    if intent.quantity < instrument.minimum_quantity:
        return f"quantity {intent.quantity} is below the minimum {instrument.minimum_quantity}"
    notional = intent.quantity * (quote.price_for(intent.side) if intent.price is None else intent.price)
    if notional < instrument.minimum_notional:
        return f"notional {notional:f} is below the minimum {instrument.minimum_notional}"
    return ""


def _misplaced_barrier(intent: OrderIntent, quote: Quote) -> str:
    """A stop that the position would be born beyond, or a target that it would be born past."""
    barriers, sign = intent.barriers, intent.side.sign
    price = intent.price if intent.price is not None and touch_quote(intent, quote) is None else None
    start = quote.price_for(intent.side.opposite) if price is None else price
    if barriers.stop is not None and (start - barriers.stop) * sign <= 0:
        return f"stop {barriers.stop} is not on the losing side of {start}"
    if barriers.target is not None and (barriers.target - start) * sign <= 0:
        return f"target {barriers.target} is not on the winning side of {start}"
    if barriers.trailing_distance is not None and barriers.trailing_distance <= 0:
        return f"trailing distance {barriers.trailing_distance} is not above 0"
    return ""


def _nothing_to_give(book: Book, intent: OrderIntent, instrument: Instrument) -> str:
    if intent.reduce_only:
        return "" if book.reducible(intent.instrument, intent.side) > 0 else "nothing to reduce"
    if not is_spot_sale(instrument, intent.side):
        return ""
    free = book.held(intent.instrument) - _promised(book, intent.instrument)
    return "" if intent.quantity <= free else f"insufficient holdings: asked {intent.quantity}, free are {free}"


def _promised(book: Book, instrument: str) -> Decimal:
    return sum(
        (
            working.remaining
            for working in book.working
            if working.intent.instrument == instrument
            and working.intent.side is Side.SELL
            and not working.intent.reduce_only
        ),
        Decimal(0),
    )


def _only_reduces(book: Book, intent: OrderIntent) -> bool:
    return intent.reduce_only or intent.quantity <= book.reducible(intent.instrument, intent.side)
