"""The part of the budget that all processes share: buckets, pauses and counts, in the installation's database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.budget.bucket import LEASE, Bucket
from desk.adapters.budget.facts import CallCount, Lease, Pause, Refusal, Scope
from desk.adapters.budget.limits import Period, VenueLimits
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import CallBucketRow, CallPauseRow, CallUsageRow
from desk.adapters.venue_http.reply import longest_pause

USAGE_KEPT = timedelta(days=31)

_Key = tuple[str, Period]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one set of credentials may do at one venue."""

    scope: Scope
    limits: VenueLimits

    def buckets(self) -> Mapping[_Key, Bucket]:
        """Every bucket that a call is taken from, by credential and period."""
        shared = {("", period): Bucket(period, calls) for period, calls in self.limits.shared.by_period.items()}
        if not self.scope.credential:
            return shared
        each = self.limits.each.by_period.items()
        return shared | {(self.scope.credential, period): Bucket(period, calls) for period, calls in each}


class CallStore(Repository):
    """Takes calls from the buckets and gives them back; each method is one transaction.

    The times of all processes go into one row, so the machines of an installation have to agree on the time.
    """

    async def lease(self, allowance: Allowance, wanted: int, *, unused: int, urgent: bool) -> Lease | Refusal:
        """Take up to `wanted` calls out of every bucket, and no more than half of what there is: others want some too.

        Args:
            unused: calls of an earlier lease that were not made, which go back first.
            urgent: may use the reserve.
        """
        async with self.database.write() as session:
            now = self._clock.now()  # read under the lock, so that nobody grants from an older moment than another
            rows = await _rows(session, allowance, now)
            buckets = allowance.buckets()
            for key, row in rows.items():
                row.full_at = buckets[key].given_back(row.full_at, unused)
            refusal = await _paused(session, allowance.scope, now) or _empty(buckets, rows, now, urgent=urgent)
            if refusal is not None:
                return refusal
            rooms = [bucket.room(rows[key].full_at, now, urgent=urgent) for key, bucket in buckets.items()]
            granted = min([wanted, *map(_half, rooms)])
            for key, row in rows.items():
                row.full_at = buckets[key].taken(row.full_at, now, granted)
            return Lease(granted, now, now + LEASE)

    async def settle(
        self, counts: Iterable[CallCount], unused: Sequence[tuple[Allowance, int]], pauses: Iterable[Pause]
    ) -> None:
        """Write down what was counted and ordered, and give back what was taken and not made."""
        async with self.database.write() as session:
            now = self._clock.now()
            for pause in pauses:
                await _keep_pause(session, pause)
            for allowance, calls in unused:
                buckets = allowance.buckets()
                for key, row in (await _rows(session, allowance, now)).items():
                    row.full_at = buckets[key].given_back(row.full_at, calls)
            for count in counts:
                await _add(session, count)
            await session.exec(delete(CallUsageRow).where(col(CallUsageRow.hour) < now - USAGE_KEPT))

    async def lift(self, venue: str) -> tuple[Pause, ...]:
        """End every pause of a venue, and return those that were in force."""
        async with self.database.write() as session:
            now = self._clock.now()
            rows = (await session.exec(select(CallPauseRow).where(col(CallPauseRow.venue) == venue))).all()
            pauses = [pause_from(row) for row in rows]
            await session.exec(delete(CallPauseRow).where(col(CallPauseRow.venue) == venue))
            return tuple(pause for pause in pauses if pause.holds_at(now))


def _half(room: int) -> int:
    return -(-room // 2)


async def _rows(session: AsyncSession, allowance: Allowance, now: datetime) -> dict[_Key, CallBucketRow]:
    """The row of every bucket; a new one is full, and a limit that was configured anew holds from now on.

    A time that no bucket can need is corrected for good, so that it does not keep the bucket empty until it comes.
    """
    scope = allowance.scope
    found = await session.exec(select(CallBucketRow).where(*_of(CallBucketRow, scope)))
    kept = {(row.credential, row.period): row for row in found.all()}
    rows: dict[_Key, CallBucketRow] = {}
    for (credential, period), bucket in allowance.buckets().items():
        row = kept.get((credential, period.value)) or CallBucketRow(
            venue=scope.venue,
            environment=scope.environment,
            credential=credential,
            period=period.value,
            calls=bucket.calls,
            full_at=now,
        )
        row.calls = bucket.calls
        row.full_at = bucket.believable(row.full_at, now)
        session.add(row)
        rows[credential, period] = row
    return rows


async def _paused(session: AsyncSession, scope: Scope, now: datetime) -> Refusal | None:
    found = (await session.exec(select(CallPauseRow).where(*_of(CallPauseRow, scope)))).all()
    in_force = [pause for row in found if (pause := pause_from(row)).holds_at(now)]
    last = max(in_force, key=lambda pause: pause.until, default=None)
    return refusal_of(last, now) if last is not None else None


def _empty(
    buckets: Mapping[_Key, Bucket], rows: Mapping[_Key, CallBucketRow], now: datetime, *, urgent: bool
) -> Refusal | None:
    """The bucket that is empty for the longest."""
    until, told = now, ""
    for key, bucket in buckets.items():
        next_at = bucket.next_at(rows[key].full_at, now, urgent=urgent)
        if next_at > until:
            until, told = next_at, f"{bucket.calls:,} calls in any {bucket.period}"
    if until == now:
        return None
    kept = "" if urgent else "; what is left of it is kept for cancelling and closing"
    message = f"not sent: the budget of {told} is used up{kept}; the next is possible at {_moment(until)}"
    return Refusal(now, until, "BUDGET_EMPTY", message)


async def _keep_pause(session: AsyncSession, pause: Pause) -> None:
    """A pause never shortens another that is in force."""
    scope = pause.scope
    row = await session.get(CallPauseRow, (scope.venue, scope.environment, scope.credential))
    if row is not None and row.until >= pause.until and pause_from(row).holds_at(pause.since):
        return
    kept = CallPauseRow(
        venue=scope.venue,
        environment=scope.environment,
        credential=scope.credential,
        since=pause.since,
        until=pause.until,
        status=pause.status,
        why=pause.why,
    )
    await session.merge(kept)


async def _add(session: AsyncSession, count: CallCount) -> None:
    scope = count.scope
    key = (scope.venue, scope.environment, scope.credential, count.endpoint, count.hour)
    row = await session.get(CallUsageRow, key)
    if row is None:
        row = CallUsageRow(
            venue=scope.venue,
            environment=scope.environment,
            credential=scope.credential,
            endpoint=count.endpoint,
            hour=count.hour,
            calls=0,
            errors=0,
            limited=0,
            refused=0,
            last_at=count.last_at,
        )
    row.calls += count.calls
    row.errors += count.errors
    row.limited += count.limited
    row.refused += count.refused
    row.last_at = max(row.last_at, count.last_at)
    session.add(row)


def pause_from(row: CallPauseRow) -> Pause:
    """Return the pause that a row keeps, which an earlier version may have kept for longer than any can be."""
    until = min(row.until, row.since + longest_pause(row.status))
    return Pause(Scope(row.venue, row.environment, row.credential), row.since, until, row.status, row.why)


def refusal_of(pause: Pause, now: datetime) -> Refusal:
    """Return what a caller is told during a pause."""
    told = f"not sent: the venue ordered silence with {pause.status} ({pause.why}) until {_moment(pause.until)}"
    return Refusal(now, pause.until, "PAUSED", told)


def _of(table: type[CallBucketRow | CallPauseRow], scope: Scope) -> tuple[ColumnElement[bool], ...]:
    return (
        col(table.venue) == scope.venue,
        col(table.environment) == scope.environment,
        col(table.credential).in_({"", scope.credential}),
    )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
