"""Commands that show what is and what was, and change nothing."""

from typing import Annotated, Literal

import typer

from console.commands.words import LOOK, Account, AsJson, Beside, Newest, OneAccount, SeveralAccounts

app = typer.Typer()


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
def trades(
    account: OneAccount = None,
    instrument: Annotated[str, typer.Option(help="Of one instrument, such as EUR/USD.", show_default=False)] = "",
    strategy: Annotated[str, typer.Option(help="Opened by one strategy.", show_default=False)] = "",
    outcome: Annotated[str, typer.Option(help="open, won or lost.", show_default=False)] = "",
    since: Annotated[
        str, typer.Option(help="Opened since a time, or a length such as 7d ago.", show_default=False)
    ] = "",
    until: Annotated[str, typer.Option(help="Opened before a time.", show_default=False)] = "",
    limit: Annotated[int, typer.Option(help="How many, counted from the newest.", min=1)] = 20,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every trade, for a spreadsheet.")] = False,
    as_json: AsJson = False,
) -> None:
    """List trades, open and closed: what each brought, and how far the price went against it and for it."""
    from console.services.trades import TradeFilter
    from console.trades import show_trades, write_trades

    wanted = TradeFilter(account or "", instrument, strategy, outcome, since, until)
    raise typer.Exit(write_trades(wanted) if as_csv else show_trades(wanted, limit=limit, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def reasons(
    accounts: SeveralAccounts = None,
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
    accounts: SeveralAccounts = None,
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


@app.command(rich_help_panel=LOOK)
def logs(
    which: Annotated[
        Literal["trading", "dashboard"], typer.Argument(help="Which log: that of the scans, or the dashboard's.")
    ] = "trading",
    account: Annotated[str, typer.Option(help="Lines about one account.", show_default=False)] = "",
    cycle: Annotated[
        str,
        typer.Option(help="Lines about a cycle, by the close of its candle: 2026-01-14T15:00Z.", show_default=False),
    ] = "",
    level: Annotated[
        Literal["debug", "info", "warning", "error"], typer.Option(help="Lines of this level and graver ones.")
    ] = "debug",
    limit: Annotated[int, typer.Option(help="How many, counted from the newest.", min=1)] = 50,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what is added, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the newest lines of the logs; with --follow those that come, too."""
    from console.logs import show_logs
    from console.services.logs import LogQuestion

    question = LogQuestion(which, account, cycle, level)
    raise typer.Exit(show_logs(question, limit=limit, follow=follow, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def top(
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=1)] = 5,
    once: Annotated[bool, typer.Option("--once", help="Print one look, and end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Watch the fleet in the terminal: every account, what is halted, the newest decisions; q ends it."""
    from console.top import run_top

    raise typer.Exit(run_top(every=every, once=once, as_json=as_json))


@app.command(rich_help_panel=LOOK)
def doctor(as_json: AsJson = False) -> None:
    """Examine the installation: disk, files, versions, ledger, Prefect, notifier, venues; say what to do."""
    from console.doctor import run_doctor

    raise typer.Exit(run_doctor(as_json=as_json))


@app.command(rich_help_panel=LOOK)
def states(as_json: AsJson = False) -> None:
    """List what is halted or reduced: by whom, since when, why, and until when."""
    from console.halting import show_states

    raise typer.Exit(show_states(as_json=as_json))


@app.command(rich_help_panel=LOOK)
def arms(as_json: AsJson = False) -> None:
    """List which live accounts may open positions: armed by whom and since when, and why not."""
    from console.arming import show_arms

    raise typer.Exit(show_arms(as_json=as_json))


@app.command(rich_help_panel=LOOK)
def messages(
    limit: Annotated[int, typer.Option(help="How many, counted from the newest.", min=1)] = 20,
    send: Annotated[bool, typer.Option("--send", help="First send what has not arrived, given up or not.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what people were told, and where it has arrived; 1 where a message was given up."""
    from console.messages import send_messages, show_messages

    raise typer.Exit((send_messages if send else show_messages)(limit=limit, as_json=as_json))
