"""What there is to type after `desk backtests`; the work is in `console.backtests`, loaded when a command runs."""

from typing import Annotated

import typer

from console.commands.words import AsJson

Kept = Annotated[
    str, typer.Argument(help="The id of a backtest, a part that no other has, or last.", show_default=False)
]

app = typer.Typer(help="List, show, compare, repeat and remove the backtests that are kept.", no_args_is_help=True)


@app.command("list")
def backtests_list(*, as_json: AsJson = False) -> None:
    """List the backtests that are kept, the newest first."""
    from console.backtests import show_list

    raise typer.Exit(show_list(as_json=as_json))


@app.command("show")
def backtests_show(run: Kept, *, as_json: AsJson = False) -> None:
    """Print what came of a backtest, what it was made from, and where its report is."""
    from console.backtests import show_run

    raise typer.Exit(show_run(run, as_json=as_json))


@app.command("compare")
def backtests_compare(
    runs: Annotated[
        list[str],
        typer.Argument(help="Two ids or more, parts that no other has, or last.", show_default=False),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Print the figures of backtests side by side, and what was different in data, code and configuration."""
    from console.backtests import compare_runs

    raise typer.Exit(compare_runs(runs, as_json=as_json))


@app.command("repeat")
def backtests_repeat(
    run: Kept,
    *,
    store: Annotated[
        bool, typer.Option("--store/--no-store", help="Whether what came of it now is kept too, with its report.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Do a backtest again from what is kept of it; end with 1 where data, code or results are not as they were."""
    from console.backtests import repeat_run

    raise typer.Exit(repeat_run(run, keeps=store, as_json=as_json))


@app.command("remove")
def backtests_remove(run: Kept, *, as_json: AsJson = False) -> None:
    """Forget a backtest with its report."""
    from console.backtests import remove_run

    raise typer.Exit(remove_run(run, as_json=as_json))
