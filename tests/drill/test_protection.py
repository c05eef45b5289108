"""The time without a stop is measured from the venue's events, in venue time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from desk.model.instrument import Side
from drill.evidence import Turn, VenueEvent
from drill.protection import naked_times

NOON = datetime(2026, 1, 14, 12, 0, tzinfo=UTC)
END = NOON + timedelta(minutes=1)
ENTRY = "sd-" + "a" * 24


def event(
    after: float, turn: Turn, number: int, side: Side, quantity: str, *, name: str = ENTRY, stop: bool = False
) -> VenueEvent:
    return VenueEvent(NOON + timedelta(seconds=after), turn, number, name, "BTC/USD", side, Decimal(quantity), stop)


def bought(after: float, quantity: str = "2", *, name: str = ENTRY) -> VenueEvent:
    return event(after, Turn.FILLED, 1, Side.BUY, quantity, name=name)


def stop(after: float, quantity: str = "2", number: int = 2, side: Side = Side.SELL) -> VenueEvent:
    return event(after, Turn.CREATED, number, side, quantity, name="", stop=True)


def lasted(*events: VenueEvent) -> list[float]:
    return [one.lasted.total_seconds() for one in naked_times(events, until=END)]


def test_while_nobody_can_protect_anything_no_time_counts() -> None:
    (naked,) = naked_times((bought(10), stop(40)), until=END)
    seconds = [(20, 35), (0, 12), (25, 30), (39, 60)]
    excused = [(NOON + timedelta(seconds=begin), NOON + timedelta(seconds=end)) for begin, end in seconds]
    assert naked.lasted_but_for(excused) == timedelta(seconds=12)
    assert naked.lasted_but_for([]) == naked.lasted


def test_a_stop_at_once_leaves_no_gap() -> None:
    assert lasted(bought(0), stop(0)) == []


def test_a_gap_lasts_until_the_stop_is_there() -> None:
    assert lasted(bought(0), stop(4)) == [4]


def test_a_gap_lasts_until_the_position_is_gone() -> None:
    sold = event(7, Turn.FILLED, 3, Side.SELL, "2")
    assert lasted(bought(0), sold) == [7]


def test_a_gap_without_an_end_lasts_until_the_end_of_what_is_looked_at() -> None:
    assert lasted(bought(0)) == [60]


def test_a_stop_over_a_part_protects_nothing() -> None:
    assert lasted(bought(0), stop(0, "1.5"), stop(5, "0.5", number=3)) == [5]


def test_a_cancelled_stop_opens_a_gap() -> None:
    cancelled = event(10, Turn.ENDED, 2, Side.SELL, "2", name="", stop=True)
    assert lasted(bought(0), stop(0), cancelled, stop(13, number=4)) == [3]


def test_a_stop_that_is_replaced_within_a_moment_opens_none() -> None:
    cancelled = event(10, Turn.ENDED, 2, Side.SELL, "2", name="", stop=True)
    assert lasted(bought(0), stop(0), cancelled, stop(10, number=4)) == []


def test_a_stop_on_the_side_of_the_position_protects_nothing() -> None:
    assert lasted(bought(0), stop(0, side=Side.BUY)) == [60]


def test_a_stop_that_fills_in_part_covers_what_is_left() -> None:
    filled = event(20, Turn.FILLED, 2, Side.SELL, "1", name="", stop=True)
    assert lasted(bought(0), stop(0), filled) == []


def test_what_a_stop_has_filled_it_covers_no_more() -> None:
    filled = event(20, Turn.FILLED, 2, Side.SELL, "1", name="", stop=True)
    assert lasted(bought(0), stop(0), filled, bought(25, "1"), stop(28, "1", number=5)) == [3]


def test_a_position_that_grows_needs_a_larger_stop() -> None:
    assert lasted(bought(0), stop(0), bought(20, "1"), stop(26, "1", number=5)) == [6]


def test_what_somebody_else_opened_is_theirs_to_protect() -> None:
    assert lasted(bought(0, name="by-hand-1")) == []


def test_a_short_position_needs_a_stop_that_buys() -> None:
    sold = event(0, Turn.FILLED, 1, Side.SELL, "2")
    assert lasted(sold, stop(2, side=Side.BUY)) == [2]


def test_so_little_may_be_without_a_stop() -> None:
    events = (bought(0), stop(0, "1.99"))
    assert naked_times(events, until=END, tolerances={"BTC/USD": Decimal("0.01")}) == ()
