"""Pages of a list: rows, and the word that asks for those after them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Generic, TypeVar

from console.failures import NotUnderstood
from console.times import parse_time
from desk.adapters.ledger.pages import Place

T = TypeVar("T")
_BETWEEN = "~"
_DIGITS = 19
"""Of the shortest number that a database may not take."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Which page is wanted.

    Attributes:
        after: `next` of the page before; empty for the first.
        limit: how many rows.
    """

    after: str = ""
    limit: int = 50

    @property
    def place(self) -> Place | None:
        """The last row of the page before.

        Raises:
            NotUnderstood: the word is not one that a page gave.
        """
        if not self.after:
            return None
        at, _, name = self.after.partition(_BETWEEN)
        return parse_time(at), name


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows, the newest first.

    Attributes:
        next: `after` of the next page; empty where this is the last.
    """

    rows: tuple[T, ...]
    next: str = ""


def page_of(found: Sequence[T], turn: Turn, place: Callable[[T], Place]) -> Page[T]:
    """Return a page of what was found, which is one row more than it has where another page follows."""
    rows = tuple(found[: turn.limit])
    return Page(rows, _word(place(rows[-1])) if len(found) > turn.limit else "")


def number_before(turn: Turn, of: str) -> int | None:
    """Return the number that a page of a numbered list begins after; None for the first page.

    Args:
        turn: which page.
        of: what the list is of, for who gave no number.

    Raises:
        NotUnderstood: the word is not one that a page gave.
    """
    after = turn.after
    if after and not (after.isascii() and after.isdigit() and len(after) < _DIGITS):
        raise NotUnderstood(f"expected the number of {of}, found '{after}'")
    return int(after) if after else None


def numbered_page(found: Sequence[T], turn: Turn, number: Callable[[T], int]) -> Page[T]:
    """Return a page of a numbered list, of what was found as `page_of` has it."""
    rows = tuple(found[: turn.limit])
    return Page(rows, str(number(rows[-1])) if len(found) > turn.limit else "")


def _word(place: Place) -> str:
    at, name = place
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z{_BETWEEN}{name}"
