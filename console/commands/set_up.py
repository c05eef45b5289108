"""Commands that bring a Prefect server in line with the fleet, and let people in."""

from typing import Annotated, Literal

import typer

from console.commands.words import SET_UP, AsJson

app = typer.Typer()


@app.command(rich_help_panel=SET_UP)
def init(
    venue: Annotated[
        Literal["oanda", "coinbase", "kucoin", "aster"] | None,
        typer.Option(help="Where the first account is.", show_default=False),
    ] = None,
    trade: Annotated[
        Literal["made", "paper", "live"] | None,
        typer.Option(
            help="How much of it is real: nothing, the prices, or the orders as well; the last two need a key.",
            show_default=False,
        ),
    ] = None,
    account: Annotated[str | None, typer.Option(help="The account's name.", show_default=False)] = None,
    account_id: Annotated[
        str | None, typer.Option(help="OANDA's id of the account, such as 101-001-1234567-001.", show_default=False)
    ] = None,
    instrument: Annotated[
        list[str] | None,
        typer.Option(help="What it may trade, such as EUR/USD; as many as are wanted.", show_default=False),
    ] = None,
    strategy: Annotated[
        str | None, typer.Option(help="What decides, as `desk strategies` has it.", show_default=False)
    ] = None,
    every: Annotated[
        str | None, typer.Option(help="How often it is scanned: 5m, 15m, 1h, 4h or 1d.", show_default=False)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; what is not said is as usual.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the way to a first fleet, and write accounts.yaml and policy.yaml where there are none."""
    from console.founding import Answers, begin

    answers = Answers(venue, trade, account, account_id, instrument or [], strategy, every)
    raise typer.Exit(begin(answers, yes=yes, as_json=as_json))


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
