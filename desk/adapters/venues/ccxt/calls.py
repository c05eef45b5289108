"""Asks and tells an exchange through ccxt: questions patiently, changes once."""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from datetime import timedelta
from decimal import localcontext
from typing import Any

from desk.adapters.venue_http.fence import check_fence
from desk.adapters.venue_http.reply import Reply
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.ccxt.errors import VENUE, read_failure, write_failure
from desk.adapters.venues.ccxt.library import Exchange
from desk.errors import DeskError, InvalidOrder, NotSent, OutcomeUnknown, VenueUnavailable
from desk.ports import Clock

_replies: ContextVar[list[Reply]] = ContextVar("replies")
"""What one call was answered: ccxt's errors do not carry it, calls may run side by side, and ccxt starts tasks."""

_carried: ContextVar[str] = ContextVar("carried", default="")


class _NotCarriedError(Exception):
    """A request without the text that it has to have was kept back."""


class CcxtCalls:
    """One exchange under one key; its methods are called by ccxt's names in Python."""

    def __init__(self, exchange: Exchange, clock: Clock, retries: Retries | None = None) -> None:
        self.exchange = exchange
        self.clock = clock
        self._retries = retries or Retries()
        exchange.on_rest_response = _note_reply
        exchange.fetch = _only_with_its_id(exchange.fetch)

    async def ask(self, method: str, name: str, *arguments: Any, **named: Any) -> Any:
        """Read something, again where there was no answer; `name` says what, in messages.

        Raises:
            VenueUnavailable: no usable answer after the last attempt.
            DeskError: what the exchange said instead.
        """
        return await self._retries.run(lambda: self._ask_once(method, name, *arguments, **named))

    async def tell(self, method: str, name: str, *arguments: Any, carrying: str = "") -> Any:
        """Change something, once.

        Args:
            carrying: a text without which nothing may leave.

        Raises:
            NotSent: it opens a position, and has no right to leave any more.
            InvalidOrder: NOT_CARRIED, ccxt would have left that text out; nothing was sent.
            OutcomeUnknown: it may have happened; ccxt also fails on answers that it does not understand.
            DeskError: it has not.
        """
        _replies.set([])
        _carried.set(carrying)
        try:
            return await self._call(method, *arguments)
        except NotSent:
            raise
        except _NotCarriedError:
            told = f"ccxt does not send {carrying} to {self.exchange.id}: such an order could not be found again"
            raise InvalidOrder(VENUE, name, "NOT_CARRIED", told) from None
        except Exception as error:  # noqa: BLE001 - ccxt trips over answers that it does not understand
            failure = write_failure(error, name, pause=self._pause())
            raise _unless_broken(failure, OutcomeUnknown, name) from None

    async def close(self) -> None:
        """Close the connections."""
        await self.exchange.close()

    async def _call(self, method: str, *arguments: Any, **named: Any) -> Any:
        with localcontext():  # ccxt changes how everybody's decimals are rounded, and leaves it so
            return await getattr(self.exchange, method)(*arguments, **named)

    async def _ask_once(self, method: str, name: str, *arguments: Any, **named: Any) -> Any:
        _replies.set([])
        _carried.set("")
        try:
            return await self._call(method, *arguments, **named)
        except Exception as error:  # noqa: BLE001 - ccxt trips over answers that it does not understand
            failure = read_failure(error, name, pause=self._pause())
            raise _unless_broken(failure, VenueUnavailable, name) from None

    def _pause(self) -> timedelta | None:
        replies = _replies.get()
        return replies[-1].retry_after(self.clock.now()) if replies else None


def _only_with_its_id(fetch: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Look at every request as it would leave: ccxt silently drops parameters that it does not know at an exchange."""

    async def guarded(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        if method != "GET" and _carried.get() not in f"{url} {body}":
            raise _NotCarriedError
        if _carried.get():
            await check_fence(VENUE, "create order")
        return await fetch(url, method, headers, body)

    return guarded


def _note_reply(
    status: int, _reason: str, _url: str, _method: str, headers: Mapping[str, str], body: str, *_request: object
) -> str:
    """Keep what ccxt has received, before it looks at it.

    Raises:
        Unreadable: a success without JSON, out of which ccxt would make an empty list.
    """
    reply = Reply(status, {name.lower(): value for name, value in headers.items()}, body.encode())
    _replies.get().append(reply)
    if reply.is_success:
        reply.json(exact=False)
    return body.strip()


def _unless_broken(failure: DeskError, otherwise: type[OutcomeUnknown | VenueUnavailable], name: str) -> DeskError:
    """A server's trouble proves nothing, whatever its code: ccxt takes some for a refusal."""
    replies = _replies.get()
    if not replies or replies[-1].status < 500 or isinstance(failure, otherwise):
        return failure
    return otherwise(VENUE, name, str(replies[-1].status), str(failure))
