"""Trade only at certain hours, and not too near to the open or to the close of the week."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field

from desk.model.books import Snapshot
from desk.model.instrument import InstrumentKind
from desk.model.reasons import Reason
from desk.model.sessions import closes, next_open, open_mask
from desk.model.trade import HOUR_OF_DAY, Finding, Proposal
from desk.plugin import RiskRule, TimeOfDay

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
# The daily pause of metals, the longest of those that are no end of a week, lasts an hour and five minutes.
_SHORT_PAUSE = timedelta(hours=2)
_LEAST = "where the limit is the least"


class Weekday(StrEnum):
    """A day, as the calendar of the chosen time zone has it."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    # An unknown name is a KeyError; one that leaves the folder of zones a ValueError; a folder of zones an OSError.
    except (KeyError, ValueError, OSError):
        raise ValueError(f"expected an IANA time zone such as Europe/London, found '{name}'") from None
    return name


class SessionHours(RiskRule):
    """Open trades only on certain days and hours, a while after the market opens and before it closes for the week.

    Days and hours are those of a time zone, so they move with its daylight saving time, and hold for the kinds of
    instrument that are named. From a start that is later than the end they go over midnight and belong to the day on
    which they began; where both are the same they are the whole day. Opening and closing are those of the market, also
    after the daily pause; a market that never closes has neither.
    """

    zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="UTC", description="The time zone of days and hours, by its IANA name such as Europe/London."
    )
    start: TimeOfDay = Field(default="00:00", description="The time of day from which trades are opened, as in 08:00.")
    end: TimeOfDay = Field(default="00:00", description="The time of day from which none is opened any more.")
    days: tuple[Weekday, ...] = Field(
        default=tuple(Weekday), min_length=1, max_length=7, description="The days on which trades are opened."
    )
    kinds: tuple[InstrumentKind, ...] = Field(
        default=tuple(InstrumentKind),
        min_length=1,
        max_length=4,
        description="The kinds of instrument that have these days and hours: fx, metal, spot, perpetual.",
    )
    after_open: timedelta = Field(
        default=timedelta(minutes=5),
        ge=timedelta(0),
        le=timedelta(hours=12),
        description="How long after the market opened nothing is opened, as seconds or as in PT5M.",
    )
    before_close: timedelta = Field(
        default=timedelta(hours=1),
        ge=timedelta(0),
        le=timedelta(hours=12),
        description="How long before the close of the week nothing is opened, as seconds or as in PT1H.",
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        kind = snapshot.instruments[proposal.instrument].kind
        local = snapshot.at.astimezone(ZoneInfo(self.zone))
        if kind in self.kinds and not self._is_within(local):
            return self._refusal(_hour(local), _hour_of(self.start), HOUR_OF_DAY, self._told(local, kind))
        since = _since_open(kind, snapshot.at, self.after_open)
        if since is not None:
            return self._refusal(since, _minutes(self.after_open), "minutes since the open", _LEAST)
        left = _until_close(kind, snapshot.at, self.before_close)
        if left is not None:
            return self._refusal(left, _minutes(self.before_close), "minutes to the close of the week", _LEAST)
        return self.finding(
            proposal.quantity,
            limit=_hour_of(self.end),
            observed=_hour(local),
            unit=HOUR_OF_DAY,
            reason=None,
            detail=self._told(local, kind),
        )

    def _told(self, local: datetime, kind: InstrumentKind) -> str:
        """The time, and when trades of a kind are opened."""
        hours = "at any time" if self.start == self.end else f"{self.start} to {self.end}"
        days = "" if set(self.days) == set(Weekday) else f" on {', '.join(day.title() for day in self.days)}"
        allowed = f"allowed {hours}{days}" if kind in self.kinds else f"which has no hours for {kind}"
        return f"{local:%A %H:%M} {self.zone}, {allowed}"

    def _is_within(self, local: datetime) -> bool:
        now = f"{local:%H:%M}"
        if self.start < self.end:
            return self.start <= now < self.end and _weekday(local) in self.days
        if now < self.end:
            return _weekday(local - _DAY) in self.days
        return now >= self.start and _weekday(local) in self.days

    def _refusal(self, observed: Decimal, limit: Decimal, unit: str, detail: str) -> Finding:
        return self.finding(
            Decimal(0), limit=limit, observed=observed, unit=unit, reason=Reason.SESSION_HOURS, detail=detail
        )


def _since_open(kind: InstrumentKind, at: datetime, period: timedelta) -> Decimal | None:
    """Full minutes since the market opened, where that was within the period or it is closed; None otherwise."""
    if period <= timedelta(0) or not closes(kind):
        return None
    closed = np.flatnonzero(~_open_each_minute(kind, at, -period))
    return Decimal(max(int(closed[0]) - 1, 0)) if len(closed) else None


def _until_close(kind: InstrumentKind, at: datetime, period: timedelta) -> Decimal | None:
    """Full minutes until the market closes for longer than a daily pause, where that is within the period."""
    if period <= timedelta(0) or not closes(kind):
        return None
    trades = _open_each_minute(kind, at, period)
    end = at + period
    if trades[-1] or next_open(kind, end) - end < _SHORT_PAUSE:
        return None
    return Decimal(int(np.flatnonzero(trades)[-1]) if trades.any() else 0)


def _open_each_minute(kind: InstrumentKind, at: datetime, period: timedelta) -> npt.NDArray[np.bool_]:
    """Whether the market is open at a time, at every minute from there, and at the end of a period, below 0 before."""
    step = 60 if period > timedelta(0) else -60
    seconds = int(at.timestamp()) + step * np.arange(abs(period) // _MINUTE + 1, dtype=np.int64)
    return open_mask(kind, np.append(seconds, int((at + period).timestamp())))


def _weekday(day: datetime) -> Weekday:
    return tuple(Weekday)[day.weekday()]


def _hour(local: datetime) -> Decimal:
    return _hour_of(f"{local:%H:%M}")


def _hour_of(time_of_day: str) -> Decimal:
    hour, minute = map(int, time_of_day.split(":"))
    return round(Decimal(hour) + Decimal(minute) / 60, 2)


def _minutes(period: timedelta) -> Decimal:
    return Decimal(str(period / _MINUTE))
