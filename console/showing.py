"""Prints results: tables and text for people, JSON for programs."""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from shutil import which

import orjson
from rich.console import Console, RenderableType
from rich.text import Text

from console.tables import Row, table

_WIDTH_OF_A_LOG = 160


def print_rows(rows: Sequence[Row], *, as_json: bool, title: str = "", empty: str = "nothing to show") -> None:
    """Print one row per line, with the keys of the first as headings; or all of them as a JSON list."""
    if as_json:
        print_json(list(rows))
    elif not rows:
        print_line(empty)
    else:
        print_table(rows, title)


def print_table(rows: Sequence[Row], title: str = "") -> None:
    """Print one or more rows under the keys of the first, laid out for the width of the terminal."""
    heading: list[RenderableType] = [Text(title, style="bold"), ""] if title else []
    print_blocks([*heading, table(rows, width=laid_out().width)])


def print_blocks(blocks: Iterable[RenderableType]) -> None:
    """Print text, tables and whatever else the library lays out, at the width of the terminal."""
    console = laid_out()
    with console.capture() as captured:
        for block in blocks:
            console.print(block)
    # The library fills every line up to the width, which is in the way of whoever copies or compares it.
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def print_json(value: object) -> None:
    """Print a value as JSON: amounts as text to the last digit, lengths of time in seconds, whatever else as text."""
    text = orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    sys.stdout.write(text.decode() + "\n")


def print_line(text: str = "") -> None:
    """Print one line as it is."""
    sys.stdout.write(text + "\n")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.total_seconds() if isinstance(value, timedelta) else str(value)


def laid_out() -> Console:
    """Return what lays text and tables out, at the width of the terminal."""
    # Without a terminal there is no width to ask for, and a table in a log should not be folded at 80 columns.
    knows_width = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if knows_width else _WIDTH_OF_A_LOG, highlight=False, markup=False, emoji=False)


def command() -> str:
    """Return how to type this command again: by its name where the shell would find it, by its path elsewhere."""
    path = Path(sys.argv[0])
    return path.name if which(path.name) else os.path.relpath(path)
