"""Where a position ends by itself: known values for each case."""

from datetime import timedelta
from decimal import Decimal

import pytest

from desk.matching.exits import find_exit, find_exit_after_entry, trail
from desk.model.orders import FillReason
from tests.desk.matching.markets import Row, bar, position

LONG = {"stop": "95", "target": "110"}
SHORT = {"stop": "105", "target": "90"}


@pytest.mark.parametrize(
    ("name", "quantity", "barriers", "row", "expected"),
    [
        ("nothing reached", 10, LONG, (100, 109.99, 95.01, 100), None),
        ("stop touched", 10, LONG, (100, 101, 95, 100), ("95", FillReason.STOP)),
        ("stop passed", 10, LONG, (100, 101, 94, 96), ("95", FillReason.STOP)),
        ("gap beyond the stop", 10, LONG, (93, 96, 92, 94), ("93", FillReason.STOP)),
        ("target touched", 10, LONG, (100, 110, 99, 105), ("110", FillReason.TARGET)),
        ("gap beyond the target", 10, LONG, (112, 113, 111, 112), ("112", FillReason.TARGET)),
        ("stop before target", 10, LONG, (100, 111, 94, 100), ("95", FillReason.STOP)),
        ("stop before a target at the open", 10, LONG, (112, 113, 94, 100), ("95", FillReason.STOP)),
        ("short, nothing reached", -10, SHORT, (100, 104.99, 90.01, 100), None),
        ("short, stop touched", -10, SHORT, (100, 105, 99, 100), ("105", FillReason.STOP)),
        ("short, gap beyond the stop", -10, SHORT, (107, 108, 106, 107), ("107", FillReason.STOP)),
        ("short, target touched", -10, SHORT, (100, 101, 90, 95), ("90", FillReason.TARGET)),
        ("short, gap beyond the target", -10, SHORT, (88, 89, 87, 88), ("88", FillReason.TARGET)),
        ("short, stop before target", -10, SHORT, (100, 106, 89, 100), ("105", FillReason.STOP)),
        ("trailing from the best price", 10, {"trailing_distance": "4"}, (105, 106, 104, 105), ("104", "trail")),
        ("trailing, not reached", 10, {"trailing_distance": "4"}, (105, 106, 104.01, 105), None),
        ("trailing gap", 10, {"trailing_distance": "4"}, (103, 106, 102, 105), ("103", "trail")),
        ("its own new best does not count", 10, {"trailing_distance": "4"}, (108, 120, 104.01, 105), None),
        ("fixed stop nearer", 10, {"trailing_distance": "4", "stop": "105"}, (106, 106, 105, 106), ("105", "stop")),
        ("trailing nearer", 10, {"trailing_distance": "4", "stop": "95"}, (106, 106, 103, 106), ("104", "trail")),
        ("time limit", 10, {"time_limit": 5, "stop": "95"}, (96, 97, 94, 95), ("96", FillReason.TIME_LIMIT)),
        ("time limit not yet", 10, {"time_limit": 6}, (96, 97, 94, 95), None),
        ("no barriers", 10, {}, (1, 200, 1, 100), None),
    ],
)
def test_exit_inside_a_candle(
    name: str, quantity: int, barriers: dict[str, str], row: Row, expected: tuple[str, str] | None
) -> None:
    found = find_exit(position(quantity, **barriers), Decimal(108), bar(row, minute=5))
    reasons = {"trail": FillReason.TRAILING_STOP}
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found.touch.price, found.reason) == (Decimal(expected[0]), reasons.get(expected[1], expected[1]))


def test_a_long_position_ends_on_the_bid_and_a_short_one_on_the_ask() -> None:
    wide = bar((100, 104, 96, 100), spread=2.0)
    assert find_exit(position(10, stop="97"), Decimal(100), wide) is not None
    assert find_exit(position(10, stop="95.99"), Decimal(100), wide) is None
    assert find_exit(position(10, target="105"), Decimal(100), wide) is None
    assert find_exit(position(-10, stop="106"), Decimal(100), wide) is not None
    assert find_exit(position(-10, target="97"), Decimal(100), wide) is None


def test_a_stop_takes_and_a_target_makes() -> None:
    stopped = find_exit(position(10, stop="97"), Decimal(100), bar((100, 104, 96, 100)))
    reached = find_exit(position(10, target="103"), Decimal(100), bar((100, 104, 96, 100)))
    assert stopped is not None
    assert reached is not None
    assert (stopped.touch.liquidity, reached.touch.liquidity) == ("taker", "maker")


@pytest.mark.parametrize(
    ("name", "quantity", "barriers", "row", "expected"),
    [
        ("fell through the stop", 10, LONG, (100, 101, 94, 97), "95"),
        ("opened beyond the stop and closed inside", 10, LONG, (94, 103, 93, 102), None),
        ("opened beyond the stop and closed beyond", 10, LONG, (94, 103, 93, 94), "95"),
        ("a target may have come before the entry", 10, LONG, (100, 115, 96, 100), None),
        ("short, rose through the stop", -10, SHORT, (100, 106, 99, 103), "105"),
        ("short, opened beyond the stop and closed inside", -10, SHORT, (106, 107, 98, 99), None),
        ("no stop", 10, {"target": "110"}, (100, 115, 1, 100), None),
    ],
)
def test_exit_in_the_candle_of_an_entry_inside_it(
    name: str, quantity: int, barriers: dict[str, str], row: Row, expected: str | None
) -> None:
    found = find_exit_after_entry(position(quantity, **barriers), Decimal(100), bar(row))
    assert (found.touch.price if found else None) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("quantity", "best", "inside", "expected"),
    [(10, "103", False, "104"), (10, "103", True, "103"), (10, "105", False, "105"), (-10, "98", False, "96")],
)
def test_the_best_price_follows_the_candle_and_never_falls_back(
    quantity: int, best: str, inside: bool, expected: str
) -> None:
    row = (100, 104, 96, 101)
    assert trail(position(quantity), Decimal(best), bar(row), entered_inside=inside) == Decimal(expected)


def test_time_is_counted_from_the_first_fill() -> None:
    held = position(10, time_limit=3)
    ends = [find_exit(held, Decimal(100), bar((100, 100, 100, 100), minute=minute)) for minute in range(5)]
    assert [found is not None for found in ends] == [False, False, False, True, True]
    assert held.barriers.time_limit == timedelta(minutes=3)
