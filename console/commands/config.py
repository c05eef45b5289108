"""`desk config`: what the operator wrote."""

from typing import Annotated, Literal

import typer

from console.commands.words import Account, AsJson, Who, Why, Yes

app = typer.Typer(help="Check, show and change what the operator wrote.", no_args_is_help=True)

KeyPath = Annotated[
    str,
    typer.Argument(
        help="Such as accounts.oanda-swing.timeframe or policies.crypto.rules[cooldown].period; "
        "accounts.oanda-swing.instruments[+] adds to a list; policy.yaml:defaults.costs where two files have the key.",
        show_default=False,
    ),
]
BackupName = Annotated[
    str, typer.Argument(help="As `desk config backups` names it, or a file for its newest one.", show_default=False)
]


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
        Literal["accounts", "policy", "universe", "events", "portfolio"] | None,
        typer.Option(help="One of the files; all, by name, without."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Changes nothing: a schema is JSON.")] = False,
) -> None:
    """Print the JSON Schema of the configuration files, for editors."""
    from console.configuring import show_schema

    raise typer.Exit(show_schema(file))


@app.command("set")
def config_set(
    path: KeyPath,
    value: Annotated[
        str, typer.Argument(help="As it would be written: H1, 0.5, [EUR/USD, GBP/USD].", show_default=False)
    ],
    also: Annotated[
        list[str] | None,
        typer.Option(
            help="PATH=VALUE that has to change in the same moment; as many as are needed.", show_default=False
        ),
    ] = None,
    why: Why = "",
    who: Who = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Change or add a value: `desk config set accounts.oanda-swing.timeframe H4`. Comments and everything else stay."""
    from console.editing import ChangeOrder, set_values

    raise typer.Exit(set_values([(path, value)], also or [], ChangeOrder(why, who, yes, as_json)))


@app.command("unset")
def config_unset(path: KeyPath, why: Why = "", who: Who = None, yes: Yes = False, as_json: AsJson = False) -> None:
    """Remove a key with its value, so that its default holds: `desk config unset accounts.oanda-swing.late_after`."""
    from console.editing import ChangeOrder, unset_value

    raise typer.Exit(unset_value(path, ChangeOrder(why, who, yes, as_json)))


@app.command("backups")
def config_backups(
    file: Annotated[str | None, typer.Argument(help="Such as accounts.yaml; all without.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """List what the files were before their last changes; the last 10 of each are kept."""
    from console.editing import show_backups

    raise typer.Exit(show_backups(file, as_json=as_json))


@app.command("diff")
def config_diff(
    backup: Annotated[
        str | None,
        typer.Argument(
            help="As `desk config backups` names it, or a file for its newest one; the newest of every file without.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print what has changed in a file since a backup."""
    from console.editing import show_difference

    raise typer.Exit(show_difference(backup, as_json=as_json))


@app.command("restore")
def config_restore(
    backup: BackupName, why: Why = "", who: Who = None, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Bring a file back to what it was: `desk config restore accounts.yaml` takes the last change back."""
    from console.editing import ChangeOrder, restore

    raise typer.Exit(restore(backup, ChangeOrder(why, who, yes, as_json)))
