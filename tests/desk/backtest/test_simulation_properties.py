"""What holds of every simulation, whatever its candles, signals and rules are."""

import os
from dataclasses import fields, replace
from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.backtest.rules import AtEnd, Distance, Part, Rules, SizedBy, Sizing
from desk.backtest.signals import Signals
from desk.backtest.simulate import Engine, Simulation, simulate
from desk.model.candles import Candles
from tests.desk.backtest.drawn import FREQTRADE_RULES, PLAIN_RULES, RICH_RULES, World, with_limits, world
from tests.desk.backtest.engines import may_compile, needs_numba

EXAMPLES = int(os.environ.get("DESK_BACKTEST_EXAMPLES", "25"))
SEEDS = st.integers(0, 2**32 - 1)
ANY_RULES = RICH_RULES | FREQTRADE_RULES
ROWS = 60

some = settings(max_examples=EXAMPLES)


def drawn_world(seed: int, rules: Rules, instruments: int = 3, rows: int = ROWS) -> World:
    """Return a world whose instruments may have gaps, two sides, limits: as the seed has it."""
    made = world(seed, instruments, rows, two_sided=bool(seed & 1), gaps=bool(seed & 2))
    if rules.distance is Distance.FRACTION:
        made = replace(made, signals=[replace(one, stop=0.01 * one.stop, target=None) for one in made.signals])
    if seed & 4:
        pairs = zip(made.signals, made.candles, strict=True)
        return replace(made, signals=[with_limits(one, candles, seed) for one, candles in pairs])
    return made


def run(made: World, rules: Rules, engine: Engine = Engine.PYTHON) -> Simulation:
    return simulate(made.candles, made.signals, rules, engine=engine)


def assert_same(one: Simulation, other: Simulation, tolerance: float = 0.0) -> None:
    assert one.refused == other.refused
    assert len(one.trades) == len(other.trades)
    for name in one.trades.dtype.names or ():
        np.testing.assert_allclose(one.trades[name], other.trades[name], rtol=tolerance, atol=tolerance, err_msg=name)
    np.testing.assert_allclose(one.equity, other.equity, rtol=tolerance)


@needs_numba
@may_compile
@some
@given(SEEDS, ANY_RULES)
def test_compiled_and_plain_kernels_agree_to_the_last_digit(seed: int, rules: Rules):
    made = drawn_world(seed, rules)
    assert_same(run(made, rules, Engine.COMPILED), run(made, rules))


@some
@given(SEEDS, PLAIN_RULES)
def test_skipping_quiet_candles_changes_nothing(seed: int, rules: Rules):
    made = world(seed, 3, ROWS, two_sided=bool(seed & 1), gaps=bool(seed & 2))
    # A part that is never reached changes nothing either, but has every candle looked at.
    unreached = replace(rules, parts=(Part(1e9, 0.5),))
    assert_same(run(made, rules), run(made, unreached))


@some
@given(SEEDS, ANY_RULES)
def test_cash_and_positions_are_conserved_at_every_row(seed: int, rules: Rules):
    made = drawn_world(seed, rules)
    found = run(made, replace(rules, at_end=AtEnd.CLOSE))
    expected = np.full(len(found.time), rules.cash)
    for trade in found.trades:
        expected[found.time >= trade["exit_time"]] += trade["profit"]
        held = (found.time >= trade["entry_time"]) & (found.time < trade["exit_time"])
        expected[held] += open_profits(made.candles[trade["instrument"]], trade, found.time[held], rules)
    np.testing.assert_allclose(found.equity, expected, rtol=1e-9)


def open_profits(candles: Candles, trade: np.void, times: np.ndarray, rules: Rules) -> np.ndarray:
    """Return what the trade was worth beyond its cost at each of the times, by its instrument's last close."""
    side = candles.bid if trade["side"] > 0 else candles.ask
    closes = (side or candles).close[np.searchsorted(candles.time, times, side="right") - 1]
    gain = trade["side"] * (closes - trade["entry_price"])
    return trade["quantity"] * (gain - rules.fee * trade["entry_price"])


@some
@given(SEEDS, RICH_RULES)
def test_a_higher_fee_never_gives_more_where_the_trades_are_the_same(seed: int, rules: Rules):
    made = drawn_world(seed, rules)
    fixed = replace(rules, sizing=Sizing(SizedBy.NOTIONAL, 1_000.0))
    cheap, dear = run(made, fixed), run(made, replace(fixed, fee=fixed.fee + 0.001))
    np.testing.assert_array_equal(cheap.trades["exit_time"], dear.trades["exit_time"])
    assert (dear.equity <= cheap.equity).all()
    assert len(cheap.trades) == 0 or dear.equity[-1] < cheap.equity[-1]


@some
@given(SEEDS, ANY_RULES, st.permutations(range(3)))
def test_the_order_of_instruments_changes_nothing_while_the_cash_suffices(seed: int, rules: Rules, order: list[int]):
    made = drawn_world(seed, rules)
    ample = replace(rules, sizing=Sizing(SizedBy.EQUITY, 0.01))
    shuffled = World([made.candles[k] for k in order], [made.signals[k] for k in order])
    one, other = run(made, ample), run(shuffled, ample)
    np.testing.assert_allclose(one.equity, other.equity, rtol=1e-9)
    assert one.refused == other.refused == 0
    np.testing.assert_allclose(np.sort(one.trades["profit"]), np.sort(other.trades["profit"]), rtol=1e-9, atol=1e-9)


@some
@given(SEEDS, ANY_RULES)
def test_history_before_the_first_signal_changes_nothing(seed: int, rules: Rules):
    made = drawn_world(seed, rules, instruments=1, rows=2 * ROWS)
    [candles], [signals] = made.candles, made.signals
    begin = len(candles) // 2
    whole = simulate([candles], [silent_until(signals, begin)], rules, engine=Engine.PYTHON)
    part = simulate([candles[begin:]], [sliced(signals, begin, None)], rules, engine=Engine.PYTHON)
    for name in ("entry_time", "exit_time", "quantity", "profit"):
        np.testing.assert_array_equal(whole.trades[name], part.trades[name])
    np.testing.assert_array_equal(whole.equity[-len(part.equity) :], part.equity)
    assert (whole.equity[:begin] == rules.cash).all()


def silent_until(signals: Signals, row: int) -> Signals:
    enter_long, enter_short = signals.enter_long.copy(), signals.enter_short.copy()
    enter_long[:row], enter_short[:row] = False, False
    return replace(signals, enter_long=enter_long, enter_short=enter_short)


def sliced(signals: Signals, start: int, stop: int | None) -> Signals:
    values = {field.name: getattr(signals, field.name) for field in fields(Signals)}
    return Signals(
        **{name: value[start:stop] if isinstance(value, np.ndarray) else value for name, value in values.items()}
    )


@some
@given(SEEDS, RICH_RULES, st.integers(0, ROWS - 1))
def test_a_run_that_is_split_and_resumed_equals_one_run(seed: int, rules: Rules, cut: int):
    kept = replace(rules, at_end=AtEnd.KEEP)
    made = drawn_world(seed, rules)
    moment = datetime.fromtimestamp(1_700_000_040 + 60 * cut, tz=UTC)
    rows = [len(one) - len(one.since(moment)) for one in made.candles]
    first = [one[:row] for one, row in zip(made.candles, rows, strict=True)]
    later = [one[row:] for one, row in zip(made.candles, rows, strict=True)]
    early = [sliced(one, 0, row) for one, row in zip(made.signals, rows, strict=True)]
    late = [sliced(one, row, None) for one, row in zip(made.signals, rows, strict=True)]
    one = run(made, kept)
    begun = simulate(first, early, kept, engine=Engine.PYTHON)
    resumed = simulate(later, late, kept, state=begun.state, engine=Engine.PYTHON)
    np.testing.assert_array_equal(np.concatenate([begun.time, resumed.time]), one.time)
    np.testing.assert_allclose(np.concatenate([begun.equity, resumed.equity]), one.equity, rtol=1e-12)
    np.testing.assert_array_equal(np.concatenate([begun.trades, resumed.trades]), one.trades)
    assert begun.refused + resumed.refused == one.refused
