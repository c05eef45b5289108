"""An order meets the market at the moment it arrives: filled, working, cancelled or rejected."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from desk.matching.book import Book, Booked, Progress, WorkingOrder, book_execution
from desk.matching.fills import Touch, cut, execute, touch_quote
from desk.matching.orders import CUT_TO_POSITION, ended, new_order, with_fill
from desk.matching.refusals import overdraft, refusal
from desk.matching.terms import Terms
from desk.matching.valuation import MarketNow
from desk.model.orders import Order, OrderIntent, OrderState, OrderType, TimeInForce


def place(book: Book, intent: OrderIntent, market: MarketNow, terms: Terms) -> Progress:
    """Return the book after an order, which is the only one in the answer.

    The book must have been advanced to `market.at`. The quote as of a time is the open of the base candle that contains
    it, or else the close of the last candle before; that candle counts wholly for the order's barriers once it closes.
    What is not met at once is cancelled (IOC) or keeps working (GTC). A rejected order changes nothing but the
    number of orders; the reason is on the order.
    """
    assert market.at >= book.watermark, f"{intent.client_order_id}: {market.at} is before {book.watermark}"
    book = replace(book, watermark=market.at, order_count=book.order_count + 1)
    order = new_order(intent, book.order_count, market.at)
    reason = refusal(book, intent, market)
    if reason:
        return _rejected(book, intent, order, reason)
    matched = _match(book, intent, order, market, terms)
    reason = overdraft(book, matched.book, intent, market, terms)
    return _rejected(book, intent, order, reason) if reason else matched


def cancel(book: Book, client_order_id: str, at: datetime) -> Progress:
    """Return the book without what is left of a working order; a book that does not have it stays as it is."""
    found = next((one for one in book.working if one.intent.client_order_id == client_order_id), None)
    if found is None:
        return Progress(book, {}, {}, ())
    order = ended(found.order, OrderState.CANCELLED, "cancelled on request", at)
    working = tuple(one for one in book.working if one is not found)
    return _progress(replace(book, working=working), found.intent, order, ())


def _rejected(book: Book, intent: OrderIntent, order: Order, reason: str) -> Progress:
    return _progress(book, intent, ended(order, OrderState.REJECTED, reason, order.at), ())


def _match(book: Book, intent: OrderIntent, order: Order, market: MarketNow, terms: Terms) -> Progress:
    touch = touch_quote(intent, market.quotes[intent.instrument])
    available = intent.quantity
    if intent.reduce_only:
        available = min(available, book.reducible(intent.instrument, intent.side))
    booked: tuple[Booked, ...] = ()
    if touch is not None:
        book, booked = _take(book, intent, touch, available, market, terms)
    for fill, _ in booked:
        order = with_fill(order, fill)
    order = _settled(order, intent, available, touch)
    if not order.state.is_final:
        triggered = touch is not None and intent.type is OrderType.STOP
        book = replace(book, working=(*book.working, WorkingOrder(intent, order, triggered)))
    return _progress(book, intent, order, booked)


def _take(
    book: Book, intent: OrderIntent, touch: Touch, available: Decimal, market: MarketNow, terms: Terms
) -> tuple[Book, tuple[Booked, ...]]:
    instrument, volume = market.instruments[intent.instrument], market.volumes.get(intent.instrument)
    quantity, rate = cut(available, terms.capacity(volume), instrument), market.rate(intent.instrument)
    if quantity == 0 or rate is None:
        return book, ()
    execution = execute(intent, touch, quantity, volume=volume, slippage=terms.slippage, instrument=instrument)
    book, booked = book_execution(book, intent, execution, at=market.at, fees=terms.fees, rate=rate)
    return book, (booked,)


def _settled(order: Order, intent: OrderIntent, available: Decimal, touch: Touch | None) -> Order:
    if order.state.is_final:
        return order
    if order.filled_quantity == available:
        return ended(order, OrderState.CANCELLED, CUT_TO_POSITION, order.at)
    if intent.time_in_force is TimeInForce.GTC:
        return order
    reason = "the price was not met" if touch is None else "not enough volume"
    return ended(order, OrderState.CANCELLED, reason, order.at)


def _progress(book: Book, intent: OrderIntent, order: Order, booked: tuple[Booked, ...]) -> Progress:
    return Progress(book, {intent.client_order_id: order}, {intent.client_order_id: intent}, booked)
