"""Answers `desk why`: finds the cycle that is meant, tells it, and says what is known where there is none."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from console.failures import NothingRecorded
from console.ledgers import ask
from console.naming import unknown
from console.narrating import narrate
from console.showing import first_words, print_blocks, print_json
from console.times import format_minute, parse_time
from console.universe import why_not_in
from desk.adapters.ledger.facts import CycleSummary, Explanation
from desk.adapters.ledger.ledger import Ledger
from desk.errors import DeskError
from desk.model.reasons import Reason
from desk.universe.choosing import Choice


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be explained: the last cycle of an account that looked at `instrument`, at or before `at`."""

    account: str
    instrument: str | None
    at: datetime | None


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


def explain(account: str, instrument: str | None, time: str | None, *, as_json: bool) -> int:
    """Explain the cycle of the candle that closed at or before the time, the newest one without a time.

    Args:
        account: its name; one that is not configured any more will do.
        instrument: what to tell of, all of them without; a word without a slash is taken for the time.
        time: as it was typed.
        as_json: print everything that is known instead of the story.

    Raises:
        NotUnderstood: there is no such account or instrument; the message gives the nearest.
        NothingRecorded: there is, and it has no such cycle.
    """
    question = _understand(account, instrument, time)
    found = ask(lambda ledger: _look_up(ledger, question))
    if found.explanation is None:
        raise _nothing(question, found)
    if as_json:
        print_json(_everything(found.explanation))
    else:
        print_blocks(narrate(found.explanation))
        _mention_newer(found.explanation, found, question)
    return 0


def _understand(account: str, instrument: str | None, time: str | None) -> Question:
    if instrument is not None and time is None and "/" not in instrument:
        instrument, time = None, instrument
    return Question(account, instrument.upper() if instrument else None, parse_time(time) if time else None)


async def _look_up(ledger: Ledger, question: Question) -> Findings:
    account, at = question.account, question.at
    last = await ledger.last_cycle(account)
    if last is None:
        return Findings(None, None, None, [summary.account for summary in await ledger.summaries()])
    until = None if at is None else at + timedelta(microseconds=1)
    newest = next(iter(await ledger.cycles(account, until=until, limit=1)), None)
    choice = await ledger.universe_choice(account, at) if question.instrument else None
    return Findings(await ledger.why(account, question.instrument, at), newest, last, choice=choice)


def _everything(explanation: Explanation) -> dict[str, object]:
    """The explanation, with what its reason codes mean."""
    decision = explanation.record.decision
    codes = {no_trade.reason for no_trade in decision.no_trades}
    codes.update(reason for verdict in decision.verdicts for reason in verdict.reasons)
    told = {field.name: getattr(explanation, field.name) for field in fields(explanation)}
    return {**told, "meanings": {code.value: code.meaning for code in Reason if code in codes}}


def _mention_newer(explanation: Explanation, found: Findings, question: Question) -> None:
    """With an instrument, an older cycle is told than the newest, which may have ended before it came to it."""
    newest = found.newest
    if newest is not None and newest.key != explanation.record.key:
        print_blocks(["", f"A newer cycle did not come to this instrument: {_in_short(newest)}"])
        if found.choice and question.instrument and (told := why_not_in(found.choice, question.instrument)):
            print_blocks([told])


def _nothing(question: Question, found: Findings) -> DeskError:
    # Imported late: only a question without an answer needs the configuration.
    from desk.accounts import load_fleet
    from desk.adapters.settings import settings

    account, instrument, last = question.account, question.instrument, found.last
    fleet = load_fleet(settings().config)
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
    return NothingRecorded(f"expected a cycle of {account}{about}{when}, found none; the newest is {_in_short(last)}")


def _in_short(cycle: CycleSummary) -> str:
    detail = f" ({first_words(cycle.detail)})" if cycle.detail else ""
    return f"{format_minute(cycle.key.candle_close)} UTC, {cycle.state}{detail}"
