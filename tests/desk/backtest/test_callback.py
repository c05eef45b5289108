"""A strategy that is asked at every candle gets the fills of explicit signals, and says what it wants in Python."""

import os
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.backtest.callback import simulate_by_candle
from desk.backtest.context import Context
from desk.backtest.rules import AtEnd, Conventions, Distance, Rules, SizedBy, Sizing
from desk.backtest.signals import Signals
from desk.backtest.simulate import REASONS, Engine, Simulation, simulate
from desk.errors import ConfigError, DataError
from desk.model.candles import Candles
from desk.model.timeframe import Timeframe
from tests.desk.backtest.random_cases import START, Case, plain_case, rich_case
from tests.desk.backtest.test_jumps import SEEDS, assert_same

EXAMPLES = int(os.environ.get("DESK_CALLBACK_EXAMPLES", "80"))
PLAIN = Rules(cash=1_000.0, sizing=Sizing(SizedBy.NOTIONAL, 100.0))


class Reader:
    """Reads signals that were made beforehand, one row after the other."""

    def __init__(self, case: Case) -> None:
        self.signals = {one.instrument: signals for one, signals in zip(case.candles, case.signals, strict=True)}

    def on_candle(self, context: Context) -> None:
        signals, row = self.signals[context.instrument], context.row
        long, short = (self._agreed(signals, row, side) for side in ("long", "short"))
        wanted = {name: self._at(getattr(signals, name), row) for name in ("stop", "target", "limit", "quantity")}
        side = context.position or context.waiting_side
        if (side > 0 and long[1]) or (side < 0 and short[1]):
            context.exit(limit=self._at(signals.exit_limit, row))
        if long[0] and not self._is_set(signals.enter_short, row):
            context.enter_long(**wanted)
        if short[0] and not self._is_set(signals.enter_long, row):
            context.enter_short(**wanted)

    @classmethod
    def _agreed(cls, signals: Signals, row: int, side: str) -> tuple[bool, bool]:
        enter, leave = (cls._is_set(getattr(signals, f"{verb}_{side}"), row) for verb in ("enter", "exit"))
        return (enter and not leave, leave and not enter)

    @staticmethod
    def _is_set(flags: np.ndarray | None, row: int) -> bool:
        return flags is not None and bool(flags[row])

    @staticmethod
    def _at(values: object, row: int) -> float:
        return float(values[row]) if isinstance(values, np.ndarray) else np.nan if values is None else float(values)


def made(closes: list[float]) -> Candles:
    close = np.array(closes)
    opens = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(opens, close), np.minimum(opens, close)
    time = START + 60 * np.arange(len(close))
    return Candles("EUR/USD", Timeframe.M1, time, opens, high, low, close, np.ones(len(close)))


def run(on_candle: Callable[[Context], None], closes: list[float], rules: Rules = PLAIN, **series: np.ndarray):
    return simulate_by_candle([made(closes)], on_candle, rules, series=[series])


def reasons(found: Simulation) -> list[tuple[str, float]]:
    return [(REASONS[one["reason"]].value, float(one["exit_price"])) for one in found.trades]


@settings(max_examples=EXAMPLES, deadline=None)
@given(SEEDS, st.sampled_from([plain_case, rich_case]))
def test_signals_that_are_told_one_by_one_give_what_they_give_when_told_at_once(seed, make):
    case = make(seed)
    units = [{} if one.unit is None else {"unit": one.unit} for one in case.signals]
    found = simulate_by_candle(case.candles, Reader(case).on_candle, case.rules, series=units)
    expected = simulate(case.candles, case.signals, case.rules, engine=Engine.PYTHON)
    assert_same(found, expected)
    np.testing.assert_array_equal(found.time, expected.time)
    np.testing.assert_array_equal(found.state.positions[:, :2], expected.state.positions[:, :2])


def test_it_is_asked_at_every_close_with_what_the_account_holds_then():
    seen = []

    def on_candle(context: Context) -> None:
        seen.append((context.row, context.position, context.cash, context.equity, context.series["close"][context.row]))
        if context.row == 1:
            context.enter_long()

    run(on_candle, [100.0, 100.0, 102.0], close=np.array([100.0, 100.0, 102.0]))
    assert seen == [(0, 0.0, 1000.0, 1000.0, 100.0), (1, 0.0, 1000.0, 1000.0, 100.0), (2, 1.0, 900.0, 1002.0, 102.0)]


def test_a_stop_that_is_moved_holds_from_the_next_candle():
    def on_candle(context: Context) -> None:
        if context.row == 0:
            context.enter_long(stop=50.0)
        elif context.position:
            # Into the candle that has just been, which must not reach it any more.
            context.move_stop(context.series["close"][context.row] - 1.0)

    closes = [100.0, 100.0, 110.0, 120.0, 100.0]
    assert reasons(run(on_candle, closes, close=np.array(closes))) == [("stop", 119.0)]


def test_a_target_can_be_moved_and_what_is_held_can_be_seen():
    seen = []

    def on_candle(context: Context) -> None:
        if context.row == 0:
            context.enter_short(stop=30.0, target=20.0)
        elif context.position:
            seen.append((context.entry_row, context.entry_price, context.stop_price, context.target_price))
            context.move_target(95.0)

    assert reasons(run(on_candle, [100.0, 100.0, 98.0, 90.0])) == [("target", 95.0)]
    assert seen == [(1, 100.0, 130.0, 80.0), (1, 100.0, 130.0, 95.0)]


def test_an_order_that_waits_is_withdrawn_by_exit():
    waiting = []

    def on_candle(context: Context) -> None:
        if context.row == 0:
            context.enter_long(limit=95.0)
        if context.row == 2:
            context.exit()
        waiting.append(context.waiting_side)

    found = run(on_candle, [100.0, 100.0, 100.0, 100.0, 90.0])
    assert len(found.trades) == 0
    assert found.equity[-1] == PLAIN.cash
    assert waiting == [0, 1, 1, 0, 0]


def test_a_position_is_turned_at_one_open():
    def on_candle(context: Context) -> None:
        if context.row == 0:
            context.enter_long()
        if context.row == 2:
            context.exit()
            context.enter_short()

    found = run(on_candle, [100.0, 100.0, 101.0, 99.0], replace(PLAIN, at_end=AtEnd.CLOSE))
    assert [(int(one["side"]), int(one["entry_row"]), int(one["exit_row"])) for one in found.trades] == [
        (1, 1, 3),
        (-1, 3, 3),
    ]


def test_it_goes_on_with_explicit_signals_from_where_it_ended():
    def on_candle(context: Context) -> None:
        if context.row == 1:
            context.enter_long(stop=5.0)

    candles = made([100.0, 100.0, 101.0, 102.0, 90.0])
    first = simulate_by_candle([candles[:2]], on_candle, PLAIN)
    rest = simulate([candles[2:]], [Signals()], PLAIN, state=first.state, engine=Engine.PYTHON)
    assert reasons(rest) == reasons(simulate_by_candle([candles], on_candle, PLAIN)) == [("stop", 95.0)]


def test_a_level_can_be_moved_away_but_not_to_nowhere():
    def on_candle(context: Context) -> None:
        if context.row == 0:
            context.enter_long(stop=2.0)
        elif context.position:
            context.move_stop(-np.inf if context.row == 1 else np.nan)

    assert reasons(run(on_candle, [100.0, 100.0])) == []
    with pytest.raises(DataError, match="EUR/USD: expected a price, found nan at row 2"):
        run(on_candle, [100.0, 100.0, 90.0])


@pytest.mark.parametrize("ask", [lambda one: one.move_stop(90.0), lambda one: one.entry_price])
def test_what_only_a_position_has_is_not_there_without_one(ask):
    with pytest.raises(DataError, match="EUR/USD: no position is held at row 0"):
        run(ask, [100.0, 100.0])


@pytest.mark.parametrize(
    ("wish", "rules", "words"),
    [
        ({"stop": 0.0}, PLAIN, "stop of an entry must be positive; expected a positive number, found 0.0 at row 0"),
        ({"limit": -1.0}, PLAIN, "limit of an entry must be positive"),
        ({}, replace(PLAIN, sizing=Sizing(SizedBy.QUANTITY)), "quantity of an entry must be positive.*found nan"),
        ({}, replace(PLAIN, distance=Distance.UNIT), "unit of an entry must be positive.*found nan"),
    ],
)
def test_an_entry_that_cannot_be_made_is_refused_where_it_is_wished(wish, rules, words):
    with pytest.raises(DataError, match=words):
        run(lambda context: context.enter_long(**wish), [100.0, 100.0], rules)


def test_series_of_another_length_are_refused():
    with pytest.raises(DataError, match="EUR/USD: series must have one element per candle; expected 2, found fast 3"):
        run(lambda context: None, [100.0, 100.0], fast=np.zeros(3))
    with pytest.raises(DataError, match="expected series for each of 1 instruments, found them for 2"):
        simulate_by_candle([made([100.0])], lambda context: None, PLAIN, series=[{}, {}])


def test_the_conventions_of_freqtrade_are_refused():
    with pytest.raises(ConfigError, match="runs in the conventions 'desk'; found 'freqtrade'"):
        run(
            lambda context: None, [100.0], replace(PLAIN, distance=Distance.FRACTION, conventions=Conventions.FREQTRADE)
        )


def test_an_exit_with_a_limit_waits_for_its_price():
    def on_candle(context: Context) -> None:
        if context.row == 0:
            context.enter_long(stop=50.0)
        if context.row == 1:
            context.exit(limit=103.0)

    assert reasons(run(on_candle, [100.0, 100.0, 101.0, 101.0, 104.0])) == [("signal", 103.0)]


@pytest.mark.parametrize(
    "wishes",
    [
        [lambda one: one.enter_long(), lambda one: one.enter_short()],
        [lambda one: one.enter_short(), lambda one: one.enter_long()],
    ],
)
def test_entries_of_both_sides_are_none(wishes):
    found = run(lambda context: [wish(context) for wish in wishes], [100.0, 100.0, 100.0])
    np.testing.assert_array_equal(found.equity, 1_000.0)
    assert not found.state.positions[0, 0]
