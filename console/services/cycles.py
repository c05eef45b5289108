"""Cycles of an account, and why one ended as it did."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.failures import NothingRecorded
from console.naming import account_of, unknown
from console.services.opening import OpenDesk
from console.services.paging import Page, Turn, page_of
from console.services.telling import first_words
from console.times import format_minute
from desk.adapters.ledger.facts import CycleSummary, Explanation
from desk.adapters.ledger.ledger import Ledger
from desk.errors import DeskError
from desk.model.reasons import Reason
from desk.universe.choosing import Choice

if TYPE_CHECKING:  # only a question without an answer needs the configuration, which takes time to load
    from desk.accounts import Fleet


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be explained: the last cycle of an account that looked at `instrument`, at or before `at`."""

    account: str
    instrument: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What the ledger knows of a question.

    Attributes:
        newest: the newest cycle at or before the time, whatever it looked at.
        last: the newest cycle of all.
        accounts: every account in the ledger, where this one is not among them.
        choice: what the account chose to trade by then, where it trades a universe.
    """

    explanation: Explanation | None
    newest: CycleSummary | None
    last: CycleSummary | None
    accounts: Collection[str] = ()
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Why(Explanation):
    """A cycle with all that is known of it, and what its reason codes mean."""

    meanings: Mapping[str, str] = field(default_factory=dict)


async def cycle_page(desk: OpenDesk, account: str, turn: Turn) -> Page[CycleSummary]:
    """Return cycles of an account.

    Raises:
        NotUnderstood: there is no such account, or no such page.
    """
    name = account_of(desk.fleet, account).name
    found = await desk.ledger.cycle_page(name, before=turn.place, limit=turn.limit + 1)
    return page_of(found, turn, lambda one: (one.key.candle_close, ""))


async def why(desk: OpenDesk, account: str, close: datetime) -> Why:
    """Return everything about the cycle of the candle that closed then.

    Raises:
        NotUnderstood: there is no such account.
        NothingRecorded: it has no such cycle; the message names its newest.
    """
    question = Question(account, at=close)
    found = await look_up(desk.ledger, question)
    if found.explanation is None or found.explanation.record.key.candle_close != close:
        raise nothing(question, found, desk.fleet)
    return with_meanings(found.explanation)


async def look_up(ledger: Ledger, question: Question) -> Findings:
    """Return what the ledger knows of a question."""
    account, at = question.account, question.at
    last = await ledger.last_cycle(account)
    if last is None:
        return Findings(None, None, None, [summary.account for summary in await ledger.summaries()])
    until = None if at is None else at + timedelta(microseconds=1)
    newest = next(iter(await ledger.cycles(account, until=until, limit=1)), None)
    choice = await ledger.universe_choice(account, at) if question.instrument else None
    return Findings(await ledger.why(account, question.instrument, at), newest, last, choice=choice)


def with_meanings(explanation: Explanation) -> Why:
    """Return the explanation, with what its reason codes mean."""
    decision = explanation.record.decision
    codes = {no_trade.reason for no_trade in decision.no_trades}
    codes.update(reason for verdict in decision.verdicts for reason in verdict.reasons)
    return Why(
        explanation.summary,
        explanation.record,
        explanation.orders,
        explanation.events,
        explanation.fills,
        explanation.trades,
        explanation.unconverted,
        {code.value: code.meaning for code in Reason if code in codes},
    )


def nothing(question: Question, found: Findings, fleet: "Fleet") -> DeskError:
    """Build the error for a question that no cycle answers, with what is known instead."""
    account, instrument, last = question.account, question.instrument, found.last
    if last is None:
        if account in fleet.accounts:
            return NothingRecorded(f"{account} was never scanned; run `desk up`, or `desk scan {account}`")
        return unknown("an account", account, {*fleet.accounts, *found.accounts})
    if instrument is not None and found.choice is not None and (told := why_not_in(found.choice, instrument)):
        return NothingRecorded(told)
    if instrument is not None and account in fleet.accounts and fleet.accounts[account].universe is None:
        known = fleet.accounts[account].instruments
        if instrument not in known:
            return unknown(f"an instrument of {account}", instrument, known)
    about = f" that looked at {instrument}" if instrument else ""
    when = f" at or before {format_minute(question.at)} UTC" if question.at else ""
    return NothingRecorded(f"expected a cycle of {account}{about}{when}, found none; the newest is {in_short(last)}")


def in_short(cycle: CycleSummary) -> str:
    """Return a cycle in one line."""
    detail = f" ({first_words(cycle.detail)})" if cycle.detail else ""
    return f"{format_minute(cycle.key.candle_close)} UTC, {cycle.state}{detail}"


def why_not_in(choice: Choice, instrument: str) -> str:
    """Return why an instrument was not among those of a choice; empty where it was, or could not be."""
    standing = choice.standing_of(instrument)
    if standing is None or standing.place.is_in:
        return ""
    chosen = f"chosen at the candle of {format_minute(choice.candle_close)} UTC"
    return f"{instrument} is not in the universe '{choice.universe}' of {choice.account}, {chosen}: {standing.detail}"
