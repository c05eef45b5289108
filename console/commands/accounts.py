"""`desk accounts`: the accounts of the fleet, as they are configured."""

from typing import Annotated

import typer

from console.commands.words import Account, AsJson, Keys, Who, Why, Yes

app = typer.Typer(help="List the accounts of the fleet; add, clone, remove, start, stop one, load a strategy on one.")

NewName = Annotated[str, typer.Argument(help="Small letters, digits and -, such as oanda-swing-2.", show_default=False)]


@app.callback(invoke_without_command=True)
def accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """List the accounts of the fleet; add, clone, remove, start, stop one, load a strategy on one."""
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
    """Write a new account, with its deployments: `desk accounts add mine --set venue=oanda` and what else it needs."""
    from console.editing import ChangeOrder
    from console.lifecycle import add_account

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
    """Write an account like another, with its deployments: `desk accounts clone mine mine-2 --set timeframe=M15`."""
    from console.editing import ChangeOrder
    from console.lifecycle import clone_account

    raise typer.Exit(clone_account(account, name, keys or [], ChangeOrder(why, who, yes, as_json)))


@app.command("remove")
def accounts_remove(
    account: Account, why: Why = "", who: Who = None, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Remove an account that holds nothing, its overrides, target, deployments too: `desk accounts remove mine-2`."""
    from console.editing import ChangeOrder
    from console.lifecycle import remove_account

    raise typer.Exit(remove_account(account, ChangeOrder(why, who, yes, as_json)))


@app.command("start")
def accounts_start(account: Account, why: Why = "", who: Who = None, yes: Yes = False, as_json: AsJson = False) -> None:
    """Let the schedule of an account run: accounts.yaml says so, and its deployments are resumed."""
    from console.editing import ChangeOrder
    from console.lifecycle import start_account

    raise typer.Exit(start_account(account, ChangeOrder(why, who, yes, as_json)))


@app.command("stop")
def accounts_stop(account: Account, why: Why = "", who: Who = None, yes: Yes = False, as_json: AsJson = False) -> None:
    """Let the schedule of an account rest; what it holds is kept, and its deployments are paused."""
    from console.editing import ChangeOrder
    from console.lifecycle import stop_account

    raise typer.Exit(stop_account(account, ChangeOrder(why, who, yes, as_json)))


@app.command("load")
def accounts_load(
    account: Account,
    strategy: Annotated[str, typer.Argument(help="Its name, as `desk strategies` has it.", show_default=False)],
    parameter: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE where it is not the default; as many as are needed.", show_default=False),
    ] = None,
    why: Why = "",
    who: Who = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give an account a strategy in place of those that it has; the next scan goes by it."""
    from console.editing import ChangeOrder
    from console.lifecycle import load_strategy

    raise typer.Exit(load_strategy(account, strategy, parameter or [], ChangeOrder(why, who, yes, as_json)))


@app.command("reload")
def accounts_reload(
    account: Account, why: Why = "", who: Who = None, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Check the files as they are now, and bring the deployments of an account in line with them."""
    from console.editing import ChangeOrder
    from console.lifecycle import reload_account

    raise typer.Exit(reload_account(account, ChangeOrder(why, who, yes, as_json)))
