"""The part of a page that is read again and again, and keeps what it read last while nothing answers."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from nicegui import ui

from console.api.hub import Changes
from console.api.room import Room
from console.dashboard.parts import trouble
from console.dashboard.visit import to_the_door
from console.times import format_age
from desk.errors import DeskError
from desk.model.access import Visitor

T = TypeVar("T")
EVERY = timedelta(seconds=15)
ACCOUNTS, PRICES = timedelta(seconds=30), timedelta(seconds=5)
_NEVER = datetime.min.replace(tzinfo=UTC)
_AS_NEW = timedelta(seconds=5)
"""What was read for another page this long ago need not be read again where nothing has changed."""
_LOOK, _LOOK_FOR_ORDERS = 5.0, 1.0
"""Seconds after which a page looks whether anything has changed, and whether a trading state has."""
_LATER = 1.0


class Live(Generic[T]):
    """Reads values and shows them, until the browser leaves or its session is over.

    Attributes:
        since: how old what is read may be.
    """

    def __init__(
        self, room: Room, visitor: Visitor, read: Callable[[], Awaitable[T]], show: Callable[[T], None]
    ) -> None:
        self._room, self._visitor, self._read, self._show = room, visitor, read, show
        self.since = _NEVER
        self._read_at: datetime | None = None
        self._asked_at, self._heard = _NEVER, Changes()
        self._found: T | None = None

    async def begin(self, every: timedelta = EVERY) -> None:
        """Show the values here, and read them again after each `every`, and when something has changed."""
        self._place(every)
        await self.refresh()

    def begin_later(self, every: timedelta = EVERY) -> None:
        """Do the same once the browser has the page: what may wait for others holds up no kill switch."""
        self._place(every)
        ui.timer(_LATER, self.refresh, once=True)

    def _place(self, every: timedelta) -> None:
        self._every = every
        # What happened before is in what is read first.
        self._heard = self._room.updates.changes(self._room.clock.now())
        self._trouble, self._body = ui.element("div"), ui.element("div").classes("live")
        # Pages were opened at different times: each has its own turn, and they do not all read at once.
        ui.timer(_LOOK, self.look, immediate=False)
        ui.timer(_LOOK_FOR_ORDERS, self.look_for_orders, immediate=False)

    async def look(self) -> None:
        """Read where it is time, or something has happened since."""
        now = self._room.clock.now()
        changes = self._room.updates.changes(now)
        if changes.at is not None and changes != self._heard:
            await self._renew(changes.at)
        elif now - self._asked_at >= self._every:
            await self._renew(now - _AS_NEW)

    async def look_for_orders(self) -> None:
        """Read where the trading state of anything has changed since."""
        changes = self._room.updates.changes(self._room.clock.now())
        if changes.ordered_at is not None and changes.ordered_at != self._heard.ordered_at:
            await self._renew(changes.ordered_at)

    async def refresh(self) -> None:
        """Read now; what was read before stays where that fails, with its age."""
        await self._renew(self._room.clock.now())

    async def _renew(self, since: datetime) -> None:
        self.since, self._asked_at = since, self._room.clock.now()
        self._heard = self._room.updates.changes(self._asked_at)
        try:
            if await self._has_ended():
                to_the_door()
                return
            found = await self._read()
        except DeskError as error:
            self._tell(error)
            return
        self._read_at = self._room.clock.now()
        self._trouble.clear()
        if found == self._found:
            # What a person has opened or marked stays so.
            return
        self._found = found
        self._body.clear()
        with self._body:
            self._show(found)

    async def _has_ended(self) -> bool:
        return await self._room.ledger.visitor_with_session(self._visitor.session) is None

    def _tell(self, error: DeskError) -> None:
        self._trouble.clear()
        age = self._read_at and format_age(self._room.clock.now() - self._read_at)
        with self._trouble:
            trouble(error, kept=f"What stands here was read {age}." if age else "")
