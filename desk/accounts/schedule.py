"""When an account is scanned, checked by the libraries that the scheduler itself stands on."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from desk.accounts.base import Spec
from desk.accounts.values import (
    DURATION,
    DURATION_ABOVE_ZERO,
    Duration,
    DurationAboveZero,
    TimeZone,
    format_duration,
    unusable,
)

_CRON = "five cron fields (minute hour day month weekday) such as '*/5 * * * *'"
_RRULE = "an iCalendar rule such as FREQ=HOURLY;BYMINUTE=2"

_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
# The library looks for a rule's next date until the year 9999 and cannot be told to give up earlier; from here on it
# soon does, and there are leap years left.
_LATE = datetime(9990, 1, 1)  # noqa: DTZ001 - rules are expanded in local time, without a zone
_LONGEST_RRULE = 6_500


def _cron(text: str) -> str:
    from cronsim import CronSimError

    fields = text.split()
    if len(fields) != 5:
        raise unusable(_CRON, hint=f"; it has {len(fields)} field{'' if len(fields) == 1 else 's'}")
    # The scheduler's own parser knows neither the last working day nor the last weekday of a month.
    if fields[2].upper() == "LW" or fields[4].upper().endswith("L"):
        raise unusable(_CRON, hint="; L is known in the day of the month only")
    try:
        next(cron_firings(text))
    except CronSimError as error:
        raise unusable(_CRON, hint=f"; {str(error)[:1].lower()}{str(error)[1:]}") from error
    except StopIteration:
        raise unusable(_CRON, hint="; it never fires") from None
    return text


def _rrule(text: str) -> str:
    if not re.fullmatch(r"(RRULE:)?FREQ=[^\n]+", text, re.IGNORECASE):
        raise unusable(_RRULE, hint="; it begins with FREQ= and has no DTSTART")
    if len(text) > _LONGEST_RRULE:
        raise unusable(_RRULE, found=f"{len(text)} characters", hint=f"; at most {_LONGEST_RRULE} are possible")
    if unsuitable := _unsuitable(dict(part.partition("=")[::2] for part in text.upper().split(";"))):
        raise unusable(_RRULE, hint=f"; {unsuitable}")
    try:
        next(rrule_firings(text))
    # The library tells some mistakes by a ValueError with a reason, others by what breaks inside it.
    except ValueError as error:
        raise unusable(_RRULE, hint=_reason(error)) from error
    except (TypeError, AttributeError) as error:
        raise unusable(_RRULE) from error
    except StopIteration:
        raise unusable(_RRULE, hint="; it never fires") from None
    return text


def _unsuitable(parts: dict[str, str]) -> str:
    if "COUNT" in parts:
        return "leave COUNT out: an account is scanned until it is switched off"
    if "SECONDLY" in parts.values():
        return "the fastest rule is FREQ=MINUTELY"
    if not re.fullmatch(r"0*[1-9]\d*", parts.get("INTERVAL", "1")):
        return "INTERVAL is a whole number from 1"
    return ""


def _reason(error: ValueError) -> str:
    if "UNTIL" in str(error):
        return "; write UNTIL without Z, it is in the schedule's time zone"
    return "" if "unpack" in str(error) else f"; {error}"


class Schedule(Spec):
    """When an account is scanned: exactly one of `every`, `cron` and `rrule`."""

    every: DurationAboveZero | None = Field(
        None, description=f"{DURATION_ABOVE_ZERO}: the distance between scans, counted from midnight UTC"
    )
    cron: Annotated[str, AfterValidator(_cron)] | None = Field(
        None, description=f"{_CRON}: when to scan, in `timezone`"
    )
    rrule: Annotated[str, AfterValidator(_rrule)] | None = Field(
        None, description=f"{_RRULE}: when to scan, in `timezone`; without COUNT and DTSTART"
    )
    timezone: TimeZone = Field(
        "UTC", description="an IANA time zone such as America/New_York: the zone of `cron` and `rrule`"
    )
    offset: Annotated[Duration, Field(ge=timedelta(0))] = Field(
        timedelta(0),
        description=f"{DURATION}: how long after each boundary of `every`; keeps accounts from starting at once",
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [kind for kind in ("every", "cron", "rrule") if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise unusable("exactly one of every, cron and rrule", found=" and ".join(kinds) or "none of them")
        if self.offset and self.every is None:
            raise unusable("an offset only beside every", found=f"offset beside {kinds[0]}")
        if self.every is not None and self.offset >= self.every:
            raise unusable(
                "an offset shorter than every",
                found=f"offset {format_duration(self.offset)} of every {format_duration(self.every)}",
            )
        return self

    @property
    def shortest_gap(self) -> timedelta:
        """The shortest time between two of twenty scans in a row."""
        if self.every is not None:
            return self.every
        firings = cron_firings(self.cron) if self.cron is not None else rrule_firings(self.rrule or "")
        return min((later - earlier for earlier, later in pairwise(islice(firings, 20))), default=timedelta.max)


def cron_firings(text: str) -> Iterator[datetime]:
    """Yield the times at which a cron expression fires, from some Monday on; nothing if it never does."""
    from cronsim import CronSim

    yield from CronSim(text, _MONDAY)


def rrule_firings(text: str) -> Iterator[datetime]:
    """Yield times at which an iCalendar rule fires, as if it had no end; nothing if it never does."""
    from dateutil.rrule import rrulestr

    rrulestr(text, dtstart=_LATE)
    yield from rrulestr(re.sub("UNTIL=[^;]*;?", "", text, flags=re.IGNORECASE).rstrip(";"), dtstart=_LATE)
