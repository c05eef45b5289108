"""Messages to the log, for an installation that names no other way."""

import sys

import structlog

from desk.ports import Message


class ConsoleNotifier:
    """Writes every message as one event to standard error; standard output belongs to what a command answers."""

    async def send(self, message: Message) -> None:
        """Write the message with the level of its severity."""
        log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr))
        write = {"warning": log.awarning, "error": log.aerror}.get(message.severity, log.ainfo)
        await write(message.title, body=message.body)
