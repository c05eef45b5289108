"""Lays rows out for a terminal: as a table where its words fit into the width, as a sentence for each row otherwise."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Row = Mapping[str, object]

_GAP = 2
_SHORT = 16
"""Cells of up to so many characters are not folded: they would be harder to read and hardly narrower."""

_NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?( [A-Z]{3,8})?")


def table(rows: Sequence[Row], *, width: int) -> RenderableType:
    """Return one or more rows under the keys of the first.

    Long cells are folded between words and never cut. Names in the first column and numbers stay whole.
    """
    cells = [{heading: _cell(value) for heading, value in row.items()} for row in rows]
    columns = [_column(heading, [row[heading] for row in cells], is_name=not i) for i, heading in enumerate(cells[0])]
    room = width - _GAP * (len(columns) - 1)
    if sum(column.least for column in columns) > room:
        return grid(_sentence(row) for row in cells)
    return _table(columns, cells, _widths(columns, room))


def grid(rows: Iterable[Sequence[Text | str]], *, indent: int = 0) -> RenderableType:
    """Return one or more rows whose columns stand under each other, without headings; the last column is folded."""
    lines = list(rows)
    laid = Table.grid(padding=(0, _GAP, 0, 0))
    for _ in lines[0][:-1]:
        laid.add_column(no_wrap=True)
    laid.add_column(overflow="fold")
    for row in lines:
        laid.add_row(*row)
    return Padding(laid, (0, 0, 0, indent))


@dataclass(frozen=True, slots=True)
class _Column:
    """A column and how wide it must and would be, in characters; `lengths` are those of its lines."""

    heading: str
    is_number: bool
    least: int
    lengths: Sequence[int]

    @property
    def most(self) -> int:
        return max(self.lengths)

    def folds(self, width: int) -> int:
        """How many lines more than it has it needs at a width, if no word were in the way."""
        return sum((length - 1) // max(width, 1) for length in self.lengths if length > width)


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    return Text("" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value))


def _column(heading: str, cells: Sequence[Text], *, is_name: bool) -> _Column:
    is_number = all(_NUMBER.fullmatch(cell.plain or "0") for cell in cells)
    lines = [line for cell in (Text(heading), *cells) for line in cell.plain.split("\n")]
    lengths = [len(line) for line in lines]
    most = max(lengths)
    longest_word = max(len(word) for line in lines for word in line.split(" "))
    stays_whole = is_name or is_number or most <= _SHORT
    return _Column(heading, is_number, most if stays_whole else longest_word, lengths)


def _widths(columns: Sequence[_Column], room: int) -> list[int]:
    """Give every column its least, and what is left to whichever is folded most, then to whichever lacks most."""
    widths = [column.least for column in columns]
    for _ in range(room - sum(widths)):
        needs = [(one.folds(width), one.most - width) for one, width in zip(columns, widths, strict=True)]
        neediest = needs.index(max(needs))
        if needs[neediest][1] == 0:
            break
        widths[neediest] += 1
    return widths


def _table(columns: Sequence[_Column], cells: Sequence[Mapping[str, Text]], widths: Sequence[int]) -> Table:
    laid = Table(
        header_style="bold",
        box=box.SIMPLE_HEAD,
        border_style="dim",
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
        show_lines=any("\n" in cell.plain for row in cells for cell in row.values()),
    )
    for column, width in zip(columns, widths, strict=True):
        laid.add_column(column.heading, overflow="fold", width=width, justify="right" if column.is_number else "left")
    for row in cells:
        laid.add_row(*row.values())
    return laid


def _sentence(row: Mapping[str, Text]) -> tuple[Text, Text]:
    """The first cell, and the others with their headings."""
    (_, name), *others = row.items()
    parts = [
        Text.assemble((f"{heading} ", "dim"), Text(", ").join(cell.split("\n")))
        for heading, cell in others
        if cell.plain
    ]
    return name, Text("; ").join(parts)
