"""A stretch of a list stays what it was when it was looked at, and behaves as a tuple of it would."""

import pytest

from desk.model.stretch import Stretch


@pytest.mark.parametrize("part", [slice(None), slice(1, 3), slice(-2, None), slice(3, 1), slice(None, None, -2)])
def test_a_part_of_it_is_that_of_the_tuple(part: slice) -> None:
    assert Stretch([*range(9)], 2, 7)[part] == (2, 3, 4, 5, 6)[part]


def test_what_is_added_to_the_list_later_is_not_in_it() -> None:
    items = [1, 2, 3]
    seen = Stretch(items, 1, len(items))
    items.append(4)
    assert (*seen,) == (2, 3)
    assert (*reversed(seen),) == (3, 2)
    assert seen[-1] == 3


def test_a_place_outside_of_it_is_an_error_although_the_list_has_it() -> None:
    with pytest.raises(IndexError):
        Stretch([1, 2, 3], 0, 2)[2]


def test_one_that_would_end_before_it_starts_is_empty() -> None:
    assert len(Stretch([1, 2, 3], 3, 0)) == 0
