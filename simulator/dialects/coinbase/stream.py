"""Coinbase's WebSocket: subscriptions by message, numbered replies, and the end for who does not subscribe."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from simulator.dialects.coinbase.channels import Channel, FiveMinutes, Heartbeats, Ticker, User
from simulator.dialects.coinbase.customers import Customers
from simulator.dialects.coinbase.door import Unauthorised
from simulator.dialects.coinbase.listing import Product
from simulator.dialects.coinbase.rules import stamp
from simulator.dialects.coinbase.telling import Told

_PATIENCE = 5.0
_PAUSE = 0.05


class Wish(BaseModel):
    """What a client wants to be told, or no longer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["subscribe", "unsubscribe"]
    channel: Literal["heartbeats", "ticker", "ticker_batch", "candles", "user"]
    product_ids: tuple[str, ...] = ()
    jwt: str = ""


class Stream:
    """Both streams of the venue at one path, market and user."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def serve(self, socket: WebSocket) -> None:
        """Talk to one client until it goes."""
        await socket.accept()
        connection = _Connection(self._customers, socket)
        telling = asyncio.create_task(connection.tell())
        # A client that goes away is its own affair.
        with suppress(WebSocketDisconnect):
            await connection.listen()
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


class _Connection:
    def __init__(self, customers: Customers, socket: WebSocket) -> None:
        self._customers = customers
        self._socket = socket
        self._sequence = 0
        self._channels: dict[str, Channel] = {}
        self._products: dict[str, tuple[str, ...]] = {}

    async def listen(self) -> None:
        """Do as the client says; one that says nothing at first is dropped."""
        try:
            await self._heed(await asyncio.wait_for(self._socket.receive_text(), _PATIENCE))
        except TimeoutError:
            await self._socket.close()
            return
        while True:
            await self._heed(await self._socket.receive_text())

    async def tell(self) -> None:
        """Send what is new, again and again."""
        while True:
            for name, channel in list(self._channels.items()):
                event = await channel.next()
                if event is not None:
                    await self._send(name, event)
            await asyncio.sleep(_PAUSE)

    async def _heed(self, text: str) -> None:
        try:
            wish = Wish.model_validate_json(text)
            await self._change(wish)
        except ValidationError:
            await self._complain("the message is not understood")
        except Unauthorised:
            await self._complain("authentication failure")

    async def _change(self, wish: Wish) -> None:
        names = self._names_after(wish)
        channel = await self._channel(wish, names) if names is not None else None
        self._channels.pop(wish.channel, None)
        self._products.pop(wish.channel, None)
        if names is not None:
            self._products[wish.channel] = names
        await self._send("subscriptions", {"subscriptions": {name: list(ids) for name, ids in self._products.items()}})
        if channel is not None:
            self._channels[wish.channel] = channel

    def _names_after(self, wish: Wish) -> tuple[str, ...] | None:
        """Return the products of a channel as they are to be, None where it ends."""
        before = self._products.get(wish.channel, ())
        if wish.type == "subscribe":
            return tuple(dict.fromkeys((*before, *wish.product_ids)))
        return tuple(name for name in before if wish.product_ids and name not in wish.product_ids) or None

    async def _channel(self, wish: Wish, names: Sequence[str]) -> Channel:
        if wish.channel == "heartbeats":
            return Heartbeats(self._customers)
        if wish.channel == "user":
            return User(self._customers, self._customers.door.by_token(wish.jwt))
        listed = await self._customers.products()
        products: list[Product] = [listed[name] for name in names if name in listed]
        make = FiveMinutes if wish.channel == "candles" else Ticker
        return make(self._customers, products)

    async def _send(self, channel: str, event: Told) -> None:
        told = {"channel": channel, "client_id": "", "timestamp": stamp(self._customers.exchange.clock.told())}
        number, self._sequence = self._sequence, self._sequence + 1
        await self._socket.send_text(orjson.dumps({**told, "sequence_num": number, "events": [event]}).decode())

    async def _complain(self, message: str) -> None:
        await self._socket.send_text(orjson.dumps({"type": "error", "message": message}).decode())
