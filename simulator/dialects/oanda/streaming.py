"""OANDA's streams: a line of JSON for each new price or transaction, and for each heartbeat."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from time import monotonic

import orjson
from starlette.requests import Request
from starlette.responses import StreamingResponse

from desk.model.books import Quote
from simulator.dialects.oanda.money import tell_quote
from simulator.dialects.oanda.reading import priced_names
from simulator.dialects.oanda.session import Customer, Sessions
from simulator.dialects.oanda.spelling import time
from simulator.dialects.oanda.telling import Told


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast streams are, in seconds of real time, however fast the market runs.

    Attributes:
        heartbeat: the pause between signs of life.
        look: the pause between looks at the market.
    """

    heartbeat: float = 5.0
    look: float = 0.1


USUAL_PACE = Pace()
"""OANDA's own heartbeat."""


class Streaming:
    """The paths that never end."""

    def __init__(self, sessions: Sessions, pace: Pace) -> None:
        self._sessions = sessions
        self._pace = pace

    async def prices(self, request: Request) -> StreamingResponse:
        """GET /pricing/stream: a heartbeat, every price as it is, then those that change."""
        customer = await self._sessions.customer(request)
        priced_names(customer)
        return _endless(self._prices(customer))

    async def transactions(self, request: Request) -> StreamingResponse:
        """GET /transactions/stream: a heartbeat, then what happens from now on."""
        customer = await self._sessions.customer(request)
        return _endless(self._transactions(customer))

    async def _prices(self, customer: Customer) -> AsyncIterator[Told]:
        exchange, names, told = customer.exchange, priced_names(customer), {}
        if customer.request.query_params.get("snapshot", "").lower() == "false":
            told = _prices(await exchange.quotes(names))
        async for is_beat in self._looks():
            if is_beat:
                yield {"type": "HEARTBEAT", "time": time(exchange.clock.told(), customer.style)}
            quotes = await exchange.quotes(names)
            for name, price in _prices(quotes).items():
                if told.get(name) != price:
                    told[name] = price
                    yield tell_quote(quotes[name], customer.instruments[name], customer.style)

    async def _transactions(self, customer: Customer) -> AsyncIterator[Told]:
        told, account = len(customer.seen()), customer.account
        async for is_beat in self._looks():
            customer = await self._sessions.customer(customer.request)
            if customer.account is not account:  # another one was opened in its place
                told, account = 0, customer.account
            events = customer.seen()
            for event in events[told:]:
                yield customer.tell.transaction(event)
            told = len(events)
            if is_beat:
                at = time(customer.exchange.clock.told(), customer.style)
                yield {"type": "HEARTBEAT", "lastTransactionID": str(told), "time": at}

    async def _looks(self) -> AsyncIterator[bool]:
        """Give the moments at which to look; whether a heartbeat is due then, as it is in the first."""
        due = monotonic()
        while True:
            is_beat = monotonic() >= due
            yield is_beat
            due += self._pace.heartbeat if is_beat else 0
            await asyncio.sleep(self._pace.look)


def _endless(told: AsyncIterator[Told]) -> StreamingResponse:
    return StreamingResponse((orjson.dumps(one) + b"\n" async for one in told), media_type="application/octet-stream")


def _prices(quotes: Mapping[str, Quote]) -> dict[str, tuple[Decimal, Decimal, bool]]:
    return {name: (quote.bid, quote.ask, quote.tradable) for name, quote in quotes.items()}
