"""What one server of the control room has: the installation, open, and who is let in."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import FastAPI

from console.api.attempts import Attempts
from console.api.hub import UpdateHub
from console.api.keys import OneTimeLink, digest_of, new_key
from console.api.limits import Limits
from console.api.shared import Shared
from console.services.health.prefect import prefect_api
from console.services.health.survey import survey_of
from console.services.markets import Markets
from console.services.opening import FleetFiles, OpenDesk, open_ledger
from console.services.updates import sight_of
from desk.adapters.clocks import SystemClock
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.measures import Counting
from desk.adapters.logs.events import log
from desk.adapters.settings import Settings
from desk.model.access import Visitor
from desk.ports import Clock

SESSION_LASTS = timedelta(hours=12)


class Room:
    """What the replies of one server stand on; `ledger` is there while the server runs.

    Attributes:
        link: lets the person in who started the server.
        owner: that person.
        prefect: address of Prefect's pages; empty where it is not known.
        hosts: names by which browsers may call it; empty for any. Without them a page of another site could have its
            own name lead here.
        turns: changes of the configuration wait for each other, so that one key never does two things.
        halts: so do those of trading states; they wait for nothing else, because others may wait for a server.
        survey: how every part of the desk is.
        updates: what changes in the fleet.
        shared: what open pages have read of it.
        markets: candles and prices that no venue has to be asked for.
        errands: what was begun for somebody who does not wait for its end.
        comparing: passwords are compared one at a time: each takes 64 MB, and strangers choose how many there are.
    """

    def __init__(
        self,
        chosen: Settings,
        *,
        owner: Visitor,
        key: str,
        prefect: str = "",
        hosts: frozenset[str] = frozenset(),
        clock: Clock | None = None,
    ) -> None:
        self.chosen, self.owner, self.prefect, self.hosts = chosen, owner, prefect, hosts
        self.clock = clock or SystemClock()
        self.link = OneTimeLink(key, self.clock)
        self.attempts, self.limits = Attempts(self.clock), Limits(chosen)
        self.files = FleetFiles(chosen)
        self.survey = survey_of(chosen, self.files.in_force, self.clock, prefect_api(prefect))
        self.turns, self.halts, self.comparing = asyncio.Lock(), asyncio.Lock(), asyncio.Lock()
        self.updates, self.shared, self.markets = UpdateHub(self.clock), Shared(self.clock), Markets()
        self.errands: set[asyncio.Task[object]] = set()
        self._ledger: Ledger | None = None
        self._counting: Counting | None = None

    @property
    def ledger(self) -> Ledger:
        """The ledger, open."""
        assert self._ledger is not None, "the server has not started"
        return self._ledger

    @property
    def counting(self) -> Counting:
        """What counts the ledger's rows."""
        assert self._counting is not None, "the server has not started"
        return self._counting

    @property
    def desk(self) -> OpenDesk:
        """What services stand on, as the files say now.

        Raises:
            ConfigError: the configuration cannot be used, and never could.
        """
        return OpenDesk(self.files.current(), self.ledger)

    @asynccontextmanager
    async def opened(self, _app: FastAPI) -> AsyncIterator[None]:
        """Keep the ledger open while an app runs.

        Raises:
            LedgerError: there is none that can be used.
        """
        async with open_ledger(self.chosen, self.files.in_force) as ledger:
            self._ledger, self._counting = ledger, Counting(ledger.database)
            looking = asyncio.create_task(self.updates.run(lambda before: sight_of(self.desk, before)))
            try:
                yield
            finally:
                looking.cancel()
                await asyncio.gather(looking, *self.errands, return_exceptions=True)
        self._ledger = self._counting = None

    def begin(self, errand: Coroutine[Any, Any, object]) -> None:
        """Do something beside what is answered; the server ends after it, and its failure is logged."""
        task = asyncio.create_task(errand)
        self.errands.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self.errands.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("an errand failed", exc_info=error)

    async def begin_session(self, visitor: Visitor) -> str:
        """Let a person in; return the cookie, of which only the digest is kept."""
        cookie = new_key()
        session = Visitor(visitor.name, visitor.rights, digest_of(cookie))
        await self.ledger.begin_session(session, self.clock.now() + SESSION_LASTS)
        return cookie
