from datetime import UTC, datetime, timedelta

import pytest

from desk.backtest.validation.splits import Splitting, combinatorial_folds
from desk.errors import DataError

START = datetime(2024, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def test_rolling_windows_move_along_and_trade_every_day_after_the_first_fit_once():
    windows = Splitting(days(30), days(10)).windows(START, day(60))
    assert [(one.fit, one.trade) for one in windows] == [
        ((day(0), day(30)), (day(30), day(40))),
        ((day(10), day(40)), (day(40), day(50))),
        ((day(20), day(50)), (day(50), day(60))),
    ]


def test_anchored_windows_all_begin_with_the_data():
    windows = Splitting(days(30), days(10), anchored=True).windows(START, day(60))
    assert {one.fit[0] for one in windows} == {START}
    assert [one.fit[1] for one in windows] == [day(30), day(40), day(50)]


def test_a_purge_ends_the_fit_before_what_is_traded_and_an_embargo_begins_that_later():
    (first, *_) = Splitting(days(30), days(10), purge=days(2), embargo=days(1)).windows(START, day(60))
    assert first.fit == (day(0), day(28))
    assert first.trade == (day(31), day(41))


@pytest.mark.parametrize(("end", "count"), [(40, 1), (44.9, 1), (45, 2), (50, 2)])
def test_a_last_window_counts_from_half_of_its_length_on(end: float, count: int):
    windows = Splitting(days(30), days(10)).windows(START, day(end))
    assert len(windows) == count
    assert windows[-1].trade[1] == min(day(30 + 10 * count), day(end))


def test_nothing_that_is_traded_has_been_fitted_on():
    for anchored in (False, True):
        for one in Splitting(days(30), days(7), purge=days(1), anchored=anchored).windows(START, day(100)):
            assert one.fit[1] <= one.trade[0] - days(1)


def test_a_past_without_room_for_a_window_is_refused():
    with pytest.raises(DataError, match="expected 40 days or more"):
        Splitting(days(30), days(10)).windows(START, day(34))


def test_every_way_to_test_on_some_groups_is_a_fold():
    folds = combinatorial_folds(12, groups=4, tested=2)
    assert len(folds) == 6
    for fold in folds:
        assert sorted((*fold.train, *fold.test)) == list(range(12))
    assert sum(day in fold.test for fold in folds for day in range(12)) == 6 * 6


def test_days_beside_what_is_tested_are_not_chosen_on():
    (first, second, *_) = combinatorial_folds(12, groups=3, tested=1, purge=1, embargo=2)
    assert (first.test, first.train) == ((0, 1, 2, 3), (6, 7, 8, 9, 10, 11))
    assert (second.test, second.train) == ((4, 5, 6, 7), (0, 1, 2, 10, 11))
