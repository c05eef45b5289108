"""Tells a cycle for a person: from the candle through signals and limits to orders, or to why there are none."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from console.services.telling import (
    amount,
    direction,
    instruments_of,
    join,
    meaning,
    tell_barriers,
    tell_finding,
    tell_intent,
    tell_no_trade,
    tell_proposal,
    tell_trade,
    tell_verdict,
)
from console.tables import grid
from console.times import format_instant, format_minute
from desk.adapters.ledger.facts import CycleSummary, Explanation, OrderEvent, OrderRecord
from desk.model.books import Position, Snapshot, TradingState
from desk.model.cycle import CycleRecord
from desk.model.figures import SameDigits
from desk.model.orders import Fill, OrderIntent
from desk.model.trade import Finding, NoTrade, Verdict, VerdictState
from desk.model.views import Signal
from desk.steps.report import prices_of

_VERDICT_STYLES = {VerdictState.APPROVED: "green", VerdictState.REDUCED: "yellow", VerdictState.REFUSED: "red"}


def narrate(explanation: Explanation) -> Iterator[RenderableType]:
    """Yield the story of a cycle, block by block."""
    record = explanation.record
    prices = prices_of(record, explanation.fills, explanation.trades)
    yield from _opening(explanation.summary, record)
    if record.snapshot is not None:
        yield from _books(record.snapshot, prices)
    for instrument in instruments_of(record):
        yield ""
        yield from _instrument(explanation, instrument, prices)


def _opening(summary: CycleSummary, record: CycleRecord) -> Iterator[RenderableType]:
    close = format_minute(record.key.candle_close)
    yield Text.assemble(
        (record.key.account, "bold"), f", candle closed {close} UTC: ", (record.state.value, "bold"), overflow="fold"
    )
    yield _line(
        f"{record.mode}, scanned {format_instant(summary.started_at)} UTC{_taking(summary)}; "
        f"configuration {record.config_version or 'unknown'}, release {record.code_version or 'unknown'}"
    )
    if record.detail:
        yield _line(record.detail, style="" if record.state.is_finished else "red")


def _taking(summary: CycleSummary) -> str:
    if summary.finished_at is None:
        return ", not ended yet"
    return f", took {(summary.finished_at - summary.started_at).total_seconds():.2f} s"


def _books(snapshot: Snapshot, prices: SameDigits) -> Iterator[RenderableType]:
    money = snapshot.money
    today = money.equity - snapshot.day_start_equity
    held, working = snapshot.positions, len(snapshot.open_orders)
    yield _line(
        f"equity {money.equity:,.2f} {money.currency} ({today:+,.2f} today, highest {snapshot.peak_equity:,.2f}), "
        f"cash {money.cash:,.2f}; {_count(len(held), 'position')} before, {_count(working, 'order')} open"
    )
    if snapshot.trading_state is not TradingState.ACTIVE:
        yield _line(f"trading state {snapshot.trading_state}", style="red")
    if held:
        yield grid((_position(one, prices) for one in held), indent=4)


def _position(position: Position, prices: SameDigits) -> tuple[str, ...]:
    return (
        position.instrument,
        f"{direction(position.side)} {amount(abs(position.quantity))}",
        f"at {prices.tell(position.instrument, position.average_price)}",
        join(
            f"since {format_minute(position.opened_at)}",
            tell_barriers(position.instrument, position.barriers, prices),
        ),
    )


def _instrument(explanation: Explanation, instrument: str, prices: SameDigits) -> Iterator[RenderableType]:
    decision = explanation.record.decision
    yield Text(instrument, style="bold")
    signals = [signal for signal in decision.signals if signal.instrument == instrument]
    if signals:
        yield grid(map(_signal, signals), indent=2)
    for no_trade in decision.no_trades:
        if no_trade.instrument == instrument:
            yield from _no_trade(no_trade, signals)
    for verdict in decision.verdicts:
        if verdict.proposal.instrument == instrument:
            yield from _verdict(explanation, verdict, prices)


def _signal(signal: Signal) -> tuple[str, ...]:
    return signal.strategy, f"{signal.score:+.2f}", signal.reason


def _no_trade(no_trade: NoTrade, signals: list[Signal]) -> Iterator[RenderableType]:
    yield _line(f"not traded: {meaning(no_trade.reason)}", style="yellow")
    if detail := tell_no_trade(no_trade, signals):
        yield _line(detail, indent=4)


def _verdict(explanation: Explanation, verdict: Verdict, prices: SameDigits) -> Iterator[RenderableType]:
    proposal = verdict.proposal
    yield _line(tell_proposal(proposal, prices))
    if proposal.trigger:
        yield _line(proposal.trigger, indent=4)
    if proposal.vote is not None and not proposal.vote.is_plain:
        yield _line(f"vote: {proposal.vote}", indent=4)
    if verdict.findings:
        yield grid(map(_finding, verdict.findings), indent=4)
    yield _line(tell_verdict(verdict), style=_VERDICT_STYLES[verdict.state])
    for reason in verdict.reasons:
        yield _line(meaning(reason), indent=4)
    for intent in explanation.record.decision.intents:
        if (intent.instrument, intent.side) == (proposal.instrument, proposal.side):
            yield from _order(explanation, intent, prices)


def _finding(finding: Finding) -> tuple[Text | str, ...]:
    code = Text(finding.reason, style="yellow") if finding.reason else Text("passed", style="green")
    return finding.rule, code, tell_finding(finding)


def _order(explanation: Explanation, intent: OrderIntent, prices: SameDigits) -> Iterator[RenderableType]:
    name = intent.client_order_id
    yield _line(tell_intent(intent, prices))
    known = next((order for order in explanation.orders if order.intent.client_order_id == name), None)
    if known is None:
        yield _line("never stored, so never sent", indent=4)
        return
    yield from _course(explanation, known, prices)


def _course(explanation: Explanation, order: OrderRecord, prices: SameDigits) -> Iterator[RenderableType]:
    """What became of an order: its events, its fills, the trade that it opened."""
    name = order.intent.client_order_id
    events = [event for event in explanation.events if event.client_order_id == name]
    if events:
        yield grid(map(_event, events), indent=4)
    fills = [fill for fill in explanation.fills if fill.client_order_id == name]
    if fills:
        yield _line("fills" if order.venue_order_id == "" else f"fills, venue order {order.venue_order_id}")
        yield grid((_fill(one, prices) for one in fills), indent=4)
    if any(fill.venue_trade_id in explanation.unconverted for fill in fills):
        yield _line("the venue gives no rate to the account's currency: profit and fees leave fills out", style="red")
    for trade in explanation.trades:
        if trade.entry_order_id == name:
            yield _line(tell_trade(trade, prices))


def _event(event: OrderEvent) -> tuple[Text | str, ...]:
    detail = event.detail
    if event.venue_at is not None:
        detail = join(detail, f"{amount(event.filled_quantity)} by then, at the venue {format_instant(event.venue_at)}")
    return format_instant(event.at), Text(event.state, style="bold"), detail


def _fill(fill: Fill, prices: SameDigits) -> tuple[str, ...]:
    price = prices.tell(fill.instrument, fill.price)
    if fill.reason.is_charge:
        return (
            format_instant(fill.at),
            f"{fill.reason} of what is held, at {price}",
            f"{'received' if fill.fee < 0 else 'paid'} {amount(abs(fill.fee))} {fill.fee_currency} "
            f"({fill.venue_trade_id})",
        )
    return (
        format_instant(fill.at),
        f"{fill.side} {amount(fill.quantity)} at {price}",
        f"fee {amount(fill.fee)} {fill.fee_currency} ({fill.reason}, {fill.venue_trade_id})",
    )


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _line(text: str, *, style: str = "", indent: int = 2) -> RenderableType:
    return Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, indent))
