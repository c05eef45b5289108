"""Looks at every part of the desk, and remembers since when each is as it is."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.services.health.accounts import accounts_health
from console.services.health.components import Component, Health, worst_of
from console.services.health.prefect import prefect_health
from console.services.health.venues import venues_health
from console.services.in_force import InForce
from console.services.messages import undelivered
from console.services.opening import OpenDesk
from console.services.standings import fleet_standing
from console.services.telling import first_words
from desk.adapters.budget.usage import CallUsage
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import check_schema
from desk.adapters.settings import Settings
from desk.errors import ConfigError, LedgerError
from desk.ports import Clock

BELIEVED_FOR = timedelta(seconds=5)
"""For how long a survey answers for whoever asks: a look asks the ledger and a server."""

_NOT_YET = ("news", "models")
"""Parts that this release does not have."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """How everything is.

    Attributes:
        health: the worst of the components.
        at: when it was looked at.
    """

    health: Health
    at: datetime
    components: tuple[Component, ...]

    @property
    def troubles(self) -> tuple[Component, ...]:
        """The components that somebody has to look at."""
        return tuple(one for one in self.components if one.health.severity >= Health.WARNING.severity)

    def component(self, name: str) -> Component:
        """Return a component that every survey has."""
        return next(one for one in self.components if one.name == name)


class Survey:
    """The looks of one process, each believed for a few seconds."""

    def __init__(
        self,
        chosen: Settings,
        in_force: Callable[[], InForce],
        clock: Clock,
        prefect: Callable[[], Awaitable[tuple[Component, ...]]],
    ) -> None:
        """Look at an installation.

        Args:
            chosen: its settings.
            in_force: finds the configuration that scans go by.
            clock: the machine's.
            prefect: asks Prefect.
        """
        self._chosen, self._in_force, self._clock, self._prefect = chosen, in_force, clock, prefect
        self._since: dict[str, tuple[Health, datetime]] = {}
        self._last: Surveyed | None = None
        self._looking = asyncio.Lock()

    async def look(self, ledger: Ledger) -> Surveyed:
        """Return how everything is, now or a few seconds ago."""
        async with self._looking:
            now = self._clock.now()
            if self._last is None or not timedelta(0) <= now - self._last.at < BELIEVED_FOR:
                self._last = await self._look(ledger, now)
            return self._last

    async def _look(self, ledger: Ledger, now: datetime) -> Surveyed:
        found = [await _database(ledger), *await self._of_fleet(ledger, now), *await self._prefect()]
        found.append(await _notifier(ledger, places=len(self._chosen.notify_urls)))
        found += [Component(name, Health.NOT_THERE, "this release has none") for name in _NOT_YET]
        components = tuple(self._dated(one, now) for one in found)
        return Surveyed(worst_of(components), now, components)

    async def _of_fleet(self, ledger: Ledger, now: datetime) -> list[Component]:
        try:
            in_force = self._in_force()
        except ConfigError as error:
            broken = Component("configuration", Health.FAILING, first_words(str(error)))
            return [broken, *(Component(name, Health.UNKNOWN, "not configured") for name in ("accounts", "venues"))]
        try:
            standing = await fleet_standing(OpenDesk(in_force.fleet, ledger))
            usage = await CallUsage(ledger.database, self._clock).read()
        except LedgerError:
            unread = (Component(name, Health.UNKNOWN, "the ledger does not answer") for name in ("accounts", "venues"))
            return [_configuration(in_force.problem), *unread]
        return [_configuration(in_force.problem), accounts_health(standing, now), venues_health(usage)]

    def _dated(self, component: Component, now: datetime) -> Component:
        """Where nothing says since when it is so: since this process saw it for the first time."""
        before, since = self._since.get(component.name, (None, now))
        self._since[component.name] = (component.health, since if before is component.health else now)
        return component if component.since else replace(component, since=self._since[component.name][1])


async def _database(ledger: Ledger) -> Component:
    try:
        await check_schema(ledger.database)
    except LedgerError as error:
        return Component("database", Health.FAILING, str(error))
    return Component("database", Health.OK, f"{ledger.database.name} answers")


async def _notifier(ledger: Ledger, *, places: int) -> Component:
    try:
        missing = await undelivered(ledger)
    except LedgerError:
        return Component("notifier", Health.UNKNOWN, "the ledger does not answer")
    if missing.sentence:
        return Component("notifier", Health.WARNING, missing.sentence)
    if not places:
        return Component("notifier", Health.NOT_THERE, "messages go to the log only: DESK_NOTIFY_URLS is empty")
    return Component("notifier", Health.OK, f"messages go to {places} addresses, and all have arrived")


def _configuration(problem: str) -> Component:
    if problem:
        told = f"scans go by the configuration before this one: {first_words(problem)}"
        return Component("configuration", Health.WARNING, told)
    return Component("configuration", Health.OK, "it can be used as it is written")


def survey_of(chosen: Settings, in_force: Callable[[], InForce], clock: Clock, api: str) -> Survey:
    """Return a survey that asks Prefect at an address."""
    return Survey(chosen, in_force, clock, lambda: prefect_health(api))
