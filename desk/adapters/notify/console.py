"""Messages to the log, for an installation that names no other way."""

import structlog

from desk.ports import Message

_LOG = structlog.get_logger("desk.notify")


class ConsoleNotifier:
    """Writes every message as one event of the log."""

    async def send(self, message: Message) -> None:
        """Write the message with the level of its severity."""
        log = {"warning": _LOG.awarning, "error": _LOG.aerror}.get(message.severity, _LOG.ainfo)
        await log(message.title, body=message.body)
