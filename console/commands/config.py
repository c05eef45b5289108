"""`desk config`: what the operator wrote."""

from typing import Annotated, Literal

import typer

from console.commands.words import Account, AsJson

app = typer.Typer(help="Check and show what the operator wrote.", no_args_is_help=True)


@app.command("check")
def config_check(as_json: AsJson = False) -> None:
    """Say everything that is wrong with the configuration, with file, line and the nearest valid name."""
    from console.configuring import check

    raise typer.Exit(check(as_json=as_json))


@app.command("show")
def config_show(account: Account, as_json: AsJson = False) -> None:
    """Print an account's configuration, complete with defaults and policy."""
    from console.configuring import show_account

    raise typer.Exit(show_account(account, as_json=as_json))


@app.command("schema")
def config_schema(
    file: Annotated[
        Literal["accounts", "policy", "universe"] | None, typer.Option(help="One of the files; all, by name, without.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Changes nothing: a schema is JSON.")] = False,
) -> None:
    """Print the JSON Schema of the configuration files, for editors."""
    from console.configuring import show_schema

    raise typer.Exit(show_schema(file))
