"""The part of a page with the keys of the connections: where each is, another one in its place, trying one out."""

from collections.abc import Mapping

from nicegui import ui
from pydantic import SecretStr

from console.dashboard.agreeing import is_asking, say_refused
from console.dashboard.live import Live
from console.dashboard.parts import BAD, GOOD, QUIET, Cell, account_path, words
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.credentials import (
    CredentialFacts,
    NewCredential,
    examine_credential,
    list_credentials,
    put_credential,
)
from desk.adapters.credentials.chain import credentials
from desk.adapters.venues.examining import Answer, Result
from desk.errors import DeskError
from desk.model.access import Rights

_RESULTS = {Result.OK: GOOD, Result.FAILED: BAD, Result.SKIPPED: QUIET}


class Keys:
    """The keys of the connections; who may do everything puts others in place and tries them out."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._live = Live(visit.room, visit.visitor, self._read, self._show)

    async def begin(self) -> None:
        """Put the table here, and what venues answer below it."""
        await self._live.begin()
        self._answers = ui.element("div")

    async def _read(self) -> tuple[CredentialFacts, ...]:
        return await list_credentials(self._visit.room.desk.fleet, credentials(self._visit.room.chosen))

    def _show(self, found: tuple[CredentialFacts, ...]) -> None:
        table(
            ("Key", "From", "Ends with", "Connections", "Accounts"),
            [_key(one) for one in found],
            otherwise="No connection is configured, so that no key is needed.",
        )
        if found and self._visit.may(Rights.ADMIN):
            self._buttons([one.name for one in found])

    def _buttons(self, names: list[str]) -> None:
        with ui.element("div").classes("choice"):
            chosen = ui.select(names, value=names[0], label="Key").props("outlined dense").classes("key")
            ui.button("Update", on_click=lambda: self._ask(str(chosen.value))).props("no-caps unelevated")
            ui.button("Test", on_click=lambda: self._test(str(chosen.value))).props("outline no-caps")

    def _ask(self, name: str) -> None:
        if is_asking():
            return
        with ui.dialog() as dialog, ui.card().classes("confirm"):
            words("h2", f"Another {name}?")
            words("p", "It is written where keys are kept, taken by the next scan, and shown nowhere.")
            value = ui.input("New key", password=True).props("autocomplete=off maxlength=60000 autofocus outlined")
            why = ui.input("Reason", placeholder="For the audit").props("maxlength=300 outlined")
            with ui.element("div").classes("choice"):
                ui.button("Cancel", on_click=dialog.close).props("flat no-caps")
                ui.button(
                    "Write", on_click=lambda: self._put(dialog, name, SecretStr(str(value.value)), str(why.value))
                ).props("no-caps unelevated")
        # With the dialog what was typed goes, on the server too.
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _put(self, dialog: ui.dialog, name: str, value: SecretStr, why: str) -> None:
        # The dialog is deleted while this goes on, and with it the place where messages would come up.
        with ui.context.client:
            if not dialog.value:
                return
            dialog.close()
            await self._write(name, value, why)

    async def _write(self, name: str, value: SecretStr, why: str) -> None:
        room = self._visit.room
        try:
            visitor = await self._visit.still_may(Rights.ADMIN)
            if visitor is None:
                return
            new = NewCredential(name, value, visitor.name, why)
            async with room.turns:
                put = await put_credential(room.ledger, room.desk.fleet, credentials(room.chosen), new)
        except DeskError as error:
            say_refused(error)
            return
        ui.notify(f"{name}: {put.shown} is in force, from {put.origin}.", type="positive")
        await self._live.refresh()

    async def _test(self, name: str) -> None:
        # The table with the button may be shown anew while venues are asked.
        with ui.context.client:
            await self._show_test(name)

    async def _show_test(self, name: str) -> None:
        self._answers.clear()
        with self._answers:
            words("p", f"The venues of {name} are asked …", QUIET)
        room = self._visit.room
        try:
            if await self._visit.still_may(Rights.ADMIN) is None:
                return
            told = await examine_credential(room.desk.fleet, credentials(room.chosen), name)
        except DeskError as error:
            self._answers.clear()
            say_refused(error)
            return
        self._answers.clear()
        with self._answers:
            _show_answers(told)


def _key(one: CredentialFacts) -> tuple[Cell, ...]:
    place = f"{one.origin}, version {one.version}" if one.version else str(one.origin or "")
    missing = Cell(one.problem, BAD, badge="not answered" if one.problem else "missing")
    return (
        Cell(one.name),
        missing if one.origin is None else Cell(place),
        Cell(one.shown),
        Cell(", ".join(one.connections)),
        Cell(", ".join(one.accounts), link=account_path(one.accounts[0]) if len(one.accounts) == 1 else ""),
    )


def _show_answers(told: Mapping[str, tuple[Answer, ...]]) -> None:
    for connection, answers in told.items():
        words("h3", connection)
        rows = [
            (Cell(one.question), Cell("", _RESULTS[one.result], badge=one.result), Cell(one.detail)) for one in answers
        ]
        table(("Question", "Result", "Answer"), rows, otherwise="It was asked nothing.")
