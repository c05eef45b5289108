"""Carries a move of money out at most once: written down, checked, sent, and where its outcome is not known asked for.

Whoever calls holds every account that the move touches, so that nobody values one of them in the middle of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from desk.errors import AccessDenied, OrderRefused, RateLimited, VenueError
from desk.model.books import AccountState
from desk.model.messages import MessageKind
from desk.model.moves import OPEN, KeptMove, Move, MoveState, Worth
from desk.portfolio.carrying import CarryingLimits, why_not_from
from desk.ports import Lease, Message, Trading, Treasury


class MoveLog(Protocol):
    """The durable record of moves: nothing is sent before it is committed here."""

    async def store_move(self, move: Move) -> KeptMove:
        """Commit a move as PLANNED; one that is stored already is left alone. Return it as it is now."""
        ...

    async def start_move(
        self,
        move: Move,
        leases: Sequence[Lease],
        limits: CarryingLimits,
        *,
        before: Mapping[str, Worth],
        prepared: str,
    ) -> str:
        """Commit PLANNED → SENT; return why not where something is in the way. Only without a word may it be sent."""
        ...

    async def end_move(
        self, move_id: str, leases: Sequence[Lease], *, received: Decimal, after: Mapping[str, Worth]
    ) -> None:
        """Commit that it was carried out, and count it so that it is neither profit nor loss."""
        ...

    async def record_move(self, move_id: str, state: MoveState, *, detail: str) -> None:
        """Commit that it was REFUSED, or that its outcome is UNKNOWN."""
        ...

    async def day_start_and_peak(self, account: str, at: datetime) -> tuple[Decimal, Decimal] | None:
        """Return the equity at the start of the UTC day and the highest so far, or None where there is no history."""
        ...


@dataclass(frozen=True, slots=True)
class End:
    """An account that a move touches, while it is held; `present` tells the time of its clock."""

    account: str
    trading: Trading
    lease: Lease
    present: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a move; PLANNED is what something stood in the way of, and `detail` says what."""

    move: Move
    state: MoveState
    detail: str = ""

    def __str__(self) -> str:
        state = "not sent" if self.state is MoveState.PLANNED else self.state.value
        return f"{self.move}: {state}" + (f", {self.detail}" if self.detail else "")


def messages_of(whose: str, outcomes: Sequence[Outcome]) -> tuple[Message, ...]:
    """Return what people should hear of moves that nobody asked for at a screen."""
    found: list[Message] = []
    if done := [outcome for outcome in outcomes if outcome.state is MoveState.DONE]:
        found.append(
            Message(
                f"{whose}: money was moved", _lines(done, "`desk audit` has every step of it."), kind=MessageKind.MONEY
            )
        )
    if unsure := [outcome for outcome in outcomes if outcome.state in OPEN]:
        advice = "Both accounts open nothing until it is known. It is asked for every quarter of an hour."
        title = f"{whose}: it is not known whether money was moved"
        found.append(Message(title, _lines(unsure, advice), "error", MessageKind.MONEY))
    if left := [one for one in outcomes if one.state in (MoveState.PLANNED, MoveState.REFUSED)]:
        advice = "`desk portfolio` has the plan as it is now."
        found.append(Message(f"{whose}: money was not moved", _lines(left, advice), "warning", MessageKind.MONEY))
    return tuple(found)


def _lines(outcomes: Sequence[Outcome], advice: str) -> str:
    return "\n".join((*map(str, outcomes), advice))


async def carry_out(
    move: Move, ends: Sequence[End], treasury: Treasury, limits: CarryingLimits, log: MoveLog
) -> Outcome:
    """Carry a move out, unless something is in the way.

    Args:
        ends: every account that it touches, once.

    Raises:
        VenueError: what an account has cannot be read; nothing was sent.
        LeaseLost: another run has taken an account over.
        LedgerError: it cannot be written down. Where it was sent before, it stays SENT, and `settle` asks for it.
    """
    kept = await log.store_move(move)
    if kept.state is not MoveState.PLANNED:
        return Outcome(move, kept.state, f"the same was planned today before: {kept.detail or kept.state}")
    money = {end.account: await end.trading.account() for end in ends}
    [source] = [end for end in ends if end.account == move.source]
    history = await log.day_start_and_peak(move.source, source.present())
    if why := why_not_from(move, money[move.source], history and history[0]):
        return Outcome(move, MoveState.PLANNED, why)
    try:
        prepared = await treasury.prepare(move)
    except VenueError as error:
        return Outcome(move, MoveState.PLANNED, str(error))
    before = {end.account: _worth(end, money[end.account]) for end in ends}
    leases = [end.lease for end in ends]
    if why := await log.start_move(move, leases, limits, before=before, prepared=prepared):
        return Outcome(move, MoveState.PLANNED, why)
    return await _send(move, ends, treasury, log, prepared, before)


async def settle(kept: KeptMove, ends: Sequence[End], treasury: Treasury, log: MoveLog) -> Outcome:
    """Ask what became of a move whose outcome is not known, and write it down; it is never sent again.

    Raises:
        LeaseLost: another run has taken an account over.
        LedgerError: it cannot be written down.
    """
    move = kept.move
    assert kept.sent_at is not None, f"{move.move_id} was never sent"
    try:
        received = await treasury.find(move, kept.prepared, sent_at=kept.sent_at)
        money = {end.account: await end.trading.account() for end in ends}
    except VenueError as error:
        return await _leave_open(kept, str(error), log)
    if received is None:
        never = "the venue never carried it out"
        await log.record_move(move.move_id, MoveState.REFUSED, detail=never)
        return Outcome(move, MoveState.REFUSED, never)
    after = {end.account: _worth(end, money[end.account]) for end in ends}
    await log.end_move(move.move_id, [end.lease for end in ends], received=received, after=after)
    return Outcome(move, MoveState.DONE)


async def _send(
    move: Move, ends: Sequence[End], treasury: Treasury, log: MoveLog, prepared: str, before: Mapping[str, Worth]
) -> Outcome:
    try:
        received = await treasury.carry_out(move, prepared)
    except (OrderRefused, RateLimited, AccessDenied) as error:
        # A key that may not move money may still trade: what is denied here halts nothing.
        await log.record_move(move.move_id, MoveState.REFUSED, detail=str(error))
        return Outcome(move, MoveState.REFUSED, str(error))
    except VenueError as error:
        await log.record_move(move.move_id, MoveState.UNKNOWN, detail=str(error))
        return Outcome(move, MoveState.UNKNOWN, str(error))
    after = {end.account: _moved(end, before[end.account], move, received) for end in ends}
    await log.end_move(move.move_id, [end.lease for end in ends], received=received, after=after)
    return Outcome(move, MoveState.DONE)


async def _leave_open(kept: KeptMove, why: str, log: MoveLog) -> Outcome:
    if kept.state is MoveState.SENT:
        await log.record_move(kept.move.move_id, MoveState.UNKNOWN, detail=why)
    return Outcome(kept.move, MoveState.UNKNOWN, why)


def _worth(end: End, money: AccountState) -> Worth:
    return Worth(end.present(), money.equity, money.cash)


def _moved(end: End, before: Worth, move: Move, received: Decimal) -> Worth:
    """What an account has by the venue's yes: what it tells of its balances may be older than that."""
    given = move.amount if end.account == move.source else Decimal(0)
    arrived = received if end.account == move.target and not move.is_conversion else Decimal(0)
    lost = Decimal(0) if move.is_conversion else given
    return Worth(end.present(), before.equity + arrived - lost, before.cash + arrived - given)
