"""Which fills are whose, where trades of one instrument follow each other, and what a trade cost."""

from dataclasses import replace
from decimal import Decimal

import pytest

from console.services.freqtrade.orders import costs_of, orders_of, parts_of
from desk.adapters.ledger.numbered_trades import NumberedTrade
from desk.adapters.ledger.trade_fills import FilledOrder, TradeFill
from desk.model.instrument import Side
from desk.model.orders import Fill, FillReason, OrderState, OrderType
from desk.model.records import Trade
from tests.builders import CLOSE
from tests.desk.adapters.ledger.builders import fill

ONE = Decimal(1)


def found(one: Fill, *, opens: bool = False, order: FilledOrder | None = None, rate: Decimal | None = ONE) -> TradeFill:
    return TradeFill(one, rate, rate, order, opens)


def trade(opened: Fill, closed: Fill | None, *, entered: str = "100", left: str = "100") -> NumberedTrade:
    told = Trade(
        account="sample",
        instrument="EUR/USD",
        strategy="constant",
        side=opened.side,
        entry_order_id=opened.client_order_id,
        entry_candle_close=None,
        opened_by=opened.venue_trade_id,
        opened_at=opened.at,
        closed_at=closed.at if closed else None,
        entry_quantity=Decimal(entered),
        entry_notional=Decimal(entered),
        exit_quantity=Decimal(left),
        exit_notional=Decimal(left),
        realised_profit=Decimal(0),
        fees=Decimal(0),
        exit_reason="order",
    )
    return NumberedTrade(1, told, None, ONE)


def shares(numbered: NumberedTrade, *fills: TradeFill) -> list[tuple[str, Decimal]]:
    return [(one.found.fill.venue_trade_id, one.quantity) for one in parts_of(numbered, fills)]


BOUGHT, SOLD = fill("B", order="b"), fill("S", order="s", side=Side.SELL, after=60)


def test_a_fill_that_turns_a_position_is_shared():
    turned = fill("T", order="t", side=Side.SELL, quantity="300", after=60)
    before, after = trade(BOUGHT, turned), trade(turned, None, entered="200", left="0")
    assert shares(before, found(BOUGHT, opens=True), found(turned, opens=True)) == [("B", 100), ("T", 100)]
    assert shares(after, found(turned, opens=True)) == [("T", 200)]


def test_of_one_instant_what_opened_the_next_trade_is_not_taken_for_the_end_of_this_one():
    opened = fill("A", order="a", side=Side.SELL, after=60)
    both = (found(opened, opens=True), found(SOLD))
    assert shares(trade(BOUGHT, SOLD), found(BOUGHT, opens=True), *both) == [("B", 100), ("S", 100)]
    more = fill("M", order="m", side=Side.SELL, after=90)
    numbered = trade(opened, None, entered="200", left="0")
    assert shares(numbered, *both, found(more)) == [("A", 100), ("M", 100)]


def test_a_trade_whose_first_fill_is_not_there_has_no_parts():
    assert shares(trade(BOUGHT, SOLD), found(SOLD)) == []


def test_fills_of_one_order_are_one_order():
    asked = FilledOrder("V-1", OrderType.LIMIT, OrderState.PARTIAL, Decimal(150), Decimal("1.2"), CLOSE)
    first, second = fill("B", quantity="40", price="1"), fill("B2", quantity="60", price="1.5", after=5)
    numbered = trade(first, None, left="0")
    fills = (found(first, opens=True, order=asked), found(second, order=asked))
    [order] = orders_of(numbered, parts_of(numbered, fills))
    assert (order.order_id, order.status, order.is_open, order.order_type) == ("V-1", "open", True, "limit")
    assert (order.amount, order.filled, order.remaining, order.price) == (150, 100, 50, 1.2)
    assert (order.cost, order.safe_price) == (130, 1.3)
    assert order.order_filled_timestamp - order.order_timestamp == 5000


def test_what_a_stop_closed_is_told_as_a_stop():
    stopped = replace(SOLD, reason=FillReason.STOP, client_order_id="")
    numbered = trade(BOUGHT, stopped)
    [entry, end] = orders_of(numbered, parts_of(numbered, (found(BOUGHT, opens=True), found(stopped))))
    assert (entry.ft_order_side, entry.ft_is_entry, entry.ft_order_tag) == ("buy", True, "constant")
    assert (end.ft_order_side, end.order_id, end.status, end.ft_order_tag) == ("stoploss", "S", "closed", "stop")


def test_a_trade_costs_its_share_of_the_fees_and_what_holding_it_cost():
    charged = fill("C", quantity="0", fee="0.5", after=30, reason=FillReason.FUNDING)
    turned = fill("T", order="t", side=Side.SELL, quantity="400", price="2", fee="0.8", after=60)
    numbered = trade(BOUGHT, turned)
    parts = parts_of(numbered, (found(BOUGHT, opens=True), found(charged), found(turned, opens=True)))
    costs = costs_of(numbered, parts, "USD")
    assert (costs.fee_open_cost, costs.fee_open_currency, costs.funding_fees) == (0.01, "USD", -0.5)
    assert (costs.fee_close_cost, costs.fee_close) == (0.2, 0.001)
    assert costs.fee_open == pytest.approx(0.01 / 110)


def test_what_a_fee_was_worth_is_not_told_where_nobody_knows():
    numbered = trade(BOUGHT, None, left="0")
    costs = costs_of(numbered, parts_of(numbered, (found(BOUGHT, opens=True, rate=None),)), "USD")
    assert (costs.fee_open, costs.fee_open_cost, costs.fee_open_currency) == (None, None, None)
    free = replace(BOUGHT, fee=Decimal(0))
    none = costs_of(numbered, parts_of(numbered, (found(free, opens=True, rate=None),)), "USD")
    assert (none.fee_open_cost, none.fee_open_currency, none.fee_open) == (0, "USD", None)
