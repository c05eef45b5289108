"""The outbox: messages are committed here first, and claimed here by whoever sends them."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, update
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk import ports
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import DeliveryRow, MessageRow
from desk.model.messages import Delivery, DeliveryState, MessageKind, Told

_KEPT = timedelta(days=30)

Due = tuple[Delivery, ports.Message]


@dataclass(frozen=True, slots=True)
class MessageQuestion:
    """Which messages are wanted; what is empty or None leaves nothing out.

    Attributes:
        target: the name of a place that they went to.
        state: what became of them there, or at any place where none is named.
        is_off: only those that went nowhere, because their kind is off.
    """

    kind: MessageKind | None = None
    target: str = ""
    state: DeliveryState | None = None
    is_off: bool = False


class Messages(Repository):
    """What people were told or are to be told; `now` is by the machine's clock."""

    async def post(
        self,
        message: ports.Message,
        targets: Collection[str],
        now: datetime,
        *,
        count_for: timedelta = timedelta(0),
        occasion: str = "",
    ) -> int | None:
        """Commit a message that is to be sent to some places.

        Args:
            message: what to tell.
            targets: the names of the places; none for what is only written down.
            now: when it may be sent.
            count_for: for how long one that says the same is counted instead.
            occasion: what can be told only once, ever.

        Returns:
            Its number; None where it was only counted, or the occasion was told of.
        """
        alike = _digest(message)
        async with self.database.write() as session:
            if (occasion and await _was_told(session, occasion)) or await _is_counted(session, alike, now):
                return None
            number = ((await session.exec(select(func.max(MessageRow.number)))).one() or 0) + 1
            session.add(_row_of(message, number, now, alike=alike, occasion=occasion, until=now + count_for))
            session.add_all(_delivery_row(number, target, now) for target in targets)
            return number

    async def is_told(self, occasion: str) -> bool:
        """Return whether an occasion was told of."""
        async with self.database.read() as session:
            return await _was_told(session, occasion)

    async def due_deliveries(
        self, now: datetime, *, number: int | None = None
    ) -> tuple[tuple[Delivery, ports.Message], ...]:
        """Return what is to be tried now with what it says, oldest first; of one message where its number is given."""
        due = (col(DeliveryRow.state) == DeliveryState.WAITING.value) & (col(DeliveryRow.next_at) <= now)
        if number is not None:
            due &= col(DeliveryRow.message) == number
        query = select(DeliveryRow, MessageRow).where(due, col(MessageRow.number) == col(DeliveryRow.message))
        async with self.database.read() as session:
            rows = (await session.exec(query.order_by(col(DeliveryRow.message), col(DeliveryRow.target)))).all()
        return tuple((_delivery_from(row), _message_from(said)) for row, said in rows)

    async def claim_delivery(self, delivery: Delivery, now: datetime, until: datetime) -> bool:
        """Take a delivery for oneself until a time, as one more attempt; return False where somebody else has it."""
        free = (col(DeliveryRow.state) == DeliveryState.WAITING.value) & (col(DeliveryRow.next_at) <= now)
        changed = update(DeliveryRow).where(_is(delivery), free)
        async with self.database.write() as session:
            done = await session.exec(
                changed.values(next_at=until, attempts=col(DeliveryRow.attempts) + 1, changed_at=now)
            )
            assert isinstance(done, CursorResult), done
            return bool(done.rowcount)

    async def end_attempt(
        self,
        delivery: Delivery,
        state: DeliveryState,
        now: datetime,
        *,
        next_at: datetime | None = None,
        detail: str = "",
    ) -> None:
        """Commit what came of an attempt; what was accepted stays so, whatever an older attempt says."""
        open_still = col(DeliveryRow.state) != DeliveryState.SENT.value
        values = {"state": state.value, "changed_at": now, "next_at": next_at or now, "detail": detail}
        async with self.database.write() as session:
            await session.exec(update(DeliveryRow).where(_is(delivery), open_still).values(**values))

    async def take_repeats(self, now: datetime) -> tuple[tuple[ports.Message, int], ...]:
        """Return the messages whose repeats are counted no more and were not told, with their number; each once."""
        over = (col(MessageRow.counted_until) <= now) & (col(MessageRow.repeats) > col(MessageRow.repeats_told))
        query = select(MessageRow).where(over).order_by(col(MessageRow.number))
        async with self.database.read() as session:  # nearly always there are none, and whoever trades need not wait
            if (await session.exec(query.limit(1))).first() is None:
                return ()
        async with self.database.write() as session:
            rows = (await session.exec(query)).all()
            found = tuple((_message_from(row), row.repeats - row.repeats_told) for row in rows)
            for row in rows:
                row.repeats_told = row.repeats
            return found

    async def forget_messages(self, now: datetime) -> None:
        """Delete what is older than thirty days."""
        old = select(MessageRow.number).where(col(MessageRow.at) < now - _KEPT)
        oldest = select(MessageRow.at).order_by(col(MessageRow.number)).limit(1)
        async with self.database.read() as session:
            first = (await session.exec(oldest)).first()
        if first is None or first >= now - _KEPT:
            return
        async with self.database.write() as session:
            await session.exec(delete(DeliveryRow).where(col(DeliveryRow.message).in_(old)))
            await session.exec(delete(MessageRow).where(col(MessageRow.at) < now - _KEPT))

    async def try_again(self, now: datetime) -> None:
        """Let everything that was given up, or that waits after a failure, be tried now as if it were new."""
        dead = col(DeliveryRow.state) == DeliveryState.DEAD.value
        failed = (col(DeliveryRow.state) == DeliveryState.WAITING.value) & (col(DeliveryRow.detail) != "")
        values = {"state": DeliveryState.WAITING.value, "attempts": 0, "next_at": now, "changed_at": now}
        async with self.database.write() as session:
            await session.exec(update(DeliveryRow).where(dead | failed).values(**values))

    async def told(self, *, limit: int) -> tuple[Told, ...]:
        """Return the newest messages with what became of each, oldest first."""
        return tuple(reversed(await self.message_page(MessageQuestion(), before=None, limit=limit)))

    async def message_page(self, question: MessageQuestion, *, before: int | None, limit: int) -> tuple[Told, ...]:
        """Return messages with what became of each, the newest first; older ones than that of a number where given."""
        wanted = [*_wanted(question), *([] if before is None else [col(MessageRow.number) < before])]
        newest = select(MessageRow).where(*wanted).order_by(col(MessageRow.number).desc()).limit(limit)
        async with self.database.read() as session:
            rows = (await session.exec(newest)).all()
            numbers = [row.number for row in rows]
            sent = (await session.exec(select(DeliveryRow).where(col(DeliveryRow.message).in_(numbers)))).all()
        by_number: dict[int, list[Delivery]] = {number: [] for number in numbers}
        for one in sorted(sent, key=lambda row: row.target):
            by_number[one.message].append(_delivery_from(one))
        return tuple(_told_from(row, by_number[row.number]) for row in rows)

    async def message_targets(self) -> tuple[str, ...]:
        """Return the names of the places that messages went to, as far back as they are kept."""
        names = select(DeliveryRow.target).distinct().order_by(col(DeliveryRow.target))
        async with self.database.read() as session:
            return tuple((await session.exec(names)).all())

    async def undelivered(self) -> tuple[int, int]:
        """Return how many deliveries wait after an attempt that failed, and how many were given up."""
        count = select(func.count()).select_from(DeliveryRow)
        failed = (col(DeliveryRow.state) == DeliveryState.WAITING.value) & (col(DeliveryRow.detail) != "")
        async with self.database.read() as session:
            waiting = (await session.exec(count.where(failed))).one()
            dead = (await session.exec(count.where(col(DeliveryRow.state) == DeliveryState.DEAD.value))).one()
        return waiting, dead


def _wanted(question: MessageQuestion) -> Iterator[ColumnElement[bool]]:
    if question.kind is not None:
        yield col(MessageRow.kind) == question.kind.value
    went = select(DeliveryRow.message).where(col(DeliveryRow.message) == col(MessageRow.number))
    if question.is_off:
        yield ~went.exists()
    if question.target:
        went = went.where(col(DeliveryRow.target) == question.target)
    if question.state is not None:
        went = went.where(col(DeliveryRow.state) == question.state.value)
    if question.target or question.state is not None:
        yield went.exists()


async def _is_counted(session: AsyncSession, alike: str, now: datetime) -> bool:
    """Count a message at the one that says the same, where that is still counted; the write lock is held."""
    same = select(MessageRow).where(col(MessageRow.alike) == alike, col(MessageRow.counted_until) > now)
    row = (await session.exec(same.order_by(col(MessageRow.number).desc()).limit(1))).first()
    if row is not None:
        row.repeats += 1
    return row is not None


async def _was_told(session: AsyncSession, occasion: str) -> bool:
    query = select(MessageRow.number).where(col(MessageRow.occasion) == occasion).limit(1)
    return (await session.exec(query)).first() is not None


def _is(delivery: Delivery) -> ColumnElement[bool]:
    return (col(DeliveryRow.message) == delivery.message) & (col(DeliveryRow.target) == delivery.target)


def _digest(message: ports.Message) -> str:
    said = "\0".join((message.kind, message.severity, message.title, message.body))
    return hashlib.sha256(said.encode()).hexdigest()


def _row_of(
    message: ports.Message, number: int, now: datetime, *, alike: str, occasion: str, until: datetime
) -> MessageRow:
    return MessageRow(
        number=number,
        at=now,
        kind=message.kind.value,
        severity=message.severity,
        title=message.title,
        body=message.body,
        silent=message.silent,
        alike=alike,
        occasion=occasion,
        counted_until=until,
        repeats=0,
        repeats_told=0,
    )


def _delivery_row(number: int, target: str, now: datetime) -> DeliveryRow:
    state = DeliveryState.WAITING.value
    return DeliveryRow(message=number, target=target, state=state, attempts=0, next_at=now, changed_at=now, detail="")


def _delivery_from(row: DeliveryRow) -> Delivery:
    return Delivery(row.message, row.target, DeliveryState(row.state), row.attempts, row.next_at, row.detail)


def _message_from(row: MessageRow) -> ports.Message:
    return ports.Message(row.title, row.body, row.severity, MessageKind(row.kind), row.silent)


def _told_from(row: MessageRow, deliveries: Sequence[Delivery]) -> Told:
    kind = MessageKind(row.kind)
    return Told(row.number, row.at, kind, row.severity, row.title, row.body, row.repeats, tuple(deliveries))
