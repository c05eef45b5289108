"""Brings an account to flat: looks, cancels, closes and looks again, until nothing is left or its patience is over.

Each pass holds the account's lease and begins with the orders whose outcome is not known, so that whoever dies in the
middle is continued by the next pass, in this process or another. Nothing that a venue answers ends it early.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from desk.errors import DataError, LeaseLost, VenueError
from desk.execution.flattening import Flattening, Look, Steps, next_steps, what_is_left
from desk.execution.placing import OrderDesk, abandon_orders, place_orders, resolve_orders
from desk.model.messages import MessageKind
from desk.model.orders import Order
from desk.ports import Feed, Message, Notifier
from desk.steps.repair import Books, sync_fills

PAUSES = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0, 55.0, 60.0, 60.0)
"""Seconds between the passes: nearly five minutes in all, twice as long as a dead run may hold an account."""

_WARN_AFTER = 3
"""Passes after which a person is told that something resists; a fill takes one, or two at a slow venue."""

_BUSY = "another run holds the account"

_ADVICE = (
    "Close it at the venue, or run the same command again: it goes on where this one stopped. So does the guardian of "
    "`desk up`, once a minute, until the account is flat or resumed."
)


class FlatteningLog(Books, Protocol):
    """What the ledger knows of a flattening, besides what it knows of every order."""

    async def closing_orders(self, flattening: Flattening) -> tuple[Order, ...]:
        """Return the orders of a flattening as the ledger has them, in the order in which they were planned."""
        ...

    async def recall_order(self, client_order_id: str) -> object | None:
        """Return something where the ledger has an order of this id, None where it is not the desk's."""
        ...


@dataclass(frozen=True, slots=True)
class FlatteningTools:
    """What flattening an account needs.

    Attributes:
        hold: takes the account's lease for a pass; gives None where another run has it.
        present: tells the time of the account.
        sleep: waits for so many seconds.
    """

    hold: Callable[[], AbstractAsyncContextManager[OrderDesk | None]]
    log: FlatteningLog
    feed: Feed
    present: Callable[[], datetime]
    notifier: Notifier
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Flattened:
    """How it ended.

    Attributes:
        left: what could not be closed, and why, a line each; nothing where a fresh look found the account flat.
        passes: how often it was looked at.
        untold: why the message about the end could not be sent; empty where it was.
    """

    left: tuple[str, ...]
    passes: int
    untold: str = ""

    @property
    def is_flat(self) -> bool:
        """Whether nothing is left."""
        return not self.left


async def flatten(flattening: Flattening, tools: FlatteningTools, *, pauses: Iterable[float] = PAUSES) -> Flattened:
    """Close everything that the flattening concerns, and tell a person how it ended.

    Args:
        flattening: begun in the ledger.
        tools: ports of the account.
        pauses: seconds between passes; when they are used up, what is left is told as an error.
    """
    passes, left = 1, await _pass(flattening, tools)
    for pause in pauses:
        if not left:
            break
        if passes == _WARN_AFTER:
            await _tell(_resists(flattening, left), tools)
        await tools.sleep(pause)
        passes, left = passes + 1, await _pass(flattening, tools)
    untold = await _tell(_ended(flattening, left), tools)
    return Flattened(left, passes, untold)


async def _pass(flattening: Flattening, tools: FlatteningTools) -> tuple[str, ...]:
    """Look, do what is next, and return what was left at the look; nothing where all was flat and is booked."""
    try:
        async with tools.hold() as desk:
            if desk is None:
                return (_BUSY,)
            look = await _look(flattening, desk, tools)
            failures = await _carry_out(next_steps(flattening, look), desk, tools)
            booking = sync_fills(flattening.account, trading=desk.trading, books=tools.log, now=tools.present())
            return (*what_is_left(look), *failures, *await _attempt("the fills are not booked", booking))
    except LeaseLost:
        return (_BUSY,)
    except Exception as error:  # noqa: BLE001 - no bug and no busy ledger may end what closes positions; it is told
        return (f"it is not known what is left: {type(error).__name__}: {error}",)


async def _look(flattening: Flattening, desk: OrderDesk, tools: FlatteningTools) -> Look:
    """Settle what may be under way, and read what there is now; a failed read raises and is never flat."""
    account, log = flattening.account, tools.log
    settled = await resolve_orders(await log.unresolved_orders(account), desk)
    await abandon_orders(await log.planned_orders(account), desk, "everything is being closed")
    orders, positions = await asyncio.gather(desk.trading.open_orders(), desk.trading.positions())
    held = tuple(position for position in positions if flattening.concerns(position.instrument))
    return Look(
        orders=tuple(order for order in orders if flattening.concerns(order.instrument)),
        positions=held,
        unresolved=tuple(one for one in settled if one.state.is_unresolved and flattening.concerns(one.instrument)),
        closings=await log.closing_orders(flattening),
        shut=await _shut([position.instrument for position in held], tools.feed, tools.present()),
    )


async def _shut(instruments: list[str], feed: Feed, at: datetime) -> frozenset[str]:
    """The instruments of which it is certain that they are not traded now; without a quote the venue will say it."""
    try:
        quotes = await feed.quotes(instruments, at=at)
    except (VenueError, DataError):
        return frozenset()
    return frozenset(name for name, quote in quotes.items() if not quote.tradable)


async def _carry_out(steps: Steps, desk: OrderDesk, tools: FlatteningTools) -> list[str]:
    """Cancel and close, and return what failed: what one order meets does not keep the others from being sent."""
    failures: list[str] = []
    for order in steps.cancels:
        name = order.client_order_id or order.venue_order_id
        failures += await _attempt(f"order {name} is not cancelled", _cancel(order, desk, tools.log))
    for intent in steps.closings:
        failures += await _attempt(f"{intent.instrument} is not closed", place_orders([intent], desk))
    return failures


async def _attempt(otherwise: str, doing: Awaitable[object]) -> list[str]:
    try:
        await doing
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001 - as in a pass: told, and tried again
        return [f"{otherwise}: {type(error).__name__}: {error}"]
    return []


async def _cancel(order: Order, desk: OrderDesk, log: FlatteningLog) -> None:
    cancelled = await desk.trading.cancel(order.client_order_id)
    if await log.recall_order(order.client_order_id) is not None:
        await desk.log.record_order(desk.lease.account, cancelled)


def _resists(flattening: Flattening, left: tuple[str, ...]) -> Message:
    body = "\n".join((_ordered(flattening), *left))
    return Message(f"{flattening.account}: not flat yet, the desk goes on trying", body, "warning", MessageKind.STATE)


def _ended(flattening: Flattening, left: tuple[str, ...]) -> Message:
    if not left:
        return Message(f"{flattening.account}: flat", _ordered(flattening), kind=MessageKind.STATE)
    body = "\n".join((_ordered(flattening), *left, _ADVICE))
    return Message(f"{flattening.account}: NOT flat", body, "error", MessageKind.STATE)


def _ordered(flattening: Flattening) -> str:
    what = ", ".join(sorted(flattening.instruments)) or "every order and position"
    return f"ordered to be closed at {flattening.begun_at:%Y-%m-%d %H:%M:%S} UTC: {what}"


async def _tell(message: Message, tools: FlatteningTools) -> str:
    """Tell a person; return why it was not possible, because silence must not keep positions from being closed."""
    try:
        await tools.notifier.send(message)
    except Exception as error:  # noqa: BLE001 - whatever keeps a message from being sent, the caller says it
        return f"nobody was told: {type(error).__name__}: {error}"
    return ""
