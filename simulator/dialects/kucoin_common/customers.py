"""The customers of a host, at the present, and what is done for them a moment later."""

import asyncio
from datetime import datetime

from desk.model.instrument import Instrument
from simulator.account import Account
from simulator.dialects.kucoin_common.call import Call
from simulator.dialects.kucoin_common.door import Customer, Door
from simulator.exchange import Exchange
from simulator.records import Event
from simulator.venue import Venue

CANCEL_LAG = 0.05
"""Seconds from the answer to a cancellation until it is carried out; meanwhile the order may still fill."""


class Customers:
    """Lets customers in at one host and brings their accounts there to the present."""

    def __init__(self, exchange: Exchange, venue: Venue) -> None:
        self.exchange = exchange
        self.venue = venue
        self._door = Door(exchange)
        self._cancellations: set[asyncio.Future[Event | None]] = set()

    def admit(self, call: Call) -> Customer:
        """Return the customer who signed."""
        return self._door.open(call)

    async def enter(self, call: Call, *, permission: str = "") -> Account:
        """Return the account of the customer who signed, at the present."""
        customer = self.admit(call)
        if permission:
            customer.must_be_allowed(permission)
        account = customer.at(self.venue.name)
        await self.refresh(account)
        return account

    async def refresh(self, account: Account) -> None:
        """Bring an account to the present, its orders with a last moment too."""
        await self.exchange.settle(account)
        now = self.exchange.clock.now()
        for placed in account.working:
            ends = placed.details.get("ends")
            if isinstance(ends, datetime) and ends <= now:
                await self.exchange.cancel(account, placed.number)

    async def instruments(self) -> dict[str, Instrument]:
        """Return what is listed, by our names."""
        return dict(await self.exchange.instruments(self.venue))

    def cancel_soon(self, account: Account, number: int) -> None:
        """Cancel an order a moment after the answer, as the venue does."""
        asyncio.get_running_loop().call_later(CANCEL_LAG, self._cancel, account, number)

    def _cancel(self, account: Account, number: int) -> None:
        cancellation = asyncio.ensure_future(self.exchange.cancel(account, number))
        self._cancellations.add(cancellation)
        cancellation.add_done_callback(self._cancellations.discard)
