"""How far a price went against a trade and for it: what counts, and that it only ever grows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.excursions import Excursion, open_result, rows_held, worst_and_best
from desk.model.instrument import Side
from tests.builders import CLOSE, candles

PRICES = st.decimals("0.5", "2", places=4)
SIDES = st.sampled_from(Side)
BEGIN = CLOSE - timedelta(minutes=50)
"""Of the first of ten candles of five minutes, the last of which closed at CLOSE."""


@st.composite
def looks(draw: st.DrawFn) -> list[Excursion]:
    """Looks at one trade, each at candles that reach back to the one before, or at a single price."""
    minutes = sorted(draw(st.lists(st.integers(1, 300), min_size=1, max_size=6)))
    found, reached = [], CLOSE
    for minute in minutes:
        low, high = sorted((draw(PRICES), draw(PRICES)))
        until = CLOSE + timedelta(minutes=minute)
        since = draw(st.sampled_from((CLOSE, reached))) if not found or draw(st.booleans()) else None
        found.append(Excursion("EUR/USD", CLOSE, low, low if since is None else high, since, until))
        reached = reached if since is None else until
    return found


def joined(seen: list[Excursion]) -> Excursion:
    known = seen[0]
    for one in seen[1:]:
        found = known.joined(one)
        assert found is not None
        known = found
    return known


@given(SIDES, PRICES, st.lists(PRICES, max_size=5))
def test_the_worst_is_never_a_gain_and_the_best_never_a_loss(side: Side, entry: Decimal, prices: list[Decimal]) -> None:
    worst, best = worst_and_best(side, entry, prices)
    assert open_result(side, entry, worst) <= 0 <= open_result(side, entry, best)
    assert {worst, best} <= {entry, *prices}
    for price in prices:
        result = open_result(side, entry, price)
        assert open_result(side, entry, worst) <= result <= open_result(side, entry, best)


@given(SIDES, st.floats(0.5, 2), st.lists(st.floats(0.5, 2)))
def test_without_a_move_the_result_is_a_plain_zero(side: Side, entry: float, prices: list[float]) -> None:
    worst, best = worst_and_best(side, entry, prices)
    for price in {worst, best} & {entry}:
        assert str(open_result(side, entry, price)) == "0.0"


@given(looks())
def test_a_way_only_ever_grows_and_is_the_same_however_often_it_is_seen(seen: list[Excursion]) -> None:
    known = joined(seen)
    assert (known.lowest, known.highest) == (min(one.lowest for one in seen), max(one.highest for one in seen))
    for count in range(1, len(seen)):
        early = joined(seen[:count])
        assert known.lowest <= early.lowest
        assert known.highest >= early.highest
        assert known.until >= early.until
    assert joined([*seen, *seen]) == known


def test_candles_that_do_not_reach_back_to_the_last_look_end_what_is_known() -> None:
    known = seen(0, 10)
    assert known.joined(seen(10, 20)) == seen(0, 20)
    assert seen(0, 20).joined(known) == seen(0, 20)
    assert known.joined(seen(11, 20)) is None


def test_a_single_price_says_nothing_of_the_time_before_it() -> None:
    price = Excursion("EUR/USD", CLOSE, Decimal("0.9"), Decimal("0.9"), None, CLOSE + timedelta(hours=1))
    assert not price.is_whole
    known = seen(0, 10).joined(price)
    assert known is not None
    assert (known.lowest, known.until) == (Decimal("0.9"), CLOSE + timedelta(minutes=10))
    assert known.joined(seen(11, 70)) is None


def test_a_way_is_whole_where_it_is_seen_from_the_entry_on() -> None:
    assert seen(0, 10).is_whole
    assert not seen(1, 10).is_whole


def seen(since: int, until: int) -> Excursion:
    begin, end = (CLOSE + timedelta(minutes=minutes) for minutes in (since, until))
    return Excursion("EUR/USD", CLOSE, Decimal(1), Decimal("1.1"), begin, end)


@pytest.mark.parametrize(
    ("opened", "closed", "rows"),
    [
        pytest.param(0, None, (0, 10), id="from the first on"),
        pytest.param(-500, None, (0, 10), id="before all candles"),
        pytest.param(12, None, (2, 10), id="the candle of the entry is whole"),
        pytest.param(5, 20, (1, 4), id="from close to close"),
        pytest.param(5, 21, (1, 5), id="the candle of the exit is whole"),
        pytest.param(5, 20.05, (1, 4), id="an exit seconds after a candle began"),
        pytest.param(4.9, 20, (1, 4), id="an entry seconds before a candle ended"),
        pytest.param(5, 5, (1, 1), id="no time at all"),
        pytest.param(6, 6.2, (1, 1), id="seconds within a candle"),
        pytest.param(7, 8, (1, 2), id="within a candle"),
        pytest.param(-20, -10, (0, 0), id="over before all candles"),
        pytest.param(50, None, (10, 10), id="after all candles"),
    ],
)
def test_candles_count_in_which_a_trade_was_open_for_a_tenth(
    opened: float, closed: float | None, rows: tuple[int, int]
) -> None:
    found = rows_held(
        candles([1.1] * 10),
        BEGIN + timedelta(minutes=opened),
        None if closed is None else BEGIN + timedelta(minutes=closed),
    )
    assert (found.start, max(found.start, found.stop)) == rows


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_a_trade_that_lasts_longer_has_every_candle_of_the_shorter_one(opened: int, lasted: int) -> None:
    begin, past = datetime(2026, 1, 14, tzinfo=UTC) + timedelta(seconds=opened), candles([1.1] * 300)
    short, longer = (
        range(len(past))[rows_held(past, begin, begin + timedelta(seconds=lasted + more))] for more in (0, 60)
    )
    assert set(short) <= set(longer)
