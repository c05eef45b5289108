"""Whether an account is armed, by whom and for what; what it lacks; and the button that takes the arm back."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from console.api.room import Room
from console.dashboard.agreeing import Agreement, ask_to_agree
from console.dashboard.parts import BAD, GOOD, QUIET, Cell, small_button, tile, words
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.arming import ArmFacts, disarm
from console.times import format_minute
from desk.accounts.arming import EXEMPT
from desk.model.access import Rights, Visitor
from desk.model.arming import ArmCheck, CheckResult

Refresh = Callable[[], Awaitable[None]]
_KINDS = {CheckResult.PASS: GOOD, CheckResult.FAIL: BAD}
_TERMINAL = (
    "Only the terminal arms: the venue is asked under the account's key, everything is checked, and the name is typed. \
Whoever gets hold of a browser that is logged in can take an arm back, and give none."
)
_DISARMS = (
    "It opens nothing from this moment on, until it is armed in the terminal. What cancels, protects or closes goes on."
)


class ArmPanel:
    """What is known of the arm of an account; without the right to trade there is no button."""

    def __init__(self, room: Room, visitor: Visitor, account: str, refresh: Refresh) -> None:
        self._visit, self._account, self._refresh = Visit(room, visitor), account, refresh

    def show(self, found: ArmFacts) -> None:
        """Put it here."""
        with ui.element("div").classes("heading part"):
            words("h2", "Arm")
            if found.since is not None and self._visit.may(Rights.TRADE):
                small_button("Disarm", self._ask)
        _tiles(found)
        if found.why_not:
            words("p", f"{found.why_not.removesuffix('.')}.", "loss")
        if found.needs_arming and not found.may_open:
            words("p", _TERMINAL, QUIET)
        elif found.environment == EXEMPT:
            words("p", "At a simulator an account needs no arm.", QUIET)
        if found.checks:
            with ui.element("details"):
                words("summary", "What was checked when it was armed")
                table(("Check", "Result", "Expected", "Found"), list(map(_check, found.checks)), otherwise="")

    async def _ask(self) -> None:
        wanted = Agreement(f"Disarm {self._account}?", _DISARMS, "Disarm", "The arm is taken back …")
        ask_to_agree(wanted, self._disarm)

    async def _disarm(self, why: str) -> None:
        visitor = await self._visit.still_may(Rights.TRADE)
        if visitor is None:
            return
        room = self._visit.room
        done = await disarm(room.ledger, self._account, who=visitor.name, why=why, fleet=room.files.current)
        ui.notify(f"{self._account}: {'disarmed' if done.was_armed else 'it was not armed'}", type="positive")
        await self._refresh()


def _tiles(found: ArmFacts) -> None:
    with ui.element("div").classes("tiles"):
        if found.since is None:
            tile("Armed", "no", BAD if found.needs_arming else QUIET)
        else:
            kind = GOOD if found.may_open else BAD
            tile("Armed", "yes" if found.may_open else "not for what it is now", kind)
            tile("Since", format_minute(found.since), note=Cell(f"by {found.who}", QUIET))
            tile("Account at the venue", found.venue_account or "not told")
            tile("Configuration", found.configuration or "", note=Cell("another one disarms it", QUIET))
        tile("Environment", found.environment or "none")


def _check(one: ArmCheck) -> tuple[Cell, ...]:
    return (
        Cell(one.name),
        Cell("", _KINDS.get(one.result, QUIET), badge=one.result),
        Cell(one.expected),
        Cell(one.found),
    )
