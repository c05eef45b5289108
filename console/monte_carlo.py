"""Draws what else an account's past might have come to, and prints how much of what it came to may be luck."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np

from console.showing import print_json, print_line, print_rows
from console.validating import Asked, Row, fraction, goes_on_later, plain, subject_of, trials_of, whole_of
from desk.backtest.result import BacktestResult
from desk.backtest.significance import minimum_track_record, probabilistic_sharpe
from desk.backtest.validation.disturbances import Disturbance
from desk.backtest.validation.paths import Draws, PathFigures, RunFigures, drawn_days, outcomes, shuffled_trades
from desk.backtest.validation.random_entries import EntryTest, compare_entries
from desk.backtest.validation.subjects import Subject
from desk.backtest.validation.trials import Outcome, Trial, outcome_of, trade

COSTS = (1.5, 2.0, 3.0)
"""How many times as dear trading is made, beside what it was."""

_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw.

    Attributes:
        paths: of trades and of days; and entries at random times.
        runs: whole backtests with noise of each kind; 0 for none.
        block: days that are drawn together; None for the usual number.
        noise: on prices, in average true ranges.
        slippage_bps: the mean of what is drawn on top for each fill.
        late: how likely an opinion is heard a candle later.
    """

    paths: int
    runs: int
    ruin: float
    block: int | None
    noise: float
    slippage_bps: float
    late: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn, by kind."""

    result: BacktestResult
    paths: Mapping[str, PathFigures]
    entries: EntryTest
    costs: Mapping[float, Outcome]


def run_monte_carlo(asked: Asked, drawing: Drawing, *, as_json: bool) -> int:
    """Draw, and print the distributions.

    Raises:
        NotUnderstood: there is no such account.
        ConfigError: the account cannot be backtested.
        DataError: there are no candles in that time.
    """
    return goes_on_later(lambda: _run(asked, drawing, as_json=as_json))


def _run(asked: Asked, drawing: Drawing, *, as_json: bool) -> int:
    subject = subject_of(asked)
    drawn = _drawn(subject, asked, drawing)
    if as_json:
        print_json(_facts(drawn))
    else:
        _print(drawn)
    return 0


def _drawn(subject: Subject, asked: Asked, drawing: Drawing) -> Drawn:
    plain_trial = whole_of(subject, asked)
    with trials_of(subject, asked, f"{asked.account}: as it was") as (trials, bar):
        result = trade(subject, plain_trial)
        noisy = _noisy(plain_trial, asked.seed, drawing)
        dear = [replace(plain_trial, disturbance=Disturbance(costs=times)) for times in COSTS]
        bar.begin(f"{asked.account}: under worse conditions")
        ran = trials.run([*dear, *(trial for _, trial in noisy)])
    draws = Draws(drawing.paths, asked.seed, drawing.ruin)
    costs = {1.0: outcome_of(result, subject.history), **dict(zip(COSTS, ran[: len(dear)], strict=True))}
    kinds: dict[str, list[Outcome]] = {}
    for (kind, _), outcome in zip(noisy, ran[len(dear) :], strict=True):
        kinds.setdefault(kind, []).append(outcome)
    entries = compare_entries(result, subject.history, draws=drawing.paths, seed=asked.seed)
    return Drawn(result, {**_paths(result, draws, drawing), **_whole(result, subject, kinds, draws)}, entries, costs)


def _noisy(trial: Trial, seed: int, drawing: Drawing) -> list[tuple[str, Trial]]:
    kinds = {
        "noise on candles": Disturbance(candles=drawing.noise),
        "slippage drawn for each fill": Disturbance(slippage_bps=drawing.slippage_bps),
        "opinions heard late": Disturbance(late=drawing.late),
    }
    return [
        (kind, replace(trial, disturbance=replace(worse, seed=seed * 1000 + number)))
        for kind, worse in kinds.items()
        if worse != Disturbance()
        for number in range(drawing.runs)
    ]


def _paths(result: BacktestResult, draws: Draws, drawing: Drawing) -> dict[str, PathFigures]:
    start = float(result.opening.cash)
    profits = np.array([float(one.profit) for one in result.closed], dtype=np.float64)
    returns = result.curve.daily().returns()
    return {
        "trades in another order": shuffled_trades(profits, start, draws),
        "days drawn anew": drawn_days(returns, start, draws, block=drawing.block, per_year=_YEAR),
    }


def _whole(
    result: BacktestResult, subject: Subject, kinds: Mapping[str, list[Outcome]], draws: Draws
) -> dict[str, PathFigures]:
    observed = _figures(outcome_of(result, subject.history))
    start = float(result.opening.cash)
    return {
        kind: outcomes(start, [_figures(one) for one in ran if not one.refused], observed, draws)
        for kind, ran in kinds.items()
    }


def _figures(outcome: Outcome) -> RunFigures:
    fall = outcome.figures.get("drawdown.steepest.fraction")
    return RunFigures(
        final=outcome.equity[-1],
        lowest=min(outcome.equity),
        drawdown=fall or 0.0,
        sharpe=outcome.figures.get("returns.sharpe"),
    )


def _facts(drawn: Drawn) -> Row:
    returns = drawn.result.curve.daily().returns()
    return {
        "account": drawn.result.account,
        "from": drawn.result.start,
        "to": drawn.result.end,
        "end": float(drawn.result.equity[-1]),
        "trades": len(drawn.result.closed),
        "paths": {kind: asdict(found) for kind, found in drawn.paths.items()},
        "random_entries": _entry_facts(drawn.entries),
        "costs": {str(times): dict(_cost_facts(outcome)) for times, outcome in drawn.costs.items()},
        "probabilistic_sharpe": probabilistic_sharpe(returns),
        "minimum_track_record": minimum_track_record(returns),
    }


def _entry_facts(found: EntryTest) -> Row:
    return {
        "trades": found.trades,
        "observed": found.observed,
        "draws": len(found.drawn),
        "quantiles": {str(one): float(np.quantile(found.drawn, one)) for one in (0.05, 0.5, 0.95)},
        "p_value": found.p_value,
    }


def _cost_facts(outcome: Outcome) -> Iterator[tuple[str, float | None]]:
    for name in ("growth.end", "growth.total", "drawdown.steepest.fraction", "returns.sharpe", "trades.trades"):
        yield name, outcome.figures.get(name)


def _print(drawn: Drawn) -> None:
    result = drawn.result
    trades, end = len(result.closed), float(result.equity[-1])
    title = f"{result.account}, {result.start:%Y-%m-%d} to {result.end:%Y-%m-%d}: {trades:,} trades, end {end:,.0f}"
    print_rows([_row(kind, found) for kind, found in drawn.paths.items()], as_json=False, title=title)
    print_line()
    print_rows([_cost_row(*one) for one in drawn.costs.items()], as_json=False, title="When trading is dearer")
    print_line()
    _print_entries(drawn.entries, result.currency)
    chance = probabilistic_sharpe(result.curve.daily().returns())
    print_line(f"Probability that the true Sharpe ratio is above 0: {plain(chance)}")


def _row(kind: str, found: PathFigures) -> Row:
    final, falls, sharpes = found.final.quantiles, found.drawdown.quantiles, found.sharpe.quantiles
    return {
        "": kind,
        "paths": found.paths,
        "end 5 %": _at(final, 0.05, 0),
        "end 50 %": _at(final, 0.5, 0),
        "end 95 %": _at(final, 0.95, 0),
        "drawdown 50 %": _at(falls, 0.5, 4),
        "drawdown 95 %": _at(falls, 0.95, 4),
        "Sharpe 5 %": _at(sharpes, 0.05, 2),
        "Sharpe 95 %": _at(sharpes, 0.95, 2),
        "loss": plain(found.loss),
        "ruin": plain(found.ruin),
    }


def _at(quantiles: Mapping[float, float], place: float, digits: int) -> str:
    return plain(quantiles[place], digits) if quantiles else ""


def _cost_row(times: float, outcome: Outcome) -> Row:
    figures = outcome.figures
    return {
        "costs times": f"{times:g}",
        "return": fraction(figures.get("growth.total")),
        "drawdown": plain(figures.get("drawdown.steepest.fraction"), 4),
        "Sharpe ratio": plain(figures.get("returns.sharpe"), 2),
        "trades": plain(figures.get("trades.trades"), 0),
    }


def _print_entries(found: EntryTest, currency: str) -> None:
    if found.p_value is None:
        print_line("No trade that could be compared with one at a random time")
        return
    low, middle, high = (float(np.quantile(found.drawn, one)) for one in (0.05, 0.5, 0.95))
    print_line(
        f"The same {found.trades:,} trades at random times: {middle:,.2f} {currency} in the middle, "
        f"{low:,.2f} to {high:,.2f} in nine of ten draws; as they were {found.observed:,.2f}"
    )
    print_line(f"Random times do as well with a probability of {found.p_value:.4f}")
