"""The table and the figures of a crash drill, and what a verdict makes of two ends."""

import pytest

from drill.crashes.drilling import Ending
from drill.crashes.fleet import VENUES
from drill.crashes.matrix import Cell, Shot
from drill.crashes.points import MEANINGS, points_of
from drill.crashes.states import State
from drill.crashes.telling import controls, figures, findings, summary, table
from drill.crashes.verdicts import Mark, Verdict, judge
from tests.drill.crashes.states import BOUGHT, STOP, placed_by_the_next_watch, state, venue

TWICE = state(venue(BOUGHT, BOUGHT, STOP))


def ended(end: State, *deaths: str, failure: str = "") -> Ending:
    return Ending(deaths, failure, end, (), 0.4)


@pytest.mark.parametrize(
    ("ending", "mark"),
    [
        (ended(state(), "entry: submit#1"), Mark.SAME),
        (ended(placed_by_the_next_watch(), "entry: submit#1"), Mark.OTHER_STOPS),
        (ended(TWICE, "entry: submit#1"), Mark.DIFFERENT),
        (ended(state(), "entry: submit#1", failure="a process ended with 1"), Mark.FAILED),
        (ended(state()), Mark.ALIVE),
    ],
)
def test_a_verdict_says_how_two_ends_compare(ending: Ending, mark: Mark):
    verdict = judge(VENUES["oanda"], ending, ended(state()))

    assert verdict.mark is mark
    assert verdict.is_well == (mark in (Mark.SAME, Mark.OTHER_STOPS))


def test_where_the_story_goes_wrong_without_a_death_nothing_is_equal_to_it():
    verdict = judge(VENUES["oanda"], ended(TWICE, "entry: submit#1"), ended(TWICE))

    assert verdict.mark is Mark.FAILED
    assert all("nobody had died" in finding for finding in verdict.findings)


def cell(code: str, name: str, mark: Mark, *wrong: str) -> Cell:
    return Cell(code, name, "sqlite", "after entry: submit#1", Verdict(mark, "entry: submit#1", wrong, 0.4))


def test_the_table_has_a_row_for_each_point_and_a_column_for_each_venue():
    cells = [cell("CP7", "oanda", Mark.SAME), cell("CP7", "aster", Mark.OTHER_STOPS), cell("CP8", "aster", Mark.SAME)]

    lines = list(table(cells))

    assert lines[0].split() == ["oanda", "aster"]
    assert [line.split()[0] for line in lines[2:]] == ["CP7", "CP8"]
    assert lines[2].endswith("ok      ok*")
    assert summary(cells) == "3 runs, 3 processes killed, 2 ok, 1 ok*, duplicates 0"


def test_findings_name_the_run_and_what_is_wrong_with_it():
    [line] = findings([cell("CP7", "oanda", Mark.DIFFERENT, "duplicate: 2 orders"), cell("CP8", "oanda", Mark.SAME)])

    assert line == "CP7, oanda on sqlite, after entry: submit#1: duplicate: 2 orders"


def test_a_point_that_is_not_reached_is_a_finding():
    [line] = findings([cell("CP7", "oanda", Mark.ALIVE)])

    assert line.endswith("no process died; the point was not reached")


def test_a_control_without_a_duplicate_says_that_the_drill_is_blind():
    [twice, blind] = controls(
        [cell("CP7", "oanda", Mark.DIFFERENT, "duplicate: 2 orders"), cell("CP7", "aster", Mark.SAME)]
    )

    assert twice.endswith("duplicate: 2 orders")
    assert "cannot see any" in blind


def test_a_process_that_had_ended_before_its_random_time_is_no_finding():
    alive, wrong = (Verdict(Mark.ALIVE, "", told, 0.0) for told in ((), ("duplicate: 2 orders",)))

    shots = [Shot(0, "oanda", "sqlite", "late", is_inside=False, verdict=verdict) for verdict in (alive, wrong)]

    assert [shot.is_well for shot in shots] == [True, False]
    assert list(findings(shots)) == ["death 0, oanda on sqlite, late: duplicate: 2 orders"]


def test_figures_count_the_deaths_inside_a_scan_and_the_time_to_recover():
    def shot(number: int, mark: Mark, recovery: float) -> Shot:
        verdict = Verdict(mark, "entry: submit#1", (), recovery)
        return Shot(number, "oanda", "sqlite", "5 µs after its start", is_inside=number < 2, verdict=verdict)

    told = list(figures([shot(0, Mark.SAME, 0.2), shot(1, Mark.SAME, 0.4), shot(2, Mark.ALIVE, 0.0)]))

    assert told[0] == "3 runs, 2 processes killed, 2 of them in a scan"
    assert told[1].strip() == "1 had ended before their time came"
    assert told[-1].strip() == "recovery, from the start of the next process: p50 0.30 s, p99 0.40 s"


@pytest.mark.parametrize("name", VENUES)
def test_every_venue_has_a_call_for_each_of_the_fourteen_points(name: str):
    points = points_of(VENUES[name])

    assert list(points) == list(MEANINGS)
    assert len({point.where for point in points.values()}) == 14
