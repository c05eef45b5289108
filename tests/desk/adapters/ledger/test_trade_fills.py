"""What was filled while trades were open, under the numbers of those."""

from datetime import timedelta
from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from desk.model.instrument import Side
from desk.model.orders import OrderState, OrderType
from tests.builders import CLOSE
from tests.console.stories import RATES, traded, traded_often
from tests.desk.adapters.ledger.builders import fill


async def test_the_fills_of_a_trade_come_with_their_orders(ledger: Ledger) -> None:
    await traded(ledger)
    [one] = (await ledger.trade_fills("sample", [1]))[1]
    assert one.order is not None
    assert (one.order.type, one.order.state, one.order.quantity) == (OrderType.MARKET, OrderState.FILLED, 100)
    assert (one.fill.at, one.rate, one.fee_rate, one.opens) == (CLOSE + timedelta(seconds=2), 1, 1, True)


async def test_only_the_trades_that_are_asked_for_are_told(ledger: Ledger) -> None:
    await traded_often(ledger, ("90", "-40", "30"), account="first")
    await traded_often(ledger, ("10",), account="second")
    found = await ledger.trade_fills("first", [1, 3])
    assert {number: [one.fill.venue_trade_id for one in fills] for number, fills in found.items()} == {
        1: ["first-B0", "first-S0"],
        3: ["first-B2", "first-S2"],
    }
    assert await ledger.trade_fills("first", []) == await ledger.trade_fills("nobody", [1]) == {}


async def test_a_fill_without_an_order_of_ours_is_told(ledger: Ledger) -> None:
    await ledger.book_fills("sample", (fill("V1", order=""),), cursor="1", conversion=RATES, now=CLOSE)
    [one] = (await ledger.trade_fills("sample", [1]))[1]
    assert (one.order, one.rate, one.fill.client_order_id) == (None, 1, "")


async def test_a_fill_that_turns_a_position_is_of_both_trades(ledger: Ledger) -> None:
    fills = (fill("A"), fill("B", order="sd-2", side=Side.SELL, quantity="300", after=60))
    await ledger.book_fills("sample", fills, cursor="1", conversion=RATES, now=CLOSE)
    found = await ledger.trade_fills("sample", [1, 2])
    assert [[(one.fill.venue_trade_id, one.opens) for one in found[number]] for number in (1, 2)] == [
        [("A", True), ("B", True)],
        [("B", True)],
    ]
    assert found[2][0].fill.quantity == Decimal(300)
