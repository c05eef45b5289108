"""Whether the schedule of an account runs, and the buttons that start and stop it.

What follows is shown before it is agreed to. Prefect is asked once the page is there: the page does not wait for it.
"""

from collections.abc import Awaitable, Callable

from nicegui import ui

from console.api.room import Room
from console.dashboard.deciding import Decision, ask_to_decide
from console.dashboard.live import EVERY
from console.dashboard.parts import QUIET, words
from console.dashboard.visit import Visit
from console.services.changing import ChangeWanted
from console.services.health.prefect import prefect_api
from console.services.lifecycle import to_start, to_stop
from console.services.schedules import find_schedule
from desk.accounts import Fleet
from desk.model.access import Rights, Visitor

Refresh = Callable[[], Awaitable[None]]
_START, _STOP = "Start schedule", "Stop schedule"


class ScheduleSwitch:
    """What Prefect says of an account, and both buttons; without the right to change everything there are none."""

    def __init__(self, room: Room, visitor: Visitor, account: str, refresh: Refresh) -> None:
        self._visit, self._account, self._refresh = Visit(room, visitor), account, refresh
        self._buttons: dict[str, ui.button] = {}

    def show(self) -> None:
        """Put them here."""
        with ui.element("div").classes("switch"):
            self._told = words("span", "Asking Prefect …", f"{QUIET} schedule")
            if self._visit.may(Rights.ADMIN):
                for name, wanted in ((_START, to_start), (_STOP, to_stop)):
                    button = ui.button(name, on_click=lambda _, name=name, wanted=wanted: self._ask(name, wanted))
                    self._buttons[name] = button.props("outline no-caps")
        ui.timer(EVERY.total_seconds(), self._look)

    async def _look(self) -> None:
        room = self._visit.room
        found = await find_schedule(prefect_api(room.prefect), self._account)
        self._told.text = found.told(room.clock.now())
        self._told.props["title"] = found.problem
        spec = room.desk.fleet.accounts.get(self._account)
        is_active = spec is not None and spec.active
        useful = {_START: found.can_start(is_active=is_active), _STOP: found.can_stop(is_active=is_active)}
        for name, button in self._buttons.items():
            button.set_enabled(useful[name])

    async def _ask(self, name: str, wanted: Callable[[Fleet, str], ChangeWanted]) -> None:
        async def afterwards() -> None:
            await self._look()
            await self._refresh()

        decision = Decision(self._account, name, lambda fleet: wanted(fleet, self._account), afterwards)
        await ask_to_decide(self._visit, decision)
