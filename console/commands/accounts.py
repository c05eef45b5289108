"""`desk accounts`: the accounts of the fleet, as they are configured."""

from typing import Annotated

import typer

from console.commands.words import Account, AsJson, Keys, Who, Why, Yes

app = typer.Typer(help="List the accounts of the fleet, add one, clone one, remove one.")

NewName = Annotated[str, typer.Argument(help="Small letters, digits and -, such as oanda-swing-2.", show_default=False)]


@app.callback(invoke_without_command=True)
def accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """List the accounts of the fleet, add one, clone one, remove one; without a command they are listed."""
    if context.invoked_subcommand is None:
        accounts_list(as_json=as_json)


@app.command("list")
def accounts_list(as_json: AsJson = False) -> None:
    """List the fleet as it is configured."""
    from console.configuring import show_accounts

    raise typer.Exit(show_accounts(as_json=as_json))


@app.command("add")
def accounts_add(
    name: NewName, keys: Keys = None, why: Why = "", who: Who = None, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Write a new account: `desk accounts add mine --set venue=oanda --set currency=USD` and what else it needs."""
    from console.editing import ChangeOrder, add_account

    raise typer.Exit(add_account(name, keys or [], ChangeOrder(why, who, yes, as_json)))


@app.command("clone")
def accounts_clone(
    account: Account,
    name: NewName,
    keys: Keys = None,
    why: Why = "",
    who: Who = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Write an account like another, its overrides too: `desk accounts clone mine mine-2 --set timeframe=M15`."""
    from console.editing import ChangeOrder, clone_account

    raise typer.Exit(clone_account(account, name, keys or [], ChangeOrder(why, who, yes, as_json)))


@app.command("remove")
def accounts_remove(
    account: Account, why: Why = "", who: Who = None, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Remove an account that holds nothing, with its overrides and its target: `desk accounts remove mine-2`."""
    from console.editing import ChangeOrder, remove_account

    raise typer.Exit(remove_account(account, ChangeOrder(why, who, yes, as_json)))
