"""One look at an account for all who ask at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.adapters.venues.oanda.api import OandaApi
from desk.adapters.venues.oanda.errors import VENUE
from desk.adapters.venues.oanda.wire.account import AccountDetails
from desk.errors import VenueUnavailable
from desk.ports import Clock

Sleep = Callable[[float], Awaitable[None]]

_PAUSES = tuple(timedelta(milliseconds=pause) for pause in (250, 500, 750))


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    started: datetime
    task: asyncio.Task[AccountDetails]


class AccountPoll:
    """Money, positions and open orders in one call, which a scan needs once and asks for from several places.

    Args:
        kept: how long an answer serves; what the desk changes itself ends it at once.
        pauses: before each further look at an account that does not know yet what it has done itself.
    """

    def __init__(
        self,
        api: OandaApi,
        clock: Clock,
        *,
        kept: timedelta = timedelta(seconds=5),
        pauses: Sequence[timedelta] = _PAUSES,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._api = api
        self._clock = clock
        self._kept = kept
        self._pauses = pauses
        self._sleep = sleep
        self._last: _Look | None = None
        self._currency = ""

    async def details(self) -> AccountDetails:
        """Return the account as of no longer ago than it is kept.

        Raises:
            VenueUnavailable: no answer, or one from before something that the venue has already told of.
        """
        now = self._clock.now()
        look = self._last
        if look is None or not timedelta(0) <= now - look.started < self._kept:
            look = self._last = _Look(now, asyncio.create_task(self._ask()))
            look.task.add_done_callback(self._land)
        return await asyncio.shield(look.task)

    async def currency(self) -> str:
        """Return the account's currency, which never changes."""
        self._currency = self._currency or (await self.details()).account.currency
        return self._currency

    def forget(self) -> None:
        """Ask anew next time: something has changed."""
        self._last = None

    async def _ask(self) -> AccountDetails:
        known = self._api.last_seen
        for pause in (timedelta(0), *self._pauses):
            if pause:
                await self._sleep(pause.total_seconds())
            details = await self._api.read(AccountDetails, "", "account")
            if details.last_transaction_id >= known:
                return details
        told = f"expected transactions up to {known}, found them up to {details.last_transaction_id}"
        raise VenueUnavailable(VENUE, "account", "STALE", told)

    def _land(self, task: asyncio.Task[AccountDetails]) -> None:
        # Asking for the exception marks a failure as seen where every caller has given up.
        if (task.cancelled() or task.exception() is not None) and self._last is not None and self._last.task is task:
            self._last = None
