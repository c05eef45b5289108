"""What becomes of an account is shown with what follows on the server, agreed to with a reason, and done as shown."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui

from console.dashboard.agreeing import FOLLOWS, LATER, is_asking, say_busy, say_refused
from console.dashboard.parts import sentence, words
from console.dashboard.visit import Visit
from console.services.changing import Wanted
from console.services.deployments import DeploymentChange
from console.services.lifecycle import LifeChanged, LifeOrder, change_life, plan_life
from desk.accounts import Fleet
from desk.errors import DeskError
from desk.model.access import Rights


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person may decide of an account.

    Attributes:
        name: of the button that does it.
        wanted: finds what is to be written for the fleet as it is.
        afterwards: called when it is done.
    """

    account: str
    name: str
    wanted: Callable[[Fleet], Wanted]
    afterwards: Callable[[], Awaitable[None]]


async def ask_to_decide(visit: Visit, decision: Decision) -> None:
    """Show in a dialog what a decision comes to; where the person agrees it is done."""
    room = visit.room
    say_busy("The Prefect server is asked …")
    try:
        planned = await plan_life(room.ledger, room.chosen, decision.account, decision.wanted)
    except DeskError as error:
        say_refused(error)
        return
    if is_asking():
        return
    if not planned.changed and not _differing(planned):
        ui.notify("It is so already.")
        return
    with ui.dialog() as dialog, ui.card().classes("confirm broad"):
        words("h2", f"{decision.name}: {decision.account}?")
        _tell(planned)
        why = ui.input("Reason", placeholder="For the audit").props("maxlength=300 autofocus outlined")
        with ui.element("div").classes("choice"):
            ui.button("Cancel", on_click=dialog.close).props("flat no-caps")
            ui.button(
                decision.name, on_click=lambda: _put(visit, decision, dialog, planned.digest, str(why.value or ""))
            ).props("no-caps unelevated")
    dialog.on("hide", dialog.delete)
    dialog.open()


async def _put(visit: Visit, decision: Decision, dialog: ui.dialog, agreed: str, why: str) -> None:
    # The dialog is deleted while this goes on, and with it the place where messages would come up.
    with ui.context.client:
        if not dialog.value:
            return
        dialog.close()
        say_busy(FOLLOWS)
        await _decide(visit, decision, agreed, why)


async def _decide(visit: Visit, decision: Decision, agreed: str, why: str) -> None:
    room = visit.room
    try:
        visitor = await visit.still_may(Rights.ADMIN)
        if visitor is None:
            return
        order = LifeOrder(decision.account, visitor.name, why)
        async with room.turns:
            done = await change_life(room.ledger, room.chosen, order, decision.wanted, room.clock, agreed=agreed)
    except DeskError as error:
        say_refused(error)
        return
    _say(done)
    await decision.afterwards()


def _differing(planned: LifeChanged) -> list[DeploymentChange]:
    return [one for one in planned.deployments if one.action != "keep"]


def _tell(planned: LifeChanged) -> None:
    for one in planned.changed:
        words("pre", one.difference)
    if lines := [f"{one.deployment}: {', '.join((one.action, *one.differences))}" for one in _differing(planned)]:
        words("pre", "\n".join(lines))
    for warning in planned.warnings:
        words("p", f"Warning: {warning}", "loss")
    if planned.problem:
        words("p", f"{planned.problem}.", "loss")
        sentence(LATER, "loss")


def _say(done: LifeChanged) -> None:
    told = [f"{one.deployment}: {one.action}" for one in _differing(done)]
    lines = "\n".join((f"{done.account}: written", *told, *([LATER] if done.problem else [])))
    ui.notify(lines, type="warning" if done.problem else "positive", multi_line=True)
