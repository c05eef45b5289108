"""What an order meets at a quote and inside a candle."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.matching.fees import Liquidity
from desk.matching.fills import Touch, cut, execute, touch_bar, touch_quote
from desk.matching.slippage import Slippage
from desk.model.books import Quote
from desk.model.instrument import Side
from desk.model.orders import OrderIntent, OrderType
from tests.desk.matching.markets import COIN, GOLD, START, bar, order

ROW = (100.0, 104.0, 97.0, 102.0)
BUY, SELL = Side.BUY, Side.SELL


def asked(kind: OrderType, side: Side, price: str | None) -> OrderIntent:
    return order(side, 10, price, type=kind)


@pytest.mark.parametrize(
    ("kind", "side", "price", "expected"),
    [
        (OrderType.MARKET, BUY, None, "100.02"),
        (OrderType.MARKET, SELL, None, "100"),
        (OrderType.LIMIT, BUY, "100.02", "100.02"),
        (OrderType.LIMIT, BUY, "105", "100.02"),
        (OrderType.LIMIT, BUY, "100.01", None),
        (OrderType.LIMIT, SELL, "100", "100"),
        (OrderType.LIMIT, SELL, "100.01", None),
        (OrderType.STOP, BUY, "100.02", "100.02"),
        (OrderType.STOP, BUY, "100.03", None),
        (OrderType.STOP, SELL, "100", "100"),
        (OrderType.STOP, SELL, "99.99", None),
    ],
)
def test_an_arriving_order_meets_the_quote_or_waits(
    kind: OrderType, side: Side, price: str | None, expected: str | None
) -> None:
    touch = touch_quote(asked(kind, side, price), Quote("XAU/USD", Decimal(100), Decimal("100.02"), START))
    assert touch == (None if expected is None else Touch(Decimal(expected), Liquidity.TAKER, at_open=True))


@pytest.mark.parametrize(
    ("kind", "side", "price", "expected"),
    [
        (OrderType.LIMIT, BUY, "98", ("98", Liquidity.MAKER, False)),
        (OrderType.LIMIT, BUY, "97", ("97", Liquidity.MAKER, False)),
        (OrderType.LIMIT, BUY, "96.99", None),
        (OrderType.LIMIT, BUY, "101", ("100", Liquidity.MAKER, True)),
        (OrderType.LIMIT, SELL, "104", ("104", Liquidity.MAKER, False)),
        (OrderType.LIMIT, SELL, "104.01", None),
        (OrderType.LIMIT, SELL, "99", ("100", Liquidity.MAKER, True)),
        (OrderType.STOP, BUY, "103", ("103", Liquidity.TAKER, False)),
        (OrderType.STOP, BUY, "99", ("100", Liquidity.TAKER, True)),
        (OrderType.STOP, BUY, "104.01", None),
        (OrderType.STOP, SELL, "97", ("97", Liquidity.TAKER, False)),
        (OrderType.STOP, SELL, "101", ("100", Liquidity.TAKER, True)),
        (OrderType.STOP, SELL, "96.99", None),
        (OrderType.MARKET, BUY, None, ("100", Liquidity.TAKER, True)),
    ],
)
def test_a_working_order_meets_its_price_or_a_better_known_open(
    kind: OrderType, side: Side, price: str | None, expected: tuple[str, Liquidity, bool] | None
) -> None:
    touch = touch_bar(asked(kind, side, price), bar(ROW))
    assert touch == (None if expected is None else Touch(Decimal(expected[0]), expected[1], expected[2]))


def test_buys_meet_the_ask_and_sells_the_bid_of_a_candle() -> None:
    wide = bar(ROW, spread=1.0)
    assert touch_bar(asked(OrderType.LIMIT, BUY, "97.5"), wide) is None
    assert touch_bar(asked(OrderType.LIMIT, BUY, "98"), wide) is not None
    assert touch_bar(asked(OrderType.LIMIT, SELL, "104.5"), wide) is None


def test_a_triggered_stop_is_a_market_order() -> None:
    touch = touch_bar(asked(OrderType.STOP, BUY, "110"), bar(ROW), triggered=True)
    assert touch == Touch(Decimal(100), Liquidity.TAKER, at_open=True)


@given(
    side=st.sampled_from(Side),
    kind=st.sampled_from(OrderType),
    price=st.decimals("90", "110", places=2),
    bid=st.decimals("90", "110", places=2),
    bps=st.integers(0, 300),
)
def test_a_taker_never_does_better_than_the_quote_and_a_limit_is_never_passed(
    side: Side, kind: OrderType, price: Decimal, bid: Decimal, bps: int
) -> None:
    intent = asked(kind, side, None if kind is OrderType.MARKET else str(price))
    quote = Quote("XAU/USD", bid, bid + Decimal("0.03"), START)
    touch = touch_quote(intent, quote)
    if touch is None:
        return
    done = execute(intent, touch, Decimal(5), volume=None, slippage=Slippage(Decimal(bps)), instrument=GOLD)
    assert (done.price - quote.price_for(side)) * side.sign >= 0
    if kind is OrderType.LIMIT:
        assert (done.price - price) * side.sign <= 0


def test_a_maker_pays_its_price_without_slippage() -> None:
    touch = Touch(Decimal(98), Liquidity.MAKER, at_open=False)
    intent = asked(OrderType.LIMIT, BUY, "98")
    done = execute(intent, touch, Decimal(5), volume=None, slippage=Slippage(Decimal(100)), instrument=GOLD)
    assert done.price == 98


@pytest.mark.parametrize(("room", "expected"), [(None, "1.5"), ("2", "1.5"), ("0.7777", "0.777"), ("0.0001", "0")])
def test_a_quantity_is_cut_to_the_room_and_rounded_down_to_the_lot(room: str | None, expected: str) -> None:
    assert cut(Decimal("1.5"), None if room is None else Decimal(room), COIN) == Decimal(expected)
