"""The kill switch says what came of it, however long the ledger takes; without a browser."""

import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from nicegui import ui
from nicegui.client import Client
from nicegui.elements.mixins.text_element import TextElement

from console.dashboard.switch import Switch
from desk.accounts import Fleet
from desk.adapters.configuration import read_fleet
from desk.errors import LedgerError
from desk.model.access import Rights, Visitor
from desk.model.books import Restriction, TradingState
from desk.model.scopes import ALL

UNKNOWN = "It is not known what was done; look before you order it again: database is locked"
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


async def refresh() -> None:
    pass


async def press(room: Room, dialog: ui.dialog, about: str = ALL) -> None:
    """Do what a click on a button of the dialog does."""
    with dialog:
        place = ui.element().default_slot
    with place:
        await Switch(room, ANA, about, refresh)._put(dialog, TradingState.HALTED, "odd prices")


@pytest.mark.parametrize(("problem", "told"), [("", "fleet: halted"), ("database is locked", f"fleet: {UNKNOWN}")])
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


@dataclass
class Grouped(Room):
    """A room whose configuration has the group `majors`; the first order of all is refused."""

    home: Path = Path()
    ordered: list[str] = field(default_factory=list)

    def current(self) -> Fleet:
        return read_fleet(self.home / "config")

    async def set_trading_state(self, scope: str, *_order: object, **_more: object) -> datetime | None:
        self.ordered.append(scope)
        if len(self.ordered) == 1:
            raise LedgerError("database is locked")
        return None


async def test_a_group_is_halted_account_by_account_and_none_waits_for_another(grouped: Path):
    room = Grouped(lambda: None, home=grouped)
    with Client(ui.page("")) as client:
        await press(room, ui.dialog(value=True), "majors")
        assert room.ordered == ["account:sample", "account:resting"]
        assert messages(client)[1:] == [f"account:sample: {UNKNOWN}", "account:resting: halted"]


async def test_the_buttons_of_a_group_say_what_they_cover(grouped: Path):
    with Client(ui.page("")) as client:
        switch = Switch(Grouped(lambda: None, home=grouped), ANA, "majors", refresh, of="group")
        switch.show()
        assert {one.text for one in client.elements.values() if isinstance(one, ui.button)} == {
            "Halt group",
            "Resume group",
        }
        switch._ask(TradingState.HALTED)
        told = {one.text for one in client.elements.values() if isinstance(one, TextElement)}
    assert "Halt the group majors?" in told
    assert "Each of its accounts for itself, and none that joins it later: sample, resting." in told
