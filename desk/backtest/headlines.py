"""The figures of a backtest in the words in which people read them, the same in a terminal, a report and a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.backtest.excursions import rounds_of
from desk.backtest.history import History
from desk.backtest.metrics import Figures, figures_of
from desk.backtest.result import BacktestResult
from desk.backtest.rounds import ClosedRound

_UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure: what it is about, its name, and its value in words."""

    about: str
    name: str
    value: str


def measure(result: BacktestResult, history: History, rounds: Sequence[ClosedRound] | None = None) -> Figures:
    """Return the figures of a backtest over the candles that it was made from.

    Args:
        rounds: what `rounds_of` says of both, where that is known already.
    """
    rounds = rounds_of(result, history) if rounds is None else rounds
    return figures_of(result.curve, rounds, market=_market(result, history))


def headlines(result: BacktestResult, figures: Figures) -> tuple[Headline, ...]:
    """Return every figure that a page begins with, in the order in which people ask."""
    groups = {
        "money": _money(result, figures),
        "risk": _risk(figures, result.currency),
        "trades": _trades(figures, result.currency),
        "returns": _returns(figures),
        "activity": _activity(result, figures),
    }
    return tuple(Headline(about, name, value) for about, told in groups.items() for name, value in told)


def _money(result: BacktestResult, figures: Figures) -> Iterator[tuple[str, str]]:
    growth, currency = figures.growth, result.currency
    yield "start", _amount(growth.start, currency)
    yield "end", _amount(growth.end, currency)
    yield "total return", _fraction(growth.total)
    yield "growth of a year", _fraction(growth.cagr)
    yield "market change", _fraction(figures.market_change)
    yield "costs", _amount(figures.trades.costs, currency)
    if charges := result.charges:
        closed = (charges[trade.entry_order_id] for trade in result.trades if trade.entry_order_id in charges)
        yield "of these financing and funding", _amount(float(sum(closed)), currency)
    yield "lowest and highest equity", f"{_amount(growth.lowest, currency)}, {_amount(growth.highest, currency)}"
    yield "costs of what trades won before them", _fraction(figures.trades.cost_share, signed=False)


def _risk(figures: Figures, currency: str) -> Iterator[tuple[str, str]]:
    drawdown, returns = figures.drawdown, figures.returns
    fall = drawdown.largest
    if fall is None:
        yield "largest drawdown", "none"
    else:
        yield "largest drawdown", f"{_amount(fall.amount, currency)} ({fall.fraction:.4f} of the peak)"
        yield "from peak to low", f"{_day(fall.high_at)} to {_day(fall.low_at)}"
        yield "recovered", "not by the end" if fall.recovered_at is None else _day(fall.recovered_at)
    yield "longest below a peak", _length(drawdown.longest_underwater)
    yield "ulcer index", _plain(drawdown.ulcer_index, 4)
    yield "Calmar ratio", _plain(figures.growth.calmar)
    yield (
        "worst day in 20 (VaR), and their mean (CVaR)",
        (f"{_fraction(returns.value_at_risk)}, {_fraction(returns.conditional_value_at_risk)}"),
    )


def _trades(figures: Figures, currency: str) -> Iterator[tuple[str, str]]:
    trades = figures.trades
    yield "closed", f"{trades.trades:,}: {trades.wins:,} won, {trades.draws:,} even, {trades.losses:,} lost"
    if trades.win_rate is not None:
        rate = trades.win_rate
        yield "win rate", f"{rate.value:.3f} ({rate.low:.3f} to {rate.high:.3f})"
    yield "profit factor", _plain(trades.profit_factor)
    yield "expectancy of a trade", _amount(trades.expectancy, currency)
    if trades.risk.mean is not None:
        yield (
            "expectancy in risks (R)",
            f"{trades.risk.mean.value:+.3f} ({trades.risk.mean.low:+.3f} to {trades.risk.mean.high:+.3f})",
        )
    yield "worst and best on the way (R)", f"{_plain(trades.risk.mae)}, {_plain(trades.risk.mfe)}"
    yield "best and worst", f"{_amount(trades.best, currency)}, {_amount(trades.worst, currency)}"
    yield "longest runs of wins and losses", f"{trades.longest_wins}, {trades.longest_losses}"
    yield "held by winners and losers", f"{_seconds(trades.winners_held.mean)}, {_seconds(trades.losers_held.mean)}"
    yield "system quality (SQN)", _plain(trades.quality)


def _returns(figures: Figures) -> Iterator[tuple[str, str]]:
    returns, days = figures.returns, figures.days
    yield "Sharpe ratio", _plain(returns.sharpe)
    yield "Sortino ratio", _plain(returns.sortino)
    yield "omega ratio", _plain(returns.omega)
    yield "probability that the true Sharpe ratio is above 0", _plain(returns.probabilistic_sharpe, 3)
    yield "volatility of a year", _fraction(returns.volatility, signed=False)
    yield "days", f"{days.days:,}: {days.won:,} won, {days.drawn:,} even, {days.lost:,} lost"
    yield "best and worst day", f"{_fraction(days.best)}, {_fraction(days.worst)}"


def _activity(result: BacktestResult, figures: Figures) -> Iterator[tuple[str, str]]:
    activity = figures.activity
    yield "cycles", f"{len(result.times):,}"
    yield "time in the market", _fraction(activity.exposure, signed=False)
    yield "trades a day", _plain(activity.trades_per_day)
    yield "equity turned over in a year", _plain(activity.turnover, 1)
    yield "open at the end", ", ".join(sorted(result.open)) or "nothing"


def _market(result: BacktestResult, history: History) -> dict[str, tuple[float, float]]:
    """First and last close of each instrument in the time that was traded."""
    found = {}
    for name in result.no_trades:
        candles = history.base[name]
        first, last = (candles.rows_until(int(result.times[place])) - 1 for place in (0, -1))
        if first >= 0:
            found[name] = (float(candles.close[first]), float(candles.close[last]))
    return found


def _amount(amount: float | None, currency: str) -> str:
    return _UNKNOWN if amount is None else f"{amount:,.2f} {currency}"


def _fraction(value: float | None, *, signed: bool = True) -> str:
    return _UNKNOWN if value is None else f"{value:+.4f}" if signed else f"{value:.4f}"


def _plain(value: float | None, digits: int = 2) -> str:
    return _UNKNOWN if value is None else f"{value:.{digits}f}"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _seconds(value: float | None) -> str:
    return _UNKNOWN if value is None else _length(timedelta(seconds=round(value / 60) * 60))


def _length(value: timedelta | None) -> str:
    if value is None:
        return _UNKNOWN
    days, rest = divmod(int(value.total_seconds()), 86_400)
    return f"{days} d {rest // 3_600} h" if days else f"{rest // 3_600} h {rest % 3_600 // 60} min"
