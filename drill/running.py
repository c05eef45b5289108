"""Runs a drill: each venue in a process of its own, season after season."""

import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.errors import ConfigError
from desk.registry import nearest
from drill.judging import Violation
from drill.scorecard import Card
from drill.season import FAULTS, Terms, run_season
from drill.seats import Seat
from drill.wires import DIALECTS

OWN_FLEET = Path(__file__).parent / "fleet"
"""The fleet of whoever has none of their own to attack: it trades almost every minute."""

_SEASON = 100
"""Cycles from empty books to the next: a violation is found within so many, and no book grows for ever."""

_TOLD = 10
"""Seasons after which people are told that it goes on."""

_ALL, _NONE = "all", "none"


@dataclass(frozen=True, slots=True)
class Job:
    """The drill of one venue.

    Attributes:
        cycles: of all its accounts together.
        database: address of a ledger, in place of a SQLite file for each season.
        looks_up: see `drill.season.Terms`.
    """

    dialect: str
    seats: tuple[Seat, ...]
    cycles: int
    seed: str
    faults: tuple[str, ...]
    database: str = ""
    looks_up: bool = True


def faults_named(text: str) -> tuple[str, ...]:
    """Return the faults of a list such as `F03,F13`, of `all` or of `none`.

    Raises:
        ConfigError: a drill makes no fault of that number.
    """
    if text in (_ALL, _NONE):
        return FAULTS if text == _ALL else ()
    named = tuple(part.strip().upper() for part in text.split(",") if part.strip())
    for number in named:
        if number not in FAULTS:
            raise ConfigError(f"unknown fault '{number}'; {nearest(number, list(FAULTS))}; a drill makes {FAULTS}")
    return named


def jobs(seats: Mapping[str, tuple[Seat, ...]], *, cycles: int, seed: str, faults: Sequence[str]) -> tuple[Job, ...]:
    """Return a job for each venue."""
    return tuple(Job(dialect, seated, cycles, seed, tuple(faults)) for dialect, seated in seats.items())


def run(todo: Sequence[Job], *, at_once: int, tell: Callable[[Card], None]) -> tuple[Card, ...]:
    """Run jobs and return a card for each, in the order of the jobs.

    Args:
        at_once: how many processes.
        tell: is given each card as soon as it is there.
    """
    if len(todo) == 1 or at_once == 1:
        return tuple(_told(run_job(job), tell) for job in todo)
    cards: dict[str, Card] = {}
    with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(run_job, job) for job in todo]):
            card = _told(done.result(), tell)
            cards[card.venue] = card
    return tuple(cards[job.dialect] for job in todo)


def run_job(job: Job) -> Card:
    """Run the drill of one venue."""
    # What faults make adapters complain of is what the drill is for; the scorecard says what came of it.
    logging.disable(logging.CRITICAL)
    card = Card(job.dialect, tuple(seat.name for seat in job.seats), DIALECTS[job.dialect].keeps_stops)
    begun, feed = perf_counter(), SyntheticFeed(7)
    for number, cycles in enumerate(_seasons(job.cycles)):
        with tempfile.TemporaryDirectory(prefix="desk-drill-") as folder:
            terms = Terms(
                job.dialect,
                _named(job, number),
                cycles,
                f"{job.seed} {job.dialect} {number}",
                job.faults,
                Path(folder),
                feed,
                job.database,
                job.looks_up,
            )
            harvest = run_season(terms)
        harvest.violations = [_with_season(one, terms.seed) for one in harvest.violations]
        card.add(harvest)
        if (number + 1) % _TOLD == 0:
            sys.stderr.write(f"{card.venue}: {card.total.cycles} cycles, {card.count()} violations so far\n")
    card.seconds = perf_counter() - begun
    return card


def _seasons(cycles: int) -> Iterator[int]:
    for begun in range(0, cycles, _SEASON):
        yield min(_SEASON, cycles - begun)


def _named(job: Job, number: int) -> tuple[Seat, ...]:
    """In a ledger that several seasons share, accounts have a name of their own in each."""
    if not job.database:
        return job.seats
    return tuple(
        replace(seat, account=seat.account.model_copy(update={"name": f"{seat.name}-{job.seed}-{number}"}))
        for seat in job.seats
    )


def _with_season(violation: Violation, season: str) -> Violation:
    return replace(violation, subject=f"season '{season}', {violation.subject}")


def _told(card: Card, tell: Callable[[Card], None]) -> Card:
    tell(card)
    return card
