"""The `desk` command: what there is to type. What each command does is in a module of its own, loaded when it runs.

`desk --help` has to come at once, so nothing heavy is imported here.
"""

import gc
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from console.failures import exit_code_of, report

EPILOG = (
    "Exit codes: 0 done; 1 done, and something is wrong (a scan failed, an account is not well); 2 the words of the "
    "command are wrong; 3 the configuration cannot be used; 4 the ledger cannot be used; 5 Prefect cannot be reached."
)

RUN, LOOK, SET_UP = "Run", "Look", "Set up"

app = typer.Typer(
    help="A desk of automated trading accounts, scanned on schedule, every decision explained.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="Check and show what the operator wrote.", no_args_is_help=True)
venues_app = typer.Typer(help="List the connections to venues, or ask the venues behind them.")
db_app = typer.Typer(help="Look after the ledger's database.", no_args_is_help=True)
app.add_typer(config_app, name="config", rich_help_panel=SET_UP)
app.add_typer(venues_app, name="venues", rich_help_panel=SET_UP)
app.add_typer(db_app, name="db", rich_help_panel=SET_UP)
audit_app = typer.Typer(help="Show what was done by whom, or check that nobody has changed it since.")
app.add_typer(audit_app, name="audit", rich_help_panel=LOOK)
strategies_app = typer.Typer(help="List, describe and examine strategies, or begin one.")
app.add_typer(strategies_app, name="strategies", rich_help_panel=SET_UP)

portfolio_app = typer.Typer(help="Say how the fleet's money should be shared out, and what a person does for it.")
app.add_typer(portfolio_app, name="portfolio", rich_help_panel=LOOK)

_OBJECTS_BEFORE_A_COLLECTION = 50_000

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Account = Annotated[str, typer.Argument(help="The account's name in accounts.yaml.", show_default=False)]
OneAccount = Annotated[str | None, typer.Argument(help="One account; every one without.", show_default=False)]
Beside = Annotated[bool, typer.Option("--venue", help="Ask the venue too, and mark what differs.")]
Newest = Annotated[int, typer.Option(help="How many of an account, counted from the newest.", min=1)]
StateScope = Annotated[
    str,
    typer.Argument(
        help="fleet, venue:NAME, account:NAME, strategy:NAME, instrument:NAME, or account:NAME/instrument:NAME.",
        show_default=False,
    ),
]
Why = Annotated[str, typer.Option(help="For whoever finds it so; it is kept in the audit.")]
Until = Annotated[
    str | None,
    typer.Option(help="When it ends by itself: a time, or a length such as 90m, 24h or 7d.", show_default=False),
]
Who = Annotated[str | None, typer.Option("--as", help="Who orders it; without it your user name.", show_default=False)]
Flat = Annotated[bool, typer.Option("--flatten", help="Cancel every order and close every position there, too.")]


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


@app.command(rich_help_panel=RUN)
def demo(
    seed: Annotated[int, typer.Option(help="Which of the made markets to trade.")] = 7,
    port: Annotated[int, typer.Option(help="Port of the Prefect server; 0 takes a free one.")] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the server up afterwards, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Scan every active account of the sample fleet once, through Prefect, and print what each decided and why."""
    from console.demo import run_demo

    raise typer.Exit(run_demo(seed=seed, port=port, keep=keep, as_json=as_json))


@app.command(rich_help_panel=RUN)
def up(
    port: Annotated[int, typer.Option(help="Port of the Prefect server.")] = 4200,
    as_json: AsJson = False,
) -> None:
    """Run everything: Prefect server, deployments, worker. Ctrl-C ends it cleanly."""
    from console.running import run_up

    raise typer.Exit(run_up(port=port, as_json=as_json))


@app.command(rich_help_panel=RUN)
def scan(
    account: Account,
    at: Annotated[
        str | None,
        typer.Option(help="Scan as of this time, such as 2026-01-14T15:00Z; without a zone it is UTC."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Scan one account now, or as of a past time, through the flow that its deployment runs."""
    from console.scanning import run_scan

    raise typer.Exit(run_scan(account, at=moment(at), as_json=as_json))


@app.command(rich_help_panel=RUN)
def simulate(
    venue: Annotated[list[str] | None, typer.Option(help="A venue to simulate; `all`, or without: every one.")] = None,
    port: Annotated[int, typer.Option(help="Port of the admin, venues after it; 0 takes free ones.")] = 0,
    seed: Annotated[int, typer.Option(help="Which of the made markets.")] = 7,
    speed: Annotated[float | None, typer.Option(help="Simulated seconds per second; 1 without.")] = None,
    feed: Annotated[
        str | None,
        typer.Option(
            help="A recorded feed of accounts.yaml with a clock, for a made market; the venues live in its time.",
            show_default=False,
        ),
    ] = None,
    keys: Annotated[
        bool, typer.Option("--keys", help="Print the keys that the venues know, as lines for .env, and end.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run simulated venues that speak the real wires, until Ctrl-C."""
    from console.simulating import print_keys, run_simulate

    if keys:
        raise typer.Exit(print_keys(as_json=as_json))
    raise typer.Exit(
        run_simulate(venues=venue or ["all"], port=port, seed=seed, speed=speed, feed=feed, as_json=as_json)
    )


@app.command(rich_help_panel=RUN)
def drill(
    accounts: Annotated[
        list[str] | None, typer.Argument(help="Names of accounts; every one without.", show_default=False)
    ] = None,
    venue: Annotated[
        list[str] | None,
        typer.Option(help="oanda, coinbase, kucoin, kucoin_futures or aster; all without.", show_default=False),
    ] = None,
    cycles: Annotated[int, typer.Option(min=1, help="Scans at each venue, of all its accounts together.")] = 200,
    seed: Annotated[
        str | None, typer.Option(help="The same seed draws the same faults; a new one without.", show_default=False)
    ] = None,
    faults: Annotated[str, typer.Option(help="Numbers such as F03,F13; all; none.")] = "all",
    ledger: Annotated[
        str, typer.Option(help="Address of a ledger for the drill alone; SQLite files without.", show_default=False)
    ] = "",
    at_once: Annotated[int, typer.Option(min=1, help="Venues side by side.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Attack your own accounts at local simulators, with faults and kills, and see what it does to them."""
    from console.drilling import run_drill

    raise typer.Exit(
        run_drill(
            accounts or [],
            venues=venue or [],
            cycles=cycles,
            seed=seed,
            faults=faults,
            database=ledger,
            at_once=at_once,
            as_json=as_json,
        )
    )


@app.command(rich_help_panel=RUN)
def replay(
    accounts: Annotated[list[str], typer.Argument(help="Names of accounts, side by side.", show_default=False)],
    start: Annotated[str, typer.Option("--from", help="Time before the first close, such as 2014-05-05.")],
    end: Annotated[str, typer.Option("--to", help="Time of the last close, such as 2014-05-10.")],
    as_json: AsJson = False,
) -> None:
    """Scan every closed candle of a past period, one after the other, through the real flow."""
    from console.replaying import run_replay
    from console.times import parse_time

    raise typer.Exit(run_replay(accounts, start=parse_time(start), end=parse_time(end), as_json=as_json))


@app.command(rich_help_panel=RUN)
def backtest(
    account: Annotated[str, typer.Argument(help="Name of an account.", show_default=False)],
    start: Annotated[str | None, typer.Option("--from", help="Time before the first close; all if left out.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Time of the last close; all if left out.")] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(help="Candles of an instrument, such as EUR/USD=candles.parquet, instead of the account's feed."),
    ] = None,
    cash: Annotated[str | None, typer.Option(help="What the account begins with; as configured if left out.")] = None,
    windows: Annotated[
        str, typer.Option(help="What strategies see: all candles before, or live: as many as a scan fetches (slow).")
    ] = "all",
    as_json: AsJson = False,
) -> None:
    """Trade an account's past by the decisions, limits and matching of the live account."""
    from console.backtesting import run_backtest
    from console.times import parse_time

    bounds = (parse_time(start) if start else None, parse_time(end) if end else None)
    raise typer.Exit(
        run_backtest(
            account, files=file or (), start=bounds[0], end=bounds[1], cash=cash, windows=windows, as_json=as_json
        )
    )


@app.command(rich_help_panel=RUN)
def reconcile(account: OneAccount = None, as_json: AsJson = False) -> None:
    """Compare orders, fills and positions with the venue, settle what is clear, and say what is not."""
    from console.reconciling import run_reconcile

    raise typer.Exit(run_reconcile(account, as_json=as_json))


@app.command(rich_help_panel=RUN)
def watch(account: OneAccount = None, as_json: AsJson = False) -> None:
    """Look after what is held once: book fills, bring stops to where they belong, end what has to end."""
    from console.watching import run_watch

    raise typer.Exit(run_watch(account, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def orders(account: OneAccount = None, venue: Beside = False, limit: Newest = 20, as_json: AsJson = False) -> None:
    """List the newest orders and what became of them."""
    from console.holdings import show_orders

    raise typer.Exit(show_orders(account, venue=venue, limit=limit, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def fills(account: OneAccount = None, limit: Newest = 20, as_json: AsJson = False) -> None:
    """List the newest fills, adjustments among them."""
    from console.holdings import show_fills

    raise typer.Exit(show_fills(account, limit=limit, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def positions(account: OneAccount = None, venue: Beside = False, as_json: AsJson = False) -> None:
    """List what is held by the fills of the ledger; with --venue beside what the venue says is held."""
    from console.holdings import show_positions

    raise typer.Exit(show_positions(account, venue=venue, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def reasons(
    accounts: Annotated[
        list[str] | None, typer.Argument(help="Accounts; every one without.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Candles closed since a time, or a length such as 7d ago.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count what stood in the way of trades, by account and reason."""
    from console.reasons import show_reasons

    raise typer.Exit(show_reasons(accounts or [], since=since, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def costs(
    accounts: Annotated[
        list[str] | None, typer.Argument(help="Accounts; every one without.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Trades closed since a time, or a length such as 7d ago.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare what closed trades were expected to cost with what they did, by strategy and instrument."""
    from console.costs import show_costs

    raise typer.Exit(show_costs(accounts or [], since=since, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def performance(
    account: OneAccount = None,
    by: Annotated[
        Literal["strategy", "instrument", "regime", "hour", "reason"],
        typer.Option(help="By what trades are told apart: hour of the entry in UTC, reason of the exit."),
    ] = "strategy",
    since: Annotated[
        str | None, typer.Option(help="Trades closed since a time, or a length such as 30d ago.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what closed trades came to: win rate, expectancy, profit factor, drawdown, and how sure that is."""
    from console.performance import show_performance

    raise typer.Exit(show_performance(account, by=by, since=since, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def compare(
    first: Account,
    second: Annotated[str, typer.Argument(help="Another account, with other parameters.", show_default=False)],
    since: Annotated[
        str | None, typer.Option(help="From a time on, or from a length such as 30d ago.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two accounts: what their trades and days brought, and whether chance alone explains the difference."""
    from console.comparing import show_comparison

    raise typer.Exit(show_comparison(first, second, since=since, as_json=as_json))


@app.command(rich_help_panel=RUN)
def review(
    account: OneAccount = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what is found, and put nothing into quarantine.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put strategies into quarantine whose last trades are too far below those before them; 1 where one has decayed."""
    from console.reviewing import run_review

    raise typer.Exit(run_review(account, plan_only=plan, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def universe(
    account: Account,
    at: Annotated[
        str | None, typer.Option(help="What was in force at a time, such as 2026-01-14T15:00Z.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show which instruments an account has chosen, by what, and why the others are not among them."""
    from console.universe import show_universe

    raise typer.Exit(show_universe(account, at=at, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def status(as_json: AsJson = False) -> None:
    """Say how every account is: its last cycle, its money, its positions, and what is wrong."""
    from console.inspecting import show_status

    raise typer.Exit(show_status(as_json=as_json))


@app.command(rich_help_panel=LOOK)
def why(
    account: Account,
    instrument: Annotated[
        str | None, typer.Argument(help="One of its instruments, such as EUR/USD; all without.", show_default=False)
    ] = None,
    time: Annotated[
        str | None,
        typer.Argument(
            help="Takes the last candle that had closed by then, such as 2026-01-14T15:00Z; the newest without.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain a cycle: from the candle through signals and limits to orders and fills, or to the reason for none."""
    from console.explaining import explain

    raise typer.Exit(explain(account, instrument, time, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def usage(
    venue: Annotated[str | None, typer.Option(help="One venue; every one without.", show_default=False)] = None,
    since: Annotated[str, typer.Option(help="How far back, such as 90m, 24h or 7d.")] = "24h",
    lift: Annotated[
        str | None,
        typer.Option(metavar="VENUE", help="End the pauses of this venue, and do nothing else.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how often each venue was called, how much of its limits that is, and which pauses it ordered."""
    if lift is not None:
        from console.pauses import lift_pauses

        raise typer.Exit(lift_pauses(lift, as_json=as_json))
    from console.usage import show_usage

    raise typer.Exit(show_usage(venue=venue, since=since, as_json=as_json))


@app.command(rich_help_panel=SET_UP)
def accounts(as_json: AsJson = False) -> None:
    """List the fleet as it is configured."""
    from console.configuring import show_accounts

    raise typer.Exit(show_accounts(as_json=as_json))


@app.command(rich_help_panel=RUN)
def halt(
    scope: StateScope,
    why: Why = "",
    until: Until = None,
    flatten: Flat = False,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Stop opening positions, at once; what cancels or closes goes on. With --flatten everything is closed as well."""
    _order_state("halted", scope, why=why, until=until, who=who, flatten=flatten, as_json=as_json)


@app.command(rich_help_panel=RUN)
def reduce(
    scope: StateScope,
    why: Why = "",
    until: Until = None,
    flatten: Flat = False,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Let only trades pass that reduce a position."""
    _order_state("reduce_only", scope, why=why, until=until, who=who, flatten=flatten, as_json=as_json)


@app.command(rich_help_panel=RUN)
def resume(scope: StateScope, why: Why = "", who: Who = None, as_json: AsJson = False) -> None:
    """Lift what was ordered for a scope by `halt` or `reduce`; stricter orders for more than it stay."""
    _order_state("active", scope, why=why, until=None, who=who, flatten=False, as_json=as_json)


@app.command(rich_help_panel=LOOK)
def states(as_json: AsJson = False) -> None:
    """List what is halted or reduced: by whom, since when, why, and until when."""
    from console.halting import show_states

    raise typer.Exit(show_states(as_json=as_json))


@app.command(rich_help_panel=RUN)
def arm(
    account: Account,
    confirm: Annotated[
        str | None,
        typer.Option(
            help="What you would be asked to type: the account's name, and `real money` after it where it is.",
            show_default=False,
        ),
    ] = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Let a live account open positions at its venue, once everything that must be so has been checked."""
    from console.arming import run_arm

    raise typer.Exit(run_arm(account, confirm=confirm, who=who, as_json=as_json))


@app.command(rich_help_panel=RUN)
def disarm(account: Account, why: Why = "", who: Who = None, as_json: AsJson = False) -> None:
    """Let an account open nothing more until it is armed again; what cancels or closes goes on."""
    from console.arming import run_disarm

    raise typer.Exit(run_disarm(account, why=why, who=who, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def arms(as_json: AsJson = False) -> None:
    """List which live accounts may open positions: armed by whom and since when, and why not."""
    from console.arming import show_arms

    raise typer.Exit(show_arms(as_json=as_json))


@audit_app.callback(invoke_without_command=True)
def audit(
    context: typer.Context,
    newest: Annotated[int, typer.Option(min=1, help="How many rows, counted from the newest.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what operators and the desk itself have changed: halts, resumes, flattenings, configurations."""
    if context.invoked_subcommand is None:
        from console.auditing import show_audit

        raise typer.Exit(show_audit(newest=newest, as_json=as_json))


@audit_app.command("verify")
def audit_verify(as_json: AsJson = False) -> None:
    """Check the chain of the audit, and name the first row that was edited, deleted, inserted or moved."""
    from console.auditing import verify_audit

    raise typer.Exit(verify_audit(as_json=as_json))


@portfolio_app.callback(invoke_without_command=True)
def portfolio(context: typer.Context, as_json: AsJson = False) -> None:
    """Say how the fleet's money should be shared out; without a command it is planned."""
    if context.invoked_subcommand is None:
        portfolio_plan(as_json=as_json)


@portfolio_app.command("plan")
def portfolio_plan(as_json: AsJson = False) -> None:
    """Say what would bring the fleet's money nearer to portfolio.yaml: allocations, transfers, conversions, and why."""
    from console.portfolio import show_plan

    raise typer.Exit(show_plan(as_json=as_json))


@strategies_app.callback(invoke_without_command=True)
def strategies(context: typer.Context, as_json: AsJson = False) -> None:
    """List, describe and examine strategies, or begin one; without a command they are listed."""
    if context.invoked_subcommand is None:
        strategies_list(as_json=as_json)


@strategies_app.command("list")
def strategies_list(as_json: AsJson = False) -> None:
    """List the strategies, yours among them, and the candles that each is made for."""
    from console.strategies import list_strategies

    raise typer.Exit(list_strategies(as_json=as_json))


@strategies_app.command("show")
def strategies_show(
    name: Annotated[str, typer.Argument(help="One strategy.", show_default=False)], as_json: AsJson = False
) -> None:
    """Describe a strategy: what it believes, its parameters with their ranges, and what it reads."""
    from console.strategies import show_strategy

    raise typer.Exit(show_strategy(name, as_json=as_json))


@strategies_app.command("check")
def strategies_check(
    names: Annotated[list[str] | None, typer.Argument(help="The strategies; all without.", show_default=False)] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of .parquet files with candles; the signals of every strategy on each are counted.",
            show_default=False,
        ),
    ] = None,
    threshold: Annotated[float, typer.Option(min=0.01, max=1, help="Score from which a signal is counted.")] = 0.35,
    as_json: AsJson = False,
) -> None:
    """Examine strategies by the contract that all keep, and end with 1 when one breaks it."""
    from console.examining import check_strategies

    raise typer.Exit(check_strategies(names or [], data=data, threshold=threshold, as_json=as_json))


@strategies_app.command("new")
def strategies_new(
    name: Annotated[str, typer.Argument(help="Small letters, digits and _, such as my_trend.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Write a strategy and its test to begin with, into DESK_STRATEGIES or else into this checkout."""
    from console.scaffolding import write_strategy

    raise typer.Exit(write_strategy(name, as_json=as_json))


@app.command(rich_help_panel=SET_UP)
def deploy(
    plan: Annotated[bool, typer.Option("--plan", help="Print what would change, and change nothing.")] = False,
    pool: Annotated[str, typer.Option(help="Name of the work pool that runs the scans.")] = "desk",
    as_json: AsJson = False,
) -> None:
    """Make the deployments on the Prefect server equal to accounts.yaml; an operator's pause is kept."""
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
def config_schema(
    file: Annotated[
        Literal["accounts", "policy", "universe"] | None, typer.Option(help="One of the files; all, by name, without.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Changes nothing: a schema is JSON.")] = False,
) -> None:
    """Print the JSON Schema of the configuration files, for editors."""
    from console.configuring import show_schema

    raise typer.Exit(show_schema(file))


@venues_app.callback(invoke_without_command=True)
def venues(context: typer.Context, as_json: AsJson = False) -> None:
    """List the connections to venues: where each leads, who uses it, and whether its keys are there."""
    if context.invoked_subcommand is None:
        from console.venues import show_venues

        raise typer.Exit(show_venues(as_json=as_json))


@venues_app.command("check")
def venues_check(
    name: Annotated[str | None, typer.Argument(help="One connection; all without.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a venue one question of each kind, and end with 1 when one is not answered as it should be."""
    from console.venues import check_venues

    raise typer.Exit(check_venues(name, as_json=as_json))


@db_app.command("upgrade")
def db_upgrade(as_json: AsJson = False) -> None:
    """Bring the ledger's tables up to this version; an existing SQLite file is backed up first."""
    from console.databases import upgrade_database

    raise typer.Exit(upgrade_database(as_json=as_json))


@db_app.command("backup")
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


@db_app.command("restore")
def db_restore(
    file: Annotated[Path, typer.Argument(help="A backup.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the ledger, which is kept; refused while anybody is at work on the ledger."""
    from console.databases import restore_database

    raise typer.Exit(restore_database(file, is_confirmed=yes, as_json=as_json))


@db_app.command("verify")
def db_verify(
    file: Annotated[
        Path | None, typer.Argument(help="A backup; the ledger itself without.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the ledger, or a backup: the file, and what orders, fills, positions, trades and cycles owe each other."""
    from console.databases import verify_database

    raise typer.Exit(verify_database(file, as_json=as_json))


def _order_state(
    state: str, scope: str, *, why: str, until: str | None, who: str | None, flatten: bool, as_json: bool
) -> None:
    from console.halting import StateOrder, order_state
    from desk.model.books import TradingState

    order = StateOrder(scope, TradingState(state), why, until, who, flatten)
    raise typer.Exit(order_state(order, as_json=as_json))


def moment(text: str | None) -> datetime | None:
    """Return a time that was typed, aware UTC; without a zone it is taken for UTC."""
    from console.times import parse_time

    return None if text is None else parse_time(text)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command and end with its exit code; an error that the desk raises on purpose is one message.

    Args:
        words: what was typed after `desk`; by default what this process was started with.
    """
    # Half of a short command is imports, and collecting in the middle of them finds nothing.
    gc.set_threshold(_OBJECTS_BEFORE_A_COLLECTION)
    try:
        app(args=words, prog_name="desk")
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        report(error)
        sys.exit(code)
    finally:
        # At its end Python looks through every object for cycles, in vain and for a fifth of a short command's time.
        gc.freeze()
