"""`desk credentials`: the keys of the connections."""

from typing import Annotated

import typer

from console.commands.words import AsJson, Who, Why

app = typer.Typer(help="List the keys of the connections, put another one in place, try one out.")

Name = Annotated[
    str,
    typer.Argument(help="As accounts.yaml names it, such as OANDA_TOKEN; never the key itself.", show_default=False),
]


@app.callback(invoke_without_command=True)
def credentials(context: typer.Context, as_json: AsJson = False) -> None:
    """List the keys of the connections, put another one in place, try one out; without a command they are listed."""
    if context.invoked_subcommand is None:
        credentials_list(as_json=as_json)


@app.command("list")
def credentials_list(as_json: AsJson = False) -> None:
    """List every key that a connection names: who needs it, where it is found, its last four characters."""
    from console.credentials import show_credentials

    raise typer.Exit(show_credentials(as_json=as_json))


@app.command("set")
def credentials_set(name: Name, why: Why = "", who: Who = None, as_json: AsJson = False) -> None:
    """Put another key in place: asked for here without being shown, or read from a pipe; never typed into the line."""
    from console.credentials import set_credential

    raise typer.Exit(set_credential(name, who=who, why=why, as_json=as_json))


@app.command("test")
def credentials_test(name: Name, as_json: AsJson = False) -> None:
    """Ask the venues that a key is for one question of each kind, and end with 1 when one is not answered well."""
    from console.credentials import try_credential

    raise typer.Exit(try_credential(name, as_json=as_json))
