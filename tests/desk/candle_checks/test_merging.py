"""Two recordings of one market: what both say is there once, and what they do not agree on is told."""

import numpy as np
import pytest

from desk.candle_checks.findings import MOST_SHOWN, moment
from desk.candle_checks.merging import merge
from tests.desk.candle_checks.recordings import changed, recorded

WHOLE = recorded(200, sides=True)


def same(one, other):
    pairs = zip(one.values.items(), other.values.items(), strict=True)
    return np.array_equal(one.time, other.time) and all(
        a == b and np.array_equal(left, right) for (a, left), (b, right) in pairs
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("prefer", ["old", "new"])
def test_parts_that_agree_make_the_whole_however_they_overlap(seed, prefer):
    generator = np.random.default_rng(seed)
    in_one = generator.random(200) < 0.6
    in_other = ~in_one | (generator.random(200) < 0.4)
    one, other = WHOLE.rows(in_one), WHOLE.rows(in_other)
    merged = merge(one, other, prefer=prefer)
    assert same(merged.columns, WHOLE)
    assert same(merge(other, one, prefer=prefer).columns, WHOLE)
    assert (merged.added, merged.same, merged.contradicting) == ((~in_one).sum(), (in_one & in_other).sum(), 0)


def test_the_same_again_adds_nothing():
    merged = merge(WHOLE, WHOLE)
    assert (merged.added, merged.same) == (0, 200)
    assert same(merged.columns, WHOLE)


@pytest.mark.parametrize(("prefer", "kept"), [("old", WHOLE.values["low"][7]), ("new", 0.5)])
def test_a_contradiction_is_told_with_both_values_and_one_is_kept(prefer, kept):
    merged = merge(WHOLE, changed(WHOLE, "low", 7, 0.5).rows(slice(5, 10)), prefer=prefer)
    [contradiction] = merged.first
    assert (merged.contradicting, merged.same, merged.added) == (1, 4, 0)
    assert (contradiction.column, contradiction.old, contradiction.new) == ("low", WHOLE.values["low"][7], 0.5)
    assert contradiction.at == moment(WHOLE.time[7])
    assert merged.columns.values["low"][7] == kept
    assert len(merged.columns) == 200


def test_all_contradictions_are_counted_and_the_first_are_told():
    merged = merge(WHOLE, changed(WHOLE, "volume", slice(0, 30), 1_000.0))
    assert (merged.contradicting, len(merged.first)) == (30, MOST_SHOWN)


def test_recordings_with_other_columns_are_nothing_to_merge():
    with pytest.raises(AssertionError, match="bid_open"):
        merge(WHOLE, recorded(200))
