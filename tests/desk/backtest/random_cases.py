"""Random markets, signals and rules of a simulation, each a function of a seed."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from desk.backtest.rules import AtEnd, BreakEven, Distance, Part, Rules, Rung, SizedBy, Sizing, Trailing
from desk.backtest.signals import Signals
from desk.model.candles import Candles, PriceBars
from desk.model.timeframe import Timeframe

START = 1_577_836_800


@dataclass(frozen=True)
class Case:
    candles: list[Candles]
    signals: list[Signals]
    rules: Rules

    def part(self, rows: slice) -> "Case":
        """The same instruments over a part of the rows; only where all have the same candles."""
        names = ("enter_long", "enter_short", "exit_long", "exit_short", "stop", "target", "unit", "quantity")
        values = [{name: getattr(one, name) for name in names} for one in self.signals]
        cut = [
            {name: value[rows] if isinstance(value, np.ndarray) else value for name, value in one.items()}
            for one in values
        ]
        return Case([one[rows] for one in self.candles], [Signals(**one) for one in cut], self.rules)


def plain_case(seed: int, *, most_rows: int = 80, is_aligned: bool = False) -> Case:
    """One to three instruments with market entries, stops, targets, signals of exit, ages and liquidation."""
    rng = np.random.default_rng(seed)
    rules = _rules(rng)
    count = int(rng.integers(1, 4))
    axis = START + 60 * np.arange(int(rng.integers(2, most_rows)))
    is_whole = is_aligned or rng.random() < 0.5
    times = [
        axis if is_whole else np.sort(rng.choice(axis, rng.integers(1, len(axis) + 1), False)) for _ in range(count)
    ]
    candles = [_candles(rng, f"I{k}", time) for k, time in enumerate(times)]
    return Case(candles, [_signals(rng, len(one), rules) for one in candles], rules)


def rich_case(seed: int, *, most_rows: int = 80) -> Case:
    """The same with whatever else the conventions of the desk know, each in some of the cases."""
    rng = np.random.default_rng(seed + 1)
    plain = plain_case(seed, most_rows=most_rows)
    scale = 0.01 if plain.rules.distance is Distance.FRACTION else 1.0

    def some(value: object) -> object:
        return value if rng.random() < 0.4 else None

    changes = {
        "trailing": some(Trailing(2.0 * scale, activation=float(rng.choice([0.0, 1.0])) * scale)),
        "break_even": some(BreakEven(1.5 * scale, lock=0.5 * scale)),
        "ladder": some((Rung(timedelta(0), 4.0 * scale), Rung(timedelta(minutes=5), 0.5 * scale))),
        "parts": some((Part(1.0 * scale, 0.5), Part(2.0 * scale, 0.25))),
        "entry_timeout": some(timedelta(minutes=3)),
        "exit_timeout": some(timedelta(minutes=2)),
    }
    rules = replace(plain.rules, **{name: value or getattr(plain.rules, name) for name, value in changes.items()})
    signals = [
        replace(one, limit=some(_near(rng, candles)), exit_limit=some(_near(rng, candles)))
        for one, candles in zip(plain.signals, plain.candles, strict=True)
    ]
    return Case(plain.candles, signals, rules)


def _near(rng: np.random.Generator, candles: Candles) -> np.ndarray:
    """Limit prices around the market, and market orders between them."""
    return np.where(rng.random(len(candles)) < 0.3, np.nan, candles.close + rng.integers(-4, 5, len(candles)) * 0.5)


def _rules(rng: np.random.Generator) -> Rules:
    sized_by = SizedBy(rng.choice([one.value for one in SizedBy]))
    amount = {SizedBy.EQUITY: rng.choice([0.1, 0.6, 1.5]), SizedBy.NOTIONAL: 400.0, SizedBy.QUANTITY: 1.0}[sized_by]
    leverage = float(rng.choice([1.0, 3.0]))
    return Rules(
        cash=1_000.0,
        sizing=Sizing(sized_by, float(amount)),
        fee=float(rng.choice([0.0, 0.001])),
        slippage=float(rng.choice([0.0, 0.002])),
        leverage=leverage,
        maintenance=0.05 if leverage > 1 and rng.random() < 0.5 else None,
        distance=Distance(rng.choice([one.value for one in Distance])),
        time_exit=timedelta(minutes=int(rng.integers(1, 9))) if rng.random() < 0.3 else None,
        at_end=AtEnd(rng.choice([one.value for one in AtEnd])),
    )


def _candles(rng: np.random.Generator, name: str, time: np.ndarray) -> Candles:
    """Coarse prices, so that many touch a level exactly; gaps between candles; two sides of the market now and then."""
    middle = 100.0 + np.cumsum(rng.integers(-3, 4, (len(time), 4)), axis=1).cumsum(axis=0)[:, :4] * 0.5
    middle = np.maximum(middle, 5.0)
    opens, closes = middle[:, 0], middle[:, 3]
    high, low = middle.max(axis=1), middle.min(axis=1)
    sides = (None, None)
    if rng.random() < 0.4:
        spread = rng.choice([0.25, 0.5], len(time))
        sides = tuple(PriceBars(*(values + sign * spread for values in (opens, high, low, closes))) for sign in (-1, 1))
    return Candles(name, Timeframe.M1, time, opens, high, low, closes, np.ones(len(time)), *sides)


def _signals(rng: np.random.Generator, rows: int, rules: Rules) -> Signals:
    chance = float(rng.choice([0.05, 0.3]))

    def flags(is_there: bool) -> np.ndarray | None:
        return rng.random(rows) < chance if is_there else None

    # In price; as a fraction a hundredth of it, since prices lie around 100.
    scale = 0.01 if rules.distance is Distance.FRACTION else 1.0

    def distance() -> np.ndarray | float | None:
        each = np.where(rng.random(rows) < 0.2, np.nan, rng.integers(1, 9, rows) * 0.5 * scale)
        return [each, 2.0 * scale, None][int(rng.integers(3))]

    return Signals(
        enter_long=flags(True),
        enter_short=flags(rng.random() < 0.6),
        exit_long=flags(rng.random() < 0.8),
        exit_short=flags(rng.random() < 0.8),
        stop=distance(),
        target=distance(),
        unit=rng.choice([0.5, 1.0, 2.0], rows) if rules.distance is Distance.UNIT else None,
        quantity=rng.integers(1, 5, rows) * 1.0 if rules.sizing.by is SizedBy.QUANTITY else None,
    )
