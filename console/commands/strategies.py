"""`desk strategies`: what there is to trade by."""

from pathlib import Path
from typing import Annotated

import typer

from console.commands.words import AsJson

app = typer.Typer(help="List, describe and examine strategies, or begin one.")


@app.callback(invoke_without_command=True)
def strategies(context: typer.Context, as_json: AsJson = False) -> None:
    """List, describe and examine strategies, or begin one; without a command they are listed."""
    if context.invoked_subcommand is None:
        strategies_list(as_json=as_json)


@app.command("list")
def strategies_list(as_json: AsJson = False) -> None:
    """List the strategies, yours among them, and the candles that each is made for."""
    from console.strategies import list_strategies

    raise typer.Exit(list_strategies(as_json=as_json))


@app.command("show")
def strategies_show(
    name: Annotated[str, typer.Argument(help="One strategy.", show_default=False)], as_json: AsJson = False
) -> None:
    """Describe a strategy: what it believes, its parameters with their ranges, and what it reads."""
    from console.strategies import show_strategy

    raise typer.Exit(show_strategy(name, as_json=as_json))


@app.command("check")
def strategies_check(
    names: Annotated[list[str] | None, typer.Argument(help="The strategies; all without.", show_default=False)] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of .parquet files with candles; the signals of every strategy on each are counted.",
            show_default=False,
        ),
    ] = None,
    threshold: Annotated[float, typer.Option(min=0.01, max=1, help="Score from which a signal is counted.")] = 0.35,
    as_json: AsJson = False,
) -> None:
    """Examine strategies by the contract that all keep, and end with 1 when one breaks it."""
    from console.examining import check_strategies

    raise typer.Exit(check_strategies(names or [], data=data, threshold=threshold, as_json=as_json))


@app.command("new")
def strategies_new(
    name: Annotated[str, typer.Argument(help="Small letters, digits and _, such as my_trend.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Write a strategy and its test to begin with, into DESK_STRATEGIES or else into this checkout."""
    from console.scaffolding import write_strategy

    raise typer.Exit(write_strategy(name, as_json=as_json))
