"""The breaker: each limit trips where it is reached and not before, says so in words, and counts anew once re-armed."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.execution.breaker import (
    BreakerLimits,
    Limit,
    LossFacts,
    PastTrip,
    Reference,
    Running,
    Sending,
    Trip,
    look_at_losses,
    references_due,
    trips_on_losses,
    trips_on_orders,
)
from desk.model.books import TradingState
from desk.model.instrument import Side
from tests.builders import CLOSE, closed_trade

NOW = CLOSE + timedelta(seconds=5)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MIDNIGHT = CLOSE.replace(hour=0)
ALL = BreakerLimits(
    daily_loss_fraction=Decimal("0.03"),
    drawdown_fraction=Decimal("0.1"),
    consecutive_losses=3,
    orders_per_minute=2,
    orders_per_hour=4,
    same_order_per_hour=3,
    rejections_per_hour=2,
)


def facts(equity: str = "10000", *, start: str = "10000", peak: str = "10000", profits: tuple[int, ...] = ()):
    closed = tuple(closed_trade(str(won), closed_at=CLOSE + number * SECOND) for number, won in enumerate(profits))
    return LossFacts(CLOSE, Decimal(equity), Decimal(start), Decimal(peak), closed)


def tripped(limit: Limit, **changes) -> dict[Limit, PastTrip]:
    trip = PastTrip(limit, TradingState.REDUCE_ONLY, "test", NOW - HOUR)
    return {limit: replace(trip, **changes)}


def lost(limits: BreakerLimits, found: LossFacts, past=None) -> list[Limit]:
    return [trip.limit for trip in trips_on_losses(limits, found, past or {}, NOW)]


def sending(*, before: timedelta = SECOND, candle: timedelta = timedelta(0), side=Side.BUY, instrument="EUR/USD"):
    return Sending(NOW - before, CLOSE - candle, instrument, side)


ASKED = sending(before=timedelta(0))


def ordered(limits: BreakerLimits, sent, rejected=(), past=None) -> list[Limit]:
    return [trip.limit for trip in trips_on_orders(limits, ASKED, sent, rejected, past or {})]


# What is lost


@pytest.mark.parametrize(("equity", "trips"), [("9700.01", False), ("9700", True), ("9699.99", True), ("10500", False)])
def test_a_daily_loss_trips_where_its_fraction_of_the_days_first_equity_is_reached(equity: str, trips: bool) -> None:
    assert lost(BreakerLimits(daily_loss_fraction=Decimal("0.03")), facts(equity)) == [Limit.DAILY_LOSS] * trips


@pytest.mark.parametrize(("equity", "trips"), [("10800.01", False), ("10800", True), ("10799.99", True)])
def test_a_drawdown_trips_where_its_fraction_of_the_peak_is_reached(equity: str, trips: bool) -> None:
    limits = BreakerLimits(drawdown_fraction=Decimal("0.1"))
    assert lost(limits, facts(equity, start="1", peak="12000")) == [Limit.DRAWDOWN] * trips


@pytest.mark.parametrize(
    ("profits", "trips"),
    [
        ((-1, -1), False),
        ((-1, -1, -1), True),
        ((-1, -1, -1, -1), True),
        ((5, -1, -1, -1), True),
        ((-1, 5, -1, -1), False),
        ((-1, -1, -1, 5), False),
        ((-1, -1, -1, 0), False),
    ],
)
def test_losses_in_a_row_are_those_since_the_last_trade_that_did_not_lose(profits, trips) -> None:
    assert lost(BreakerLimits(consecutive_losses=3), facts(profits=profits)) == [Limit.CONSECUTIVE_LOSSES] * trips


def test_an_account_that_owes_money_has_lost_everything() -> None:
    assert lost(ALL, facts("-1", start="0", peak="0")) == [Limit.DAILY_LOSS, Limit.DRAWDOWN]
    assert lost(ALL, facts("0", start="0", peak="0")) == []


def test_a_limit_of_nothing_lets_nothing_pass() -> None:
    assert lost(BreakerLimits(daily_loss_fraction=Decimal(0)), facts()) == [Limit.DAILY_LOSS]
    assert ordered(BreakerLimits(orders_per_hour=0), ()) == [Limit.ORDERS_PER_HOUR]


def test_without_limits_nothing_trips() -> None:
    assert lost(BreakerLimits(), facts("0", profits=(-1, -1, -1))) == []
    assert ordered(BreakerLimits(), [sending()] * 100, [sending()] * 100) == []


def test_a_trip_says_what_was_found_and_what_was_allowed() -> None:
    (trip,) = trips_on_losses(ALL, facts("9687.6", peak="9687.6"), {}, NOW)
    why = "0.03124 of the equity at the start of the UTC day is lost, daily_loss_fraction is 0.03"
    assert trip == Trip(
        Limit.DAILY_LOSS, TradingState.REDUCE_ONLY, Decimal("0.03124"), Decimal("0.03"), why, until=None
    )


def test_a_loss_leads_where_the_limits_say_and_for_as_long() -> None:
    limits = replace(ALL, loss_state=TradingState.HALTED, loss_pause=HOUR)
    trips = {trip.limit: trip for trip in trips_on_losses(limits, facts("1", profits=(-1, -1, -1)), {}, NOW)}
    assert {trip.state for trip in trips.values()} == {TradingState.HALTED}
    assert trips[Limit.DRAWDOWN].until == trips[Limit.CONSECUTIVE_LOSSES].until == NOW + HOUR


@pytest.mark.parametrize(("pause", "until"), [(HOUR, MIDNIGHT + DAY), (2 * DAY, NOW + 2 * DAY)])
def test_a_daily_loss_lasts_until_the_day_is_over_at_least(pause, until) -> None:
    (trip,) = trips_on_losses(replace(ALL, loss_pause=pause), facts("9700"), {}, NOW)
    assert trip.until == until


@given(st.decimals("0", "20000", places=2), st.decimals("0", "20000", places=2), st.lists(st.integers(-5, 5)))
def test_who_loses_more_never_trips_less(more: Decimal, less: Decimal, profits: list[int]) -> None:
    low, high = (facts(str(equity), profits=tuple(profits)) for equity in sorted((more, less)))
    assert set(lost(ALL, high)) <= set(lost(ALL, low))
    assert set(lost(ALL, low)) <= set(lost(ALL, facts(str(low.equity), profits=(*profits, -1))))


# What is sent


@pytest.mark.parametrize(("sent", "trips"), [(1, False), (2, True), (3, True)])
def test_as_many_orders_as_allowed_pass_in_a_minute_and_the_next_one_does_not(sent: int, trips: bool) -> None:
    assert ordered(BreakerLimits(orders_per_minute=2), [sending()] * sent) == [Limit.ORDERS_PER_MINUTE] * trips


@pytest.mark.parametrize(
    ("limits", "before", "trips"),
    [
        (BreakerLimits(orders_per_minute=1), MINUTE - SECOND, True),
        (BreakerLimits(orders_per_minute=1), MINUTE, False),
        (BreakerLimits(orders_per_hour=1), MINUTE, True),
        (BreakerLimits(orders_per_hour=1), HOUR - SECOND, True),
        (BreakerLimits(orders_per_hour=1), HOUR, False),
        (BreakerLimits(same_order_per_hour=1), HOUR - SECOND, True),
        (BreakerLimits(same_order_per_hour=1), HOUR, False),
    ],
)
def test_an_order_counts_until_it_is_as_old_as_the_window(limits, before, trips) -> None:
    assert bool(ordered(limits, [sending(before=before)])) is trips


def test_a_replay_of_days_in_a_minute_is_measured_by_its_candles() -> None:
    limits = BreakerLimits(orders_per_minute=2, orders_per_hour=3)
    assert ordered(limits, [sending(candle=HOUR * number) for number in range(1, 50)]) == []
    within = [sending(candle=HOUR - MINUTE * number) for number in range(1, 4)]
    assert ordered(limits, within) == [Limit.ORDERS_PER_HOUR]


def test_the_same_order_is_of_the_same_instrument_and_side() -> None:
    limits = BreakerLimits(same_order_per_hour=2)
    others = [sending(side=Side.SELL), sending(instrument="USD/JPY")] * 5
    assert ordered(limits, [*others, sending()]) == []
    assert ordered(limits, [*others, sending(), sending()]) == [Limit.SAME_ORDER]


@pytest.mark.parametrize(("refused", "trips"), [(1, False), (2, True), (3, True)])
def test_so_many_refusals_trip(refused: int, trips: bool) -> None:
    assert ordered(BreakerLimits(rejections_per_hour=2), (), [sending()] * refused) == [Limit.REJECTIONS] * trips
    assert ordered(BreakerLimits(rejections_per_hour=2), (), [sending(before=HOUR)] * refused) == []


def test_a_pause_is_as_long_as_it_says_in_the_time_that_the_account_lives_by() -> None:
    # A day of recorded candles that is over in three hours, played at sixty times the pace.
    played = replace(facts("9000"), running=Running(MIDNIGHT - 3 * HOUR - NOW, 60.0))
    ends = {trip.limit: trip.until for trip in trips_on_losses(replace(ALL, loss_pause=HOUR), played, {}, NOW)}
    assert ends[Limit.DRAWDOWN] == NOW + HOUR / 60
    assert ends[Limit.DAILY_LOSS] == NOW + 3 * HOUR / 60


def test_too_many_orders_halt_until_a_person_resumes_whatever_a_loss_does() -> None:
    limits = replace(ALL, loss_pause=HOUR)
    trips = trips_on_orders(limits, ASKED, [sending()] * 9, [sending()] * 2, {})
    assert {(trip.state, trip.until) for trip in trips} == {(TradingState.HALTED, None)}
    assert [trip.why for trip in trips] == [
        "10 orders within a minute, orders_per_minute is 2",
        "10 orders within an hour, orders_per_hour is 4",
        "10 orders in one instrument on one side within an hour, same_order_per_hour is 3",
        "2 orders were refused within an hour, rejections_per_hour is 2",
    ]


orders = st.builds(
    sending,
    before=st.integers(0, 4000).map(lambda seconds: timedelta(seconds=seconds)),
    candle=st.integers(0, 80).map(lambda minutes: timedelta(minutes=minutes)),
    side=st.sampled_from(Side),
    instrument=st.sampled_from(["EUR/USD", "USD/JPY"]),
)


@given(st.lists(orders, max_size=8), st.randoms(use_true_random=False), orders)
def test_the_order_in_which_orders_are_told_is_irrelevant_and_one_more_never_trips_less(sent, random, another) -> None:
    shuffled = random.sample(sent, len(sent))
    assert ordered(ALL, sent, sent) == ordered(ALL, shuffled, shuffled)
    assert set(ordered(ALL, sent, sent)) <= set(ordered(ALL, [*sent, another], [*sent, another]))


# What has tripped before


@pytest.mark.parametrize("until", [None, NOW + SECOND])
def test_a_limit_that_is_in_force_does_not_trip_again_and_the_others_do(until) -> None:
    past = tripped(Limit.DAILY_LOSS, until=until)
    assert lost(ALL, facts("1"), past) == [Limit.DRAWDOWN]
    halted = tripped(Limit.ORDERS_PER_MINUTE, until=until)
    assert ordered(ALL, [sending()] * 4, (), halted) == [Limit.ORDERS_PER_HOUR, Limit.SAME_ORDER]


@pytest.mark.parametrize("ended", [{"until": NOW}, {"lifted_at": NOW}, {"until": NOW + DAY, "lifted_at": NOW - SECOND}])
def test_one_that_is_over_trips_again(ended) -> None:
    assert lost(ALL, facts("9700"), tripped(Limit.DAILY_LOSS, **ended)) == [Limit.DAILY_LOSS]


def test_after_a_person_resumed_the_same_day_the_loss_counts_from_there() -> None:
    past = tripped(Limit.DAILY_LOSS, lifted_at=NOW - MINUTE, reference=Reference(CLOSE - MINUTE, Decimal(9_600)))
    assert lost(BreakerLimits(daily_loss_fraction=Decimal("0.03")), facts("9312.01"), past) == []
    assert lost(BreakerLimits(daily_loss_fraction=Decimal("0.03")), facts("9312"), past) == [Limit.DAILY_LOSS]


def test_on_the_next_day_the_loss_counts_from_its_start_again() -> None:
    past = tripped(Limit.DAILY_LOSS, lifted_at=NOW - DAY, reference=Reference(MIDNIGHT - SECOND, Decimal(9_000)))
    assert lost(BreakerLimits(daily_loss_fraction=Decimal("0.03")), facts("9700"), past) == [Limit.DAILY_LOSS]


def test_after_it_was_re_armed_a_drawdown_is_from_the_peak_since() -> None:
    past = tripped(Limit.DRAWDOWN, lifted_at=NOW - DAY, reference=Reference(CLOSE - DAY, Decimal(10_000)))
    limits = BreakerLimits(drawdown_fraction=Decimal("0.1"))
    assert lost(limits, facts("9000.01", peak="20000"), past) == []
    assert lost(limits, facts("9000", peak="20000"), past) == [Limit.DRAWDOWN]


def test_after_it_was_re_armed_losses_in_a_row_are_those_closed_since() -> None:
    past = tripped(Limit.CONSECUTIVE_LOSSES, lifted_at=NOW, reference=Reference(CLOSE, Decimal(1)))
    limits = BreakerLimits(consecutive_losses=3)
    assert lost(limits, facts(profits=(-1, -1, -1)), past) == [], "the first was closed at the reference"
    assert lost(limits, facts(profits=(-1, -1, -1, -1)), past) == [Limit.CONSECUTIVE_LOSSES]


def test_after_a_person_resumed_orders_count_from_there() -> None:
    past = tripped(Limit.ORDERS_PER_MINUTE, lifted_at=NOW - 10 * SECOND)
    limits = BreakerLimits(orders_per_minute=2)
    assert ordered(limits, [sending(before=10 * SECOND)] * 5 + [sending()], (), past) == []
    assert ordered(limits, [sending(before=9 * SECOND)] * 2, (), past) == [Limit.ORDERS_PER_MINUTE]


def test_a_limit_counts_from_the_first_look_after_it_was_re_armed() -> None:
    over = [tripped(limit, lifted_at=NOW)[limit] for limit in (Limit.DAILY_LOSS, Limit.CONSECUTIVE_LOSSES)]
    held, rate = tripped(Limit.DRAWDOWN)[Limit.DRAWDOWN], tripped(Limit.SAME_ORDER, lifted_at=NOW)[Limit.SAME_ORDER]
    here = Reference(CLOSE, Decimal(9_000))
    assert dict(references_due([*over, held, rate], CLOSE, Decimal(9_000), NOW)) == {
        Limit.DAILY_LOSS: here,
        Limit.CONSECUTIVE_LOSSES: here,
    }


def test_a_look_at_losses_measures_what_was_just_re_armed_from_where_it_is() -> None:
    limits = BreakerLimits(daily_loss_fraction=Decimal("0.03"), drawdown_fraction=Decimal("0.1"))
    found = look_at_losses(limits, facts("9000"), tripped(Limit.DAILY_LOSS, lifted_at=NOW), NOW)
    assert found.references == {Limit.DAILY_LOSS: Reference(CLOSE, Decimal(9_000))}
    assert [trip.limit for trip in found.trips] == [Limit.DRAWDOWN]


@pytest.mark.parametrize(("equity", "due"), [(9_001, True), (9_000, False), (8_999, False)])
def test_a_new_peak_since_the_re_arming_is_kept(equity: int, due: bool) -> None:
    before = Reference(CLOSE - DAY, Decimal(9_000))
    past = [tripped(limit, lifted_at=NOW, reference=before)[limit] for limit in (Limit.DRAWDOWN, Limit.DAILY_LOSS)]
    found = dict(references_due(past, CLOSE, Decimal(equity), NOW))
    assert found == ({Limit.DRAWDOWN: Reference(before.at, Decimal(equity))} if due else {})


# What is watched


@pytest.mark.parametrize(
    ("limits", "losses", "orders"),
    [
        (BreakerLimits(), False, False),
        (BreakerLimits(daily_loss_fraction=Decimal(1)), True, False),
        (BreakerLimits(drawdown_fraction=Decimal(1)), True, False),
        (BreakerLimits(consecutive_losses=1), True, False),
        (BreakerLimits(orders_per_minute=0), False, True),
        (BreakerLimits(orders_per_hour=1), False, True),
        (BreakerLimits(same_order_per_hour=1), False, True),
        (BreakerLimits(rejections_per_hour=1), False, True),
    ],
)
def test_what_has_a_limit_is_watched_and_nothing_else(limits, losses, orders) -> None:
    assert (limits.watches_losses, limits.watches_orders) == (losses, orders)


def test_a_trip_on_orders_has_the_two_sides_of_its_comparison() -> None:
    (trip,) = trips_on_orders(BreakerLimits(orders_per_minute=2), ASKED, [sending()] * 4, (), {})
    assert (trip.observed, trip.allowed) == (Decimal(5), Decimal(2))


def test_an_order_counts_until_its_candle_is_as_old_as_the_window() -> None:
    limits = BreakerLimits(orders_per_hour=1)
    assert ordered(limits, [sending(candle=HOUR)]) == []
    assert ordered(limits, [sending(candle=HOUR - SECOND)]) == [Limit.ORDERS_PER_HOUR]


def test_what_is_left_of_small_money_is_a_fraction_of_it_and_a_debt_is_all_of_it() -> None:
    limits = BreakerLimits(daily_loss_fraction=Decimal("0.03"))
    assert lost(limits, facts("0.49", start="0.5")) == []
    assert lost(limits, facts("0.48", start="0.5")) == [Limit.DAILY_LOSS]
    (trip,) = trips_on_losses(limits, facts("-1", start="0"), {}, NOW)
    assert trip.observed == 1


def test_what_is_re_armed_counts_from_now_on_whatever_stands_before_it() -> None:
    rate, held = tripped(Limit.SAME_ORDER, lifted_at=NOW)[Limit.SAME_ORDER], tripped(Limit.DRAWDOWN)[Limit.DRAWDOWN]
    over = tripped(Limit.DAILY_LOSS, lifted_at=NOW)[Limit.DAILY_LOSS]
    found = dict(references_due([rate, held, over], CLOSE, Decimal(9_000), NOW))
    assert found == {Limit.DAILY_LOSS: Reference(CLOSE, Decimal(9_000))}


# The day, which is UTC's wherever the machine stands

IN_THE_MIDDLE = timedelta(minutes=17, seconds=21, microseconds=9)


@pytest.fixture(params=["UTC", "Asia/Tokyo"])
def machine_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that stands in a zone."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(("before", "counts"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
@pytest.mark.usefixtures("machine_zone")
def test_a_loss_counts_from_the_re_arming_where_that_was_at_midnight_or_later(before, counts) -> None:
    reference = Reference(MIDNIGHT - before, Decimal(9_000))
    past = tripped(Limit.DAILY_LOSS, lifted_at=NOW - DAY, reference=reference)
    found = replace(facts("9000"), at=CLOSE + IN_THE_MIDDLE)
    assert lost(BreakerLimits(daily_loss_fraction=Decimal("0.03")), found, past) == [Limit.DAILY_LOSS] * (not counts)


@pytest.mark.usefixtures("machine_zone")
def test_a_day_is_over_at_midnight_to_the_microsecond() -> None:
    limits = replace(ALL, loss_pause=HOUR)
    (trip,) = trips_on_losses(limits, facts("9700"), {}, NOW + IN_THE_MIDDLE)
    assert trip.until == MIDNIGHT + DAY
