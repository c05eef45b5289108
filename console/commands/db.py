"""`desk db`: the ledger's database."""

from pathlib import Path
from typing import Annotated

import typer

from console.commands.words import AsJson

app = typer.Typer(help="Look after the ledger's database.", no_args_is_help=True)


@app.command("upgrade")
def db_upgrade(as_json: AsJson = False) -> None:
    """Bring the ledger's tables up to this version; an existing SQLite file is backed up first."""
    from console.databases import upgrade_database

    raise typer.Exit(upgrade_database(as_json=as_json))


@app.command("backup")
def db_backup(
    to: Annotated[
        Path | None,
        typer.Option(
            help="File to write; without it one with the time in its name, in `backups` of the home folder.",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="How many backups to keep in that folder; all without.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy the ledger to a file as of one moment, while the desk goes on."""
    from console.databases import back_up_database

    raise typer.Exit(back_up_database(to=to, keep=keep, as_json=as_json))


@app.command("restore")
def db_restore(
    file: Annotated[Path, typer.Argument(help="A backup.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the ledger, which is kept; refused while anybody is at work on the ledger."""
    from console.databases import restore_database

    raise typer.Exit(restore_database(file, is_confirmed=yes, as_json=as_json))


@app.command("verify")
def db_verify(
    file: Annotated[
        Path | None, typer.Argument(help="A backup; the ledger itself without.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the ledger, or a backup: the file, and what orders, fills, positions, trades and cycles owe each other."""
    from console.databases import verify_database

    raise typer.Exit(verify_database(file, as_json=as_json))
