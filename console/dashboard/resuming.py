"""The button that runs a failed run of an account again; what the run does then is shown before it is agreed to."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from nicegui import ui

from console.api.room import Room
from console.dashboard.agreeing import Agreement, ask_to_agree, say_busy, say_refused
from console.dashboard.visit import Visit
from console.services.resuming import STOPPED, ResumeOrder, Resumption, plan_resume, resume
from console.times import format_minute
from desk.adapters.ledger.facts import CycleSummary
from desk.errors import DeskError
from desk.model.access import Rights, Visitor

Refresh = Callable[[], Awaitable[None]]
Press = Callable[[], Awaitable[None]]
_LOOK, _LOOKS = 2.0, 60.0
"""Seconds between two looks at what becomes of a run, and for how long the page looks so often."""


class Resuming:
    """Runs the runs of an account again; without the right to trade there is nothing to press."""

    def __init__(self, room: Room, visitor: Visitor, account: str, refresh: Refresh) -> None:
        self._visit, self._account, self._refresh = Visit(room, visitor), account, refresh

    def press_of(self, cycle: CycleSummary) -> Press | None:
        """Return what a click on the button of a cycle does; None where it has none."""
        if cycle.state not in STOPPED or not cycle.flow_run_id or not self._visit.may(Rights.TRADE):
            return None
        return lambda: self._ask(cycle.key.candle_close)

    async def _ask(self, close: datetime) -> None:
        # The part of the page that the button is in may be shown anew meanwhile.
        with ui.context.client:
            say_busy("The Prefect server is asked …")
            room = self._visit.room
            try:
                found = await plan_resume(room.desk, self._account, close, room.clock)
            except DeskError as error:
                say_refused(error)
                return
            self._show(found)

    def _show(self, found: Resumption) -> None:
        close = found.candle_close
        wanted = Agreement(
            heading=f"Resume the scan of {format_minute(close)} UTC?",
            told=f"Its run is {found.state}. {found.outlook}",
            name="Resume run",
            busy="The Prefect server is told …",
        )
        ask_to_agree(wanted, lambda why: self._resume(close, why))

    async def _resume(self, close: datetime, why: str) -> None:
        visitor = await self._visit.still_may(Rights.TRADE)
        if visitor is None:
            return
        room, order = self._visit.room, ResumeOrder(self._account, close, visitor.name, why)
        async with room.turns:
            done = await resume(room.desk, order, room.clock)
        told = f"{done.account}, {format_minute(close)} UTC: {done.state}. The next worker that asks takes it up."
        ui.notify(told, type="positive", multi_line=True)
        looking = ui.timer(_LOOK, self._refresh)
        ui.timer(_LOOKS, looking.cancel, once=True)
