"""Commands that bring a Prefect server in line with the fleet, and let people in."""

from typing import Annotated, Literal

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


@app.command(rich_help_panel=SET_UP)
def password(
    name: Annotated[str | None, typer.Argument(help="Who; your user name without.", show_default=False)] = None,
    rights: Annotated[
        Literal["read", "trade", "admin"], typer.Option(help="What they may do; each has what those before it have.")
    ] = "admin",
    as_json: AsJson = False,
) -> None:
    """Set the password by which somebody logs in to the dashboard; asked for here, or read from a pipe."""
    from console.tokens import set_password
    from desk.model.access import Rights

    raise typer.Exit(set_password(name, Rights(rights), as_json=as_json))
