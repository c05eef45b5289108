"""The tables of a backtest: what each month brought, and its trades by instrument, strategy, side, exit and time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum

import numpy as np

from desk.backtest.curve import EquityCurve, day_of
from desk.backtest.rounds import ClosedRound, RoundColumns
from desk.backtest.trade_figures import TradeFigures, trade_figures
from desk.model.candles import FloatArray, IntArray
from desk.model.instrument import Side

_MONTHS = 12


class RoundGrouping(StrEnum):
    """By what the trades of a backtest are told apart; HOUR, WEEKDAY and MONTH are those of the entry in UTC."""

    INSTRUMENT = "instrument"
    STRATEGY = "strategy"
    SIDE = "side"
    EXIT_REASON = "exit_reason"
    HOUR = "hour"
    WEEKDAY = "weekday"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class YearReturns:
    """What the months of a year brought, as fractions of the equity that each began with.

    Attributes:
        months: twelve, January first; None where the curve has no equity in it, or nothing was left to begin with.
        whole: of the months that there are, one on the other.
    """

    year: int
    months: tuple[float | None, ...]
    whole: float | None


def monthly_table(curve: EquityCurve) -> tuple[YearReturns, ...]:
    """Return the years that the curve has equity in, oldest first; their `whole` multiply to the total."""
    monthly = curve.monthly()
    returns = monthly.returns()
    places = _month_of(monthly.time)[1 : len(returns) + 1]
    return tuple(
        _year(int(year), places[places // _MONTHS == year], returns[places // _MONTHS == year])
        for year in np.unique(places // _MONTHS)
    )


def daily_table(curve: EquityCurve) -> Mapping[int, float]:
    """Return the return of each UTC day that has equity, under its number since the epoch; see `curve.day_of`."""
    daily = curve.daily()
    returns = daily.returns()
    days = day_of(daily.time)[1 : len(returns) + 1]
    return dict(zip(days.tolist(), returns.tolist(), strict=True))


def grouped_figures(rounds: Sequence[ClosedRound], by: RoundGrouping) -> Mapping[str, TradeFigures]:
    """Return the figures of the trades under what they are told apart by, in its order."""
    ordered = sorted(rounds, key=lambda one: one.closed_at)
    places: dict[str, list[int]] = {}
    label = _LABELS[by]
    for place, one in enumerate(ordered):
        places.setdefault(label(one), []).append(place)
    columns = RoundColumns.of(ordered)
    return {name: trade_figures(columns.of_rows(np.array(places[name]))) for name in sorted(places)}


def weekday_name(label: str) -> str:
    """Return the English name of a group of WEEKDAY, whose labels are "1" (Monday) to "7" so that they sort."""
    return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[int(label) - 1]


def side_name(side: Side) -> str:
    """Return what a trade that was entered on this side is called."""
    return "long" if side.sign > 0 else "short"


def _year(year: int, places: IntArray, returns: FloatArray) -> YearReturns:
    found = dict(zip((places % _MONTHS).tolist(), returns.tolist(), strict=True))
    whole = float(np.prod(1 + returns) - 1)
    return YearReturns(year, tuple(found.get(month) for month in range(_MONTHS)), whole)


def _month_of(time: IntArray) -> IntArray:
    """Months since the year 0."""
    months = day_of(time).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months + 1970 * _MONTHS


_LABELS: Mapping[RoundGrouping, Callable[[ClosedRound], str]] = {
    RoundGrouping.INSTRUMENT: lambda one: one.instrument,
    RoundGrouping.STRATEGY: lambda one: one.strategy,
    RoundGrouping.SIDE: lambda one: side_name(one.side),
    RoundGrouping.EXIT_REASON: lambda one: one.exit_reason,
    RoundGrouping.HOUR: lambda one: f"{one.opened_at.astimezone(UTC):%H}:00",
    RoundGrouping.WEEKDAY: lambda one: f"{one.opened_at.astimezone(UTC).isoweekday()}",
    RoundGrouping.MONTH: lambda one: f"{one.opened_at.astimezone(UTC):%Y-%m}",
}
