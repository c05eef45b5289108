"""The kill switch: halts the fleet or an account after a reason and a second look, and lifts the halt again."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from console.api.room import Room
from console.dashboard.agreeing import is_asking, say_busy, say_refused
from console.dashboard.parts import words
from console.dashboard.visit import Visit
from console.services.states import StateOrder, put_state
from desk.errors import DeskError
from desk.model.access import Rights, Visitor
from desk.model.books import TradingState

Refresh = Callable[[], Awaitable[None]]


class Switch:
    """Both buttons of a scope; without the right to trade there are none."""

    def __init__(self, room: Room, visitor: Visitor, scope: str, refresh: Refresh) -> None:
        self._visit, self._scope, self._refresh = Visit(room, visitor), scope, refresh

    def show(self) -> None:
        """Put the buttons here."""
        if not self._visit.may(Rights.TRADE):
            return
        with ui.element("div").classes("switch"):
            halt = ui.button("Halt", icon="front_hand", on_click=lambda: self._ask(TradingState.HALTED))
            halt.props("color=negative no-caps unelevated")
            ui.button("Resume", on_click=lambda: self._ask(TradingState.ACTIVE)).props("outline no-caps")

    @property
    def _name(self) -> str:
        return "the fleet" if self._scope == "fleet" else self._scope.partition(":")[2]

    def _ask(self, state: TradingState) -> None:
        if is_asking():
            return
        is_halt = state is TradingState.HALTED
        with ui.dialog() as dialog, ui.card().classes("confirm"):
            words("h2", f"{'Halt' if is_halt else 'Resume'} {self._name}?")
            words("p", _HALTS if is_halt else _RESUMES)
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
            try:
                await self._order(state, why)
            except DeskError as error:
                say_refused(error)

    async def _order(self, state: TradingState, why: str) -> None:
        visitor = await self._visit.still_may(Rights.TRADE)
        if visitor is None:
            return
        room, order = self._visit.room, StateOrder(self._scope, state, visitor.name, why)
        put = await put_state(room.ledger, order, room.files.current)
        ui.notify("\n".join((f"{put.scope}: {put.state}", *put.stricter)), type="positive", multi_line=True)
        await self._refresh()


_HALTS = "No order that opens a position leaves from this moment on. What cancels, protects or closes goes on."
_RESUMES = "What was ordered for this scope is lifted. Stricter orders for more than it stay."
