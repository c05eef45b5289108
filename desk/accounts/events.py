"""The operator's calendar, which nobody has to keep: what is scheduled, and until when that is all."""

from typing import Annotated

from pydantic import Field

from desk.accounts.base import Spec
from desk.accounts.checking import check
from desk.accounts.folder import Folder
from desk.accounts.problems import Problem
from desk.accounts.values import Moment
from desk.model.surroundings import Importance

EVENTS_FILE = "events.yaml"
_TIME = "a time with its zone, such as 2026-12-16T19:00:00Z"


class EventSpec(Spec):
    """Something scheduled that may move prices."""

    at: Moment = Field(description=f"{_TIME}: when it happens")
    title: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="a text of 1 to 200 characters: what it is, in words"
    )
    currency: Annotated[str, Field(pattern="^([A-Z]{3,8})?$")] = Field(
        "", description="a currency in capitals, such as USD or BTC: what it concerns; nothing for everything"
    )
    importance: Importance = Field(
        Importance.HIGH, description=f"one of {', '.join(Importance)}: how much such an event usually moves prices"
    )


class EventsFile(Spec):
    """The whole of events.yaml."""

    complete_until: Moment = Field(
        description=f"{_TIME}: until when the list is complete; decisions look a day ahead, and one for which the list "
        "does not reach as far knows of no calendar"
    )
    events: tuple[EventSpec, ...] = Field((), description="a list of events, in any order: what is scheduled")


def read_events(folder: Folder) -> tuple[EventsFile | None, list[Problem]]:
    """Return the calendar, or None where there is no such file, with every problem that it has."""
    if not folder.has(EVENTS_FILE):
        return None, []
    document = folder.read(EVENTS_FILE, "the events of the calendar")
    if document.top is None:
        return None, list(document.problems)
    file, problems = check(EventsFile, document.top)
    return file, [*document.problems, *problems]
