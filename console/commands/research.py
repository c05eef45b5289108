"""Commands that look at the past: what would have been, and how much of it was luck."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.words import RESEARCH, Account, AsJson

if TYPE_CHECKING:
    from console.validating import Asked

app = typer.Typer()

From = Annotated[str | None, typer.Option("--from", help="Time before the first close; all if left out.")]
To = Annotated[str | None, typer.Option("--to", help="Time of the last close; all if left out.")]
File = Annotated[
    list[str] | None,
    typer.Option(help="Candles of an instrument, such as EUR/USD=candles.parquet, instead of the account's feed."),
]
Seed = Annotated[int, typer.Option(help="The same seed draws the same.", min=0, max=1_000_000)]
Workers = Annotated[int, typer.Option(help="Processes at once; 0 takes as many as there are processors.", min=0)]
Dask = Annotated[
    str | None,
    typer.Option(
        help="Scheduler of a Dask cluster that runs them instead, such as tcp://10.0.0.5:8786.", show_default=False
    ),
]
Afresh = Annotated[bool, typer.Option("--afresh", help="Forget what is stored of this account and run it again.")]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        help="A parameter and its range: breakout.channel_period=20:60:5, policy.entry_score=0.2:0.6, or a name alone "
        "for half to double of what it is. Without any: every number of the strategies.",
        show_default=False,
    ),
]
Metric = Annotated[
    str, typer.Option(help="The figure of a backtest that is best, such as sharpe, growth.calmar or trades.expectancy.")
]
LeastTrades = Annotated[int, typer.Option(help="A run with fewer closed trades does not count.", min=0)]


@app.command(rich_help_panel=RESEARCH)
def backtest(
    account: Annotated[str, typer.Argument(help="Name of an account.", show_default=False)],
    start: Annotated[str | None, typer.Option("--from", help="Time before the first close; all if left out.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Time of the last close; all if left out.")] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(help="Candles of an instrument, such as EUR/USD=candles.parquet, instead of the account's feed."),
    ] = None,
    cash: Annotated[str | None, typer.Option(help="What the account begins with; as configured if left out.")] = None,
    windows: Annotated[
        str, typer.Option(help="What strategies see: all candles before, or live: as many as a scan fetches (slow).")
    ] = "all",
    store: Annotated[bool, typer.Option("--store/--no-store", help="Whether the run is kept, with its report.")] = True,
    report: Annotated[
        Path | None, typer.Option(help="Write the report to this file, too, such as report.html.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Trade an account's past by the decisions, limits and matching of the live account; keep it, with a report."""
    from console.backtesting import asked_for, run_backtest
    from console.times import parse_time

    bounds = (parse_time(start) if start else None, parse_time(end) if end else None)
    asked = asked_for(account, bounds, files=file or (), cash=cash, windows=windows)
    raise typer.Exit(run_backtest(asked, keeps=store, report=report, as_json=as_json))


@app.command(rich_help_panel=RESEARCH)
def lookahead(
    strategies: Annotated[
        list[str] | None, typer.Argument(help="The strategies; all without.", show_default=False)
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Candles: a file, a folder of .parquet files, or a name of `desk data list`. A drawn market without.",
            show_default=False,
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(help="Take the strategies of an account, their parameters and its candles.", show_default=False),
    ] = None,
    warm_up: Annotated[
        bool, typer.Option("--warm-up", help="Show instead what a scan with a short history would say otherwise.")
    ] = False,
    start: From = None,
    end: To = None,
    file: File = None,
    candles: Annotated[int, typer.Option(help="How many candles at the most, counted from the newest.", min=50)] = 5000,
    cuts: Annotated[int, typer.Option(help="How many times are taken for the present.", min=1)] = 40,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Find strategies that look ahead, with the column of the future that they use; 1 where there is one."""
    from console.peeking import Looked, find_lookahead, show_warm_up
    from console.times import parse_time

    bounds = (parse_time(start) if start else None, parse_time(end) if end else None)
    looked = Looked(strategies or (), data, account, file or (), *bounds, candles, cuts, seed)
    raise typer.Exit((show_warm_up if warm_up else find_lookahead)(looked, as_json=as_json))


@app.command(rich_help_panel=RESEARCH)
def walk_forward(
    account: Account,
    start: From = None,
    end: To = None,
    file: File = None,
    vary: Vary = None,
    points: Annotated[
        int, typer.Option(help="Sets of parameters that are tried in each window, the present one among them.", min=1)
    ] = 8,
    metric: Metric = "sharpe",
    least_trades: LeastTrades = 10,
    fit: Annotated[float, typer.Option(help="Days on which parameters are chosen.", min=0.01)] = 90,
    trade: Annotated[float, typer.Option(help="Days on which they are traded after that.", min=0.01)] = 30,
    purge: Annotated[float, typer.Option(help="Days at the end of a choice that are left out of it.", min=0)] = 1,
    embargo: Annotated[float, typer.Option(help="Days after a choice on which nothing is traded.", min=0)] = 0,
    anchored: Annotated[
        bool,
        typer.Option("--anchored", help="Choose on everything from the beginning; without it the days move along."),
    ] = False,
    seed: Seed = 1,
    workers: Workers = 0,
    dask: Dask = None,
    afresh: Afresh = False,
    as_json: AsJson = False,
) -> None:
    """Choose parameters on one stretch of the past and trade them on the next, over and over."""
    from console.walk_forward import Walking, run_walk_forward

    walking = Walking(fit, trade, purge, embargo, anchored, vary or (), points, metric, least_trades)
    asked = _asked(account, file, start, end, seed, workers, dask, afresh=afresh)
    raise typer.Exit(run_walk_forward(asked, walking, as_json=as_json))


@app.command(rich_help_panel=RESEARCH)
def monte_carlo(
    account: Account,
    start: From = None,
    end: To = None,
    file: File = None,
    paths: Annotated[int, typer.Option(help="Paths of trades and of days, and entries at random.", min=1)] = 1000,
    runs: Annotated[int, typer.Option(help="Whole backtests with noise of each kind; 0 for none.", min=0)] = 5,
    ruin: Annotated[float, typer.Option(help="The fraction of the start whose loss is ruin.", min=0.01, max=1)] = 0.5,
    block: Annotated[
        int | None, typer.Option(help="Days that are drawn together; the third root of all without.", min=1)
    ] = None,
    noise: Annotated[float, typer.Option(help="Noise on prices, in average true ranges.", min=0, max=5)] = 0.1,
    slippage: Annotated[
        float, typer.Option(help="Mean of the slippage that is drawn on top for each fill, in basis points.", min=0)
    ] = 2,
    late: Annotated[float, typer.Option(help="How likely an opinion is heard a candle late.", min=0, max=1)] = 0.5,
    seed: Seed = 1,
    workers: Workers = 0,
    dask: Dask = None,
    afresh: Afresh = False,
    as_json: AsJson = False,
) -> None:
    """Draw what else the same trades and days might have come to, and how much of it all may be luck."""
    from console.monte_carlo import Drawing, run_monte_carlo

    asked = _asked(account, file, start, end, seed, workers, dask, afresh=afresh)
    drawing = Drawing(paths, runs, ruin, block, noise, slippage, late)
    raise typer.Exit(run_monte_carlo(asked, drawing, as_json=as_json))


@app.command(rich_help_panel=RESEARCH)
def optimise(
    account: Account,
    start: From = None,
    end: To = None,
    file: File = None,
    vary: Vary = None,
    trials: Annotated[int, typer.Option(help="How many points are tried at the most.", min=1)] = 60,
    metric: Metric = "sharpe",
    least_trades: LeastTrades = 10,
    patience: Annotated[
        int | None, typer.Option(help="End after so many points without a better one.", min=1, show_default=False)
    ] = None,
    grid: Annotated[
        bool, typer.Option("--grid", help="Try every combination of ranges with steps instead of searching.")
    ] = False,
    seed: Seed = 1,
    workers: Workers = 0,
    dask: Dask = None,
    afresh: Afresh = False,
    as_json: AsJson = False,
) -> None:
    """Search for better parameters, and say what they are worth: their neighbours, and how likely they are luck."""
    from console.optimising import Searching, run_optimise

    asked = _asked(account, file, start, end, seed, workers, dask, afresh=afresh)
    searching = Searching(vary or (), trials, metric, least_trades, patience, grid)
    raise typer.Exit(run_optimise(asked, searching, as_json=as_json))


def _asked(
    account: str,
    file: list[str] | None,
    start: str | None,
    end: str | None,
    seed: int,
    workers: int,
    dask: str | None,
    *,
    afresh: bool,
) -> "Asked":
    from console.times import parse_time
    from console.validating import Asked

    bounds = (parse_time(start) if start else None, parse_time(end) if end else None)
    return Asked(account, file or (), *bounds, seed, workers, afresh, dask)
