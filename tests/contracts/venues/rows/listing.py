"""The numbered rows of the acceptance list, in our own words: what each wants, and what is tried for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.contracts.venues.bench import Bench, VenueCase

Trial = Callable[[Bench], Awaitable[None]]


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        wants: what an adapter has to show.
        trial: shows it, or raises; None where the desk never asks that of a venue.
        why_not: why the desk does not.
    """

    number: str
    wants: str
    trial: Trial | None = None
    why_not: str = ""

    def missing(self, case: VenueCase) -> str:
        """Return why the row cannot be tried at a venue; empty where it can."""
        if self.trial is None:
            return f"{self.number}: {self.why_not}"
        reason = case.missing.get(self.number, "")
        return f"{self.number} {case.name}: {reason}" if reason else ""


ROWS: dict[str, Row] = {}


def tried(number: str, wants: str) -> Callable[[Trial], Trial]:
    """Make what is decorated the trial of a row."""

    def note(trial: Trial) -> Trial:
        _add(Row(number, wants, trial))
        return trial

    return note


def untried(why_not: str, **wants: str) -> None:
    """Note rows that the desk never asks of a venue, by number without its prefix."""
    for number, want in wants.items():
        _add(Row(f"TC-{number}", want, why_not=why_not))


def _add(row: Row) -> None:
    assert row.number not in ROWS, f"{row.number} is there twice"
    ROWS[row.number] = row
