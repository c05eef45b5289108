"""Messages through the Apprise library: Telegram, e-mail, Slack and about a hundred others."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import apprise
from pydantic import SecretStr

from desk.adapters.notify.targets import EVERY_KIND, NotDelivered, Target
from desk.errors import ConfigError
from desk.model.messages import MessageKind
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


class AppriseNotifier:
    """Sends every message to every configured address.

    Args:
        urls: the addresses.
        variable: where they are configured.
    """

    def __init__(self, urls: Sequence[SecretStr], variable: str = "DESK_NOTIFY_URLS") -> None:
        self._services, self._quiet_services = apprise.Apprise(), apprise.Apprise()
        for position, url in enumerate(urls, 1):
            with _silence():
                is_known = self._services.add(url.get_secret_value())
                self._quiet_services.add(url.get_secret_value())
            if not is_known:
                # The address holds a token, so only its place in the list is told.
                raise ConfigError(f"{variable}: entry {position} of {len(urls)} is not an Apprise address")
        for service in self._quiet_services:
            if hasattr(service, "silent"):  # Telegram's have it; others know no difference
                service.silent = True

    async def send(self, message: Message) -> None:
        """Deliver the message.

        Raises:
            NotDelivered: a service refused it or did not answer.
        """
        services = self._quiet_services if message.silent else self._services
        delivered = await services.async_notify(
            title=message.title, body=message.body, notify_type=_TYPES[message.severity]
        )
        if not delivered:
            raise NotDelivered(f"'{message.title}' was not delivered by every one of {len(self._services)} services")


def apprise_targets(
    urls: Sequence[SecretStr], variable: str = "DESK_NOTIFY_URLS", *, kinds: frozenset[MessageKind] = EVERY_KIND
) -> tuple[Target, ...]:
    """Return each address as a place of its own; what has arrived at one is not sent there again for the others' sake.

    Raises:
        ConfigError: an address is not one that Apprise knows.
    """
    AppriseNotifier(urls, variable)  # whose message has the place in the list
    return tuple(Target(_called(url.get_secret_value()), AppriseNotifier([url], variable), kinds) for url in urls)


def _called(url: str) -> str:
    """What the ledger calls an address: its kind, and a digest that tells two of a kind apart."""
    return f"{url.partition('://')[0]} {hashlib.sha256(url.encode()).hexdigest()[:6]}"


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Apprise from logging an address that it does not understand, as an error and unmasked."""
    _APPRISE_LOG.disabled = True
    try:
        yield
    finally:
        _APPRISE_LOG.disabled = False
