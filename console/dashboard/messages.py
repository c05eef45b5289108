"""The page of the messages: what people were told, whether it has arrived, and why not; the address says which."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.live import Live
from console.dashboard.parts import (
    BAD,
    CAREFUL,
    GOOD,
    QUIET,
    Cell,
    choices,
    link,
    sentence,
    tile,
    words,
)
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.messages import OFF, OUTCOMES, MessageFilter, Undelivered, message_page, undelivered
from console.services.paging import Page, Turn
from console.times import format_instant
from desk.model.messages import Delivery, DeliveryState, MessageKind, Told

_PATH = "/messages"
_HEADINGS = ("At", "Kind", "Message", "Place", "State", "Attempts", "Next attempt", "Last failure")
_KINDS = {DeliveryState.SENT: GOOD, DeliveryState.WAITING: CAREFUL, DeliveryState.DEAD: BAD}
_WORDS = {DeliveryState.DEAD: "given up"}
_LOUD = {"warning": CAREFUL, "error": BAD}


@dataclass(frozen=True, slots=True)
class _Found:
    page: Page[Told]
    missing: Undelivered


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room, asked = visit.room, visit.asked
    wanted = MessageFilter(*(asked.get(name, "") for name in ("kind", "target", "state")))
    turn = Turn(asked.get("after", ""))

    async def read() -> _Found:
        return _Found(await message_page(room.ledger, wanted, turn), await undelivered(room.ledger))

    with frame(room, visit.visitor, ("Logs", "/logs"), ("Messages", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Messages")
        _form(await room.ledger.message_targets(), wanted)
        await Live(room, visit.visitor, read, lambda found: _show(found, wanted)).begin()


def _form(targets: Iterable[str], wanted: MessageFilter) -> None:
    """Words for the address: a plain form, which the browser sends without any script."""
    known = dict.fromkeys((*targets, *([wanted.target] if wanted.target else [])))
    with ui.element("form").classes("filters").props(f'method=get action="{_PATH}"'):
        choices("Kind", "kind", MessageKind, wanted.kind)
        choices("Place", "target", known, wanted.target)
        choices("State", "state", OUTCOMES, wanted.state)
        with ui.element("div").classes("choice"):
            words("button", "Show", "plain").props("type=submit")
            link("Reset", _PATH)


def _query(wanted: MessageFilter, **more: str) -> str:
    return urlencode({name: text for name, text in {**asdict(wanted), **more}.items() if text})


def _show(found: _Found, wanted: MessageFilter) -> None:
    missing = found.missing
    with ui.element("div").classes("tiles"):
        tile("Tried again", str(missing.waiting), CAREFUL if missing.waiting else GOOD)
        tile("Given up", str(missing.dead), BAD if missing.dead else GOOD)
    otherwise = "No message fits." if _query(wanted) else "Nobody was told anything yet."
    rows = [row for told in found.page.rows for row in _rows(told)]
    table(_HEADINGS, rows, otherwise=otherwise, classes="dense")
    if found.page.next:
        link("Older messages", f"{_PATH}?{_query(wanted, after=found.page.next)}")
    if missing.dead:
        sentence("`desk messages --send` tries again what was given up.", QUIET)
    words("p", "Messages are kept for thirty days. Times are UTC.", QUIET)


def _rows(told: Told) -> Sequence[tuple[Cell, ...]]:
    """A row for each place that a message went to."""
    if not told.deliveries:
        return [(*_said(told), Cell(""), Cell("", QUIET, badge=OFF), Cell(""), Cell(""), Cell(""))]
    return [(*_said(told), *_became(one)) for one in told.deliveries]


def _said(told: Told) -> tuple[Cell, ...]:
    title = f"{told.title} (+{told.repeats})" if told.repeats else told.title
    return (
        Cell(format_instant(told.at).partition(".")[0]),
        Cell("", _LOUD.get(told.severity, QUIET), badge=told.kind),
        Cell(title, more=told.body),
    )


def _became(one: Delivery) -> tuple[Cell, ...]:
    is_open = one.state is DeliveryState.WAITING
    return (
        Cell(one.target),
        Cell("", _KINDS[one.state], badge=_WORDS.get(one.state, one.state)),
        Cell(str(one.attempts)),
        Cell(format_instant(one.next_at).partition(".")[0] if is_open else ""),
        Cell("" if one.state is DeliveryState.SENT else one.detail),
    )
