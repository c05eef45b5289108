"""The words for what a cycle saw, decided and did, the same on every page, in every command and message."""

import textwrap
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from console.times import format_minute
from desk.model.cycle import CycleRecord
from desk.model.figures import SameDigits, most_places, told_apart
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderIntent
from desk.model.reasons import Reason
from desk.model.records import Trade
from desk.model.trade import Finding, NoTrade, Proposal, Verdict, VerdictState
from desk.model.views import Signal
from desk.steps.report import prices_in

_FIRST_WORDS = 120


def instruments_of(record: CycleRecord) -> list[str]:
    """Return the instruments that a cycle looked at, those with a proposal first."""
    decision = record.decision
    proposed = [verdict.proposal.instrument for verdict in decision.verdicts]
    passed = [no_trade.instrument for no_trade in decision.no_trades]
    judged = [signal.instrument for signal in decision.signals]
    return list(dict.fromkeys((*proposed, *passed, *judged)))


def tell_no_trade(no_trade: NoTrade, signals: Iterable[Signal]) -> str:
    """Return the detail of what was passed over, without what the signals beside it say already."""
    detail = no_trade.detail
    for signal in signals:
        detail = detail.replace(f"{signal.strategy}: {signal.reason}", "").strip("; ")
    return detail


def tell_proposal(proposal: Proposal, prices: SameDigits) -> str:
    """Return who wished for what, to which end."""
    at = prices.tell(proposal.instrument, proposal.reference_price)
    wish = f"proposed by {proposal.strategy}: {proposal.side} {amount(proposal.quantity)} at {at}"
    return join(f"{wish}, to {proposal.intention}", tell_barriers(proposal.instrument, proposal.barriers, prices))


def tell_finding(finding: Finding) -> str:
    """Return what a rule compared, and what it lets pass where that is not all."""
    allowed = f"allows {amount(finding.allowed_quantity)}" if finding.reason else ""
    if finding.words:
        return join(finding.words, allowed)
    observed, limit = told_apart(finding.observed, finding.limit, amount)
    return join(f"observed {observed}, limit {limit} {finding.unit}", allowed, finding.detail)


def tell_verdict(verdict: Verdict) -> str:
    """Return what became of a proposal."""
    if verdict.state is VerdictState.REFUSED:
        return "refused"
    return f"{verdict.state}: {verdict.proposal.side} {amount(verdict.quantity)}"


def tell_intent(intent: OrderIntent, prices: SameDigits) -> str:
    """Return what an order asks for."""
    price = "" if intent.price is None else f" at {prices.tell(intent.instrument, intent.price)}"
    only = ", reduces only" if intent.reduce_only else ""
    wish = f"{intent.side} {amount(intent.quantity)}{price}, {intent.type} {intent.time_in_force}{only}"
    return join(f"order {intent.client_order_id}: {wish}", tell_barriers(intent.instrument, intent.barriers, prices))


def tell_trade(trade: Trade, prices: SameDigits) -> str:
    """Return what was opened and closed, and what it brought."""
    entry, ended = (prices.tell(trade.instrument, price) for price in (trade.entry_price, trade.exit_price))
    opened = f"{direction(trade.side)} {amount(trade.entry_quantity)} from {entry}"
    result = f"realised {trade.realised_profit:+,.2f}, fees {trade.fees:,.2f}"
    if trade.exit_price is None:
        return f"trade so far: {opened} since {format_minute(trade.opened_at)}, still open; {result}"
    closed = f"{amount(trade.exit_quantity)} closed at {ended}"
    if trade.closed_at is None:
        return f"trade so far: {opened}, {closed}; {result}"
    return f"trade: {opened}, {closed} by {trade.exit_reason}, {format_minute(trade.closed_at)}; {result}"


def tell_barriers(instrument: str, barriers: Barriers, prices: SameDigits) -> str:
    """Return where a position ends by itself; empty where nowhere."""
    named = zip(("stop", "target", "stop trailing by"), prices_in(barriers), strict=True)
    told = [f"{name} {prices.tell(instrument, value)}" for name, value in named if value is not None]
    if barriers.time_limit is not None:
        told.append(f"at most {_length(barriers.time_limit)}")
    return ", ".join(told)


def meaning(reason: Reason) -> str:
    """Return a reason code with what it means."""
    return f"{reason}, {reason.meaning}"


def direction(side: Side) -> str:
    """Return `long` or `short`."""
    return "long" if side is Side.BUY else "short"


def quoted_in(instrument: str) -> str:
    """Return the currency that an instrument's prices are in, by its name."""
    return instrument.partition("/")[2].partition(":")[0]


def amount(value: Decimal, more: int = 0) -> str:
    """Return a number without zeros at its end, large ones to two places, or to some more."""
    whole, _, decimals = f"{value:,.{most_places(value) + more}f}".partition(".")
    return ".".join(part for part in (whole, decimals.rstrip("0")) if part)


def join(*parts: str) -> str:
    """Return the parts that are not empty as one sentence."""
    return "; ".join(part for part in parts if part)


def first_words(text: str) -> str:
    """Return the beginning of the first line, for places where an error is only mentioned."""
    return textwrap.shorten(text.strip().partition("\n")[0], _FIRST_WORDS, placeholder=" …")


def _length(length: timedelta) -> str:
    from desk.accounts.values import format_duration

    return format_duration(length)
