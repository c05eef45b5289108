"""How much of the call budget is used: what `desk usage` shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.budget.bucket import Bucket
from desk.adapters.budget.facts import CallCount, Level, Pause, Scope, hour_of
from desk.adapters.budget.limits import Period
from desk.adapters.budget.store import pause_from
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import CallBucketRow, CallPauseRow, CallUsageRow


@dataclass(frozen=True, slots=True)
class Usage:
    """What is known of calls at one time.

    Attributes:
        at: that time.
        counts: by hour, oldest first.
        pauses: the last one of each scope.
    """

    at: datetime
    counts: Sequence[CallCount]
    levels: Sequence[Level]
    pauses: Sequence[Pause]

    def calls(self, scope: Scope, period: Period) -> int:
        """Return the calls of everybody who shares the scope, in the hour that has begun or in it and the 23 before."""
        start = hour_of(self.at) - period.length + Period.HOUR.length
        return sum(count.calls for count in self.counts if count.hour >= start and _shares(count.scope, scope))


class CallUsage(Repository):
    """Questions about calls; nothing here changes anything."""

    async def read(self, venue: str | None = None) -> Usage:
        """Return what is known, of every venue where none is given."""
        now = self._clock.now()
        async with self.database.read() as session:
            counts = await _counts(session, venue)
            return Usage(now, counts, await _levels(session, venue, now), await _pauses(session, venue))


def _shares(caller: Scope, scope: Scope) -> bool:
    return scope in (caller, caller.everybody)


async def _counts(session: AsyncSession, venue: str | None) -> list[CallCount]:
    found = await session.exec(select(CallUsageRow).where(*_at(CallUsageRow, venue)).order_by(col(CallUsageRow.hour)))
    return [
        CallCount(
            Scope(row.venue, row.environment, row.credential),
            row.endpoint,
            row.hour,
            calls=row.calls,
            errors=row.errors,
            limited=row.limited,
            refused=row.refused,
            last_at=row.last_at,
        )
        for row in found.all()
    ]


async def _levels(session: AsyncSession, venue: str | None, now: datetime) -> list[Level]:
    found = (await session.exec(select(CallBucketRow).where(*_at(CallBucketRow, venue)))).all()
    return sorted((_level_from(row, now) for row in found), key=lambda level: (str(level.scope), level.period.length))


def _level_from(row: CallBucketRow, now: datetime) -> Level:
    bucket = Bucket(Period(row.period), row.calls)
    room = bucket.room(row.full_at, now, urgent=False)
    return Level(Scope(row.venue, row.environment, row.credential), bucket.period, row.calls, room)


async def _pauses(session: AsyncSession, venue: str | None) -> list[Pause]:
    found = await session.exec(select(CallPauseRow).where(*_at(CallPauseRow, venue)).order_by(col(CallPauseRow.until)))
    return [pause_from(row) for row in found.all()]


def _at(table: type[CallUsageRow | CallBucketRow | CallPauseRow], venue: str | None) -> list[ColumnElement[bool]]:
    return [] if venue is None else [col(table.venue) == venue]
