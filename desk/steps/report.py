"""Says what a cycle did, in the words of the terminal, the Prefect artifact and the message to a person."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from html import escape

from desk.model.cycle import CycleRecord, CycleState, Decision
from desk.model.figures import SameDigits, told_apart
from desk.model.instrument import Side
from desk.model.messages import MessageKind
from desk.model.orders import Barriers, Fill, Order, OrderState
from desk.model.records import Trade
from desk.model.trade import Finding, Verdict
from desk.ports import Message

_SENT = (OrderState.ACKED, OrderState.PARTIAL, OrderState.FILLED, OrderState.UNKNOWN)


def prices_of(record: CycleRecord, fills: Iterable[Fill] = (), trades: Iterable[Trade] = ()) -> SameDigits:
    """Return the words for the prices of a cycle, and of fills and trades that came of it."""
    steps = {name: one.tick for name, one in record.snapshot.instruments.items()} if record.snapshot else {}
    filled = (*(fill for order in record.orders for fill in order.fills), *fills)
    figures: list[tuple[str, Decimal | None]] = [*_decided(record), *((one.instrument, one.price) for one in filled)]
    figures += [(one.instrument, price) for one in trades for price in (one.entry_price, one.exit_price)]
    return SameDigits(figures, steps)


def prices_in(barriers: Barriers) -> tuple[Decimal | None, ...]:
    """Return the prices and the distance at which a position ends by itself: stop, target, trailing stop."""
    return barriers.stop, barriers.target, barriers.trailing_distance


def _decided(record: CycleRecord) -> Iterator[tuple[str, Decimal | None]]:
    """What was held, proposed and ordered, each price with its instrument."""
    for held in record.snapshot.positions if record.snapshot else ():
        yield from ((held.instrument, price) for price in (held.average_price, *prices_in(held.barriers)))
    for verdict in record.decision.verdicts:
        wish = verdict.proposal
        yield from ((wish.instrument, price) for price in (wish.reference_price, *prices_in(wish.barriers)))
    for intent in record.decision.intents:
        yield from ((intent.instrument, price) for price in (intent.price, *prices_in(intent.barriers)))


def state_of(orders: Iterable[Order]) -> CycleState:
    """Return TRADED where an order has reached the venue or may have, HELD otherwise."""
    traded = any(order.state in _SENT or order.filled_quantity > 0 for order in orders)
    return CycleState.TRADED if traded else CycleState.HELD


def rows_of(record: CycleRecord) -> list[dict[str, str]]:
    """Return one row per instrument that had an outcome: its signals, its verdict or reason, its order."""
    prices = prices_of(record)
    orders = {(order.instrument, order.side): describe_order(order, prices) for order in record.orders}
    rows = [_verdict_row(record.decision, verdict, orders, prices) for verdict in record.decision.verdicts]
    rows += [
        _row(record.decision, no_trade.instrument, str(no_trade.reason), no_trade.detail, "")
        for no_trade in record.decision.no_trades
    ]
    return sorted(rows, key=lambda row: row["instrument"])


def markdown_of(record: CycleRecord) -> str:
    """Return the cycle as a Markdown page: what came of it, then one line per instrument."""
    lines = [f"# {record.key.account}", "", f"Candle closed **{record.key.candle_close:%Y-%m-%d %H:%M} UTC**"]
    lines += [f"Mode **{record.mode}**, outcome **{record.state}**", ""]
    if record.snapshot:
        money = record.snapshot.money
        lines += [f"Equity {money.equity:,.2f} {money.currency}, {len(record.snapshot.positions)} positions before", ""]
    return "\n".join((*lines, *(_markdown_item(row) for row in rows_of(record))))


def message_of(record: CycleRecord) -> Message | None:
    """Return what a person should hear of the cycle, or None where there is nothing to tell."""
    prices = prices_of(record)
    told = [describe_order(order, prices) for order in record.orders]
    if not told:
        return None
    unsettled = [order for order in record.orders if order.state in (OrderState.UNKNOWN, OrderState.REJECTED)]
    severity = "warning" if unsettled else "info"
    if any(order.reduce_only for order in unsettled):
        severity = "error"  # a position is still there that was to be closed
    title = f"{record.key.account}: {len(told)} order{'' if len(told) == 1 else 's'}"
    body = "\n".join((f"Candle closed {record.key.candle_close:%Y-%m-%d %H:%M} UTC", *told))
    only_closes = all(order.reduce_only for order in record.orders)
    return Message(title, body, severity, MessageKind.EXIT if only_closes else MessageKind.ENTRY)


def refusals_of(record: CycleRecord) -> list[str]:
    """Return one line for each instrument that was not traded, or traded less than proposed: the codes of why."""
    cut = [
        f"{verdict.proposal.instrument} {verdict.state} {', '.join(verdict.reasons)}"
        for verdict in record.decision.verdicts
        if verdict.reasons
    ]
    return cut + [f"{no_trade.instrument} {no_trade.reason}" for no_trade in record.decision.no_trades]


def describe_order(order: Order, prices: SameDigits | None = None) -> str:
    """Return an order in one line; `prices` has the words for it where others stand beside it."""
    fills = order.fills
    price = f" in {len(fills)} fills" if fills else ""
    if len(fills) == 1:
        told = prices or SameDigits([(order.instrument, fills[0].price)], exact=True)
        price = f" at {told.tell(order.instrument, fills[0].price)}"
    amount = f"{order.filled_quantity}" if order.filled_quantity == order.quantity else ""
    amount = amount or f"{order.filled_quantity} of {order.quantity}"
    why = f" ({order.reason})" if order.reason else ""
    return f"{order.side} {amount} {order.instrument}{price}, {order.state}{why}"


def describe_finding(finding: Finding) -> str:
    """Return a finding in one line: the code, and the limit and what was observed or the words for both."""
    code = finding.reason or "passed"
    if finding.words:
        return f"{code} ({finding.rule}: {finding.words})"
    limit, observed = told_apart(finding.limit, finding.observed, _short)
    detail = f"; {finding.detail}" if finding.detail else ""
    return f"{code} ({finding.rule}: limit {limit}, observed {observed} {finding.unit}{detail})"


def _verdict_row(
    decision: Decision, verdict: Verdict, orders: dict[tuple[str, Side], str], prices: SameDigits
) -> dict[str, str]:
    proposal = verdict.proposal
    against = [describe_finding(finding) for finding in verdict.findings if finding.reason]
    order = orders.get((proposal.instrument, proposal.side), "")
    at = prices.tell(proposal.instrument, proposal.reference_price)
    reason = "; ".join((f"{proposal.intention} {proposal.side} {_short(proposal.quantity)} at {at}", *against))
    return _row(decision, proposal.instrument, str(verdict.state), reason, order)


def _markdown_item(row: dict[str, str]) -> str:
    # A list and not a table: the Prefect UI does not wrap the cells of a table.
    said = "".join(f"\n  - {_plain(text)}" for text in (row["signals"], row["reason"], row["order"]) if text)
    return f"- **{row['instrument']}** {row['outcome']}{said}"


def _plain(text: str) -> str:
    """One line without markup: what a plug-in or a venue says must not change the page around it."""
    return escape(" ".join(text.split()), quote=False)


def _short(value: Decimal, more: int = 0) -> str:
    """A decimal for people: at most eight significant digits, or some more, and no exponent."""
    return f"{Decimal(f'{value:.{8 + more}g}').normalize():f}"


def _row(decision: Decision, instrument: str, outcome: str, reason: str, order: str) -> dict[str, str]:
    voices = (
        f"{signal.strategy} {signal.score:+.2f}" for signal in decision.signals if signal.instrument == instrument
    )
    return {
        "instrument": instrument,
        "signals": ", ".join(voices),
        "outcome": outcome,
        "reason": reason,
        "order": order,
    }
