"""The parts that pages are made of; what comes from outside is set as text, so that no browser runs it."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote, urlencode

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from console.times import format_minute
from desk.errors import DeskError, LedgerError
from desk.model.books import TradingState
from desk.model.cycle import CycleState

_NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?(%| [A-Za-z]{1,8})?")
_LONG = 24
GOOD, BAD, CAREFUL, QUIET, BUSY = "good", "bad", "careful", "quiet", "busy"
CYCLE_KINDS = {
    CycleState.TRADED: GOOD,
    CycleState.RUNNING: BUSY,
    CycleState.FAILED: BAD,
    CycleState.CRASHED: BAD,
    CycleState.NO_TRADE: BAD,
}
STATE_KINDS = {TradingState.ACTIVE: GOOD, TradingState.REDUCE_ONLY: CAREFUL, TradingState.HALTED: BAD}


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table.

    Attributes:
        kind: how it looks: a class of desk.css.
        link: where it leads; nowhere where it is empty.
        badge: a word before the text, that looks as `kind` says.
        title: what is said to who points at it.
        press: what a click on the text does; it is a button then.
        part: a fraction that a bar beside the text shows; None for no bar.
        more: what a click on the text opens below it.
    """

    text: str
    kind: str = ""
    link: str = ""
    badge: str = ""
    title: str = ""
    press: Callable[[], Awaitable[None]] | None = None
    part: float | None = None
    more: str = ""


def words(tag: str, text: str, classes: str = "") -> TextElement:
    """Put a text on the page."""
    return TextElement(tag=tag, text=text).classes(classes)


def sentence(text: str, classes: str = "") -> None:
    """Put a paragraph on the page; what stands between backticks is to be typed, and looks so."""
    with ui.element("p").classes(classes):
        for number, part in enumerate(text.split("`")):
            words("code" if number % 2 else "span", part)


def badge(text: str, kind: str = QUIET) -> None:
    """Put a word in a coloured frame on the page."""
    words("span", text, f"badge {kind}")


def link(text: str, to: str) -> TextElement:
    """Put a link on the page."""
    found = words("a", text)
    found.props["href"] = to
    return found


def small_button(text: str, press: Callable[[], Awaitable[None]]) -> None:
    """Put a button on the page that stands in a line of text."""
    ui.button(text, on_click=press).props("outline no-caps size=13px padding='1px 8px'")


def empty(text: str) -> None:
    """Say that there is nothing."""
    sentence(text, "empty")


def trouble(error: DeskError, *, kept: str = "") -> None:
    """Say why something cannot be shown; `kept` says what stands there instead."""
    with ui.element("div").classes("notice bad").props("role=alert"):
        words("strong", "The ledger does not answer." if isinstance(error, LedgerError) else "This cannot be shown.")
        if kept:
            words("span", kept)
        words("span", str(error), QUIET)


def tile(name: str, value: str, kind: str = "", *, note: Cell | None = None) -> None:
    """Put a figure with its name on the page, `unknown` for an empty one; the note stands under it."""
    with ui.element("div").classes("tile"):
        words("span", name, "name")
        words("span", value or "unknown", f"value {kind}" if value else "value quiet")
        if note is not None:
            words("span", note.text, f"note {note.kind}")


def meter(name: str, used: float, told: str, kind: str) -> None:
    """Put a bar on the page that says how much of something is used, as a fraction; more than all of it is full."""
    with ui.element("div").classes("meter"):
        words("span", name, "name")
        _bar(used, kind)
        words("span", told, "told")


def _bar(used: float, kind: str) -> None:
    with ui.element("span").classes("bar"):
        ui.element("i").classes(kind).style(f"left: 0; width: {100 * min(max(used, 0.0), 1.0):.1f}%")


def table(headings: Sequence[str], rows: Sequence[Sequence[Cell]], *, otherwise: str, classes: str = "") -> None:
    """Put rows on the page, on a narrow one a card each; a sentence where there are none."""
    if not rows:
        empty(otherwise)
        return
    looks = ["number" if _are_numbers(column) else "" for column in zip(*rows, strict=True)]
    with ui.element("div").classes("wide"), ui.element("table").classes(classes):
        with ui.element("thead"), ui.element("tr"):
            for heading, look in zip(headings, looks, strict=True):
                words("th", heading, look)
        with ui.element("tbody"):
            for row in rows:
                with ui.element("tr"):
                    for heading, look, cell in zip(headings, looks, row, strict=True):
                        _cell(heading, look, cell)


def heat(
    first: str, columns: Sequence[str], rows: Sequence[tuple[Cell, Sequence[float | None], str]], last: str = "In all"
) -> None:
    """Put signed figures on the page, the larger the stronger in colour, above and below 0 apart.

    Args:
        rows: a name, a figure for each column, and what stands in the last one.
        last: its heading; without one there is no such column.
    """
    largest = max((abs(value) for _, values, _ in rows for value in values if value is not None), default=0.0)
    with ui.element("div").classes("wide"), ui.element("table").classes("heat"):
        with ui.element("thead"), ui.element("tr"):
            for heading in (first, *columns, *([last] if last else ())):
                words("th", heading)
        with ui.element("tbody"):
            for name, values, total in rows:
                with ui.element("tr"):
                    _cell(first, "", name)
                    for column, value in zip(columns, values, strict=True):
                        _hot(column, value, largest)
                    if last:
                        _cell(last, "number", Cell(total))


def _hot(column: str, value: float | None, largest: float) -> None:
    place = words("td", "" if value is None else f"{value:+.2f}", f"number {'none' if value is None else ''}")
    place.props["data-label"] = column
    if value and largest:
        colour = "var(--good)" if value > 0 else "var(--bad)"
        place.style(f"background: color-mix(in srgb, {colour} {10 + 45 * abs(value) / largest:.0f}%, transparent)")


def _cell(heading: str, look: str, cell: Cell) -> None:
    is_empty, is_long = not (cell.text or cell.badge), len(cell.text) > _LONG
    place = ui.element("td").classes(f"{look} {'none' if is_empty else ''} {'words' if is_long else ''}")
    place.props["data-label"] = heading
    if cell.title:
        place.props["title"] = cell.title
    with place:
        if cell.badge:
            badge(cell.badge, cell.kind)
        if cell.press is not None:
            small_button(cell.text, cell.press)
        elif cell.more:
            _disclosed(cell)
        elif cell.link:
            link(cell.text, cell.link)
        elif cell.text:
            words("span", cell.text, "" if cell.badge else cell.kind)
        if cell.part is not None:
            _bar(cell.part, cell.kind)


def _disclosed(cell: Cell) -> None:
    with ui.element("details"):
        words("summary", cell.text)
        words("div", cell.more, "more")


def _are_numbers(column: Sequence[Cell]) -> bool:
    told = [cell.text for cell in column if cell.text]
    return all(_NUMBER.fullmatch(text) for text in told) and bool(told)


def short_time(at: datetime, to: str = "") -> Cell:
    """Return a time in few letters, with its year for who points at it."""
    return Cell(f"{at.astimezone(UTC):%m-%d %H:%M}", link=to, title=f"{format_minute(at)} UTC")


def money(value: Decimal | None, currency: str = "") -> str:
    """Return an amount to two places; empty for none."""
    return "" if value is None else f"{value:,.2f} {currency}".strip()


def change(value: Decimal | None) -> Cell:
    """Return an amount with its sign, green above 0 and red below."""
    if value is None:
        return Cell("")
    return Cell(f"{value:+,.2f}", "" if not value else "gain" if value > 0 else "loss")


def signed(value: Decimal | None, currency: str) -> Cell:
    """Return an amount as `change` does, with its currency behind it."""
    found = change(value)
    return replace(found, text=f"{found.text} {currency}") if found.text else found


def field(name: str, key: str, value: str, kind: str = "text") -> None:
    """Put a field of a plain form on the page, with its name above it."""
    with ui.element("label"):
        words("span", name)
        made = ui.element("input").props(f"type={kind} autocomplete=off")
        made.props["name"], made.props["value"] = key, value


def choices(
    name: str,
    key: str,
    known: Iterable[str],
    chosen: str,
    *,
    everything: str = "all",
    shown_as: Mapping[str, str] | None = None,
) -> None:
    """Put a choice of a plain form on the page; the first, where it has a word, leaves nothing out.

    Args:
        shown_as: what is shown in place of those that are in it.
    """
    with ui.element("label"):
        words("span", name)
        with ui.element("select") as made:
            made.props["name"] = key
            for value in ([""] if everything else []) + list(known):
                option = words("option", (shown_as or {}).get(value, value) or everything)
                option.props["value"] = value
                if value == chosen:
                    option.props("selected")


def account_path(account: str) -> str:
    """Return where the page of an account is."""
    return f"/account/{quote(account, safe='')}"


def chart_path(account: str, instrument: str = "") -> str:
    """Return where the chart of an instrument of an account is; of what it traded last where none is named."""
    return f"/chart?{urlencode({'account': account, 'instrument': instrument})}"


def strategy_path(place: str) -> str:
    """Return where the form for a strategy is, by its place in the configuration."""
    return f"/strategies?edit={quote(place, safe='')}"


def cycle_path(account: str, close: datetime) -> str:
    """Return where the page of a cycle is."""
    return f"{account_path(account)}/cycle/{close.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
