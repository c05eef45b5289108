"""What the charts of a report are drawn from: numbers only, thinned until they fit into a page."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

import numpy as np

from desk.adapters.backtests.records import Outcome
from desk.backtest.curve import EquityCurve
from desk.backtest.drawdowns import falls
from desk.backtest.levels import levels_of
from desk.backtest.rolling import WINDOW, rolling_sharpe
from desk.backtest.rounds import ClosedRound, RoundColumns, known
from desk.backtest.tables import side_name
from desk.backtest.thinning import coarse, thin
from desk.model.candles import Candles, FloatArray, IntArray
from desk.model.orders import Barriers

_MOMENTS = 4_000
_CANDLES = 9_000
"""Of all instruments together; each has 500 at least, and the days of a long history are more than nothing."""
_LEAST_CANDLES = 500
_FINE_CANDLES = 6_000
_BEFORE, _AFTER, _LONGEST = 60, 30, 600
"""Candles around a trade that are shown as they are, and how many of the trade itself."""
MOST_TRADES = 5_000
"""In the table of a page; the newest. `trades.parquet` has all."""
_BINS = 40

Data = Mapping[str, object]


def chart_data(outcome: Outcome) -> Data:
    """Return everything that is drawn, and the trades of the table; times are seconds since the epoch."""
    curve = outcome.result.curve
    return {
        "currency": outcome.result.currency,
        "equity": _equity(curve),
        "sharpe": _sharpe(curve),
        "multiples": _distribution(RoundColumns.of(outcome.rounds)),
        "markets": list(_markets(outcome)),
        "trades": _trades(outcome.rounds, levels_of(outcome.result)),
    }


def _equity(curve: EquityCurve) -> Data:
    seen = thin(curve, _MOMENTS)
    depths = falls(curve)[np.searchsorted(curve.time, seen.time)]
    return {"time": seen.time.tolist(), "equity": _rounded(seen.value), "fall": _rounded(-depths)}


def _sharpe(curve: EquityCurve) -> Data | None:
    found = rolling_sharpe(curve)
    if found is None:
        return None
    time, ratio = found
    step = len(time) // _MOMENTS + 1
    return {"time": time[::step].tolist(), "ratio": _rounded(ratio[::step]), "window": WINDOW}


def _distribution(columns: RoundColumns) -> Data | None:
    """How many trades ended at which multiple of their risk; the tails are cut where a bin would say nothing."""
    multiples = known(columns.multiples)
    if len(multiples) == 0:
        return None
    low, high = np.quantile(multiples, (0.005, 0.995)) if len(multiples) > 200 else (multiples.min(), multiples.max())
    width = max(float(high - low) / _BINS, 0.05)
    first = np.floor(low / width)
    edges = (first + np.arange(int(np.ceil(high / width) - first) + 1)) * width
    edges = edges if len(edges) > 1 else np.array([edges[0], edges[0] + width])
    counts, _ = np.histogram(np.clip(multiples, edges[0], edges[-1]), edges)
    middles = (edges[1:] + edges[:-1]) / 2
    return {"at": _rounded(middles), "count": counts.tolist(), "width": width, "mean": float(multiples.mean())}


def _markets(outcome: Outcome) -> Iterator[Data]:
    """Yield the candles of each instrument that could be traded, the traded ones first."""
    traded = {one.instrument for one in outcome.rounds} | set(outcome.result.open)
    names = sorted(outcome.past.policy.instruments, key=lambda name: (name not in traded, name))
    most = max(_CANDLES // len(names), _LEAST_CANDLES)
    left = _FINE_CANDLES // max(len(traded), 1)
    for name in names:
        candles = _between(outcome, name)
        seen = coarse(candles, most)
        yield {
            "name": name,
            "timeframe": seen.timeframe.value,
            "candles": _candles(seen),
            "seconds": candles.timeframe.seconds,
            "fine": _candles(
                candles, _around(candles, [one for one in outcome.rounds if one.instrument == name], left)
            ),
            "open": _open(outcome, name),
        }


def _between(outcome: Outcome, name: str) -> Candles:
    """The candles of the time that was traded."""
    candles, result = outcome.past.history.base[name], outcome.result
    kept = candles.until(result.end)
    return kept.tail(int((kept.time >= result.start.timestamp()).sum()))


def _around(candles: Candles, rounds: Sequence[ClosedRound], most: int) -> IntArray:
    """The places of the candles around the newest trades, as many as there is room for."""
    places = np.empty(0, dtype=np.int64)
    for one in reversed(rounds):
        first, last = np.searchsorted(candles.time, [one.opened_at.timestamp(), one.closed_at.timestamp()])
        if last - first > _LONGEST:
            continue
        around = np.arange(max(first - _BEFORE, 0), min(last + _AFTER, len(candles)))
        merged = np.union1d(places, around)
        if len(merged) > most:
            break
        places = merged
    return places


def _candles(candles: Candles, places: IntArray | None = None) -> Data:
    rows = slice(None) if places is None else places
    prices = {name: _rounded(getattr(candles, name)[rows]) for name in ("open", "high", "low", "close")}
    return {"time": candles.time[rows].tolist(), **prices}


def _open(outcome: Outcome, name: str) -> Data | None:
    """What is held at the end, and since when."""
    holding = outcome.result.open.get(name)
    if holding is None:
        return None
    position = holding.position
    return {
        "side": side_name(position.side),
        "opened": position.opened_at.timestamp(),
        "price": _number(float(position.cost / position.quantity)),
        "stop": None if position.barriers.stop is None else _number(float(position.barriers.stop)),
    }


def _trades(rounds: Sequence[ClosedRound], levels: Sequence[Barriers]) -> Data:
    """The newest trades, a list for each, in the order of `columns`."""
    rows = [_row(number, one, level) for number, (one, level) in enumerate(zip(rounds, levels, strict=True), start=1)]
    return {"columns": _COLUMNS, "rows": rows[-MOST_TRADES:]}


_COLUMNS = (
    *("number", "instrument", "strategy", "side", "opened", "closed", "quantity", "entry", "exit", "stop", "target"),
    *("profit", "R", "costs", "financing", "worst R", "best R", "exit reason"),
)


def _row(number: int, one: ClosedRound, level: Barriers) -> list[object]:
    def in_risk(amount: float) -> float | None:
        return _number(amount / one.risk) if one.risk else None

    return [
        number,
        one.instrument,
        one.strategy,
        side_name(one.side),
        int(one.opened_at.timestamp()),
        int(one.closed_at.timestamp()),
        _number(one.quantity),
        _number(one.entry_price),
        _number(one.exit_price),
        None if level.stop is None else _number(float(level.stop)),
        None if level.target is None else _number(float(level.target)),
        _number(one.profit),
        in_risk(one.profit),
        _number(one.costs),
        _number(one.financing),
        in_risk(one.mae),
        in_risk(one.mfe),
        one.exit_reason,
    ]


def _rounded(values: FloatArray) -> list[float]:
    return [float(f"{value:.7g}") for value in values.tolist()]


def _number(value: float) -> float | None:
    return float(f"{value:.8g}") if isfinite(value) else None
