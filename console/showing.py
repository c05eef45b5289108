"""Prints results: tables and text for people, JSON for programs."""

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import orjson
from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Row = Mapping[str, object]

_WIDTH_OF_A_LOG = 160
_NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?( [A-Z]{3,8})?")


def print_rows(rows: Sequence[Row], *, as_json: bool, title: str = "", empty: str = "nothing to show") -> None:
    """Print one row per line, with the keys of the first as headings; or all of them as a JSON list."""
    if as_json:
        print_json(list(rows))
    elif not rows:
        print_line(empty)
    else:
        print_table(rows, title)


def print_table(rows: Sequence[Row], title: str = "") -> None:
    """Print rows as a table. Long cells are folded, never cut; names in the first column and numbers stay whole."""
    cells = [{heading: _cell(value) for heading, value in row.items()} for row in rows]
    table = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=box.SIMPLE_HEAD,
        border_style="dim",
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
        show_lines=any("\n" in cell.plain for row in cells for cell in row.values()),
    )
    for number, heading in enumerate(rows[0]):
        is_number = all(_NUMBER.fullmatch(row[heading].plain or "0") for row in cells)
        table.add_column(
            heading, overflow="fold", no_wrap=is_number or number == 0, justify="right" if is_number else "left"
        )
    for row in cells:
        table.add_row(*row.values())
    print_blocks([table])


def grid(rows: Iterable[Sequence[Text | str]], *, indent: int = 0) -> RenderableType:
    """Return rows whose columns stand under each other, without lines; the last column is folded within itself."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for number, row in enumerate(rows):
        if number == 0:
            for _ in row[:-1]:
                table.add_column(no_wrap=True)
            table.add_column(overflow="fold")
        table.add_row(*row)
    return Padding(table, (0, 0, 0, indent))


def print_blocks(blocks: Iterable[RenderableType]) -> None:
    """Print text, tables and whatever else the library lays out, at the width of the terminal."""
    console = _console()
    for block in blocks:
        console.print(block)


def print_json(value: object) -> None:
    """Print a value as JSON: amounts as text to the last digit, lengths of time in seconds, whatever else as text."""
    text = orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    sys.stdout.write(text.decode() + "\n")


def print_line(text: str = "") -> None:
    """Print one line as it is."""
    sys.stdout.write(text + "\n")


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    return Text("" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value))


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.total_seconds() if isinstance(value, timedelta) else str(value)


def _console() -> Console:
    # Without a terminal there is no width to ask for, and a table in a log should not be folded at 80 columns.
    knows_width = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if knows_width else _WIDTH_OF_A_LOG, highlight=False, markup=False, emoji=False)
