"""`desk venues`: the connections to venues."""

from typing import Annotated

import typer

from console.commands.words import AsJson

app = typer.Typer(help="List the connections to venues, or ask the venues behind them.")


@app.callback(invoke_without_command=True)
def venues(context: typer.Context, as_json: AsJson = False) -> None:
    """List the connections to venues: where each leads, who uses it, and whether its keys are there."""
    if context.invoked_subcommand is None:
        from console.venues import show_venues

        raise typer.Exit(show_venues(as_json=as_json))


@app.command("check")
def venues_check(
    name: Annotated[str | None, typer.Argument(help="One connection; all without.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a venue one question of each kind, and end with 1 when one is not answered as it should be."""
    from console.venues import check_venues

    raise typer.Exit(check_venues(name, as_json=as_json))
