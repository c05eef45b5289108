"""Examines strategies: the contract that all keep, and how often each would have traded on candles from files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from console.failures import FAILED, NotUnderstood
from console.services.plugins import every_strategy, strategy_named
from console.showing import print_json, print_line, print_rows
from desk.adapters.feeds.candle_files import read_candles
from desk.contracts.plugins import check_plugin
from desk.contracts.strategies import check_strategy, market_for, seconds
from desk.model.candles import Candles
from desk.model.market import Market
from desk.model.resampling import resample
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy

_KEPT = "kept"


def check_strategies(names: Sequence[str], *, data: Path | None, threshold: float, as_json: bool) -> int:
    """Print what each strategy keeps or breaks, then its signals on the files of a folder; return 1 where one breaks.

    Raises:
        NotUnderstood: there is no strategy of a name, or no candle file in the folder.
    """
    chosen = [strategy_named(name) for name in names] or list(every_strategy().values())
    files = candle_files(data) if data is not None else {}
    examined = [_examined(strategy) for strategy in chosen]
    whole = [strategy() for strategy, row in zip(chosen, examined, strict=True) if row["contract"] == _KEPT]
    signals = [row for strategy in whole for row in _signals(strategy, files, threshold)]
    if as_json:
        print_json({"contracts": examined, "signals": signals})
    else:
        print_rows(examined, as_json=False)
        _print_signals(signals, threshold)
    return 0 if len(whole) == len(chosen) else FAILED


def candle_files(folder: Path) -> dict[str, Candles]:
    """Return the candles of every .parquet file of a folder, by the file's name.

    Raises:
        NotUnderstood: there is no such folder, or no such file in it.
        ConfigError, MalformedCandles: a file cannot be used.
    """
    paths = sorted(folder.glob("*.parquet")) if folder.is_dir() else []
    if not paths:
        raise NotUnderstood(f"{folder}: expected a folder with .parquet files of candles, found none")
    return {path.stem: read_candles(path, path.stem) for path in paths}


@dataclass(frozen=True, slots=True)
class Seen:
    """The signals of a strategy on one file.

    Attributes:
        at: close times of the signals in seconds since the epoch, oldest first.
    """

    candles: int
    long: int
    short: int
    at: Sequence[int]


def signals_of(strategy: Strategy, market: Market, threshold: float) -> Seen:
    """Count the candles at which the score of a strategy reaches a threshold."""
    score = np.nan_to_num(strategy.evaluate(market).score)
    at = market.own.close_times[np.abs(score) >= threshold]
    return Seen(len(score), int((score >= threshold).sum()), int((score <= -threshold).sum()), at.tolist())


def market_of(strategy: Strategy, candles: Candles) -> Market | None:
    """Return the candles in the timeframe that the strategy is made for, or in their own where that is longer.

    None where it reads a timeframe that is shorter than these candles. Every bucket whose end the file does not reach
    is left out, as it would not have been closed.
    """
    usual = strategy.usual_timeframe
    own = usual if usual.seconds >= candles.timeframe.seconds else candles.timeframe
    if any(timeframe.seconds < own.seconds for timeframe in strategy.reads):
        return None
    wanted: Sequence[Timeframe] = (own, *strategy.reads)
    return Market(own, {each: resample(candles, each).until(candles.closed_at) for each in wanted})


def _examined(strategy: type[Strategy]) -> dict[str, object]:
    try:
        check_plugin(strategy, strategy.name)
        check_strategy(strategy())
    except AssertionError as broken:
        return {"strategy": strategy.name, "contract": _in_a_line(str(broken)), "milliseconds": None}
    except Exception as error:  # noqa: BLE001 - a strategy is a plug-in; its failure is what is examined
        return {"strategy": strategy.name, "contract": f"{type(error).__name__}: {error}", "milliseconds": None}
    return {"strategy": strategy.name, "contract": _KEPT, "milliseconds": _milliseconds(strategy())}


def _in_a_line(text: str) -> str:
    return " ".join(text.split())


def _milliseconds(strategy: Strategy) -> float:
    market = market_for(strategy, 500)
    return round(1000 * min(seconds(strategy, market) for _ in range(3)), 2)


def _signals(strategy: Strategy, files: Mapping[str, Candles], threshold: float) -> Iterator[dict[str, object]]:
    for name, candles in files.items():
        market = market_of(strategy, candles)
        if market is None:
            needs = min(strategy.reads, key=lambda timeframe: timeframe.seconds)
            note = f"needs candles of {needs} or shorter"
            yield _row(strategy, name, candles.timeframe, Seen(0, 0, 0, ()), note)
        else:
            missing = " and ".join(strategy.reads_series)
            note = f"without {missing}" if missing else ""
            yield _row(strategy, name, market.timeframe, signals_of(strategy, market, threshold), note)


def _row(strategy: Strategy, data: str, timeframe: Timeframe, seen: Seen, note: str) -> dict[str, object]:
    return {
        "strategy": strategy.name,
        "data": data,
        "timeframe": timeframe,
        "candles": seen.candles,
        "long": seen.long,
        "short": seen.short,
        "share": round((seen.long + seen.short) / max(seen.candles, 1), 4),
        "first": _day(seen.at[0]) if seen.at else "",
        "last": _day(seen.at[-1]) if seen.at else "",
        "note": note,
    }


def _print_signals(signals: Sequence[Mapping[str, object]], threshold: float) -> None:
    if signals:
        print_line()
        print_rows(signals, as_json=False, title=f"Candles with a score of {threshold:g} or more")


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at, tz=UTC):%Y-%m-%d}"
