"""The buttons that start and stop the schedule of an account; what follows is shown before it is agreed to."""

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import ui

from console.api.room import Room
from console.dashboard.agreeing import say_refused
from console.dashboard.parts import words
from console.dashboard.visit import Visit
from console.services.changing import ChangeWanted
from console.services.deployments import DeploymentChange, Following, plan_following
from console.services.lifecycle import LifeChanged, LifeOrder, change_life, to_start, to_stop
from desk.accounts import Fleet
from desk.adapters.editing.proposing import Proposal
from desk.errors import DeskError
from desk.model.access import Rights, Visitor

Refresh = Callable[[], Awaitable[None]]
_LATER = "`desk deploy` brings the server in line when it runs; a schedule there goes on until then."


class ScheduleSwitch:
    """Both buttons of an account; without the right to change everything there are none."""

    def __init__(self, room: Room, visitor: Visitor, account: str, refresh: Refresh) -> None:
        self._visit, self._account, self._refresh = Visit(room, visitor), account, refresh

    def show(self) -> None:
        """Put the buttons here."""
        if not self._visit.may(Rights.ADMIN):
            return
        with ui.element("div").classes("switch"):
            for name, wanted in (("Start schedule", to_start), ("Stop schedule", to_stop)):
                ui.button(name, on_click=lambda _, name=name, wanted=wanted: self._ask(name, wanted)).props(
                    "outline no-caps"
                )

    async def _ask(self, name: str, wanted: Callable[[Fleet, str], ChangeWanted]) -> None:
        try:
            proposal, following = await self._planned(wanted)
        except DeskError as error:
            say_refused(error)
            return
        if not proposal.changes and not _differing(following):
            ui.notify("It is so already.")
            return
        with ui.dialog() as dialog, ui.card().classes("confirm broad"):
            words("h2", f"{name} of {self._account}?")
            _tell(proposal, following)
            why = ui.input("Reason", placeholder="For the audit").props("maxlength=300 autofocus outlined")
            with ui.element("div").classes("choice"):
                ui.button("Cancel", on_click=dialog.close).props("flat no-caps")
                ui.button(name, on_click=lambda: self._put(dialog, wanted, str(why.value or ""))).props(
                    "no-caps unelevated"
                )
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _planned(self, wanted: Callable[[Fleet, str], ChangeWanted]) -> tuple[Proposal, Following]:
        room = self._visit.room
        proposal = await asyncio.to_thread(wanted(room.files.current(), self._account).proposal, room.chosen)
        return proposal, await plan_following(proposal.after, self._account)

    async def _put(self, dialog: ui.dialog, wanted: Callable[[Fleet, str], ChangeWanted], why: str) -> None:
        # The dialog is deleted while this goes on, and with it the place where messages would come up.
        with ui.context.client:
            dialog.close()
            await self._change(wanted, why)

    async def _change(self, wanted: Callable[[Fleet, str], ChangeWanted], why: str) -> None:
        room = self._visit.room
        try:
            visitor = await self._visit.still_may(Rights.ADMIN)
            if visitor is None:
                return
            order = LifeOrder(self._account, visitor.name, why)
            async with room.turns:
                done = await change_life(
                    room.ledger, room.chosen, order, lambda fleet: wanted(fleet, self._account), room.clock
                )
        except DeskError as error:
            say_refused(error)
            return
        _say(done)
        await self._refresh()


def _differing(following: Following) -> list[DeploymentChange]:
    return [one for one in following.deployments if one.action != "keep"]


def _tell(proposal: Proposal, following: Following) -> None:
    for one in proposal.changes:
        words("pre", one.difference)
    if lines := [f"{one.deployment}: {', '.join((one.action, *one.differences))}" for one in _differing(following)]:
        words("pre", "\n".join(lines))
    if following.problem:
        words("p", f"{following.problem}.", "loss")
        words("p", _LATER, "loss")


def _say(done: LifeChanged) -> None:
    told = [f"{one.deployment}: {one.action}" for one in done.deployments if one.action != "keep"]
    lines = "\n".join((f"{done.account}: written", *told, *([_LATER] if done.problem else [])))
    ui.notify(lines, type="warning" if done.problem else "positive", multi_line=True)
