"""Tables, each one element for the server and the browser: a page of a thousand of them takes seconds to be built."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence

from markupsafe import Markup
from nicegui import ui
from nicegui.events import GenericEventArguments

from console.dashboard.parts import Cell, bar_style, empty

Press = Callable[[], Awaitable[None]]
_NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?(%| [A-Za-z]{1,8})?")
_LONG = 24

# Whatever is put into these is escaped.
_TABLE = Markup('<table class="{}"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>')
_HEADING = Markup('<th class="{}">{}</th>')
_ROW = Markup("<tr>{}</tr>")
_CELL = Markup('<td class="{}" data-label="{}"{}>{}</td>')
_TITLE, _STYLE = Markup(' title="{}"'), Markup(' style="{}"')
_BADGE = Markup('<span class="badge {}">{}</span>')
_BUTTON = Markup('<button type="button" class="small" data-press>{}</button>')
_OPENED = Markup('<details><summary>{}</summary><div class="more">{}</div></details>')
_LINK = Markup('<a href="{}">{}</a>')
_TEXT = Markup('<span class="{}">{}</span>')
_BAR = Markup('<span class="bar"><i class="{}" style="{}"></i></span>')
_NOTHING = Markup("")
_PRESSED = """(event) => {
    const buttons = [...event.currentTarget.querySelectorAll("[data-press]")];
    const pressed = event.target.closest("[data-press]");
    if (pressed) emit(buttons.indexOf(pressed));
}"""


def table(headings: Sequence[str], rows: Sequence[Sequence[Cell]], *, otherwise: str, classes: str = "") -> None:
    """Put rows on the page, on a narrow one a card each; a sentence where there are none."""
    if not rows:
        empty(otherwise)
        return
    looks = ["number" if _are_numbers(column) else "" for column in zip(*rows, strict=True)]
    head = _joined(_HEADING.format(look, heading) for heading, look in zip(headings, looks, strict=True))
    body = _joined(_ROW.format(_joined(map(_cell, headings, looks, row))) for row in rows)
    placed = _place(_TABLE.format(classes, head, body))
    if presses := [cell.press for row in rows for cell in row if cell.press is not None]:
        placed.on("click", lambda event: _pressed(presses, event), js_handler=_PRESSED)


def heat(
    first: str, columns: Sequence[str], rows: Sequence[tuple[Cell, Sequence[float | None], str]], last: str = "In all"
) -> None:
    """Put signed figures on the page, the larger the stronger in colour, above and below 0 apart.

    Args:
        rows: a name, a figure for each column, and what stands in the last one.
        last: its heading; without one there is no such column.
    """
    largest = max((abs(value) for _, values, _ in rows for value in values if value is not None), default=0.0)
    head = _joined(_HEADING.format("", heading) for heading in (first, *columns, *([last] if last else ())))
    body = _joined(
        _ROW.format(
            _cell(first, "", name)
            + _joined(_hot(column, value, largest) for column, value in zip(columns, values, strict=True))
            + (_cell(last, "number", Cell(total)) if last else _NOTHING)
        )
        for name, values, total in rows
    )
    _place(_TABLE.format("heat", head, body))


def _place(markup: Markup) -> ui.html:
    # The browser's own cleaning would take away what makes a narrow page readable; nothing in here needs it.
    return ui.html(str(markup), sanitize=False).classes("wide")


async def _pressed(presses: Sequence[Press], event: GenericEventArguments) -> None:
    await presses[int(event.args)]()


def _hot(column: str, value: float | None, largest: float) -> Markup:
    if value is None:
        return _CELL.format("number none", column, "", "")
    share = 10 + 45 * abs(value) / largest if largest else 0
    colour = f"color-mix(in srgb, var({'--good' if value > 0 else '--bad'}) {share:.0f}%, transparent)"
    style = _STYLE.format(f"background: {colour}") if value else ""
    return _CELL.format("number", column, style, f"{value:+.2f}")


def _cell(heading: str, look: str, cell: Cell) -> Markup:
    is_empty, is_long = not (cell.text or cell.badge), len(cell.text) > _LONG
    classes = " ".join(filter(None, (look, "none" if is_empty else "", "words" if is_long else "")))
    title = _TITLE.format(cell.title) if cell.title else ""
    return _CELL.format(classes, heading, title, _content(cell))


def _content(cell: Cell) -> Markup:
    shown = _BADGE.format(cell.kind, cell.badge) if cell.badge else _NOTHING
    if cell.press is not None:
        shown += _BUTTON.format(cell.text)
    elif cell.more:
        shown += _OPENED.format(cell.text, cell.more)
    elif cell.link:
        shown += _LINK.format(cell.link, cell.text)
    elif cell.text:
        shown += _TEXT.format("" if cell.badge else cell.kind, cell.text)
    return shown if cell.part is None else shown + _BAR.format(cell.kind, bar_style(cell.part))


def _joined(parts: Iterable[Markup]) -> Markup:
    return _NOTHING.join(parts)


def _are_numbers(column: Sequence[Cell]) -> bool:
    told = [cell.text for cell in column if cell.text]
    return all(_NUMBER.fullmatch(text) for text in told) and bool(told)
