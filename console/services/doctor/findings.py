"""What the doctor says: a line for each thing that was looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What came of a look; `skipped` is no trouble, there was nothing to look at."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        advice: what to do; empty where nothing is wrong.
    """

    what: str
    verdict: Verdict
    found: str
    advice: str = ""
