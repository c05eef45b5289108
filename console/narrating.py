"""Tells a cycle for a person: from the candle through signals and limits to orders, or to why there are none."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from console.tables import grid
from console.times import format_instant, format_minute
from desk.adapters.ledger.facts import CycleSummary, Explanation, OrderEvent, OrderRecord
from desk.model.books import Position, Snapshot, TradingState
from desk.model.cycle import CycleRecord
from desk.model.instrument import Side
from desk.model.orders import Barriers, Fill, OrderIntent
from desk.model.reasons import Reason
from desk.model.records import Trade
from desk.model.trade import Finding, NoTrade, Verdict, VerdictState
from desk.model.views import Signal

_LARGE, _DECIMALS_OF_LARGE, _DECIMALS = 1000, 2, 8
_VERDICT_STYLES = {VerdictState.APPROVED: "green", VerdictState.REDUCED: "yellow", VerdictState.REFUSED: "red"}


def narrate(explanation: Explanation) -> Iterator[RenderableType]:
    """Yield the story of a cycle, block by block."""
    record = explanation.record
    yield from _opening(explanation.summary, record)
    if record.snapshot is not None:
        yield from _books(record.snapshot)
    for instrument in instruments_of(record):
        yield ""
        yield from _instrument(explanation, instrument)


def instruments_of(record: CycleRecord) -> list[str]:
    """Return the instruments that a cycle looked at, those with a proposal first."""
    decision = record.decision
    proposed = [verdict.proposal.instrument for verdict in decision.verdicts]
    passed = [no_trade.instrument for no_trade in decision.no_trades]
    judged = [signal.instrument for signal in decision.signals]
    return list(dict.fromkeys((*proposed, *passed, *judged)))


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


def _books(snapshot: Snapshot) -> Iterator[RenderableType]:
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
        yield grid(map(_position, held), indent=4)


def _position(position: Position) -> tuple[str, ...]:
    return (
        position.instrument,
        f"{_direction(position.side)} {_amount(abs(position.quantity))}",
        f"at {_amount(position.average_price)}",
        _join(f"since {format_minute(position.opened_at)}", _barriers(position.barriers)),
    )


def _instrument(explanation: Explanation, instrument: str) -> Iterator[RenderableType]:
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
            yield from _verdict(explanation, verdict)


def _signal(signal: Signal) -> tuple[str, ...]:
    return signal.strategy, f"{signal.score:+.2f}", signal.reason


def _no_trade(no_trade: NoTrade, signals: list[Signal]) -> Iterator[RenderableType]:
    yield _line(f"not traded: {_meaning(no_trade.reason)}", style="yellow")
    detail = no_trade.detail
    for signal in signals:
        # Told above already.
        detail = detail.replace(f"{signal.strategy}: {signal.reason}", "").strip("; ")
    if detail:
        yield _line(detail, indent=4)


def _verdict(explanation: Explanation, verdict: Verdict) -> Iterator[RenderableType]:
    proposal = verdict.proposal
    wish = f"{proposal.side} {_amount(proposal.quantity)} at {proposal.reference_price:f}"
    yield _line(
        _join(f"proposed by {proposal.strategy}: {wish}, to {proposal.intention}", _barriers(proposal.barriers))
    )
    if proposal.trigger:
        yield _line(proposal.trigger, indent=4)
    if proposal.vote is not None and not proposal.vote.is_plain:
        yield _line(f"vote: {proposal.vote}", indent=4)
    if verdict.findings:
        yield grid(map(_finding, verdict.findings), indent=4)
    yield _line(_outcome(verdict), style=_VERDICT_STYLES[verdict.state])
    for reason in verdict.reasons:
        yield _line(_meaning(reason), indent=4)
    for intent in explanation.record.decision.intents:
        if (intent.instrument, intent.side) == (proposal.instrument, proposal.side):
            yield from _order(explanation, intent)


def _finding(finding: Finding) -> tuple[Text | str, ...]:
    code = Text(finding.reason, style="yellow") if finding.reason else Text("passed", style="green")
    compared = f"observed {_amount(finding.observed)}, limit {_amount(finding.limit)} {finding.unit}"
    allowed = f"; allows {_amount(finding.allowed_quantity)}" if finding.reason else ""
    detail = f"; {finding.detail}" if finding.detail else ""
    return finding.rule, code, f"{compared}{allowed}{detail}"


def _outcome(verdict: Verdict) -> str:
    if verdict.state is VerdictState.REFUSED:
        return "refused"
    return f"{verdict.state}: {verdict.proposal.side} {_amount(verdict.quantity)}"


def _order(explanation: Explanation, intent: OrderIntent) -> Iterator[RenderableType]:
    name = intent.client_order_id
    price = "" if intent.price is None else f" at {intent.price:f}"
    only = ", reduces only" if intent.reduce_only else ""
    wish = f"{intent.side} {_amount(intent.quantity)}{price}, {intent.type} {intent.time_in_force}{only}"
    yield _line(_join(f"order {name}: {wish}", _barriers(intent.barriers)))
    known = next((order for order in explanation.orders if order.intent.client_order_id == name), None)
    if known is None:
        yield _line("never stored, so never sent", indent=4)
        return
    yield from _course(explanation, known)


def _course(explanation: Explanation, order: OrderRecord) -> Iterator[RenderableType]:
    """What became of an order: its events, its fills, the trade that it opened."""
    name = order.intent.client_order_id
    events = [event for event in explanation.events if event.client_order_id == name]
    if events:
        yield grid(map(_event, events), indent=4)
    fills = [fill for fill in explanation.fills if fill.client_order_id == name]
    if fills:
        yield _line("fills" if order.venue_order_id == "" else f"fills, venue order {order.venue_order_id}")
        yield grid(map(_fill, fills), indent=4)
    if any(fill.venue_trade_id in explanation.unconverted for fill in fills):
        yield _line("the venue gives no rate to the account's currency: profit and fees leave fills out", style="red")
    for trade in explanation.trades:
        if trade.entry_order_id == name:
            yield _line(_trade(trade))


def _event(event: OrderEvent) -> tuple[Text | str, ...]:
    detail = event.detail
    if event.venue_at is not None:
        detail = _join(
            detail, f"{_amount(event.filled_quantity)} by then, at the venue {format_instant(event.venue_at)}"
        )
    return format_instant(event.at), Text(event.state, style="bold"), detail


def _fill(fill: Fill) -> tuple[str, ...]:
    return (
        format_instant(fill.at),
        f"{fill.side} {_amount(fill.quantity)} at {fill.price:f}",
        f"fee {_amount(fill.fee)} {fill.fee_currency} ({fill.reason}, {fill.venue_trade_id})",
    )


def _trade(trade: Trade) -> str:
    opened = f"{_direction(trade.side)} {_amount(trade.entry_quantity)} from {_amount(trade.entry_price)}"
    result = f"realised {trade.realised_profit:+,.2f}, fees {trade.fees:,.2f}"
    if trade.exit_price is None:
        return f"trade so far: {opened} since {format_minute(trade.opened_at)}, still open; {result}"
    closed = f"{_amount(trade.exit_quantity)} closed at {_amount(trade.exit_price)}"
    if trade.closed_at is None:
        return f"trade so far: {opened}, {closed}; {result}"
    return f"trade: {opened}, {closed} by {trade.exit_reason}, {format_minute(trade.closed_at)}; {result}"


def _barriers(barriers: Barriers) -> str:
    parts = {
        "stop": barriers.stop,
        "target": barriers.target,
        "stop trailing by": barriers.trailing_distance,
    }
    told = [f"{name} {value:f}" for name, value in parts.items() if value is not None]
    if barriers.time_limit is not None:
        told.append(f"at most {_length(barriers.time_limit)}")
    return ", ".join(told)


def _meaning(reason: Reason) -> str:
    return f"{reason}, {reason.meaning}"


def _direction(side: Side) -> str:
    return "long" if side is Side.BUY else "short"


def _amount(value: Decimal) -> str:
    places = _DECIMALS_OF_LARGE if abs(value) >= _LARGE else _DECIMALS
    return f"{round(value, places).normalize():,f}"


def _length(length: timedelta) -> str:
    from desk.accounts.values import format_duration

    return format_duration(length)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _join(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _line(text: str, *, style: str = "", indent: int = 2) -> RenderableType:
    return Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, indent))
