"""Answers `desk why`: finds the cycle that is meant, tells it, and says what is known where there is none."""

from console.ledgers import ask, configured_fleet
from console.narrating import narrate
from console.services.cycles import Findings, Question, in_short, look_up, nothing, why_not_in, with_meanings
from console.showing import print_blocks, print_json
from console.times import parse_time
from desk.adapters.ledger.facts import Explanation


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
    found = ask(lambda ledger: look_up(ledger, question))
    if found.explanation is None:
        raise nothing(question, found, configured_fleet())
    if as_json:
        print_json(with_meanings(found.explanation))
    else:
        print_blocks(narrate(found.explanation))
        _mention_newer(found.explanation, found, question)
    return 0


def _understand(account: str, instrument: str | None, time: str | None) -> Question:
    if instrument is not None and time is None and "/" not in instrument:
        instrument, time = None, instrument
    return Question(account, instrument.upper() if instrument else None, parse_time(time) if time else None)


def _mention_newer(explanation: Explanation, found: Findings, question: Question) -> None:
    """With an instrument, an older cycle is told than the newest, which may have ended before it came to it."""
    newest = found.newest
    if newest is not None and newest.key != explanation.record.key:
        print_blocks(["", f"A newer cycle did not come to this instrument: {in_short(newest)}"])
        if found.choice and question.instrument and (told := why_not_in(found.choice, question.instrument)):
            print_blocks([told])
