"""Commands that look at the past: what would have been, and how much of it was luck."""

from pathlib import Path
from typing import Annotated

import typer

from console.commands.words import RESEARCH, AsJson

app = typer.Typer()


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
