"""One rule of a simulation at a time, on a handful of candles; entries are at the open of candle 1, at 100."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from desk.backtest.kernels import compiled
from desk.backtest.rules import AtEnd, BreakEven, Distance, Part, Rules, Rung, SizedBy, Sizing, Trailing
from desk.backtest.signals import Signals
from desk.backtest.simulate import REASONS, Engine, ExitReason, Simulation, simulate
from desk.errors import ConfigError, DataError
from desk.model.candles import Candles, PriceBars
from desk.model.timeframe import Timeframe
from tests.desk.backtest.engines import may_compile, needs_numba

FIRST = 1_700_000_040
MINUTE = timedelta(minutes=1)
RULES = Rules(cash=10_000.0, sizing=Sizing(SizedBy.NOTIONAL, 1_000.0))
QUIET = (100.0, 101.0, 99.0, 100.0)

Row = tuple[float, float, float, float]


def candles(*rows: Row, name: str = "GOLD/USD", half_spread: float = 0.0) -> Candles:
    time = FIRST + 60 * np.arange(len(rows))
    table = np.array(rows)
    sides = (None, None)
    if half_spread:
        sides = (PriceBars(*(table - half_spread).T), PriceBars(*(table + half_spread).T))
    return Candles(name, Timeframe.M1, time, *table.T, np.ones(len(rows)), *sides)


def at(rows: int, *signals: int) -> np.ndarray:
    """Return flags that are raised after these candles."""
    return np.isin(np.arange(rows), signals)


def long(market: Candles, rules: Rules = RULES, leave: tuple[int, ...] = (), **given: object) -> Simulation:
    rows = len(market)
    signals = Signals(enter_long=at(rows, 0), exit_long=at(rows, *leave), **given)
    return simulate([market], [signals], rules, engine=Engine.PYTHON)


def short(market: Candles, rules: Rules = RULES, leave: tuple[int, ...] = (), **given: object) -> Simulation:
    rows = len(market)
    signals = Signals(enter_short=at(rows, 0), exit_short=at(rows, *leave), **given)
    return simulate([market], [signals], rules, engine=Engine.PYTHON)


def ends(found: Simulation) -> list[tuple[ExitReason, int, float]]:
    """Return reason, row and price of every end."""
    return [(REASONS[one["reason"]], int(one["exit_row"]), round(float(one["exit_price"]), 9)) for one in found.trades]


def test_a_signal_is_acted_on_at_the_next_open():
    found = long(candles(QUIET, QUIET, QUIET, (103, 104, 102, 103)), leave=(2,))
    [trade] = found.trades
    assert (trade["entry_row"], trade["entry_price"]) == (1, 100)
    assert ends(found) == [(ExitReason.SIGNAL, 3, 103)]
    assert trade["profit"] == pytest.approx(30)
    assert found.equity.tolist() == pytest.approx([10_000, 10_000, 10_000, 10_030])


def test_a_short_position_gains_when_the_price_falls():
    found = short(candles(QUIET, QUIET, (95, 96, 94, 95), (95, 96, 94, 95)), leave=(2,))
    assert found.trades["profit"].tolist() == pytest.approx([50])
    assert found.equity.tolist() == pytest.approx([10_000, 10_000, 10_050, 10_050])


def test_fees_are_charged_on_both_sides_and_slippage_worsens_market_orders():
    rules = replace(RULES, fee=0.001, slippage=0.01)
    [trade] = long(candles(QUIET, QUIET, QUIET), rules, leave=(1,)).trades
    assert (trade["entry_price"], trade["exit_price"]) == (pytest.approx(101), pytest.approx(99))
    assert trade["fees"] == pytest.approx(trade["quantity"] * 0.001 * 200)
    assert trade["profit"] == pytest.approx(trade["quantity"] * (99 - 101 - 0.2))


@pytest.mark.parametrize(("sizing", "quantity"), [
    (Sizing(SizedBy.EQUITY, 0.5), 50.0),
    (Sizing(SizedBy.NOTIONAL, 300.0), 3.0),
    (Sizing(SizedBy.QUANTITY, 2.0), 14.0),
])  # fmt: skip
def test_the_size_is_a_part_of_the_equity_a_notional_or_given(sizing: Sizing, quantity: float):
    [trade] = long(candles(QUIET, QUIET, QUIET), replace(RULES, sizing=sizing), leave=(1,), quantity=7.0).trades
    assert trade["quantity"] == pytest.approx(quantity)


def test_a_stop_comes_before_a_target_in_one_candle():
    wide = (100.0, 110.0, 90.0, 100.0)
    assert ends(long(candles(QUIET, wide), stop=5.0, target=5.0)) == [(ExitReason.STOP, 1, 95)]
    assert ends(short(candles(QUIET, wide), stop=5.0, target=5.0)) == [(ExitReason.STOP, 1, 105)]


def test_gaps_fill_at_the_open():
    below, above = (90.0, 91.0, 89.0, 90.0), (112.0, 113.0, 111.0, 112.0)
    assert ends(long(candles(QUIET, QUIET, below), stop=5.0, target=5.0)) == [(ExitReason.STOP, 2, 90)]
    assert ends(long(candles(QUIET, QUIET, above), stop=5.0, target=5.0)) == [(ExitReason.TARGET, 2, 112)]
    assert ends(short(candles(QUIET, QUIET, below), stop=5.0, target=5.0)) == [(ExitReason.TARGET, 2, 90)]
    assert ends(short(candles(QUIET, QUIET, above), stop=5.0, target=5.0)) == [(ExitReason.STOP, 2, 112)]


def test_stops_slip_and_targets_do_not():
    rules = replace(RULES, slippage=0.01)
    high, low = (101.0, 120.0, 100.0, 101.0), (101.0, 102.0, 80.0, 101.0)
    assert ends(long(candles(QUIET, QUIET, high), rules, target=9.0)) == [(ExitReason.TARGET, 2, 110)]
    assert ends(long(candles(QUIET, QUIET, low), rules, stop=11.0)) == [(ExitReason.STOP, 2, 89.1)]


@pytest.mark.parametrize(("distance", "unit", "price"), [
    (Distance.PRICE, None, 98.0),
    (Distance.FRACTION, None, 80.0),
    (Distance.UNIT, 4.0, 92.0),
])  # fmt: skip
def test_distances_are_prices_fractions_or_units_of_the_row(distance: Distance, unit: float | None, price: float):
    stop = 0.2 if distance is Distance.FRACTION else 2.0
    low = (100.0, 100.0, 70.0, 100.0)
    found = long(candles(QUIET, QUIET, low), replace(RULES, distance=distance), stop=stop, unit=unit)
    assert ends(found) == [(ExitReason.STOP, 2, price)]


def test_with_two_sides_a_long_position_is_bought_at_the_ask_and_its_stop_watches_the_bid():
    dip = (100.0, 101.0, 96.0, 100.0)
    found = long(candles(QUIET, QUIET, dip, half_spread=0.5), stop=5.0)
    [trade] = found.trades
    assert (trade["entry_price"], trade["exit_price"]) == (100.5, 95.5)  # the middle never went below 96
    assert found.equity[1] == pytest.approx(10_000 - 1_000 / 100.5)  # marked at the bid


def test_with_two_sides_a_short_position_is_sold_at_the_bid_and_its_stop_watches_the_ask():
    rise = (100.0, 104.0, 99.0, 100.0)
    [trade] = short(candles(QUIET, QUIET, rise, half_spread=0.5), stop=5.0).trades
    assert (trade["entry_price"], trade["exit_price"]) == (99.5, 104.5)


def test_a_trailing_stop_is_moved_by_a_candle_for_the_next_and_never_back():
    rules = replace(RULES, trailing=Trailing(3.0))
    up, down = (100.0, 106.0, 100.0, 105.0), (104.0, 104.5, 102.5, 103.0)
    assert ends(long(candles(QUIET, up, down), rules, stop=5.0)) == [(ExitReason.TRAILING_STOP, 2, 103)]


def test_a_trailing_stop_waits_for_its_activation():
    rules = replace(RULES, trailing=Trailing(1.0, activation=6.0))
    up, higher, down = (100.0, 105.0, 100.0, 105.0), (105.0, 106.0, 105.0, 106.0), (105.5, 105.5, 100.0, 103.0)
    assert ends(long(candles(QUIET, up, down), rules, stop=5.0)) == []
    assert ends(long(candles(QUIET, up, higher, down), rules, stop=5.0)) == [(ExitReason.TRAILING_STOP, 3, 105)]


def test_before_its_activation_a_trailing_stop_may_follow_farther_away():
    rules = replace(RULES, trailing=Trailing(1.0, activation=6.0, before=4.0))
    up, down = (100.0, 105.0, 100.0, 105.0), (105.0, 105.0, 100.5, 103.0)
    assert ends(long(candles(QUIET, up, down), rules, stop=5.0)) == [(ExitReason.TRAILING_STOP, 2, 101)]


def test_the_stop_goes_to_break_even_after_a_gain():
    rules = replace(RULES, break_even=BreakEven(gain=4.0, lock=0.5))
    up, down = (100.0, 104.0, 100.0, 103.0), (103.0, 103.0, 99.5, 100.0)
    assert ends(long(candles(QUIET, up, down), rules, stop=5.0)) == [(ExitReason.BREAK_EVEN, 2, 100.5)]


def test_a_ladder_lowers_the_target_with_age_and_in_the_end_takes_a_loss():
    rules = replace(RULES, ladder=(Rung(timedelta(0), 5.0), Rung(2 * MINUTE, 0.5), Rung(4 * MINUTE, -3.0)))
    low = (97.5, 98.0, 97.0, 97.5)
    assert ends(long(candles(QUIET, QUIET, QUIET, QUIET), rules)) == [(ExitReason.LADDER, 3, 100.5)]
    assert ends(long(candles(QUIET, QUIET, low, low, low, low), rules)) == [(ExitReason.LADDER, 5, 97.5)]


def test_a_position_is_closed_at_the_open_when_it_is_old_enough():
    found = long(candles(QUIET, QUIET, QUIET, (102, 103, 101, 102)), replace(RULES, time_exit=2 * MINUTE))
    assert ends(found) == [(ExitReason.TIME, 3, 102)]


def test_parts_of_a_position_are_closed_at_their_gains():
    rules = replace(RULES, parts=(Part(2.0, 0.5), Part(4.0, 0.25)))
    up, stopped = (100.0, 105.0, 100.0, 104.0), (100.0, 100.0, 90.0, 95.0)
    found = long(candles(QUIET, QUIET, up, stopped), rules, stop=5.0)
    assert ends(found) == [(ExitReason.PART, 2, 102), (ExitReason.PART, 2, 104), (ExitReason.STOP, 3, 95)]
    assert found.trades["quantity"].tolist() == pytest.approx([5, 2.5, 2.5])
    assert found.trades["position"].tolist() == [1, 1, 1]
    assert found.equity[-1] == pytest.approx(10_000 + 10 + 10 - 12.5)


def test_parts_that_add_up_to_all_leave_nothing():
    rules = replace(RULES, parts=(Part(2.0, 0.7), Part(4.0, 0.3)))
    found = long(candles(QUIET, QUIET, (100.0, 105.0, 100.0, 104.0), QUIET), rules)
    assert [reason for reason, _, _ in ends(found)] == [ExitReason.PART, ExitReason.PART]
    assert found.equity[-1] == found.equity[-2]


def test_a_position_is_liquidated_before_a_stop_that_is_farther_away():
    rules = replace(RULES, leverage=10.0, maintenance=0.02)
    low = (99.0, 99.0, 85.0, 90.0)
    assert ends(long(candles(QUIET, QUIET, low), rules, stop=20.0)) == [(ExitReason.LIQUIDATION, 2, 92)]
    assert ends(long(candles(QUIET, QUIET, low), rules, stop=5.0)) == [(ExitReason.STOP, 2, 95)]


def test_leverage_lets_the_cash_carry_more():
    big = replace(RULES, sizing=Sizing(SizedBy.NOTIONAL, 30_000.0))
    assert long(candles(QUIET, QUIET, QUIET), big).refused == 1
    found = long(candles(QUIET, QUIET, (101, 102, 100, 101)), replace(big, leverage=5.0))
    assert found.refused == 0
    assert found.equity[-1] == pytest.approx(10_300)


def test_a_limit_entry_fills_at_its_price_or_at_a_better_open():
    dip, gap = (100.0, 100.5, 97.0, 99.0), (97.0, 98.0, 96.0, 97.0)
    assert long(candles(QUIET, QUIET, dip, QUIET), limit=98.0, leave=(2,)).trades["entry_price"].tolist() == [98]
    assert long(candles(QUIET, QUIET, gap, QUIET), limit=98.0, leave=(2,)).trades["entry_price"].tolist() == [97]
    assert len(long(candles(QUIET, QUIET, QUIET, QUIET), limit=98.0, leave=(2,)).trades) == 0


def test_a_limit_entry_inside_a_candle_may_lose_in_it_and_not_gain():
    dip = (100.0, 110.0, 97.0, 99.0)
    assert ends(long(candles(QUIET, dip, QUIET), limit=98.0, target=2.0)) == [(ExitReason.TARGET, 2, 100)]
    assert ends(long(candles(QUIET, dip, QUIET), limit=98.0, stop=1.0)) == [(ExitReason.STOP, 1, 97)]


def test_a_limit_entry_is_withdrawn_when_it_is_too_old():
    dip = (100.0, 100.5, 97.0, 99.0)
    waits = replace(RULES, entry_timeout=3 * MINUTE)
    assert long(candles(QUIET, QUIET, QUIET, dip), waits, limit=98.0).equity[-1] != 10_000
    assert long(candles(QUIET, QUIET, QUIET, QUIET, dip), waits, limit=98.0).equity[-1] == 10_000


def test_a_limit_entry_is_withdrawn_by_an_exit_signal_of_its_side():
    dip = (100.0, 100.5, 97.0, 99.0)
    assert long(candles(QUIET, QUIET, dip), limit=98.0, leave=(1,)).equity[-1] == 10_000


def test_a_limit_entry_that_waits_is_replaced_or_withdrawn():
    rise = (101.0, 101.5, 99.2, 101.0)
    nothing, other = np.full(3, np.nan), np.array([np.nan, 99.5, np.nan])
    assert long(candles(QUIET, QUIET, rise), limit=95.0, replacement=other).equity[-1] == pytest.approx(
        10_000 + 1_000 / 95 * 1.5
    )
    assert long(candles(QUIET, QUIET, (101, 102, 94, 101)), limit=95.0, replacement=nothing).equity[-1] == 10_000


def test_a_limit_entry_that_was_withdrawn_does_not_come_back():
    gone_then_near = np.array([np.nan, np.nan, 100.0, np.nan])
    assert (
        long(candles(QUIET, QUIET, QUIET, QUIET), limit=95.0, replacement=gone_then_near).equity.tolist() == [1e4] * 4
    )
    assert len(long(candles(*[QUIET] * 5), limit=95.0, replacement=np.full(5, 100.0), leave=(3,)).trades) == 1


def test_an_exit_with_a_limit_waits_for_its_price_until_it_is_too_old():
    rise = (100.0, 103.0, 99.0, 102.0)
    waits = replace(RULES, exit_timeout=2 * MINUTE)
    inside = long(candles(QUIET, QUIET, QUIET, rise), waits, leave=(1,), exit_limit=102.5)
    assert ends(inside) == [(ExitReason.SIGNAL, 3, 102.5)]
    assert ends(long(candles(QUIET, QUIET, QUIET, QUIET, rise), waits, leave=(1,), exit_limit=102.5)) == []


def test_a_stop_is_watched_while_an_exit_with_a_limit_waits():
    low = (99.0, 99.0, 94.0, 95.0)
    found = long(candles(QUIET, QUIET, QUIET, low), leave=(1,), exit_limit=102.5, stop=5.0)
    assert ends(found) == [(ExitReason.STOP, 3, 95)]


def test_what_is_open_at_the_end_is_kept_or_closed_at_the_last_close():
    market = candles(QUIET, QUIET, (101, 103, 100, 102))
    assert ends(long(market)) == []
    assert ends(long(market, replace(RULES, at_end=AtEnd.CLOSE))) == [(ExitReason.END, 2, 102)]
    assert long(market).equity[-1] == pytest.approx(10_020)


def test_entry_and_exit_of_one_side_cancel_each_other():
    market = candles(*[QUIET] * 4)
    both = Signals(enter_long=at(4, 0, 1), exit_long=at(4, 1))
    found = simulate([market], [both], RULES, engine=Engine.PYTHON)
    assert len(found.trades) == 0
    neither = Signals(enter_long=at(4, 1), exit_long=at(4, 1), enter_short=at(4, 2), exit_short=at(4, 2))
    assert simulate([market], [neither], RULES, engine=Engine.PYTHON).equity.tolist() == [10_000] * 4


def test_entries_of_both_sides_at_once_are_none():
    both = Signals(enter_long=at(3, 0), enter_short=at(3, 0))
    up = candles(QUIET, QUIET, (105, 106, 104, 105))
    assert simulate([up], [both], RULES, engine=Engine.PYTHON).equity[-1] == 10_000


def test_a_position_may_be_turned_at_one_open():
    signals = Signals(enter_long=at(4, 0), exit_long=at(4, 1), enter_short=at(4, 1), exit_short=at(4, 2))
    found = simulate([candles(*[QUIET] * 4)], [signals], RULES, engine=Engine.PYTHON)
    assert found.trades["side"].tolist() == [1, -1]
    assert found.trades["entry_row"].tolist() == [1, 2]


def test_worst_and_best_price_are_of_the_candles_before_the_exit():
    first, second, last = (100.0, 103.0, 98.0, 101.0), (101.0, 104.0, 99.0, 100.0), (100.0, 120.0, 80.0, 100.0)
    [trade] = long(candles(QUIET, first, second, last), leave=(2,)).trades
    assert (trade["worst_price"], trade["best_price"]) == (98, 104)
    [stopped] = short(candles(QUIET, first, second, last), stop=10.0).trades
    assert (stopped["worst_price"], stopped["best_price"]) == (110, 98)


def test_instruments_with_other_open_times_share_one_axis():
    every, later = candles(*[QUIET] * 4, name="A/USD"), candles(*[QUIET] * 6, name="B/USD")[3:]
    found = simulate([every, later], [Signals(), Signals(enter_long=at(3, 0), stop=5.0)], RULES, engine=Engine.PYTHON)
    assert len(found.time) == len(found.equity) == 6
    assert found.instruments == ("A/USD", "B/USD")


def test_what_one_instrument_frees_another_may_use_in_the_same_row():
    rules = replace(RULES, sizing=Sizing(SizedBy.NOTIONAL, 9_000.0))
    market = [candles(*[QUIET] * 4, name="A/USD"), candles(*[QUIET] * 4, name="B/USD")]
    signals = [Signals(enter_long=at(4, 0), exit_long=at(4, 1)), Signals(enter_long=at(4, 1))]
    assert simulate(market, signals, rules, engine=Engine.PYTHON).refused == 0
    assert simulate(market[::-1], signals[::-1], rules, engine=Engine.PYTHON).refused == 1


def test_the_equity_that_sizes_an_entry_counts_positions_at_the_price_they_could_be_left_at():
    market = [candles(*[QUIET] * 3, name=name, half_spread=1.0) for name in ("A/USD", "B/USD")]
    signals = [Signals(enter_long=at(3, 0)), Signals(enter_long=at(3, 1), stop=0.5)]
    rules = replace(RULES, sizing=Sizing(SizedBy.EQUITY, 0.5))
    found = simulate(market, signals, rules, engine=Engine.PYTHON)
    bought = 5_000 / 101
    assert found.trades["quantity"].tolist() == pytest.approx([0.5 * (10_000 - 2 * bought) / 101])


def test_no_candles_make_no_equity():
    empty = candles(QUIET)[:0]
    found = simulate([empty], [Signals(enter_long=np.empty(0, bool))], RULES, engine=Engine.PYTHON)
    assert (len(found.equity), len(found.trades)) == (0, 0)


@needs_numba
@may_compile
def test_where_numba_is_the_kernels_are_compiled():
    assert simulate([candles(QUIET)], [Signals()], RULES).engine is Engine.COMPILED


def test_without_numba_arrays_are_used_as_far_as_they_go_and_then_the_kernels_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(compiled, "is_available", lambda: False)
    assert simulate([candles(QUIET)], [Signals()], RULES).engine is Engine.NUMPY
    assert simulate([candles(QUIET)], [Signals()], replace(RULES, trailing=Trailing(1.0))).engine is Engine.PYTHON
    with pytest.raises(ConfigError, match="needs numba"):
        simulate([candles(QUIET)], [Signals()], RULES, engine=Engine.COMPILED)


def test_signals_of_another_length_are_refused():
    with pytest.raises(DataError, match=r"GOLD/USD: signals must have one element per candle.*2, found stop 3 float64"):
        simulate([candles(QUIET, QUIET)], [Signals(stop=np.ones(3))], RULES)


def test_flags_that_are_numbers_are_refused():
    with pytest.raises(DataError, match="flags of type bool; expected 2, found exit_long 2 int64"):
        simulate([candles(QUIET, QUIET)], [Signals(exit_long=np.ones(2, int))], RULES)


def test_an_entry_without_its_quantity_or_with_a_stop_of_nothing_is_refused():
    by_quantity = replace(RULES, sizing=Sizing(SizedBy.QUANTITY))
    with pytest.raises(DataError, match="quantity must be positive in each row that enters"):
        long(candles(QUIET, QUIET), by_quantity)
    with pytest.raises(DataError, match="stop must be positive or NaN in each row"):
        long(candles(QUIET, QUIET), stop=0.0)


def test_candles_of_several_timeframes_are_refused():
    hour = Candles("A/USD", Timeframe.H1, np.array([3_600]), *(np.ones(1) for _ in range(5)))
    with pytest.raises(DataError, match="one timeframe; found H1, M1"):
        simulate([hour, candles(QUIET)], [Signals(), Signals()], RULES)


def test_signals_for_each_instrument_are_needed():
    with pytest.raises(DataError, match="expected 1, found 2"):
        simulate([candles(QUIET)], [Signals(), Signals()], RULES)


def test_a_state_is_continued_by_later_candles_of_the_same_instruments_only():
    market = candles(*[QUIET] * 4)
    state = simulate([market[:2]], [Signals()], RULES, engine=Engine.PYTHON).state
    with pytest.raises(DataError, match="must begin after those of the state"):
        simulate([market[1:]], [Signals()], RULES, state=state)
    with pytest.raises(DataError, match="must be of the instruments of the state"):
        simulate([candles(QUIET, name="A/USD")], [Signals()], RULES, state=state)
