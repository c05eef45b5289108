"""The books: every fill booked once, and the same books whatever the order in which fills arrive."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.errors import LedgerError
from desk.execution.folding import Entry, Standing, fold
from desk.matching.money import EXACT
from desk.model.books import TradingState
from desk.model.instrument import Side
from desk.model.orders import Fill, FillReason, OrderState
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, answer, fill

BUY, SELL = Side.BUY, Side.SELL
ROUND_TRIP = (
    fill("T1", quantity="60", price="1.1", after=1),
    fill("T2", quantity="40", price="1.2", after=2),
    fill("T10", order="sd-1-stop", side=SELL, quantity="30", price="1.3", after=3, reason=FillReason.STOP),
    fill("T11", order="sd-1-stop", side=SELL, quantity="90", price="1.0", after=4, reason=FillReason.STOP),
)


async def book(ledger: Ledger, *fills: Fill, cursor: str = "") -> int:
    return await ledger.book_fills("sample", fills, cursor=cursor, conversion=CONVERSION, now=CLOSE)


async def books(ledger: Ledger) -> tuple[object, ...]:
    return await ledger.positions("sample"), await ledger.trades("sample"), await ledger.fills("sample")


async def test_a_fill_opens_a_position_and_a_trade_of_its_order(ledger: Ledger) -> None:
    await ledger.store_intents([intent()])
    assert await book(ledger, ROUND_TRIP[0]) == 1
    (position,), (trade,) = await ledger.positions("sample"), await ledger.trades("sample")
    assert (position.quantity, position.cost, position.strategy) == (Decimal(60), Decimal(66), "constant")
    assert (trade.strategy, trade.entry_order_id, trade.entry_candle_close) == ("constant", "sd-1", CLOSE)
    assert (trade.entry_price, trade.exit_price, trade.closed_at) == (Decimal("1.1"), None, None)


async def test_a_round_trip_is_closed_and_what_turns_the_position_opens_the_next(ledger: Ledger) -> None:
    await book(ledger, *ROUND_TRIP)
    (position,) = await ledger.positions("sample")
    closed, opened = await ledger.trades("sample")
    assert (position.quantity, position.cost) == (Decimal(-20), Decimal(-20))
    assert (closed.entry_quantity, closed.exit_quantity, closed.exit_reason) == (Decimal(100), Decimal(100), "stop")
    assert closed.realised_profit == 30 * Decimal("1.3") + 70 - 66 - 48
    assert (closed.opened_by, closed.closed_at) == ("T1", CLOSE + timedelta(seconds=4))
    assert (opened.opened_by, opened.side, opened.entry_quantity, opened.exit_reason) == ("T11", SELL, Decimal(20), "")
    assert closed.fees + opened.fees == Decimal("0.04")


async def test_a_flat_account_has_no_position(ledger: Ledger) -> None:
    await book(ledger, fill("T1"), fill("T2", side=SELL, after=1))
    assert await ledger.positions("sample") == ()


@pytest.mark.parametrize("order", list(permutations(range(4)))[1::5])
async def test_books_do_not_depend_on_the_order_of_arrival(
    ledger: Ledger, database: Database, order: tuple[int, ...]
) -> None:
    await book(ledger, *ROUND_TRIP)
    expected, digest = await books(ledger), await ledger.digest(["sample"])
    shuffled = [ROUND_TRIP[place] for place in order]
    for arrived in shuffled:
        await ledger.book_fills("late", (arrived, arrived), cursor="", conversion=CONVERSION, now=CLOSE)
    found = await ledger.positions("late"), await ledger.trades("late"), await ledger.fills("late")
    trades = tuple(replace(trade, account="sample") for trade in found[1])
    assert (found[0], trades, found[2]) == expected
    assert await ledger.digest(["sample"]) == digest


async def test_a_fill_is_booked_once_however_it_arrives(ledger: Ledger) -> None:
    await ledger.store_intents([intent()])
    await ledger.record_order("sample", answer(intent(), OrderState.FILLED, fill()))
    assert [await book(ledger, fill()), await book(ledger, fill(), fill())] == [1, 0]
    (position,) = await ledger.positions("sample")
    assert position.quantity == Decimal(100)


async def test_fills_that_came_with_an_order_are_booked_with_the_next(ledger: Ledger) -> None:
    await ledger.store_intents([intent()])
    await ledger.record_order("sample", answer(intent(), OrderState.FILLED, fill()))
    assert await ledger.positions("sample") == ()
    assert await book(ledger) == 1
    assert len(await ledger.positions("sample")) == 1


async def test_accounts_are_apart(ledger: Ledger) -> None:
    await book(ledger, fill())
    assert await ledger.positions("other") == ()
    assert await ledger.recent_fills("other", CLOSE) == ()


async def test_a_fill_that_contradicts_its_first_version_is_refused(ledger: Ledger) -> None:
    await book(ledger, fill())
    with pytest.raises(LedgerError, match=r"fill T1: expected .* as stored before"):
        await book(ledger, fill(quantity="99"))


async def test_a_fill_without_a_rate_is_booked_and_profit_and_fees_leave_it_out(ledger: Ledger) -> None:
    fills = (fill("T1", instrument="USD/CHF"), fill("T2", instrument="USD/CHF", side=SELL, price="1.2", after=1))
    paid = replace(fill("T3", after=2), fee_currency="ASTER")
    assert await book(ledger, *fills, paid, cursor="2") == 3
    closed, opened = await ledger.trades("sample")
    assert (closed.realised_profit, closed.fees, opened.fees) == (Decimal(0), Decimal("0.02"), Decimal(0))
    assert [position.instrument for position in await ledger.positions("sample")] == ["EUR/USD"]
    assert await ledger.unconverted_fills("sample") == (*fills, paid)
    assert await ledger.fill_cursor("sample") == "2"


async def test_what_was_booked_without_a_rate_is_as_if_it_had_one_once_there_is_one(ledger: Ledger) -> None:
    foreign = [replace(one, instrument="USD/CHF", fee_currency="KCS") for one in ROUND_TRIP]
    rates = {"CHF": Decimal("1.1"), "KCS": Decimal(9), "USD": Decimal(1)}
    await ledger.book_fills("sample", tuple(foreign), cursor="", conversion=rates, now=CLOSE)
    expected = await books(ledger)
    await ledger.book_fills("late", tuple(foreign[:1]), cursor="", conversion=CONVERSION, now=CLOSE)
    await ledger.book_fills("late", tuple(foreign[1:2]), cursor="", conversion={"CHF": rates["CHF"]}, now=CLOSE)
    await ledger.book_fills("late", (), cursor="", conversion={"KCS": rates["KCS"]}, now=CLOSE)
    assert await ledger.unconverted_fills("late") == ()
    await ledger.book_fills("late", tuple(foreign[2:]), cursor="", conversion=rates, now=CLOSE)
    found = await ledger.positions("late"), await ledger.trades("late"), await ledger.fills("late")
    assert (found[0], tuple(replace(one, account="sample") for one in found[1]), found[2]) == expected
    assert await ledger.unconverted_fills("late") == ()
    await ledger.book_fills("late", (), cursor="", conversion={"CHF": Decimal(2), "KCS": Decimal(1)}, now=CLOSE)
    assert (await ledger.trades("late"))[0].realised_profit == expected[1][0].realised_profit


async def test_no_fee_needs_no_rate(ledger: Ledger) -> None:
    await book(ledger, replace(fill(fee="0"), fee_currency="ASTER"))
    assert await ledger.unconverted_fills("sample") == ()


async def test_without_any_rate_fills_are_kept_for_later(ledger: Ledger) -> None:
    await ledger.book_fills("sample", (fill(),), cursor="1", conversion={}, now=CLOSE)
    assert await ledger.positions("sample") == ()
    assert await book(ledger, cursor="1") == 1


async def test_the_instruments_that_an_account_is_concerned_with_are_remembered(ledger: Ledger) -> None:
    await ledger.store_intents([intent(), replace(intent("sd-2"), instrument="XAU/USD")])
    await ledger.record_outcome("sd-2", OrderState.CANCELLED, detail="given up")
    await book(ledger, fill(order="by hand", instrument="USD/JPY"))
    assert await ledger.recall_traded("sample", CLOSE) == {"EUR/USD", "XAU/USD", "USD/JPY"}
    assert await ledger.recall_traded("sample", CLOSE + timedelta(seconds=1)) == {"EUR/USD", "USD/JPY"}
    assert await ledger.recall_traded("other", CLOSE) == frozenset()


async def test_when_the_dealings_in_an_instrument_ended_is_remembered_unless_they_go_on(ledger: Ledger) -> None:
    names = {"sd-1": "EUR/USD", "sd-2": "XAU/USD", "sd-3": "GBP/USD"}
    await ledger.store_intents([replace(intent(name), instrument=told) for name, told in names.items()])
    for name in ("sd-2", "sd-3"):
        await ledger.record_outcome(name, OrderState.CANCELLED, detail="given up")
    closed = fill("T2", order="by hand", instrument="GBP/USD", side=SELL, after=7)
    held = fill("T3", order="by hand", instrument="USD/JPY")
    await book(ledger, fill("T1", order="by hand", instrument="GBP/USD"), closed, held)
    told = {"EUR/USD": None, "USD/JPY": None, "XAU/USD": CLOSE, "GBP/USD": closed.at}
    assert await ledger.recall_dealings("sample", CLOSE) == told
    told.pop("XAU/USD")
    assert await ledger.recall_dealings("sample", closed.at) == told
    assert await ledger.recall_dealings("other", CLOSE) == {}


async def test_the_cursor_moves_with_the_fills(ledger: Ledger) -> None:
    assert await ledger.fill_cursor("sample") == ""
    await book(ledger, fill(), cursor="17")
    assert await ledger.fill_cursor("sample") == "17"


async def test_profit_and_fees_are_in_the_currency_of_the_account(ledger: Ledger) -> None:
    yen = [
        fill("T1", instrument="USD/JPY", price="150", fee="0"),
        replace(fill("T2", instrument="USD/JPY", price="151", side=SELL, after=1), fee=Decimal(10), fee_currency="JPY"),
    ]
    await book(ledger, *yen)
    (trade,) = await ledger.trades("sample")
    assert (trade.realised_profit, trade.fees) == (Decimal("0.66"), Decimal("0.066"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OrderState.SENDING, OrderState.FILLED),
        (OrderState.UNKNOWN, OrderState.FILLED),
        (OrderState.ACKED, OrderState.FILLED),
        (OrderState.CANCELLED, OrderState.FILLED),
    ],
)
async def test_an_order_follows_its_fills(ledger: Ledger, before: OrderState, after: OrderState) -> None:
    await _order_in(ledger, before)
    await book(ledger, fill(quantity="100"))
    (order,) = await ledger.orders("sample")
    assert (order.state, order.filled_quantity) == (after, Decimal(100))


async def test_a_part_fill_of_a_cancelled_order_leaves_it_cancelled(ledger: Ledger) -> None:
    await _order_in(ledger, OrderState.CANCELLED)
    await book(ledger, fill(quantity="40"))
    (order,) = await ledger.orders("sample")
    assert (order.state, order.filled_quantity) == (OrderState.CANCELLED, Decimal(40))


@pytest.mark.parametrize(("quantity", "after"), [("100", OrderState.FILLED), ("40", OrderState.REJECTED)])
async def test_a_fill_of_a_rejected_order_is_booked_and_halts_the_account(
    ledger: Ledger, quantity: str, after: OrderState
) -> None:
    await _order_in(ledger, OrderState.REJECTED)
    assert await book(ledger, fill(quantity=quantity)) == 1
    (order,) = await ledger.orders("sample")
    assert (order.state, order.filled_quantity) == (after, Decimal(quantity))
    assert [position.quantity for position in await ledger.positions("sample")] == [Decimal(quantity)]
    (restriction,) = await ledger.restrictions("sample", "oanda")
    assert restriction.state is TradingState.HALTED
    assert restriction.why == f"order sd-1 was rejected by the venue, and {quantity} were executed all the same"


async def test_an_order_that_the_venue_rejected_and_filled_is_named(ledger: Ledger) -> None:
    await _order_in(ledger, OrderState.REJECTED)
    assert await ledger.contradicted_orders("sample", {"sd-1"}) == ()
    await book(ledger, fill())
    assert [order.client_order_id for order in await ledger.contradicted_orders("sample", {"sd-1"})] == ["sd-1"]
    assert await ledger.contradicted_orders("other", {"sd-1"}) == ()
    assert await ledger.contradicted_orders("sample", {"sd-2"}) == ()


async def test_an_order_of_which_more_was_filled_than_asked_for_is_named(ledger: Ledger) -> None:
    await _order_in(ledger, OrderState.ACKED)
    await book(ledger, fill(quantity="100"))
    assert await ledger.contradicted_orders("sample", {"sd-1"}) == ()
    await book(ledger, fill("T2", quantity="1"))
    assert [order.client_order_id for order in await ledger.contradicted_orders("sample", {"sd-1"})] == ["sd-1"]


async def test_recent_fills_are_oldest_first(ledger: Ledger) -> None:
    await book(ledger, *reversed(ROUND_TRIP))
    assert await ledger.recent_fills("sample", CLOSE + timedelta(seconds=2)) == ROUND_TRIP[1:]


async def test_without_history_there_is_no_day_start(ledger: Ledger) -> None:
    assert await ledger.day_start_and_peak("sample", CLOSE) is None


async def test_the_day_starts_with_what_was_known_at_midnight(ledger: Ledger) -> None:
    midnight = CLOSE.replace(hour=0)
    for hours, equity in ((-30, "90"), (-1, "110"), (1, "99"), (2, "105")):
        await ledger.record_equity("sample", midnight + timedelta(hours=hours), Decimal(equity), Decimal(equity))
    start_and_peak = [
        await ledger.day_start_and_peak("sample", midnight + timedelta(hours=hours))
        for hours in (-31, -30, -1, 1, 3, 48)
    ]
    assert start_and_peak == [
        None,
        (Decimal(90), Decimal(90)),
        (Decimal(90), Decimal(110)),
        (Decimal(110), Decimal(110)),
        (Decimal(110), Decimal(110)),
        (Decimal(105), Decimal(110)),
    ]


async def test_the_first_day_starts_with_its_first_equity(ledger: Ledger) -> None:
    for minutes, equity in ((0, "100"), (5, "120"), (10, "80")):
        await ledger.record_equity("sample", CLOSE + timedelta(minutes=minutes), Decimal(equity), Decimal(0))
    assert await ledger.day_start_and_peak("sample", CLOSE + timedelta(hours=1)) == (Decimal(100), Decimal(120))


async def test_equity_recorded_again_or_for_the_past_keeps_the_peaks_right(ledger: Ledger) -> None:
    for minutes, equity in ((10, "100"), (10, "95"), (20, "97"), (0, "98")):
        await ledger.record_equity("sample", CLOSE + timedelta(minutes=minutes), Decimal(equity), Decimal(equity))
    curve = await ledger.equity_curve("sample")
    assert [point.equity for point in curve] == [Decimal(98), Decimal(95), Decimal(97)]
    assert await ledger.day_start_and_peak("sample", CLOSE + timedelta(hours=1)) == (Decimal(98), Decimal(98))


@given(
    st.lists(
        st.tuples(st.sampled_from(Side), st.integers(1, 50), st.integers(1, 999), st.integers(0, 3)),
        min_size=1,
        max_size=12,
    )
)
def test_profits_of_trades_less_fees_are_the_money_that_moved(steps: list[tuple[Side, int, int, int]]) -> None:
    standing, money, rate = Standing(), Decimal(0), Decimal("1.0625")
    for number, (side, quantity, cents, fee) in enumerate(steps):
        done = fill(
            f"T{number}",
            side=side,
            quantity=str(quantity),
            price=str(Decimal(cents) / 100),
            fee=str(Decimal(fee) / 7),
            after=number,
        )
        standing = fold(standing, Entry("sample", done, rate=Decimal(1), fee_rate=rate))
        with localcontext(EXACT):
            money -= done.quantity * done.price * side.sign
    assert (standing.position is None) == (standing.trade is None)
    trades = [*standing.closed, *([standing.trade] if standing.trade else [])]
    with localcontext(EXACT):
        cost = standing.position.cost if standing.position else Decimal(0)
        assert sum((trade.realised_profit for trade in trades), Decimal(0)) - cost == money
        held = sum(((trade.entry_quantity - trade.exit_quantity) * trade.side.sign for trade in trades), Decimal(0))
    assert held == (standing.position.quantity if standing.position else 0)
    assert all(trade.entry_quantity == trade.exit_quantity for trade in standing.closed)


async def _order_in(ledger: Ledger, state: OrderState) -> None:
    await ledger.store_intents([intent()])
    lease = await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
    assert lease is not None
    assert await ledger.start_sending("sd-1", lease)
    if state in (OrderState.UNKNOWN, OrderState.REJECTED):
        await ledger.record_outcome("sd-1", state, detail="")
    elif state is not OrderState.SENDING:
        await ledger.record_order("sample", answer(intent(), state))


def test_a_fill_of_nothing_changes_nothing() -> None:
    standing = fold(Standing(), Entry("sample", fill("T1"), rate=Decimal(1), fee_rate=Decimal(1)))
    nothing = Entry("sample", fill("T2", quantity="0", fee="1"), rate=Decimal(1), fee_rate=Decimal(1))
    assert fold(standing, nothing) == standing
    assert fold(Standing(), nothing) == Standing()
