"""The `desk` command: its options, its commands, and what becomes of errors.

What there is to type is in `console.commands`, a module for each panel of the help and for each group of commands; what
a command does is in a module of its own, loaded when it runs. `desk --help` has to come at once, so nothing heavy is
imported here or there.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, TextIO

import typer
from typer.models import CommandInfo

from console.commands import (
    accounts,
    audit,
    backtests,
    config,
    credentials,
    data,
    db,
    look,
    portfolio,
    research,
    run,
    set_up,
    strategies,
    tokens,
    venues,
)
from console.commands.words import LOOK, RESEARCH, SET_UP
from console.failures import exit_code_of, report

EPILOG = (
    "Exit codes: 0 done; 1 done, and something is wrong (a scan failed, an account is not well); 2 the words of the "
    "command are wrong; 3 the configuration cannot be used; 4 the ledger cannot be used; 5 Prefect cannot be reached; "
    "141 whoever read its output has gone."
)

app = typer.Typer(
    help="A desk of automated trading accounts, scanned on schedule, every decision explained.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
_ORDER = (
    *("demo", "up", "serve", "bot", "scan", "simulate", "drill", "replay", "backtest", "reconcile", "watch"),
    *("orders", "fills", "positions", "reasons", "costs", "performance", "compare", "review"),
    *("universe", "top", "doctor", "status", "why", "logs", "messages", "usage", "halt", "reduce", "resume", "states"),
    *("arm", "disarm", "arms", "init", "deploy", "password"),
)
"""How the reference shows the commands of the panels; one that is not among them comes after those that are."""

_OBJECTS_BEFORE_A_COLLECTION = 50_000


def _place(command: CommandInfo) -> int:
    name = command.callback.__name__ if command.callback else ""
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


app.registered_commands += sorted(
    (command for panel in (run, look, research, set_up) for command in panel.app.registered_commands), key=_place
)
app.add_typer(accounts.app, name="accounts", rich_help_panel=SET_UP)
app.add_typer(config.app, name="config", rich_help_panel=SET_UP)
app.add_typer(credentials.app, name="credentials", rich_help_panel=SET_UP)
app.add_typer(venues.app, name="venues", rich_help_panel=SET_UP)
app.add_typer(db.app, name="db", rich_help_panel=SET_UP)
app.add_typer(audit.app, name="audit", rich_help_panel=LOOK)
app.add_typer(strategies.app, name="strategies", rich_help_panel=SET_UP)
app.add_typer(tokens.app, name="tokens", rich_help_panel=SET_UP)
app.add_typer(portfolio.app, name="portfolio", rich_help_panel=LOOK)
app.add_typer(backtests.app, name="backtests", rich_help_panel=RESEARCH)
app.add_typer(data.app, name="data", rich_help_panel=RESEARCH)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"scandesk {version('scandesk')}\n")
        raise typer.Exit


@app.callback()
def _installation(
    home: Annotated[
        Path | None, typer.Option(help="Folder of the desk's data. Without it DESK_HOME, or `var`.", show_default=False)
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Folder of accounts.yaml and policy.yaml. Without it DESK_CONFIG, or `config`.", show_default=False
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            help="Address of the ledger, sqlite:///… or postgresql://…. Without it DESK_DATABASE_URL, or desk.db in "
            "the folder of the data.",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the release and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    for name, value in (("DESK_HOME", home), ("DESK_CONFIG", config), ("DESK_DATABASE_URL", database)):
        if value is not None:
            os.environ[name] = str(value)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command and end with its exit code; an error that the desk raises on purpose is one message.

    Args:
        words: what was typed after `desk`; by default what this process was started with.
    """
    # Half of a short command is imports, and collecting in the middle of them finds nothing.
    gc.set_threshold(_OBJECTS_BEFORE_A_COLLECTION)
    output = sys.stdout
    try:
        _run(words)
    except SystemExit:
        if _is_read_no_more(output):
            # What a shell tells of a program that the signal of a closed pipe ends.
            sys.exit(128 + signal.SIGPIPE)
        raise
    finally:
        # At its end Python looks through every object for cycles, in vain and for a fifth of a short command's time.
        gc.freeze()


def _run(words: Sequence[str] | None) -> None:
    try:
        _program()(args=words, prog_name="desk")
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        report(error)
        sys.exit(code)


@cache
def _program() -> Callable[..., None]:
    """Every command: typer looks at a hundred functions for it, which one process has to do once."""
    return typer.main.get_command(app)


def _is_read_no_more(output: TextIO) -> bool:
    # Typer has put something else in its place where a command could not print on.
    is_closed = sys.stdout is not output
    try:
        output.flush()
    except BrokenPipeError:
        is_closed = True
    if is_closed:
        # At its end Python writes what is left, and would complain that it cannot.
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
    return is_closed
