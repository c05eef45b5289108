"""The headline figures of a backtest: of its equity, its days and its trades, in one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

import numpy as np

from desk.backtest.curve import DAY, YEAR, EquityCurve, day_of, moment
from desk.backtest.drawdowns import DrawdownFigures, drawdown_figures
from desk.backtest.ratios import (
    cagr,
    calmar,
    conditional_value_at_risk,
    finite,
    gain_to_pain,
    kurtosis,
    omega,
    sharpe,
    skewness,
    sortino,
    stability,
    tail_ratio,
    value_at_risk,
    volatility,
)
from desk.backtest.rounds import ClosedRound, RoundColumns
from desk.backtest.significance import minimum_track_record, probabilistic_sharpe
from desk.backtest.trade_figures import TradeFigures, exposure, mean_open, trade_figures


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What the days brought; one that ended where it began is a draw.

    Attributes:
        mean, best, worst: returns as fractions; None without a day.
        best_on, worst_on: the UTC day of each, the first of equals.
    """

    days: int
    won: int
    drawn: int
    lost: int
    mean: float | None
    best: float | None
    worst: float | None
    best_on: date | None
    worst_on: date | None


@dataclass(frozen=True, slots=True)
class ReturnFigures:
    """Figures of the returns of days; see `desk.backtest.ratios` for when each is None.

    Attributes:
        per_year: how many of them a year was taken to have; None where that cannot be told.
        volatility, sharpe, sortino: of a year; None where `per_year` is.
        value_at_risk, conditional_value_at_risk: of one day, the worst 5 %, as fractions; a loss is below 0.
        probabilistic_sharpe: probability that the true Sharpe ratio is above 0.
        minimum_track_record: days that are needed to be sure of that to 95 %; None where it is not above 0 as seen.
    """

    per_year: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    omega: float | None
    gain_to_pain: float | None
    tail_ratio: float | None
    value_at_risk: float | None
    conditional_value_at_risk: float | None
    stability: float | None
    skewness: float | None
    kurtosis: float | None
    probabilistic_sharpe: float | None
    minimum_track_record: float | None


@dataclass(frozen=True, slots=True)
class GrowthFigures:
    """What became of the money; amounts in account currency, growth as fractions.

    Attributes:
        start, end, lowest, highest: equity; None without any.
        years: of 365 days.
        total: what was added from start to end.
        annual: the total divided by the years; None below a day.
        cagr: the growth of a year, compounded; None below a day, and where equity ended below 0.
        calmar: the compounded growth by the steepest drawdown; None without either.
        recovery_factor: the profit by the largest drawdown; None where nothing fell.
    """

    start: float | None
    end: float | None
    lowest: float | None
    highest: float | None
    years: float
    total: float | None
    annual: float | None
    cagr: float | None
    calmar: float | None
    recovery_factor: float | None


@dataclass(frozen=True, slots=True)
class ActivityFigures:
    """How much was traded; None where no time passed.

    Attributes:
        exposure: the share of the time with a trade open, as a fraction.
        mean_open: how many trades were open on the mean of the time.
        trades_per_day: of closed trades.
        turnover: what was bought and sold in a year, by the mean equity; None below a day and where that is not
            above 0.
    """

    exposure: float | None
    mean_open: float | None
    trades_per_day: float | None
    turnover: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The headline figures of a backtest.

    Attributes:
        market_change: the mean change of the instruments, as a fraction; None where their prices were not given.
    """

    growth: GrowthFigures
    drawdown: DrawdownFigures
    days: DayFigures
    returns: ReturnFigures
    trades: TradeFigures
    activity: ActivityFigures
    market_change: float | None


def figures_of(
    curve: EquityCurve,
    rounds: Sequence[ClosedRound] | RoundColumns,
    *,
    market: Mapping[str, tuple[float, float]] | None = None,
    per_year: float | None = None,
) -> Figures:
    """Return the headline figures of a backtest; of an empty one as well.

    Args:
        curve: equity at every moment that the engine valued it.
        rounds: the closed trades, or their columns.
        market: first and last price of each instrument.
        per_year: how many days with a return a year has; None counts them: 365 where markets never close.
    """
    columns = rounds if isinstance(rounds, RoundColumns) else RoundColumns.of(rounds)
    drawdown, daily = drawdown_figures(curve), curve.daily()
    return Figures(
        growth=growth_figures(curve, drawdown),
        drawdown=drawdown,
        days=day_figures(daily),
        returns=return_figures(daily, per_year),
        trades=trade_figures(columns),
        activity=activity_figures(curve, columns),
        market_change=market_change(market or {}),
    )


def growth_figures(curve: EquityCurve, drawdown: DrawdownFigures) -> GrowthFigures:
    """Return what became of the money of a curve with these drawdowns."""
    if len(curve) == 0:
        return GrowthFigures(None, None, None, None, 0.0, None, None, None, None, None)
    start, end, years = float(curve.value[0]), float(curve.value[-1]), curve.seconds / YEAR
    growth = cagr(start, end, years) if curve.seconds >= DAY else None
    steepest, largest = drawdown.steepest, drawdown.largest
    return GrowthFigures(
        start=start,
        end=end,
        lowest=float(curve.value.min()),
        highest=float(curve.value.max()),
        years=years,
        total=end / start - 1,
        annual=(end / start - 1) / years if curve.seconds >= DAY else None,
        cagr=growth,
        calmar=calmar(growth, steepest.fraction) if steepest else None,
        recovery_factor=finite((end - start) / largest.amount) if largest else None,
    )


def activity_figures(curve: EquityCurve, rounds: RoundColumns) -> ActivityFigures:
    """Return how much was traded in the time of the curve."""
    if curve.seconds == 0:
        return ActivityFigures(None, None, None, None)
    start, end = float(curve.time[0]), float(curve.time[-1])
    return ActivityFigures(
        exposure=exposure(rounds, start, end),
        mean_open=mean_open(rounds, start, end),
        trades_per_day=len(rounds) * DAY / curve.seconds,
        turnover=_turnover(curve, rounds) if curve.seconds >= DAY else None,
    )


def day_figures(daily: EquityCurve) -> DayFigures:
    """Return what the days brought, of a curve that `EquityCurve.daily` made."""
    returns = daily.returns()
    if len(returns) == 0:
        return DayFigures(0, 0, 0, 0, None, None, None, None, None)
    days = day_of(daily.time)[1:]
    best, worst = int(np.argmax(returns)), int(np.argmin(returns))
    return DayFigures(
        days=len(returns),
        won=int((returns > 0).sum()),
        drawn=int((returns == 0).sum()),
        lost=int((returns < 0).sum()),
        mean=float(returns.mean()),
        best=float(returns[best]),
        worst=float(returns[worst]),
        best_on=moment(int(days[best]) * DAY).date(),
        worst_on=moment(int(days[worst]) * DAY).date(),
    )


def return_figures(daily: EquityCurve, per_year: float | None = None) -> ReturnFigures:
    """Return the figures of the returns of days, of a curve that `EquityCurve.daily` made."""
    returns = daily.returns()
    if per_year is None and daily.seconds >= DAY:
        per_year = len(returns) * YEAR / daily.seconds
    return ReturnFigures(
        per_year=per_year,
        volatility=volatility(returns, per_year) if per_year else None,
        sharpe=sharpe(returns, per_year) if per_year else None,
        sortino=sortino(returns, per_year) if per_year else None,
        omega=omega(returns),
        gain_to_pain=gain_to_pain(returns),
        tail_ratio=tail_ratio(returns),
        value_at_risk=value_at_risk(returns),
        conditional_value_at_risk=conditional_value_at_risk(returns),
        stability=stability(returns),
        skewness=skewness(returns),
        kurtosis=kurtosis(returns),
        probabilistic_sharpe=probabilistic_sharpe(returns),
        minimum_track_record=minimum_track_record(returns),
    )


def market_change(market: Mapping[str, tuple[float, float]]) -> float | None:
    """Return the mean change of the instruments from the first to the last price, as a fraction; None without any."""
    changes = [last / first - 1 for first, last in market.values() if first > 0]
    return fsum(changes) / len(changes) if changes else None


def _turnover(curve: EquityCurve, columns: RoundColumns) -> float | None:
    """Of a year, by the mean equity of the moments."""
    traded, mean = float(columns.entry_value.sum() + columns.exit_value.sum()), float(curve.value.mean())
    return finite(traded / mean * YEAR / curve.seconds) if mean > 0 else None
