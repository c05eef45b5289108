"""What is to be said of a story that was interrupted, beside one that was not. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from drill.crashes.drilling import Ending
from drill.crashes.fleet import Venue


class Mark(StrEnum):
    """How the two ends compare; FAILED where a process ended with an error, ALIVE where none was killed."""

    SAME = "ok"
    OTHER_STOPS = "ok*"
    DIFFERENT = "DIFFERS"
    FAILED = "FAILED"
    ALIVE = "ALIVE"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one story.

    Attributes:
        died: the last thing that the process wrote before it was ended; nothing where it was not.
        findings: what is wrong, in words.
        recovery: seconds from the start of the next process to the end of the part that was under way.
    """

    mark: Mark
    died: str
    findings: Sequence[str]
    recovery: float

    @property
    def is_well(self) -> bool:
        """Whether venue and ledger are as without the death."""
        return self.mark in (Mark.SAME, Mark.OTHER_STOPS)


def judge(venue: Venue, ending: Ending, undisturbed: Ending) -> Verdict:
    """Compare the end of a story with that of the same one without a death."""
    died = ending.deaths[-1] if ending.deaths else ""
    if at_peace := _wrong(venue, undisturbed):
        return Verdict(Mark.FAILED, died, [f"{wrong} (and nobody had died)" for wrong in at_peace], 0.0)
    wrong = _wrong(venue, ending)
    if ending.failure:
        return Verdict(Mark.FAILED, died, wrong, 0.0)
    if not ending.deaths:
        return Verdict(Mark.ALIVE, "", wrong, 0.0)
    wrong += ending.state.deviations(undisturbed.state)
    if wrong:
        return Verdict(Mark.DIFFERENT, died, wrong, ending.recovery)
    mark = Mark.OTHER_STOPS if ending.state.differences(undisturbed.state) else Mark.SAME
    return Verdict(mark, died, (), ending.recovery)


def _wrong(venue: Venue, ending: Ending) -> list[str]:
    failed = [ending.failure] if ending.failure else []
    return [*ending.state.violations(keeps_stops=venue.keeps_stops), *failed]
