"""`desk portfolio`: how the fleet's money should be shared out."""

import typer

from console.commands.words import AsJson

app = typer.Typer(help="Say how the fleet's money should be shared out, and what a person does for it.")


@app.callback(invoke_without_command=True)
def portfolio(context: typer.Context, as_json: AsJson = False) -> None:
    """Say how the fleet's money should be shared out; without a command it is planned."""
    if context.invoked_subcommand is None:
        portfolio_plan(as_json=as_json)


@app.command("plan")
def portfolio_plan(as_json: AsJson = False) -> None:
    """Say what would bring the fleet's money nearer to portfolio.yaml: allocations, transfers, conversions, and why."""
    from console.portfolio import show_plan

    raise typer.Exit(show_plan(as_json=as_json))
