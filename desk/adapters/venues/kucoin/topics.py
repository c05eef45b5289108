"""Subscriptions to topics of KuCoin's WebSockets: a token for each connection, welcome, pings, acknowledgements."""

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from desk.adapters.streams.websocket import SocketTerms, open_socket
from desk.adapters.venue_http.session import UNNAMED_PAUSE
from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.errors import VENUE
from desk.adapters.venues.kucoin.stream_wire import TOKEN, Message, Token
from desk.errors import AccessDenied, RateLimited, VenueError, VenueUnavailable

PING_EVERY = timedelta(seconds=5)
"""Sooner than the venue demands, so that a silence is noticed sooner."""

_EARLY, _LATER = "early", "later"
_DENIED = ("401", "403")
_TOO_MANY = ("429", "509")

Model = TypeVar("Model", bound=BaseModel)


class Access(StrEnum):
    """Where the tokens of topics are: of those for everyone, and of those of an account."""

    PUBLIC = "/api/v1/bullet-public"
    PRIVATE = "/api/v1/bullet-private"


class _Connection:
    """What was asked for on one connection, and what of it is not acknowledged."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(8)
        self.waiting: dict[str, str] = {}
        self._has_asked = False

    @property
    def is_subscribed(self) -> bool:
        """Whether the venue has acknowledged everything."""
        return self._has_asked and not self.waiting

    def ping(self) -> Mapping[str, object]:
        """Return a ping that can be told from those before the subscriptions."""
        return {"id": _LATER if self._has_asked else _EARLY, "type": "ping"}

    def subscribe(self, topics: Sequence[str], access: Access) -> list[Mapping[str, object]]:
        """Return what is to be sent; the venue answers each."""
        self.waiting = {str(number): topic for number, topic in enumerate(topics, start=1)}
        self._has_asked = True
        shared = {"type": "subscribe", "privateChannel": access is Access.PRIVATE, "response": True}
        return [{"id": number, "topic": topic, **shared} for number, topic in self.waiting.items()]

    def is_overdue(self, pong: Message) -> bool:
        """Whether a ping was answered and an earlier subscription was not."""
        return pong.id == _LATER and not self.is_subscribed


@dataclass(frozen=True, slots=True)
class Topics:
    """Where topics are subscribed to; each time over a connection of its own.

    Attributes:
        api: of the host that gives out the tokens.
        name: for messages: `stream of prices`.
        ping_every: the pause between pings, unless the venue demands a shorter one.
    """

    api: Api
    access: Access
    name: str
    ping_every: timedelta = PING_EVERY

    async def messages(self, topics: Sequence[str]) -> AsyncGenerator[Message | None, None]:
        """Subscribe, and give what the topics say, and None for a sign of life: acknowledgements, and answers to pings.

        Raises:
            VenueUnavailable: a subscription was not acknowledged, or see `Source`.
            VenueError: see `Source`.
        """
        token = await self.api.ask(self.access, f"token of the {self.name}", TOKEN)
        ours = _Connection()
        terms = self._terms(token, ours)
        async with open_socket(token.address(ours.id), terms) as socket, aclosing(socket.messages()) as messages:
            async for told in messages:
                message = self.read(Message, told)
                if message.type == "welcome":
                    for wish in ours.subscribe(topics, self.access):
                        await socket.send(wish)
                elif message.type == "message":
                    yield message
                elif self._is_sign_of_life(message, ours, token):
                    yield None

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
            raise VenueUnavailable(VENUE, self.name, "UNREADABLE", message) from None

    def _terms(self, token: Token, ours: _Connection) -> SocketTerms:
        demanded = timedelta(milliseconds=token.server.ping_interval)
        return SocketTerms(VENUE, self.name, ping_every=min(self.ping_every, demanded), ping=ours.ping)

    def _is_sign_of_life(self, message: Message, ours: _Connection, token: Token) -> bool:
        """Take in what is not about a topic; a connection is alive once all subscriptions are acknowledged."""
        if message.type == "error":
            raise self._error(message, token)
        if message.type == "ack":
            ours.waiting.pop(message.id, None)
        if message.type == "pong" and ours.is_overdue(message):
            unheard = f"a later ping was answered, and not the subscription to {', '.join(ours.waiting.values())}"
            raise VenueUnavailable(VENUE, self.name, "NOT_SUBSCRIBED", unheard)
        return message.type in ("ack", "pong") and ours.is_subscribed

    def _error(self, message: Message, token: Token) -> VenueError:
        words = str(message.data).replace(token.token.get_secret_value(), "…")
        if message.code in _TOO_MANY:
            return RateLimited(VENUE, self.name, message.code, words, retry_after=UNNAMED_PAUSE)
        found = AccessDenied if message.code in _DENIED else VenueError
        return found(VENUE, self.name, message.code, words)
