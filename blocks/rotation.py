"""Keys that are changed elsewhere while runs use them: read again in the background, and when one is not accepted."""

import asyncio
import logging
from collections.abc import Mapping

from desk.accounts.connections import ConnectionSpec
from desk.adapters.credentials.chain import credentials
from desk.adapters.venues.reached import Secrets
from desk.adapters.venues.reaching import secrets_of
from desk.errors import ConfigError

AGAIN_SECONDS = 45.0
"""More often than what was read is taken for the newest, so that no run waits for the network."""
_LOG = logging.getLogger("scandesk.credentials")

InUse = Mapping[str, Secrets]
"""The keys that connections are reached with, by their names."""


class Rotation:
    """Knows with which keys connections are reached, and finds new ones; for one event loop."""

    def __init__(self) -> None:
        self._in_use: dict[str, Secrets] = {}
        self._task: asyncio.Task[None] | None = None

    def keys_of(self, connection: str, spec: ConnectionSpec) -> Secrets:
        """Return the keys of a connection as they are now, and keep them fresh from here on.

        Raises:
            ConfigError: a variable that holds one is not set, or its place cannot be asked.
        """
        self._in_use[connection] = found = secrets_of(connection, spec)
        if self._task is None and credentials().store is not None:
            self._task = asyncio.create_task(_keep_fresh(), name="keys of connections")
        return found

    def in_use(self, connections: tuple[str, ...]) -> InUse:
        """Return the keys that connections are reached with; those that were not reached are left out."""
        return {name: self._in_use[name] for name in connections if name in self._in_use}

    async def has_new(self, before: InUse, connections: Mapping[str, ConnectionSpec]) -> bool:
        """Look again, and return whether one of the connections has other keys than before."""
        specs = {name: connections[name] for name in before if name in connections}
        try:
            await asyncio.to_thread(credentials().refresh)
            now = {name: await asyncio.to_thread(secrets_of, name, spec) for name, spec in specs.items()}
        except ConfigError as error:
            _LOG.warning("the keys that were not accepted could not be looked for again: %s", error)
            return False
        return any(keys != before[name] for name, keys in now.items())

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None


async def _keep_fresh() -> None:
    while True:
        await asyncio.sleep(AGAIN_SECONDS)
        try:
            await asyncio.to_thread(credentials().refresh)
        except ConfigError as error:
            _LOG.warning("%s", error)
