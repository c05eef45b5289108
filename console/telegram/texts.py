"""Texts for a phone: HTML of which nothing comes from outside unescaped, in pages that a message can hold."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from html import escape, unescape

LONGEST = 3500
"""Characters of a page. A message holds 4096 once its tags are taken out, and no tag goes over a line."""

_TAGS = re.compile("</?(b|code)>")


def bold(text: str) -> str:
    """Return a text from outside in bold."""
    return f"<b>{escape(text)}</b>"


def plain(text: str) -> str:
    """Return a text from outside as it is."""
    return escape(text, quote=False)


def code(text: str) -> str:
    """Return a text from outside that may be copied with a touch."""
    return f"<code>{escape(text)}</code>"


def money(amount: Decimal | None, currency: str, *, signed: bool = False) -> str:
    """Return an amount to two places, where it is known."""
    if amount is None:
        return "unknown"
    return f"{amount:{'+' if signed else ''},.2f} {currency}"


def pages_of(lines: Iterable[str]) -> Sequence[str]:
    """Return the lines in pages, none of which is empty; a line that is too long for any is cut."""
    return list(_pages(lines)) or ["Nothing to show."]


def _pages(lines: Iterable[str]) -> Iterator[str]:
    page = ""
    for line in lines:
        shown = line if len(line) <= LONGEST else _cut(line)
        if page and len(page) + 1 + len(shown) > LONGEST:
            yield page
            page = ""
        page = f"{page}\n{shown}" if page else shown
    if page:
        yield page


def _cut(line: str) -> str:
    """The beginning of a line without its tags, of which a cut might leave one open."""
    words = unescape(_TAGS.sub("", line))
    return f"{plain(words[:LONGEST])} …"
