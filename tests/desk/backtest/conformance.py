"""Cases of freqtrade's backtesting in our terms: one case in, its trades out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from desk.backtest.rules import AtEnd, Conventions, Distance, Rules, Rung, SizedBy, Sizing, Trailing
from desk.backtest.signals import Signals
from desk.backtest.simulate import REASONS, Engine, ExitReason, Simulation, simulate
from desk.model.candles import Candles
from desk.model.timeframe import Timeframe

FOLDER = Path(__file__).parents[4] / "shared" / "conformance"
FIRST = 1_538_524_800  # 2018-10-03T00:00:00Z
FLAGS = ("enter_long", "enter_short", "exit_long", "exit_short")

Case = Mapping[str, Any]

WORDS = {
    ExitReason.SIGNAL: "exit_signal",
    ExitReason.STOP: "stop_loss",
    ExitReason.LADDER: "roi",
    ExitReason.TRAILING_STOP: "trailing_stop_loss",
    ExitReason.END: "force_exit",
}


@dataclass(frozen=True)
class Found:
    """A trade as the cases write it."""

    exit_reason: str
    open_candle: int
    close_candle: int
    side: str
    open_price: float
    close_price: float
    profit_ratio: float


@cache
def cases(name: str) -> list[Case]:
    document = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    columns = document.get("candle_columns")
    for case in document["cases"]:
        if columns:
            case["candles"] = [dict(zip(columns, row, strict=True)) for row in case["candles"]]
    found: list[Case] = document["cases"]
    return found


def run(case: Case, conventions: Conventions = Conventions.FREQTRADE, engine: Engine = Engine.PYTHON) -> list[Found]:
    rules = rules_of(case, conventions)
    simulation = simulate([candles_of(case["candles"])], [signals_of(case)], rules, engine=engine)
    return trades_of(simulation, rules)


def candles_of(rows: Sequence[Case]) -> Candles:
    columns = ([float(row[name]) for row in rows] for name in ("open", "high", "low", "close", "volume"))
    time = [FIRST + 3_600 * int(row["i"]) for row in rows]
    return Candles("BTC/USDT", Timeframe.H1, np.array(time), *(np.array(column) for column in columns))


def signals_of(case: Case) -> Signals:
    settings = case["settings"]
    flags = {name: np.array([bool(row[name]) for row in case["candles"]]) for name in FLAGS}
    if not settings["use_exit_signal"]:
        # Without them an entry that contradicts one still does not happen.
        flags = {name: flags[name] & ~flags[name.replace("enter", "exit")] for name in FLAGS[:2]}
    adjusted = settings["adjust_entry_price"]
    return Signals(
        **flags,
        stop=abs(settings["stop_loss"]),
        limit=settings["custom_entry_price"],
        exit_limit=settings["custom_exit_price"],
        replacement=adjusted if adjusted is not None else float("nan"),
    )


def rules_of(case: Case, conventions: Conventions) -> Rules:
    settings = case["settings"]
    timeout = settings["unfilled_timeout_minutes"]
    return Rules(
        cash=1e9,
        sizing=Sizing(SizedBy.NOTIONAL, 1_000.0),
        fee=case.get("fee_rate", 0.0),
        leverage=settings["leverage"],
        distance=Distance.FRACTION,
        trailing=trailing_of(settings),
        ladder=tuple(
            Rung(timedelta(minutes=int(age)), float(gain))
            for age, gain in sorted(settings["roi"].items(), key=lambda rung: int(rung[0]))
        ),
        entry_timeout=timedelta(minutes=10 if timeout is None else timeout),
        exit_timeout=timedelta(minutes=30 if timeout is None else timeout),
        at_end=AtEnd.CLOSE,
        conventions=conventions,
    )


def trailing_of(settings: Case) -> Trailing | None:
    stop = abs(settings["stop_loss"])
    if settings["use_custom_stoploss"]:
        return Trailing(stop)
    if not settings["trailing_stop"]:
        return None
    offset, positive = settings["trailing_stop_positive_offset"], settings["trailing_stop_positive"]
    before = None if settings["trailing_only_offset_is_reached"] else stop
    return Trailing(stop if positive is None else positive, offset, before)


def trades_of(simulation: Simulation, rules: Rules) -> list[Found]:
    return [
        Found(
            WORDS[REASONS[trade["reason"]]],
            int(trade["placed_row"]),
            int(trade["exit_row"]),
            "long" if trade["side"] > 0 else "short",
            float(trade["entry_price"]),
            float(trade["exit_price"]),
            ratio_of(int(trade["side"]), float(trade["entry_price"]), float(trade["exit_price"]), rules),
        )
        for trade in simulation.trades
    ]


def ratio_of(side: int, entry: float, closed: float, rules: Rules) -> float:
    if side > 0:
        exact = (1 - rules.fee) * closed / ((1 + rules.fee) * entry) - 1
    else:
        exact = 1 - (1 + rules.fee) * closed / ((1 - rules.fee) * entry)
    return round(exact * rules.leverage, 8)


def deviations(case: Case, found: Sequence[Found]) -> list[str]:
    """Return what differs from what the case expects, in words."""
    expected = case["expected"]["trades"]
    wrong = [] if len(found) == len(expected) else [f"{len(expected)} trades expected, {len(found)} found"]
    for number, (trade, want) in enumerate(zip(found, expected, strict=False)):
        for name, value in want.items():
            if name != "enter_tag" and not _agrees(getattr(trade, name), value):
                wrong.append(f"trade {number}: {name} {value} expected, {getattr(trade, name)} found")
    total = case["expected"].get("sum_profit_ratio_rounded_3")
    if total is not None and abs(sum(trade.profit_ratio for trade in found) - total) > 0.000_501:
        wrong.append(f"sum of profit ratios {total} expected, {sum(trade.profit_ratio for trade in found)} found")
    return [f"{case['id']}: {words}" for words in wrong]


def _agrees(found: object, expected: object) -> bool:
    if isinstance(expected, float) and isinstance(found, float):
        return abs(found - expected) <= 1e-7
    return found == expected
