"""Subscriptions to channels of Coinbase's WebSocket: tokens, numbers without gaps, and its complaints as our errors."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from desk.adapters.streams.events import StreamGap
from desk.adapters.streams.websocket import Socket, SocketTerms, open_socket
from desk.adapters.venue_http.session import UNNAMED_PAUSE
from desk.adapters.venues.coinbase.names import VENUE
from desk.adapters.venues.coinbase.reading import UNREADABLE
from desk.adapters.venues.coinbase.wire.streams import Complaint, Message
from desk.errors import AccessDenied, RateLimited, VenueError, VenueUnavailable

_COMPLAINT = "error"
_DENIED = ("authentic", "unauthorized", "permission", "jwt", "expired")
_TOO_MANY = ("rate limit", "too many")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Channels:
    """Where channels are subscribed to; each time over a connection of its own.

    Attributes:
        terms: of its connections.
        sign: makes the token of one subscription, for channels of an account.
    """

    url: str
    terms: SocketTerms
    sign: Callable[[], str] | None = None

    async def messages(self, *wishes: Mapping[str, object]) -> AsyncGenerator[Message, None]:
        """Subscribe, and give what the channels say, each message once.

        Raises:
            StreamGap: a number was left out.
            VenueError: see `Source`.
        """
        newest: int | None = None
        async with open_socket(self.url, self.terms) as socket, aclosing(socket.messages()) as heard:
            tokens = [await self._subscribe(socket, wish) for wish in wishes]
            async for told in heard:
                # None is a ping that was answered: it says nothing about the channels.
                if told is None:
                    continue
                message = self._message(told, tokens)
                if newest is None or message.sequence_num > newest:
                    newest = self._newest(newest, message.sequence_num)
                    yield message

    def read(self, model: type[Model], told: object) -> Model:
        """Return a message, or a part of one.

        Raises:
            VenueUnavailable: it is not what was expected.
        """
        try:
            return model.model_validate(told)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise VenueUnavailable(VENUE, self.terms.name, UNREADABLE, message) from None

    async def _subscribe(self, socket: Socket, wish: Mapping[str, object]) -> str:
        """Subscribe to a channel and return the token, empty where none is needed."""
        if self.sign is None:
            await socket.send({"type": "subscribe", **wish})
            return ""
        token = self.sign()
        await socket.send({"type": "subscribe", **wish, "jwt": token})
        return token

    def _message(self, told: object, tokens: Iterable[str]) -> Message:
        complaint = self.read(Complaint, told)
        if complaint.type == _COMPLAINT:
            raise self._error(complaint.message, tokens)
        return self.read(Message, told)

    def _error(self, words: str, tokens: Iterable[str]) -> VenueError:
        for token in filter(None, tokens):
            words = words.replace(token, "…")
        lower = words.lower()
        if any(word in lower for word in _TOO_MANY):
            return RateLimited(VENUE, self.terms.name, _COMPLAINT, words, retry_after=UNNAMED_PAUSE)
        found = AccessDenied if any(word in lower for word in _DENIED) else VenueError
        return found(VENUE, self.terms.name, _COMPLAINT, words)

    def _newest(self, known: int | None, told: int) -> int:
        """Return the newest number; on the first message of a connection any will do."""
        if known is not None and told > known + 1:
            raise StreamGap(VENUE, self.terms.name, "GAP", f"expected message {known + 1} after {known}, found {told}")
        return told
