"""The few pieces of Markdown that generated pages are made of."""

from collections.abc import Iterable, Sequence


def page(title: str, introduction: str, blocks: Iterable[str]) -> str:
    """Return a page that says where it comes from."""
    origin = "<!-- Written by `make docs` from the code; change the code, not this page. -->"
    return "\n\n".join((f"# {title}", origin, introduction.strip(), *blocks)) + "\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar inside a cell is escaped."""
    lines = [_line(titles), f"|{'---|' * len(titles)}"]
    return "\n".join((*lines, *(_line([cell.replace("|", "\\|") for cell in row]) for row in rows)))


def code(text: object) -> str:
    """Return text as code, empty where it is empty."""
    return f"`{text}`" if str(text) else ""


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
