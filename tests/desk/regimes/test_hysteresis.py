import numpy as np
import pytest

from desk.regimes.hysteresis import latched, lingering


def test_what_lies_between_the_thresholds_changes_nothing():
    values = np.array([0.5, 0.9, 0.5, 0.4, 0.1, 0.5, np.nan, 0.8, np.nan, 0.2])
    assert latched(values, 0.8, 0.2).tolist() == [False, True, True, True, False, False, False, True, True, False]


def test_before_a_threshold_is_reached_it_is_off():
    assert not latched(np.array([np.nan, 0.5, 0.6]), 0.8, 0.2).any()
    assert latched(np.array([]), 0.8, 0.2).tolist() == []


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        ([0, 0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0]),
        ([0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1, 0]),
        ([1, 1, 1, 0, 1, 0, 1], [1, 1, 1, 0, 0, 0, 1]),
        ([0, 1, 0, 1, 0, 1, 0], [0, 0, 0, 1, 1, 1, 0]),
    ],
)
def test_a_calm_label_stays_for_three_elements_and_what_comes_and_goes_meanwhile_is_not_seen(codes, kept):
    assert lingering(np.array(codes), 3, 2).tolist() == kept


def test_a_grave_label_comes_in_at_once_and_a_calm_one_waits():
    assert lingering(np.array([0, 2, 3, 0, 0, 0, 0]), 3, 2).tolist() == [0, 2, 3, 3, 3, 0, 0]


def test_a_stay_of_one_changes_nothing_and_no_codes_give_none():
    codes = np.array([0, 1, 0, 2, 1, 3])
    assert lingering(codes, 1, 2).tolist() == codes.tolist()
    assert lingering(codes[:0], 3, 2).tolist() == []


def test_it_is_what_walking_from_element_to_element_gives():
    random = np.random.default_rng(7)
    for _ in range(200):
        codes = random.integers(0, 4, 40)
        minimum = int(random.integers(1, 8))
        assert lingering(codes, minimum, 2).tolist() == _walked(codes, minimum, 2)


def _walked(codes, minimum, grave):
    held, since, kept = int(codes[0]), 0, []
    for row, code in enumerate(codes.tolist()):
        if code != held and ((code >= grave and code > held) or row - since >= minimum):
            held, since = code, row
        kept.append(held)
    return kept
