"""Messages through the Apprise library: Telegram, e-mail, Slack and about a hundred others."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import apprise
from pydantic import SecretStr

from desk.errors import ConfigError, DeskError
from desk.ports import Message

_TYPES = {
    "info": apprise.NotifyType.INFO,
    "warning": apprise.NotifyType.WARNING,
    "error": apprise.NotifyType.FAILURE,
}
_APPRISE_LOG = logging.getLogger("apprise")

# Their debug lines show whole addresses, and an address holds a token.
for _name in ("apprise", "urllib3"):
    logging.getLogger(_name).setLevel(logging.INFO)


class NotDelivered(DeskError):
    """At least one of the configured services did not take the message."""


class AppriseNotifier:
    """Sends every message to every configured address."""

    def __init__(self, urls: Sequence[SecretStr]) -> None:
        self._services = apprise.Apprise()
        for position, url in enumerate(urls, 1):
            with _silence():
                is_known = self._services.add(url.get_secret_value())
            if not is_known:
                # The address holds a token, so only its place in the list is told.
                raise ConfigError(f"DESK_NOTIFY_URLS: entry {position} of {len(urls)} is not an Apprise address")

    async def send(self, message: Message) -> None:
        """Deliver the message.

        Raises:
            NotDelivered: a service refused it or did not answer.
        """
        delivered = await self._services.async_notify(
            title=message.title, body=message.body, notify_type=_TYPES[message.severity]
        )
        if not delivered:
            raise NotDelivered(f"'{message.title}' was not delivered by every one of {len(self._services)} services")


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Apprise from logging an address that it does not understand, as an error and unmasked."""
    _APPRISE_LOG.disabled = True
    try:
        yield
    finally:
        _APPRISE_LOG.disabled = False
