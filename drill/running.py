"""Runs a drill: each venue in a process of its own, season after season."""

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.errors import ConfigError
from desk.registry import nearest
from drill.judging import Violation, Wrong
from drill.parallel import side_by_side, terminated_like_interrupted
from drill.scorecard import Card
from drill.season import FAULTS, Harvest, Terms, run_season
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


def run(todo: Sequence[Job], *, at_once: int, tell: Callable[[Card, Harvest], None]) -> tuple[Card, ...]:
    """Run jobs and return a card for each, in the order of the jobs.

    Ctrl-C and SIGTERM end it early: the cards are of the seasons that were over by then.

    Args:
        at_once: how many processes.
        tell: is given a card and its newest season from time to time, when something was found, and at the end.
    """
    cards = {job.dialect: _blank(job) for job in todo}
    alone = len(todo) == 1 or at_once == 1
    with suppress(KeyboardInterrupt), terminated_like_interrupted():
        for dialect, season in _one_by_one(todo) if alone else side_by_side(todo, run_job, at_once=at_once):
            card = cards[dialect]
            card.add(season)
            if season.violations or card.is_over or card.seasons % _TOLD == 0:
                tell(card, season)
    return tuple(cards.values())


def run_job(job: Job) -> Iterator[Harvest]:
    """Run the drill of one venue, season by season."""
    # What faults make adapters complain of is what the drill is for; the scorecard says what came of it.
    logging.disable(logging.CRITICAL)
    feed = SyntheticFeed(7)
    for number, cycles in enumerate(_seasons(job.cycles)):
        begun, season = perf_counter(), f"{job.seed} {job.dialect} {number}"
        with tempfile.TemporaryDirectory(prefix="desk-drill-") as folder:
            terms = Terms(
                job.dialect,
                _named(job, number),
                cycles,
                season,
                job.faults,
                Path(folder),
                feed,
                job.database,
                job.looks_up,
            )
            harvest = _played(terms)
        harvest.violations = [_with_season(one, season) for one in harvest.violations]
        harvest.seconds = perf_counter() - begun
        yield harvest


def _played(terms: Terms) -> Harvest:
    """A season that cannot be played to its end is a finding; the next one begins anew."""
    try:
        return run_season(terms)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        told = f"the season ended with {type(error).__name__}: {error}"
        return Harvest(cycles=terms.cycles, violations=[Violation(Wrong.ERROR, terms.dialect, told)])


def _one_by_one(todo: Sequence[Job]) -> Iterator[tuple[str, Harvest]]:
    for job in todo:
        yield from ((job.dialect, season) for season in run_job(job))


def _blank(job: Job) -> Card:
    names = tuple(seat.name for seat in job.seats)
    return Card(job.dialect, names, DIALECTS[job.dialect].keeps_stops, asked=job.cycles)


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
