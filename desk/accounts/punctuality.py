"""When an account should have been scanned last, and when it is next, by its schedule alone."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from desk.accounts.schedule import Schedule

GRACE = timedelta(minutes=3)
"""How long after its time a scan may begin: workers look for runs every two seconds, and a restart takes a minute."""

_APART = timedelta(seconds=10)
"""How far the clocks of two machines may be apart."""

_MIDNIGHT = datetime(2024, 1, 1, tzinfo=UTC)
_LOOKED_BACK = (timedelta(days=2), timedelta(days=40), timedelta(days=400))
"""How far a rule is expanded: most fire every few minutes, and some once a year."""
_WEDNESDAY = 2


def overdue_since(schedule: Schedule, begun: datetime, now: datetime) -> datetime | None:
    """Return when a scan was due that has not begun, or None where none is missing.

    Args:
        schedule: of the account.
        begun: when its newest scan did.
        now: by the machine's clock, which schedules go by.
    """
    due = last_due(schedule, now - GRACE)
    return due if due is not None and begun < due - _APART else None


def last_due(schedule: Schedule, at: datetime) -> datetime | None:
    """Return the last time up to `at` at which a schedule fires, aware UTC.

    Returns:
        None where that cannot be known: a rule with an interval counts from when its deployment was made.
    """
    if schedule.every is not None:
        begun = _MIDNIGHT + schedule.offset
        return begun + (at - begun) // schedule.every * schedule.every
    zone = ZoneInfo(schedule.timezone)
    if schedule.cron is not None:
        return _last_of_cron(schedule.cron, at.astimezone(zone))
    return _last_of_rule(schedule.rrule or "", at.astimezone(zone))


def next_due(schedule: Schedule, at: datetime) -> datetime | None:
    """Return the first time after `at` at which a schedule fires, aware UTC.

    Returns:
        None where that cannot be known, as in `last_due`, or a rule has come to its end.
    """
    if schedule.every is not None:
        begun = _MIDNIGHT + schedule.offset
        return begun + ((at - begun) // schedule.every + 1) * schedule.every
    zone = ZoneInfo(schedule.timezone)
    if schedule.cron is not None:
        return _next_of_cron(schedule.cron, at.astimezone(zone))
    return _next_of_rule(schedule.rrule or "", at.astimezone(zone))


def _next_of_cron(text: str, local: datetime) -> datetime | None:
    from cronsim import CronSim

    found = next(CronSim(text, local), None)
    return None if found is None else found.astimezone(UTC)


def _next_of_rule(text: str, local: datetime) -> datetime | None:
    from dateutil.rrule import rrulestr

    if _has_interval(text):
        return None
    plain = local.replace(tzinfo=None)
    found = rrulestr(text, dtstart=_begun(text, plain)).after(plain)
    if found is None:
        return None
    aware: datetime = found.replace(tzinfo=local.tzinfo).astimezone(UTC)
    return aware


def _last_of_cron(text: str, local: datetime) -> datetime | None:
    from cronsim import CronSim

    # Looking backwards it begins before the minute that it is told, and this one may be due.
    after = local.replace(second=0, microsecond=0) + timedelta(minutes=1)
    found = next(CronSim(text, after, reverse=True), None)
    return None if found is None else found.astimezone(UTC)


def _last_of_rule(text: str, local: datetime) -> datetime | None:
    from dateutil.rrule import rrulestr

    if _has_interval(text):
        return None
    plain = local.replace(tzinfo=None)
    for length in _LOOKED_BACK:
        found = rrulestr(text, dtstart=_begun(text, plain - length)).before(plain, inc=True)
        if found is not None:
            aware: datetime = found.replace(tzinfo=local.tzinfo).astimezone(UTC)
            return aware
    return None


def _has_interval(text: str) -> bool:
    return re.search(r"INTERVAL=0*([2-9]|\d\d)", text, re.IGNORECASE) is not None


def _begun(text: str, at: datetime) -> datetime:
    """A midnight until `at` that has what the scheduler takes from its own first day, where a rule names no day.

    That day is Wednesday, 1 January 2020.
    """
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if re.search("FREQ=WEEKLY", text, re.IGNORECASE):
        return day - timedelta(days=(day.weekday() - _WEDNESDAY) % 7)
    if re.search("FREQ=MONTHLY", text, re.IGNORECASE):
        return day.replace(day=1)
    return day.replace(month=1, day=1) if re.search("FREQ=YEARLY", text, re.IGNORECASE) else day
