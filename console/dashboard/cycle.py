"""The page of a cycle: its steps in time, and instrument by instrument why it traded or did not."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from nicegui import ui

from console.api.room import Room
from console.dashboard.frame import frame
from console.dashboard.lines import show_lines
from console.dashboard.live import Live
from console.dashboard.parts import (
    BAD,
    CAREFUL,
    CYCLE_KINDS,
    GOOD,
    QUIET,
    Cell,
    account_path,
    badge,
    empty,
    link,
    money,
    small_button,
    tile,
    words,
)
from console.dashboard.resuming import Press, Resuming
from console.dashboard.tables import table
from console.services.cycles import Why, why
from console.services.logs import lines_of_cycle
from console.services.telling import (
    instruments_of,
    meaning,
    tell_finding,
    tell_intent,
    tell_no_trade,
    tell_proposal,
    tell_trade,
    tell_verdict,
)
from console.times import format_instant, format_minute, parse_time
from desk.adapters.ledger.facts import OrderEvent
from desk.adapters.logs.reading import LogEntry
from desk.model.access import Visitor
from desk.model.books import Snapshot
from desk.model.figures import SameDigits
from desk.model.orders import Fill, OrderIntent
from desk.model.trade import Finding, Verdict, VerdictState
from desk.model.views import Signal
from desk.steps.report import prices_of

_VERDICT_KINDS = {VerdictState.APPROVED: GOOD, VerdictState.REDUCED: CAREFUL, VerdictState.REFUSED: BAD}
_EVERY = timedelta(seconds=30)
_FINDINGS = ("Rule", "Said", "Compared")


async def show_cycle(room: Room, visitor: Visitor, account: str, close: str) -> None:
    """Build the page of a cycle for one browser; `close` is as it stands in the address."""
    with frame(room, visitor, ("Fleet", "/"), (account, account_path(account)), (close, "")):
        resuming = Resuming(room, visitor, account, lambda: live.refresh())
        live = Live(
            room,
            visitor,
            lambda: why(room.desk, account, parse_time(close)),
            lambda found: _show(found, room.prefect, resuming.press_of(found.summary)),
        )
        await live.begin(_EVERY)
        await Live(room, visitor, lambda: lines_of_cycle(room.desk, room.chosen, account, close), _log).begin(_EVERY)


def _log(entries: Sequence[LogEntry]) -> None:
    """What was logged, for who opens it; a cycle's lines go when the file is deleted that they stand in."""
    words("h2", "Log")
    if not entries:
        empty("None of its lines is in the log any more.")
        return
    with ui.element("details"):
        words("summary", f"{len(entries)} lines")
        show_lines(entries, around=False)


def _show(found: Why, prefect: str, press: Press | None) -> None:
    record, summary = found.record, found.summary
    words("h1", f"Candle closed {format_minute(record.key.candle_close)} UTC")
    with ui.element("p").classes("badges"):
        badge(record.state, CYCLE_KINDS.get(record.state, QUIET))
        badge(record.mode)
        words("span", f"scanned {format_instant(summary.started_at)} UTC", QUIET)
        if prefect and summary.flow_run_id:
            link("Prefect run", f"{prefect}/runs/flow-run/{summary.flow_run_id}")
        if press is not None:
            small_button("Resume run", press)
    if record.detail:
        words("pre", record.detail, "" if record.state.is_finished else "loss")
    if record.snapshot is not None:
        _books(record.snapshot)
    words("h2", "Steps")
    _timeline(record.durations)
    words("h2", "Decisions")
    instruments, prices = instruments_of(record), prices_of(record, found.fills, found.trades)
    if not instruments:
        empty("It came to no decision.")
    for instrument in instruments:
        _instrument(found, instrument, prices)
    release = f"configuration {record.config_version or 'unknown'}, release {record.code_version or 'unknown'}"
    words("p", release, QUIET)


def _books(snapshot: Snapshot) -> None:
    wealth = snapshot.money
    with ui.element("div").classes("tiles"):
        tile("Equity before", money(wealth.equity, wealth.currency))
        tile("Cash", money(wealth.cash, wealth.currency))
        tile("Positions before", str(len(snapshot.positions)))
        tile("Orders open", str(len(snapshot.open_orders)))
        tile("Trading state", snapshot.trading_state)


def _timeline(durations: Mapping[str, float]) -> None:
    """A bar for each step, as long as it took, beginning where the one before ended."""
    total = sum(durations.values())
    if not total:
        empty("No step was timed.")
        return
    begin = 0.0
    with ui.element("ol").classes("timeline"):
        for name, seconds in durations.items():
            with ui.element("li"):
                words("span", name.replace("_", " "), "name")
                with ui.element("span").classes("bar"):
                    ui.element("i").style(f"left: {100 * begin / total:.2f}%; width: {100 * seconds / total:.2f}%")
                words("span", f"{seconds:.3f} s", "number")
            begin += seconds


def _instrument(found: Why, instrument: str, prices: SameDigits) -> None:
    decision = found.record.decision
    signals = [signal for signal in decision.signals if signal.instrument == instrument]
    with ui.element("section").classes("panel"):
        words("h3", instrument)
        if signals:
            table(("Strategy", "Score", "Signal"), [_signal(one) for one in signals], otherwise="")
        for no_trade in decision.no_trades:
            if no_trade.instrument == instrument:
                with ui.element("p"):
                    badge("not traded", CAREFUL)
                    words("span", meaning(no_trade.reason))
                if detail := tell_no_trade(no_trade, signals):
                    words("p", detail, QUIET)
        for verdict in decision.verdicts:
            if verdict.proposal.instrument == instrument:
                _verdict(found, verdict, prices)


def _signal(signal: Signal) -> tuple[Cell, ...]:
    kind = "gain" if signal.score > 0 else "loss" if signal.score < 0 else QUIET
    return Cell(signal.strategy), Cell(f"{signal.score:+.2f}", kind), Cell(signal.reason)


def _verdict(found: Why, verdict: Verdict, prices: SameDigits) -> None:
    proposal = verdict.proposal
    words("p", tell_proposal(proposal, prices))
    if proposal.trigger:
        words("p", proposal.trigger, QUIET)
    if proposal.vote is not None and not proposal.vote.is_plain:
        words("p", f"vote: {proposal.vote}", QUIET)
    with ui.element("p"):
        badge(verdict.state, _VERDICT_KINDS[verdict.state])
        words("span", tell_verdict(verdict).partition(": ")[2])
    _findings(verdict.findings)
    for intent in found.record.decision.intents:
        if (intent.instrument, intent.side) == (proposal.instrument, proposal.side):
            _order(found, intent, prices)


def _findings(findings: Sequence[Finding]) -> None:
    """Those that cut or refused, and the others for who opens them."""
    said = [one for one in findings if one.reason]
    passed = [one for one in findings if not one.reason]
    if said:
        table(_FINDINGS, [_finding(one) for one in said], otherwise="")
    if passed:
        with ui.element("details"):
            words("summary", f"{len(passed)} {'rules' if len(passed) > 1 else 'rule'} let everything pass")
            table(_FINDINGS, [_finding(one) for one in passed], otherwise="")


def _finding(finding: Finding) -> tuple[Cell, ...]:
    if finding.reason is None:
        return Cell(finding.rule), Cell("", GOOD, badge="passed"), Cell(tell_finding(finding))
    return Cell(finding.rule), Cell(finding.reason.meaning, CAREFUL, badge=finding.reason), Cell(tell_finding(finding))


def _order(found: Why, intent: OrderIntent, prices: SameDigits) -> None:
    name = intent.client_order_id
    words("p", tell_intent(intent, prices))
    known = next((order for order in found.orders if order.intent.client_order_id == name), None)
    if known is None:
        empty("It was never stored, so never sent.")
        return
    events = [_event(one) for one in found.events if one.client_order_id == name]
    table(("Time", "State", "Detail"), events, otherwise="Nothing became known of it.")
    if fills := [one for one in found.fills if one.client_order_id == name]:
        quantities = SameDigits((one.instrument, one.quantity) for one in fills)
        fees = SameDigits((one.fee_currency, one.fee) for one in fills)
        rows = [_fill(one, prices, quantities, fees) for one in fills]
        table(("Filled", "Side", "Quantity", "Price", "Fee", "By"), rows, otherwise="")
    for trade in found.trades:
        if trade.entry_order_id == name:
            words("p", tell_trade(trade, prices))


def _event(event: OrderEvent) -> tuple[Cell, ...]:
    return Cell(format_instant(event.at)), Cell("", QUIET, badge=event.state), Cell(event.detail)


def _fill(fill: Fill, prices: SameDigits, quantities: SameDigits, fees: SameDigits) -> tuple[Cell, ...]:
    return (
        Cell(format_instant(fill.at)),
        Cell(fill.side),
        Cell(quantities.tell(fill.instrument, fill.quantity)),
        Cell(prices.tell(fill.instrument, fill.price)),
        Cell(f"{fees.tell(fill.fee_currency, fill.fee)} {fill.fee_currency}"),
        Cell(fill.reason),
    )
