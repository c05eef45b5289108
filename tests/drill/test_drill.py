"""A small drill leaves nothing wrong; without the look-up before a decision the same one does.

The suite drills a venue whose stops are orders of their own, and one that has no stops. `DESK_DRILL_EVERYTHING=1`
drills all, and `DRILL_CYCLES` makes it longer; `make drill` runs 10,000 cycles of each.
"""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from desk.adapters.configuration import read_fleet
from drill.judging import Wrong
from drill.running import OWN_FLEET, Job, jobs, run
from drill.scorecard import Card, lines, violations
from drill.season import FAULTS
from drill.seats import DIALECTS, seat
from tests.drilled import drilled as cases

CYCLES = int(os.environ.get("DRILL_CYCLES", "16"))


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    """A drill silences the logs of its process, and this one goes on."""
    import logging

    before = logging.root.manager.disable
    yield
    logging.disable(before)


def job(dialect: str, cycles: int = CYCLES, *, faults: tuple[str, ...] = FAULTS, seed: str = "suite") -> Job:
    seats = seat(read_fleet(OWN_FLEET), dialects=[dialect]).seats
    (only,) = jobs(seats, cycles=cycles, seed=seed, faults=faults)
    return only


def drilled(one: Job) -> Card:
    (card,) = run([one], at_once=1, tell=lambda _card, _season: None)
    return card


@pytest.mark.parametrize("dialect", cases(DIALECTS, usually=("aster", "kucoin")))
def test_a_drill_leaves_nothing_wrong(dialect: str) -> None:
    card = drilled(job(dialect))
    assert card.total.violations == []
    assert card.total.cycles == CYCLES
    assert card.total.orders > 0
    assert card.total.hits.by_step


def test_without_looking_before_deciding_orders_are_doubled() -> None:
    blind = drilled(replace(job("aster", 30, faults=("F05",)), looks_up=False))
    assert blind.count(Wrong.DUPLICATE) > 0


def test_the_same_seed_draws_the_same_drill() -> None:
    first, second = (drilled(job("oanda", 6, faults=("F13", "F46"))).total for _ in range(2))
    assert first.hits == second.hits
    assert (first.orders, first.fills, first.kills) == (second.orders, second.fills, second.kills)


def test_the_scorecard_has_a_line_for_every_fault_and_the_seed() -> None:
    told: list[Card] = []
    cards = run([job("oanda", 4, faults=())], at_once=1, tell=lambda card, _season: told.append(card))
    text = list(lines(cards, seed="suite"))
    assert (told, violations(cards)) == (list(cards), [])
    assert "  duplicates: 0" in text
    assert "  F13 the process is killed: not hit" in text
    assert text[-1] == "0 violations; seed suite"
