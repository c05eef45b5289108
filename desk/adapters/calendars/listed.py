"""The calendar that the operator keeps in events.yaml."""

from datetime import UTC, datetime

from desk.accounts.events import EventsFile, EventSpec
from desk.model.surroundings import CalendarEvent


class ListedCalendar:
    """`desk.ports.Calendar` over a list."""

    def __init__(self, listed: EventsFile) -> None:
        self._listed = listed

    async def events(self, since: datetime, until: datetime) -> tuple[CalendarEvent, ...] | None:
        """Return what is listed from `since` to `until`, oldest first, or None where the list ends before `until`."""
        return self.between(since, until)

    def between(self, since: datetime, until: datetime) -> tuple[CalendarEvent, ...] | None:
        """Return the same at once, since nothing has to be asked for."""
        if until > self._listed.complete_until:
            return None
        wanted = (_event(event) for event in self._listed.events if since <= event.at <= until)
        return tuple(sorted(wanted, key=lambda event: (event.at, event.title)))


def _event(listed: EventSpec) -> CalendarEvent:
    return CalendarEvent(listed.at.astimezone(UTC), listed.currency, listed.importance, listed.title)
