"""Tables, each one element for the server and the browser: a page of a thousand of them takes seconds to be built."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nicegui import ui
from nicegui.events import GenericEventArguments

from console.dashboard.parts import Cell, bar_style, empty

Press = Callable[[], Awaitable[None]]
_NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?(%| [A-Za-z]{1,8})?")
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, auto_reload=False
)
_TEMPLATES.globals["bar_style"] = bar_style
_PRESSED = """(event) => {
    const pressed = event.target.closest("[data-press]");
    if (pressed) emit([...event.currentTarget.querySelectorAll("[data-press]")].indexOf(pressed));
}"""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as a browser reads them, and what their buttons do, in their order; `otherwise` is said without rows."""

    markup: str
    otherwise: str
    presses: tuple[Press, ...] = ()

    def show(self) -> None:
        """Put it on the page, on a narrow one a card for each row."""
        if not self.markup:
            empty(self.otherwise)
            return
        # The browser's own cleaning would take away what makes a narrow page readable; all that is in it is escaped.
        placed = ui.html(self.markup, sanitize=False).classes("wide")
        if self.presses:
            placed.on("click", self._pressed, js_handler=_PRESSED)

    async def _pressed(self, event: GenericEventArguments) -> None:
        await self.presses[int(event.args)]()


def drawn(headings: Sequence[str], rows: Sequence[Sequence[Cell]], *, otherwise: str, classes: str = "") -> Table:
    """Return a table that can be put on many pages; a sentence where there are no rows."""
    if not rows:
        return Table("", otherwise)
    looks = ["number" if _are_numbers(column) else "" for column in zip(*rows, strict=True)]
    columns = list(zip(headings, looks, strict=True))
    markup = _TEMPLATES.get_template("table.html").render(columns=columns, rows=rows, classes=classes)
    return Table(markup, otherwise, tuple(cell.press for row in rows for cell in row if cell.press is not None))


def table(headings: Sequence[str], rows: Sequence[Sequence[Cell]], *, otherwise: str, classes: str = "") -> None:
    """Put rows on the page, on a narrow one a card each; a sentence where there are none."""
    drawn(headings, rows, otherwise=otherwise, classes=classes).show()


def heat(
    first: str, columns: Sequence[str], rows: Sequence[tuple[Cell, Sequence[float | None], str]], last: str = "In all"
) -> None:
    """Put signed figures on the page, the larger the stronger in colour, above and below 0 apart.

    Args:
        first: heading of the names.
        columns: those of the figures.
        rows: a name, a figure for each column, and what stands in the last one.
        last: its heading; without one there is no such column.
    """
    largest = max((abs(value) for _, values, _ in rows for value in values if value is not None), default=0.0)
    shown = [
        (name, *(_hot(value, largest) for value in values), *([Cell(total)] if last else ()))
        for name, values, total in rows
    ]
    table((first, *columns, *([last] if last else ())), shown, otherwise="", classes="heat")


def _hot(value: float | None, largest: float) -> Cell:
    if value is None:
        return Cell("")
    told = Cell(f"{value:+.2f}")
    if not value:
        return told
    share = 10 + 45 * abs(value) / largest
    return replace(
        told, colour=f"color-mix(in srgb, var(--{'good' if value > 0 else 'bad'}) {share:.0f}%, transparent)"
    )


def _are_numbers(column: Sequence[Cell]) -> bool:
    told = [cell.text for cell in column if cell.text]
    return all(_NUMBER.fullmatch(text) for text in told) and bool(told)
