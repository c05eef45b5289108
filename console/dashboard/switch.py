"""The kill switch: halts the fleet, a group or an account after a reason and a second look, and lifts it again."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from console.api.room import Room
from console.dashboard.agreeing import is_asking, say_busy, say_refused
from console.dashboard.parts import words
from console.dashboard.visit import Visit
from console.naming import accounts_for
from console.services.states import StateInForce, StateOrder, StateRefused, orders_of, put_each
from desk.errors import DeskError
from desk.model.access import Rights, Visitor
from desk.model.books import TradingState
from desk.model.scopes import ALL

Refresh = Callable[[], Awaitable[None]]


class Switch:
    """Both buttons of what a word stands for; without the right to trade there are none."""

    def __init__(self, room: Room, visitor: Visitor, about: str, refresh: Refresh, *, of: str = "") -> None:
        """Prepare it.

        Args:
            room: of the desk.
            visitor: who looks.
            about: an account, a group, or all.
            refresh: called when something was ordered.
            of: what the buttons say that they are of, where others stand beside them.
        """
        self._visit, self._about, self._refresh = Visit(room, visitor), about, refresh
        self._of = f" {of}" if of else ""

    def show(self) -> None:
        """Put the buttons here."""
        if not self._visit.may(Rights.TRADE):
            return
        with ui.element("div").classes("switch"):
            halt = ui.button(f"Halt{self._of}", icon="front_hand", on_click=lambda: self._ask(TradingState.HALTED))
            halt.props("color=negative no-caps unelevated")
            ui.button(f"Resume{self._of}", on_click=lambda: self._ask(TradingState.ACTIVE)).props("outline no-caps")

    @property
    def _is_group(self) -> bool:
        return self._about != ALL and self._about in self._visit.room.files.current().groups

    @property
    def _name(self) -> str:
        if self._about == ALL:
            return "the fleet"
        return f"the group {self._about}" if self._is_group else self._about

    def _ask(self, state: TradingState) -> None:
        if is_asking():
            return
        is_halt = state is TradingState.HALTED
        with ui.dialog() as dialog, ui.card().classes("confirm"):
            words("h2", f"{'Halt' if is_halt else 'Resume'} {self._name}?")
            words("p", _HALTS if is_halt else _RESUMES)
            if self._is_group:
                covered = ", ".join(accounts_for(self._visit.room.files.current(), self._about))
                words("p", f"{_EACH}: {covered}.")
            why = ui.input("Reason", placeholder="For whoever finds it so").props("maxlength=300 autofocus outlined")
            with ui.element("div").classes("choice"):
                ui.button("Cancel", on_click=dialog.close).props("flat no-caps")
                ui.button(
                    "Halt" if is_halt else "Resume", on_click=lambda: self._put(dialog, state, str(why.value))
                ).props(f"{'color=negative' if is_halt else ''} no-caps unelevated")
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _put(self, dialog: ui.dialog, state: TradingState, why: str) -> None:
        if not why.strip():
            ui.notify("A reason is kept in the audit; say one.", type="warning")
            return
        if not dialog.value:
            return
        # The dialog is deleted while this goes on, and with it the place where messages would come up.
        with ui.context.client:
            dialog.close()
            say_busy("The order is written …")
            visitor = await self._visit.still_may(Rights.TRADE)
            if visitor is None:
                return
            room, wanted = self._visit.room, StateOrder(f"@{self._about}", state, visitor.name, why)
            try:
                orders = orders_of(wanted, room.files.current)
            except DeskError as error:
                say_refused(error)
                return
            for ended in await put_each(room.ledger, orders, room.files.current):
                _say(ended)
            await self._refresh()


def _say(ended: StateInForce | StateRefused) -> None:
    if isinstance(ended, StateRefused):
        say_refused(ended.error, ended.order.scope)
    else:
        ui.notify("\n".join((f"{ended.scope}: {ended.state}", *ended.stricter)), type="positive", multi_line=True)


_HALTS = "No order that opens a position leaves from this moment on. What cancels, protects or closes goes on."
_EACH = "Each of its accounts for itself, and none that joins it later"
_RESUMES = "What was ordered for this scope is lifted. Stricter orders for more than it stay."
