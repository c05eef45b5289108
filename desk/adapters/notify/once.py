"""Says the same thing at most once an hour, for what looks at an account every half minute."""

from collections.abc import Callable
from datetime import datetime, timedelta

from desk.ports import Clock, Message, Notifier

AGAIN_AFTER = timedelta(hours=1)


def _itself(message: Message) -> Message:
    return message


class OnceAnHour:
    """Implements `desk.ports.Notifier` over another one.

    Args:
        notifier: who delivers.
        said: what was delivered and when, shared by all who must not repeat each other.
        clock: the machine's.
        alike: gives the same for messages that are the same to a person, whatever figures they have.
    """

    def __init__(
        self,
        notifier: Notifier,
        said: dict[Message, datetime],
        clock: Clock,
        *,
        alike: Callable[[Message], Message] = _itself,
    ) -> None:
        self._notifier = notifier
        self._said = said
        self._clock = clock
        self._alike = alike

    async def send(self, message: Message) -> None:
        """Deliver the message, unless the same one was delivered within the hour."""
        now, known = self._clock.now(), self._alike(message)
        for old in [said for said, at in self._said.items() if now - at >= AGAIN_AFTER]:
            del self._said[old]
        if known not in self._said:
            await self._notifier.send(message)
            self._said[known] = now
