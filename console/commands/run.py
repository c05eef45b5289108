"""Commands that run something or change what may be traded."""

from datetime import datetime
from typing import Annotated

import typer

from console.commands.words import RUN, Account, AsJson, Flat, OneAccount, StateScope, Until, Who, Why

app = typer.Typer()


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
    dashboard: Annotated[int, typer.Option(help="Port of the dashboard; 0 takes a free one.")] = 8710,
    bot: Annotated[
        bool | None,
        typer.Option(
            "--bot/--no-bot", help="Run the Telegram bot, too; without it where there is a token.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run everything: Prefect server, deployments, worker, dashboard, bot. Ctrl-C ends it cleanly."""
    from console.running import run_up

    raise typer.Exit(run_up(port=port, dashboard=dashboard, bot=bot, as_json=as_json))


@app.command(rich_help_panel=RUN)
def serve(
    host: Annotated[str, typer.Option(help="Where to listen; elsewhere than here only once there is a password.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8710,
    as_json: AsJson = False,
) -> None:
    """Serve dashboard and API, and print a link that lets in once. `desk up` does so, too."""
    from console.serving import run_serve

    raise typer.Exit(run_serve(host=host, port=port, as_json=as_json))


@app.command(rich_help_panel=RUN)
def bot(as_json: AsJson = False) -> None:
    """Answer in the chats of Telegram that messages.yaml names. `desk up` does so, too, where there is a token."""
    from console.botting import run_bot

    raise typer.Exit(run_bot(as_json=as_json))


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

    raise typer.Exit(run_scan(account, at=_moment(at), as_json=as_json))


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
        list[str] | None, typer.Argument(help="Accounts or groups; every one without.", show_default=False)
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
    accounts: Annotated[
        list[str], typer.Argument(help="Accounts, groups, venues or all, side by side.", show_default=False)
    ],
    start: Annotated[str, typer.Option("--from", help="Time before the first close, such as 2014-05-05.")],
    end: Annotated[str, typer.Option("--to", help="Time of the last close, such as 2014-05-10.")],
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Decide the recorded cycles again instead, and print what differs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Scan every closed candle of a past period, one after the other, through the real flow."""
    from console.times import parse_time

    if recorded:
        from console.redeciding import run_again

        raise typer.Exit(run_again(accounts, start=parse_time(start), end=parse_time(end), as_json=as_json))
    from console.replaying import run_replay

    raise typer.Exit(run_replay(accounts, start=parse_time(start), end=parse_time(end), as_json=as_json))


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


@app.command(rich_help_panel=RUN)
def review(
    account: OneAccount = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what is found, and put nothing into quarantine.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put strategies into quarantine whose last trades are too far below those before them; 1 where one has decayed."""
    from console.reviewing import run_review

    raise typer.Exit(run_review(account, plan_only=plan, as_json=as_json))


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


def _order_state(
    state: str, scope: str, *, why: str, until: str | None, who: str | None, flatten: bool, as_json: bool
) -> None:
    from console.halting import order_state, os_user
    from console.services.states import StateOrder
    from desk.model.books import TradingState

    order = StateOrder(scope, TradingState(state), who or os_user(), why, until, flatten)
    raise typer.Exit(order_state(order, as_json=as_json))


def _moment(text: str | None) -> datetime | None:
    """Return a time that was typed, aware UTC; without a zone it is taken for UTC."""
    from console.times import parse_time

    return None if text is None else parse_time(text)
