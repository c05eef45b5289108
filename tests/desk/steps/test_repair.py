"""Repairing the books: older orders are settled, those of this cycle are left to placing, fills are booked once."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.errors import VenueUnavailable
from desk.execution.placing import OrderDesk
from desk.model.orders import OrderState
from desk.ports import Lease, Message
from desk.steps.repair import repair_books, sync_fills
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import fill
from tests.desk.steps.fakes import FakeBooks, FakeTrading
from tests.fakes import FakeLog, order_of


def order_desk(trading) -> OrderDesk:
    return OrderDesk(trading, FakeLog(), Lease("sample", "run-1", 1))


async def repair(books, desk):
    for order in (*books.unresolved.values(), *books.planned.values()):
        desk.log.orders[order.client_order_id] = order
    return await repair_books("sample", CLOSE, desk=desk, books=books, now=CLOSE)


async def test_orders_of_earlier_cycles_are_settled_and_those_of_this_cycle_are_left_alone():
    trading, books = FakeTrading(), FakeBooks()
    await trading.submit(intent("arrived"))
    books.unresolved = {
        CLOSE - timedelta(minutes=10): order_of(intent("arrived"), OrderState.SENDING),
        CLOSE - timedelta(minutes=5): order_of(intent("vanished"), OrderState.UNKNOWN),
        CLOSE: order_of(intent("ours"), OrderState.SENDING),
    }
    desk = order_desk(trading)

    repairs = await repair(books, desk)

    assert [(order.client_order_id, order.state) for order in repairs.settled] == [
        ("arrived", OrderState.FILLED),
        ("vanished", OrderState.CANCELLED),
    ]
    assert desk.log.orders["ours"].state is OrderState.SENDING
    assert len(trading.accepted) == 1


async def test_orders_of_earlier_cycles_that_were_never_sent_are_given_up():
    trading, books = FakeTrading(), FakeBooks()
    books.planned = {CLOSE - timedelta(minutes=5): order_of(intent("unsent")), CLOSE: order_of(intent("ours"))}
    desk = order_desk(trading)

    repairs = await repair(books, desk)

    assert [(order.client_order_id, order.state) for order in repairs.settled] == [("unsent", OrderState.CANCELLED)]
    assert desk.log.orders["ours"].state is OrderState.PLANNED
    assert trading.accepted == []


async def test_an_order_stays_unresolved_while_the_venue_does_not_answer():
    trading, books = FakeTrading(), FakeBooks()
    trading.find_fails = VenueUnavailable("fake", "order by client id")
    books.unresolved = {CLOSE - timedelta(minutes=5): order_of(intent("lost"), OrderState.UNKNOWN)}
    desk = order_desk(trading)
    repairs = await repair(books, desk)
    assert [order.state for order in repairs.settled] == [OrderState.UNKNOWN]
    assert desk.log.orders["lost"].state is OrderState.UNKNOWN


async def test_a_second_repair_finds_nothing_to_do():
    trading, books = FakeTrading(), FakeBooks()
    trading.fills = (fill("T1"), fill("T2"))
    assert (await repair(books, order_desk(trading))).new_fills == 2
    assert (await repair(books, order_desk(trading))).new_fills == 0
    assert [booked.venue_trade_id for booked in books.booked] == ["T1", "T2"]


async def test_fills_are_asked_for_from_where_the_last_look_ended_and_booked_at_the_rates_of_the_venue():
    trading, books = FakeTrading(), FakeBooks()
    trading.money = replace(trading.money, conversion={"JPY": Decimal("0.0066")})
    trading.fills, trading.cursor, books.cursor = (fill(),), "c-8", "c-7"
    assert await sync_fills("sample", trading=trading, books=books, now=CLOSE) == 1
    assert trading.asked_since == ["c-7"]
    assert books.cursor == "c-8"
    assert books.conversions == [{"JPY": Decimal("0.0066"), "USD": Decimal(1)}]


async def test_without_new_fills_the_venue_is_not_asked_for_its_money():
    trading, books = FakeTrading(), FakeBooks()
    trading.failing = ("account", VenueUnavailable("fake", "account"))
    assert await sync_fills("sample", trading=trading, books=books, now=CLOSE) == 0
    assert books.conversions == [{}]
    assert books.cursor == trading.cursor


async def test_a_look_that_finds_nothing_and_moves_nowhere_writes_nothing():
    trading, books = FakeTrading(), FakeBooks()
    books.cursor = trading.cursor
    assert await sync_fills("sample", trading=trading, books=books, now=CLOSE) == 0
    assert books.conversions == []


async def test_a_fill_in_a_currency_without_a_rate_is_told_once_and_looked_at_until_there_is_one():
    trading, books, told = FakeTrading(), FakeBooks(), Told()
    trading.fills, books.without_rate = (replace(fill(), fee_currency="KCS"),), {"KCS"}

    async def sync() -> int:
        return await sync_fills("sample", trading=trading, books=books, now=CLOSE, notifier=told)

    assert [await sync(), await sync()] == [1, 0]
    (message,) = told.messages
    assert (message.title, message.severity) == ("sample: fills without a known value", "warning")
    assert "fill T1: buy 100 EUR/USD, fee 0.01 KCS" in message.body
    trading.fills = (*trading.fills, replace(fill("T2"), fee_currency="KCS"))
    await sync()
    assert [line.split(":")[0] for line in told.messages[1].body.splitlines()[1:]] == ["fill T2"]
    trading.fills, trading.money = (), replace(trading.money, conversion={"KCS": Decimal(9)})
    await sync()
    asked = len(books.conversions)
    await sync()
    assert len(books.conversions) == asked == 4


@pytest.mark.parametrize("read", ["fills_since", "account"])
async def test_nothing_is_booked_when_a_read_fails(read):
    trading, books = FakeTrading(), FakeBooks()
    trading.fills, trading.failing = (fill(),), (read, VenueUnavailable("fake", read))
    with pytest.raises(VenueUnavailable):
        await sync_fills("sample", trading=trading, books=books, now=CLOSE)
    assert books.booked == []
    assert books.cursor == ""


async def test_people_are_told_of_a_rejected_order_that_was_filled_when_its_fill_is_booked():
    trading, books, told = FakeTrading(), FakeBooks(), Told()
    trading.fills, books.contradicted = (fill(order="sd-1"),), (order_of(intent("sd-1"), OrderState.FILLED, "100"),)
    for _ in range(2):
        await sync_fills("sample", trading=trading, books=books, now=CLOSE, notifier=told)
    [message] = told.messages
    assert (message.title, message.severity) == ("sample: a rejected order was filled", "error")
    assert "desk resume account:sample" in message.body


async def test_people_are_told_of_an_order_of_which_more_was_filled_than_was_asked_for():
    trading, books, told = FakeTrading(), FakeBooks(), Told()
    trading.fills, books.contradicted = (fill(order="sd-1"),), (order_of(intent("sd-1"), OrderState.FILLED, "101"),)
    await sync_fills("sample", trading=trading, books=books, now=CLOSE, notifier=told)
    [message] = told.messages
    assert (message.title, message.severity) == ("sample: more was filled than ordered", "error")
    assert "executed 101 of order sd-1 (buy 100 EUR/USD)" in message.body


class Told:
    """A notifier that keeps what it was told."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)
