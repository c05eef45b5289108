"""What is to be done is shown, agreed to with a reason, and done; a change of the configuration as it was shown."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui

from console.dashboard.parts import words
from console.dashboard.visit import Visit
from console.failures import UNDONE
from console.services.changing import ProposedChange, Wanted, change, proposed_change
from desk.errors import DeskError
from desk.model.access import Rights

FOLLOWS = "It is written, and the deployments follow …"
LATER = "`desk deploy` brings the server in line when it runs; a schedule there goes on until then."


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a person is asked to agree to.

    Attributes:
        heading: the question.
        told: what follows.
        name: of the button that agrees.
        busy: what is said while it is done.
    """

    heading: str
    told: str
    name: str
    busy: str


def ask_to_agree(wanted: Agreement, act: Callable[[str], Awaitable[None]]) -> None:
    """Ask in a dialog; where the person agrees, call what does it with the reason."""
    if is_asking():
        return

    async def agreed() -> None:
        # The dialog is deleted while this goes on, and with it the place where messages would come up.
        with ui.context.client:
            if not dialog.value:
                return
            dialog.close()
            say_busy(wanted.busy)
            try:
                await act(str(why.value or ""))
            except DeskError as error:
                say_refused(error)

    # What was clicked may be shown anew meanwhile, and the dialog with it.
    with ui.context.client, ui.dialog() as dialog, ui.card().classes("confirm"):
        words("h2", wanted.heading)
        words("p", wanted.told)
        why = ui.input("Reason", placeholder="For the audit").props("maxlength=300 autofocus outlined")
        why.on("keydown.enter", agreed)
        with ui.element("div").classes("choice"):
            ui.button("Cancel", on_click=dialog.close).props("flat no-caps")
            ui.button(wanted.name, on_click=agreed).props("no-caps unelevated")
    dialog.on("hide", dialog.delete)
    dialog.open()


async def ask_to_write(visit: Visit, wanted: Wanted, page: str) -> None:
    """Show what is wanted in a dialog; where the person agrees it is written, and the page is shown anew."""
    try:
        shown = await proposed_change(visit.room.chosen, wanted)
    except DeskError as error:
        say_refused(error)
        return
    if not shown.changed:
        ui.notify("It is so already.")
        return
    if is_asking():
        return
    with ui.dialog() as dialog, ui.card().classes("confirm broad"):
        words("h2", "Write that?")
        _difference(shown)
        why = ui.input("Reason", placeholder="For the audit").props("maxlength=300 autofocus outlined")
        with ui.element("div").classes("choice"):
            ui.button("Cancel", on_click=dialog.close).props("flat no-caps")
            write = ui.button("Write").props("no-caps unelevated")

    async def agreed() -> None:
        if not dialog.value:
            return
        # The dialog is deleted while this goes on, and with it the place where messages would come up.
        with ui.context.client:
            dialog.close()
            if shown.to_deploy:
                say_busy(FOLLOWS)
            await _write(visit, wanted, shown, str(why.value or ""), page)

    write.on_click(agreed)
    dialog.on("hide", dialog.delete)
    dialog.open()


def is_asking() -> bool:
    """Return whether a dialog is open in this browser: who clicks twice is asked once."""
    return any(isinstance(one, ui.dialog) and one.value for one in ui.context.client.elements.values())


def say_busy(what: str) -> None:
    """Tell the person that a click was heard; what comes of it is told later."""
    ui.notify(what, type="ongoing", timeout=2000)


def say_refused(error: DeskError, of: str = "") -> None:
    """Tell the person that nothing was changed, or that this is not known, and why; `of` what, if of several."""
    told = f"{of}: {told_refused(error)}" if of else told_refused(error)
    ui.notify(told, type="negative", multi_line=True, timeout=0, close_button=True)


def told_refused(error: DeskError) -> str:
    """Return what a person is told of something that failed."""
    if isinstance(error, UNDONE):
        return f"Nothing was changed: {error}"
    return f"It is not known what was done; look before you order it again: {error}"


async def _write(visit: Visit, wanted: Wanted, shown: ProposedChange, why: str, page: str) -> None:
    room = visit.room
    try:
        visitor = await visit.still_may(Rights.ADMIN)
        if visitor is None:
            return
        async with room.turns:
            done = await change(
                *(room.ledger, room.chosen, wanted),
                agreed=shown.digest,
                who=visitor.name,
                why=why,
                at=room.clock.now(),
            )
    except DeskError as error:
        say_refused(error)
        return
    if done.problem:
        told = f"It is written. No deployment has followed: {done.problem}.\n{LATER}"
        ui.notify(told, type="warning", multi_line=True, timeout=0, close_button=True)
    else:
        ui.navigate.to(page)


def _difference(shown: ProposedChange) -> None:
    for one in shown.changed:
        words("pre", one.difference)
    if shown.affected:
        words("p", f"Decide by something else then: {', '.join(shown.affected)}. The next scan goes by it.")
    if shown.to_arm:
        words("p", f"Open nothing before they are armed again: {', '.join(shown.to_arm)}.", "loss")
    if shown.to_deploy:
        words("p", "When something runs changes; its deployments follow.")
    for warning in shown.warnings:
        words("p", f"Warning: {warning}", "loss")
