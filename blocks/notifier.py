"""Whom the desk tells."""

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from desk.adapters.notify.console import ConsoleNotifier
from desk.adapters.notify.targets import Target
from desk.adapters.settings import settings
from desk.ports import Notifier


class NotifierBlock(Block):
    """Where messages about trades and failures go."""

    _block_type_name = "Scandesk notifier"
    _block_type_slug = "scandesk-notifier"
    _description = "Where messages about trades and failures go."

    urls: tuple[SecretStr, ...] = Field(
        default_factory=lambda: settings().notify_urls,
        description="Apprise addresses; without any, messages go to the log.",
    )

    def open(self) -> Notifier:
        """Return the way to tell a person.

        Raises:
            ConfigError: an address is not one that Apprise knows.
        """
        if not self.urls:
            return ConsoleNotifier()
        # Apprise loads some hundred services when it is imported.
        from desk.adapters.notify.apprise import AppriseNotifier

        return AppriseNotifier(self.urls)

    def targets(self) -> tuple[Target, ...]:
        """Return each address as a place of its own; none where there is no address.

        Raises:
            ConfigError: an address is not one that Apprise knows.
        """
        if not self.urls:
            return ()
        from desk.adapters.notify.apprise import apprise_targets

        return apprise_targets(self.urls)
