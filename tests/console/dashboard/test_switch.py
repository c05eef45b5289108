"""The kill switch says what came of it, however long the ledger takes; without a browser."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from nicegui import ui
from nicegui.client import Client

from console.dashboard.switch import Switch
from desk.errors import LedgerError
from desk.model.access import Rights, Visitor
from desk.model.books import Restriction, TradingState

ANA = Visitor("ana", Rights.TRADE, "digest")


@dataclass
class Room:
    """As much of a room as the switch asks; `act` is what happens while an order is written."""

    act: Callable[[], None]
    problem: str = ""

    @property
    def ledger(self) -> "Room":
        return self

    @property
    def files(self) -> "Room":
        return self

    def current(self) -> None:
        raise AssertionError("an order for the fleet has no name to look up")

    async def visitor_with_session(self, _digest: str) -> Visitor | None:
        return ANA

    async def set_trading_state(self, *_order: object, **_more: object) -> datetime | None:
        self.act()
        if self.problem:
            raise LedgerError(self.problem)
        return None

    async def restrictions_in_force(self) -> tuple[Restriction, ...]:
        return ()


def messages(client: Client) -> list[str]:
    told = (data for _, kind, data in client.outbox.messages if kind == "notify")
    return [str(data["message"]) for data in told]


async def press(room: Room, dialog: ui.dialog) -> None:
    """Do what a click on a button of the dialog does."""

    async def refresh() -> None:
        pass

    with dialog:
        place = ui.element().default_slot
    with place:
        await Switch(room, ANA, "fleet", refresh)._put(dialog, TradingState.HALTED, "odd prices")


@pytest.mark.parametrize(
    ("problem", "told"), [("", "fleet: halted"), ("database is locked", "Nothing was changed: database is locked")]
)
async def test_what_came_of_an_order_is_said_after_its_dialog_has_gone(problem: str, told: str):
    with Client(ui.page("")) as client:
        dialog = ui.dialog(value=True)

        def go() -> None:
            dialog.clear()
            dialog.delete()
            gc.collect()

        await press(Room(go, problem), dialog)
        assert messages(client) == ["The order is written …", told]


async def test_a_second_click_orders_nothing():
    orders: list[str] = []
    with Client(ui.page("")):
        dialog = ui.dialog(value=True)
        room = Room(lambda: orders.append("halt"))
        await press(room, dialog)
        await press(room, dialog)
    assert orders == ["halt"]
