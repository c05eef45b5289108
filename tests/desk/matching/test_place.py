"""An order arrives: what is taken, what is refused and why."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.matching.book import Book
from desk.matching.fees import FeeSchedule
from desk.matching.place import cancel, place
from desk.matching.slippage import Slippage
from desk.matching.terms import Terms
from desk.matching.valuation import equity, exposure
from desk.model.instrument import Side
from desk.model.orders import Order, OrderState, OrderType, TimeInForce
from tests.desk.matching.markets import MINUTE, START, book, limits, market, order, rates

BUY, SELL = Side.BUY, Side.SELL
TERMS = Terms(max_leverage=Decimal(10))


def after(*intents: Any, terms: Terms = TERMS, **quoted: Any) -> tuple[Book, Order]:
    """Place orders one after the other at one quote; return the book and the last order."""
    held, placed = book(), None
    for number, intent in enumerate(intents):
        intent = replace(intent, client_order_id=f"o{number}")
        progress = place(held, intent, market(**quoted), terms)
        held, placed = progress.book, progress.orders[intent.client_order_id]
    assert placed is not None
    return held, placed


def test_a_market_order_fills_at_the_quote_with_slippage_and_fee() -> None:
    terms = replace(TERMS, slippage=Slippage(Decimal(1)), fees=FeeSchedule(Decimal(0), Decimal(10)))
    held, placed = after(order(BUY, 10), terms=terms, bid="100", ask="100.02")
    (fill,) = placed.fills
    assert (placed.state, placed.venue_order_id, fill.venue_trade_id) == (OrderState.FILLED, "P1", "T1")
    assert (fill.price, fill.fee, fill.fee_currency, fill.at) == (Decimal("100.04"), Decimal("1.0004"), "USD", START)
    assert held.cash == Decimal("99998.9996")
    assert held.held("XAU/USD") == 10


@pytest.mark.parametrize(
    ("intent", "quoted", "reason"),
    [
        (order(BUY, 10), {"tradable": False}, "market closed"),
        (order(BUY, 10), {"instrument": "USD/JPY"}, "no price"),
        (order(BUY, 10, instrument="USD/JPY"), {"instrument": "USD/JPY"}, "no conversion rate from JPY to USD"),
        (order(BUY, "1.5"), {}, "quantity 1.5 is not a positive multiple of the lot 1"),
        (order(BUY, 0), {}, "quantity 0 is not a positive multiple"),
        (order(BUY, 10, "99.999"), {}, "price 99.999 is not a positive multiple of the tick 0.01"),
        (order(BUY, 10, type=OrderType.LIMIT), {}, "price None is not"),
        (order(BUY, 10, "99", type=OrderType.MARKET), {}, "a market order has no price"),
        (order(BUY, "0.001", instrument="BTC/USD"), {"instrument": "BTC/USD"}, "is below the minimum 0.01"),
        (order(BUY, "0.01", instrument="BTC/USD"), {"instrument": "BTC/USD"}, "notional 1.00 is below the minimum 5"),
        (order(BUY, 10, barriers=limits(stop="100")), {}, "stop 100 is not on the losing side of 100"),
        (order(BUY, 10, barriers=limits(target="100")), {}, "target 100 is not on the winning side"),
        (order(SELL, 10, barriers=limits(stop="99")), {}, "stop 99 is not on the losing side"),
        (order(BUY, 10, "90", barriers=limits(stop="95")), {}, "stop 95 is not on the losing side of 90"),
        (order(BUY, 10, barriers=limits(trailing_distance="0")), {}, "trailing distance 0 is not above 0"),
        (order(SELL, 10, reduce_only=True), {}, "nothing to reduce"),
        (order(SELL, 1, instrument="BTC/USD"), {"instrument": "BTC/USD"}, "insufficient holdings: asked 1, free are 0"),
        (order(BUY, 10_001), {}, "insufficient funds: exposure would be 1000100.00 USD, allowed are 1000000.00"),
        (order(SELL, 10_001), {}, "insufficient funds"),
        (order(BUY, 10_001, "100"), {"bid": "101"}, "insufficient funds"),
        (order(BUY, 1001, instrument="BTC/USD"), {"instrument": "BTC/USD"}, "allowed are 100000.00"),
    ],
)
def test_a_refused_order_is_rejected_with_its_reason_and_changes_nothing(
    intent: Any, quoted: dict[str, Any], reason: str
) -> None:
    progress = place(book(), intent, market(**quoted), TERMS)
    placed = progress.orders["a"]
    assert placed.state is OrderState.REJECTED
    assert reason in placed.reason
    assert progress.booked == ()
    assert progress.book == replace(book(), order_count=1)


def test_the_largest_order_that_the_account_carries_is_taken() -> None:
    assert after(order(BUY, 10_000))[1].state is OrderState.FILLED
    assert after(order(BUY, 1000, instrument="BTC/USD"), instrument="BTC/USD")[1].state is OrderState.FILLED


def test_a_spot_purchase_leaves_room_for_its_fee() -> None:
    terms = replace(TERMS, fees=FeeSchedule(Decimal(10), Decimal(10)))
    bought = {
        quantity: after(order(BUY, quantity, instrument="BTC/USD"), terms=terms, instrument="BTC/USD")[1]
        for quantity in ("999", "1000")
    }
    assert [placed.state for placed in bought.values()] == [OrderState.FILLED, OrderState.REJECTED]


def test_working_orders_count_towards_the_exposure() -> None:
    held, second = after(order(BUY, 6000, "90"), order(BUY, 6000, "90"))
    assert second.state is OrderState.REJECTED
    assert exposure(held, market()) == 540_000


def test_of_working_orders_in_both_directions_the_larger_side_counts() -> None:
    held, _ = after(order(BUY, 6000, "90"), order(SELL, 6000, "110"))
    assert exposure(held, market()) == 660_000


def test_an_order_that_turns_a_position_into_a_smaller_one_is_taken_beyond_the_limit() -> None:
    held, _ = after(order(BUY, 9000))
    poor = replace(held, cash=Decimal(1000))
    turned = place(poor, order(SELL, 14_000, client_order_id="b"), market(), TERMS)
    assert turned.orders["b"].state is OrderState.FILLED
    grown = place(turned.book, order(SELL, 1, client_order_id="c"), market(), TERMS)
    assert "insufficient funds" in grown.orders["c"].reason


def test_a_turned_position_belongs_to_the_order_that_turned_it() -> None:
    held, _ = after(order(BUY, 10), order(SELL, 25))
    (turned,) = held.holdings.values()
    assert (turned.entry_id, turned.position.quantity, turned.best_price) == ("o1", -15, 100)
    late = place(held, order(SELL, 5, client_order_id="o2"), market("90"), TERMS).book.holdings["XAU/USD"]
    assert (late.entry_id, late.best_price) == ("o1", 100)


def test_an_order_that_reduces_is_taken_even_by_an_account_in_trouble() -> None:
    held, _ = after(order(BUY, 9000))
    poor = replace(held, cash=Decimal(1))
    closing = place(poor, order(SELL, 4000, client_order_id="b"), market("80"), TERMS)
    assert closing.orders["b"].state is OrderState.FILLED
    assert equity(closing.book, market("80")) < 0


def test_holdings_promised_to_a_working_order_are_not_sold_twice() -> None:
    coins = {"instrument": "BTC/USD"}
    _, sold = after(order(BUY, 2, **coins), order(SELL, 1, "120", **coins), order(SELL, 2, **coins), **coins)
    assert sold.reason == "insufficient holdings: asked 2, free are 1"


def test_reduce_only_is_cut_to_the_position() -> None:
    held, closing = after(order(BUY, 10), order(SELL, 25, reduce_only=True))
    assert (closing.state, closing.filled_quantity) == (OrderState.CANCELLED, 10)
    assert closing.reason == "cut to the position"
    assert held.positions == ()


@given(held=st.integers(-20, 20), side=st.sampled_from(Side), quantity=st.integers(1, 40), price=st.integers(95, 105))
def test_reduce_only_never_opens_grows_or_turns_a_position(held: int, side: Side, quantity: int, price: int) -> None:
    before = book()
    if held:
        before = place(before, order(BUY if held > 0 else SELL, abs(held)), market(), TERMS).book
    intent = order(side, quantity, str(price), reduce_only=True, client_order_id="b")
    later = place(before, intent, market(), TERMS).book.held("XAU/USD")
    assert 0 <= later * (1 if held > 0 else -1) <= abs(held)


def test_a_limit_that_is_not_met_works_or_is_cancelled_by_its_time_in_force() -> None:
    held, working = after(order(BUY, 10, "99"))
    assert (working.state, len(held.working)) == (OrderState.ACKED, 1)
    held, dropped = after(order(BUY, 10, "99", time_in_force=TimeInForce.IOC))
    assert (dropped.state, dropped.reason, held.working) == (OrderState.CANCELLED, "the price was not met", ())


def test_what_the_volume_does_not_cover_works_or_is_cancelled() -> None:
    terms = replace(TERMS, participation=Decimal("0.1"))
    _, cut = after(order(BUY, 10), terms=terms, volume="45")
    assert (cut.state, cut.filled_quantity, cut.reason) == (OrderState.CANCELLED, 4, "not enough volume")
    held, kept = after(order(BUY, 10, time_in_force=TimeInForce.GTC), terms=terms, volume="45")
    assert (kept.state, kept.filled_quantity, held.working[0].remaining) == (OrderState.PARTIAL, 4, 6)


def test_profit_and_fee_are_converted_to_the_account_currency() -> None:
    terms = replace(TERMS, fees=FeeSchedule(Decimal(0), Decimal(1)))
    quoted: dict[str, Any] = {"instrument": "USD/JPY", "rates": {"USD": Decimal(1), "JPY": Decimal("0.0066446")}}
    held, _ = after(order(BUY, 1000, instrument="USD/JPY"), terms=terms, bid="150", **quoted)
    closing = order(SELL, 1000, instrument="USD/JPY", client_order_id="b")
    progress = place(held, closing, market("150.5", **quoted), terms)
    (booked,) = progress.booked
    assert booked.realised_profit == Decimal("3.3223")
    assert (booked.fill.fee, booked.fill.fee_currency) == (Decimal("0.10000123"), "USD")
    assert progress.book.cash == Decimal(100_000) - Decimal("0.099669") + Decimal("3.3223") - Decimal("0.10000123")


def test_a_working_order_is_cancelled_once_and_other_orders_are_left_alone() -> None:
    held, _ = after(order(BUY, 10, "99"), order(BUY, 10, "98"))
    progress = cancel(held, "o0", START + MINUTE)
    assert progress.orders["o0"].state is OrderState.CANCELLED
    assert [working.intent.client_order_id for working in progress.book.working] == ["o1"]
    assert cancel(progress.book, "o0", START + MINUTE).orders == {}


def test_an_order_before_the_watermark_is_a_programming_error() -> None:
    with pytest.raises(AssertionError, match="before"):
        place(book(), order(), market(at=START - MINUTE), TERMS)


def test_a_rate_that_is_not_known_is_none() -> None:
    assert rates().rate("USD", START) == 1
    assert rates().rate("JPY", START) is None
