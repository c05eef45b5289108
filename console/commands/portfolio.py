"""`desk portfolio`: how the fleet's money should be shared out."""

from typing import Annotated

import typer

from console.commands.words import AsJson, Who, Why

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


@app.command("carry-out")
def portfolio_carry_out(
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False, as_json: AsJson = False
) -> None:
    """Move the money that a plan proposes to move, where portfolio.yaml allows it, after a word typed by a person."""
    from console.portfolio import run_carry_out

    raise typer.Exit(run_carry_out(yes=yes, as_json=as_json))


@app.command("settle")
def portfolio_settle(
    move: Annotated[str, typer.Argument(help="The id of a move in doubt.", show_default=False)],
    became: Annotated[str, typer.Argument(help="done or refused: what its venue shows.", show_default=False)],
    why: Why = "seen at the venue",
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Say what became of a move that cannot be asked for any more, after you have seen it at its venue."""
    from console.portfolio import settle_move

    raise typer.Exit(settle_move(move, became, why=why, who=who, as_json=as_json))
