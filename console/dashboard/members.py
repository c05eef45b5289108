"""The buttons that clone and remove an account; each shows first what follows."""

from collections.abc import Callable

from nicegui import ui

from console.api.room import Room
from console.dashboard.agreeing import is_asking
from console.dashboard.deciding import Decision, ask_to_decide
from console.dashboard.parts import account_path, words
from console.dashboard.visit import Visit
from console.services.lifecycle import to_clone, to_remove
from desk.model.access import Rights, Visitor


class MemberSwitch:
    """The buttons of an account; without the right to change everything there are none."""

    def __init__(self, room: Room, visitor: Visitor, account: str) -> None:
        self._visit, self._account = Visit(room, visitor), account

    def show(self) -> None:
        """Put the buttons here."""
        if not self._visit.may(Rights.ADMIN):
            return
        with ui.element("div").classes("switch"):
            _button("Clone", self._ask_for_name)
            _button("Remove", self._ask_to_remove)

    async def _ask_to_remove(self) -> None:
        wanted = Decision(self._account, "Remove", lambda fleet: to_remove(fleet, self._account), _to_the_fleet)
        await ask_to_decide(self._visit, wanted)

    def _ask_for_name(self) -> None:
        if is_asking():
            return
        with ui.dialog() as dialog, ui.card().classes("confirm"):
            words("h2", f"Clone {self._account}")
            name = ui.input("New name", placeholder="Small letters, digits and -").props(
                "maxlength=100 autofocus outlined"
            )
            with ui.element("div").classes("choice"):
                ui.button("Cancel", on_click=dialog.close).props("flat no-caps")
                ui.button(
                    "Show the change", on_click=lambda: self._ask_to_clone(dialog, str(name.value or "").strip())
                ).props("no-caps unelevated")
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _ask_to_clone(self, dialog: ui.dialog, name: str) -> None:
        # The dialog is deleted while this goes on, and with it the place where the next one would come up.
        with ui.context.client:
            if not dialog.value:
                return
            dialog.close()
            await ask_to_decide(self._visit, cloning(self._account, name))


def cloning(account: str, name: str) -> Decision:
    """Return the decision that there is an account like another one; its page is shown afterwards."""

    async def afterwards() -> None:
        ui.navigate.to(account_path(name))

    return Decision(name, "Clone", lambda fleet: to_clone(fleet, account, name, {}), afterwards)


async def _to_the_fleet() -> None:
    ui.navigate.to("/")


def _button(name: str, on_click: Callable[[], object]) -> None:
    ui.button(name, on_click=on_click).props("outline no-caps")
