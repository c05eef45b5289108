"""Deaths at random moments: drawn from a seed, at calls and at times of the story without a death."""

from collections import Counter
from random import Random

import pytest

from drill.crashes.drilling import Kill
from drill.crashes.matrix import drawn, is_inside

JOURNAL = (
    *("entry: begun", "entry: acquire_lease#1", "entry: submit#1", "entry: ended after 0.900"),
    *("first watch: begun", "first watch: positions#1", "first watch: ended after 1.400"),
)
CALLS = {line for line in JOURNAL if "#" in line}


def kills(seed: int) -> list[Kill]:
    return [drawn(Random(f"{seed} {number}"), JOURNAL)[0] for number in range(200)]


def test_the_same_seed_draws_the_same_moments_and_another_one_others():
    assert kills(1) == kills(1)
    assert kills(1) != kills(2)


def test_moments_are_calls_of_every_part_and_times_until_its_end():
    found = kills(1)

    assert {kill.after or kill.before for kill in found if kill.seconds is None} == CALLS
    times = [kill.seconds for kill in found if kill.seconds is not None]
    assert 0 <= min(times) < 0.1
    assert 1.3 < max(times) < 1.4
    assert min(Counter(kill.seconds is None for kill in found).values()) > 50


@pytest.mark.parametrize(
    ("died", "inside"),
    [
        ("entry: begun", True),
        ("entry: submit#1", True),
        ("hold: positions#1", True),
        ("entry: ended after 0.900", False),
        ("first watch: positions#1", False),
        ("", False),
    ],
)
def test_a_death_is_inside_a_scan_from_its_beginning_to_its_end(died: str, inside: bool):
    assert is_inside(died) is inside
