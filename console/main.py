"""The `desk` command: what there is to type. What each command does is in a module of its own, loaded when it runs.

`desk --help` has to come at once, so nothing heavy is imported here.
"""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from console.failures import exit_code_of, report

EPILOG = (
    "Exit codes: 0 done; 1 done, and something is wrong (a scan failed, an account is not well); 2 the words of the "
    "command are wrong; 3 the configuration cannot be used; 4 the ledger cannot be used; 5 Prefect cannot be reached."
)

app = typer.Typer(
    help="A desk of automated trading accounts, scanned on schedule, every decision explained.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="Check and show what the operator wrote.", no_args_is_help=True)
db_app = typer.Typer(help="Look after the ledger's database.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(db_app, name="db")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Account = Annotated[str, typer.Argument(help="The account's name in accounts.yaml.", show_default=False)]
# A string here: typer's own date option knows no time zone.
Time = Annotated[str | None, typer.Option(help="A time such as 2026-01-14T15:00Z; without a zone it is UTC.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many rows at the most.")]


@app.callback()
def _installation(
    home: Annotated[Path | None, typer.Option(help="Folder of the desk's data; DESK_HOME, else var.")] = None,
    config: Annotated[Path | None, typer.Option(help="Folder of the YAML files; DESK_CONFIG, else config.")] = None,
    database: Annotated[str | None, typer.Option(help="The ledger; DESK_DATABASE_URL, else desk.db in home.")] = None,
) -> None:
    for name, value in (("DESK_HOME", home), ("DESK_CONFIG", config), ("DESK_DATABASE_URL", database)):
        if value is not None:
            os.environ[name] = str(value)


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="Which of the made markets to trade.")] = 7,
    port: Annotated[int, typer.Option(help="Port of the Prefect server; 0 takes a free one.")] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the server up afterwards, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Scan every active account of the sample fleet once, through Prefect, and print what each decided and why."""
    from console.demo import run_demo

    raise typer.Exit(run_demo(seed=seed, port=port, keep=keep, as_json=as_json))


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of the Prefect server.")] = 4200,
    as_json: AsJson = False,
) -> None:
    """Run everything: Prefect server, deployments, worker. Ctrl-C ends it cleanly."""
    from console.running import run_up

    raise typer.Exit(run_up(port=port, as_json=as_json))


@app.command()
def scan(account: Account, at: Time = None, as_json: AsJson = False) -> None:
    """Scan one account now, or as of a past time, through the flow that its deployment runs."""
    from console.scanning import run_scan

    raise typer.Exit(run_scan(account, at=moment(at), as_json=as_json))


@app.command()
def replay(
    accounts: Annotated[list[str], typer.Argument(help="Accounts to replay.", show_default=False)],
    start: Annotated[str, typer.Option("--from", help="First time, such as 2014-05-05.", show_default=False)],
    end: Annotated[str, typer.Option("--to", help="Last time, such as 2014-05-10.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Scan every closed candle of a past period, one after the other, through the real flow."""
    from console.replaying import run_replay
    from console.times import parse_time

    raise typer.Exit(run_replay(accounts, start=parse_time(start), end=parse_time(end), as_json=as_json))


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say how every account is: its last cycle, its equity, its positions."""
    from console.inspecting import show_status

    raise typer.Exit(show_status(as_json=as_json))


@app.command()
def accounts(as_json: AsJson = False) -> None:
    """List the fleet as it is configured."""
    from console.configuring import show_accounts

    raise typer.Exit(show_accounts(as_json=as_json))


@app.command()
def strategies(
    name: Annotated[str | None, typer.Argument(help="One strategy, with its parameters.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """List the strategies, or describe one with its parameters and their ranges."""
    from console.configuring import show_strategies

    raise typer.Exit(show_strategies(name, as_json=as_json))


@app.command()
def why(
    account: Account,
    instrument: Annotated[str | None, typer.Argument(help="Such as EUR/USD.", show_default=False)] = None,
    time: Annotated[
        str | None, typer.Argument(help="Within the cycle; the last one without.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain a cycle: from the candle through signals, limits and orders to fills, or to the reason for none."""
    from console.explaining import explain

    raise typer.Exit(explain(account, instrument, time, as_json=as_json))


@app.command()
def deploy(
    plan: Annotated[bool, typer.Option("--plan", help="Only print what would change.")] = False,
    pool: Annotated[str, typer.Option(help="The work pool that runs the scans.")] = "desk",
    as_json: AsJson = False,
) -> None:
    """Make the Prefect deployments equal to accounts.yaml; an operator's pause is kept."""
    from console.deploying import run_deploy

    raise typer.Exit(run_deploy(plan_only=plan, pool=pool, as_json=as_json))


@config_app.command("check")
def config_check(as_json: AsJson = False) -> None:
    """Say everything that is wrong with the configuration, with file, line and the nearest valid name."""
    from console.configuring import check

    raise typer.Exit(check(as_json=as_json))


@config_app.command("show")
def config_show(account: Account, as_json: AsJson = False) -> None:
    """Print an account's configuration, complete with defaults and policy."""
    from console.configuring import show_account

    raise typer.Exit(show_account(account, as_json=as_json))


@config_app.command("schema")
def config_schema(as_json: AsJson = False) -> None:
    """Print the JSON schema of the configuration files, for editors."""
    from console.configuring import show_schema

    raise typer.Exit(show_schema(as_json=as_json))


@db_app.command("upgrade")
def db_upgrade(as_json: AsJson = False) -> None:
    """Bring the ledger's tables up to this version; an existing SQLite file is backed up first."""
    from console.databases import upgrade_database

    raise typer.Exit(upgrade_database(as_json=as_json))


def moment(text: str | None) -> datetime | None:
    """Return a time that was typed, aware UTC; without a zone it is taken for UTC."""
    from console.times import parse_time

    return None if text is None else parse_time(text)


def main() -> None:
    """Run the command and end with its exit code; an error that the desk raises on purpose is one message."""
    try:
        app()
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        report(error)
        sys.exit(code)
