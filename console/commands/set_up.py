"""The command that brings a Prefect server in line with the fleet."""

from typing import Annotated

import typer

from console.commands.words import SET_UP, AsJson

app = typer.Typer()


@app.command(rich_help_panel=SET_UP)
def deploy(
    plan: Annotated[bool, typer.Option("--plan", help="Print what would change, and change nothing.")] = False,
    pool: Annotated[str, typer.Option(help="Name of the work pool that runs the scans.")] = "desk",
    as_json: AsJson = False,
) -> None:
    """Make the deployments on the Prefect server equal to accounts.yaml; an operator's pause is kept."""
    from console.deploying import run_deploy

    raise typer.Exit(run_deploy(plan_only=plan, pool=pool, as_json=as_json))
