"""The form for a new account offers all that there is, and says what it does not make."""

from dataclasses import dataclass
from pathlib import Path

from nicegui import ui
from nicegui.client import Client
from nicegui.elements.mixins.text_element import TextElement

from console.dashboard.founding import show_founding
from console.dashboard.visit import Visit
from desk.accounts import Fleet
from desk.adapters.configuration import read_fleet
from desk.model.access import Rights, Visitor
from desk.registry import strategies


@dataclass(frozen=True)
class Room:
    """As much of a room as the form asks."""

    home: Path

    @property
    def files(self) -> "Room":
        return self

    def current(self) -> Fleet:
        return read_fleet(self.home / "config")


async def test_every_policy_and_strategy_is_offered_and_no_live_account(home: Path):
    policies = home / "config" / "policy.yaml"
    policies.write_text(policies.read_text() + "  unused: {extends: balanced}\n")
    with Client(ui.page("")) as client:
        show_founding(Visit(Room(home), Visitor("ana", Rights.ADMIN, "digest")))
        offered = {one.props["label"]: one.options for one in client.elements.values() if isinstance(one, ui.select)}
        hints = {
            one.props["label"]: one.props["hint"] for one in client.elements.values() if isinstance(one, ui.select)
        }
        told = " ".join(one.text for one in client.elements.values() if isinstance(one, TextElement))
    assert offered["policy"] == ["", "balanced", "unused"]
    assert offered["strategies"] == ["", *sorted(strategies().discover())]
    assert offered["mode"] == ["", "paper", "dry_run"]
    assert hints["timeframe"].endswith("or M5."), "the usual timeframe of a strategy is not taken by itself"
    assert "No account for real money is made here: it needs a connection with keys" in told
