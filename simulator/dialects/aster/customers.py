"""The accounts that ask Aster something, and what it keeps of them beside their books."""

from datetime import datetime
from weakref import WeakKeyDictionary

from desk.model.instrument import Instrument
from simulator.account import Account
from simulator.dialects.aster.door import Call, Door
from simulator.dialects.aster.rules import VENUE, symbol_of, wrong
from simulator.exchange import Exchange


class Customers:
    """Lets an account in and brings it to the present.

    Attributes:
        settings: leverage by symbol, margin type by its name.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.settings: WeakKeyDictionary[Account, dict[str, int | str]] = WeakKeyDictionary()
        self.deadlines: WeakKeyDictionary[Account, dict[str, datetime]] = WeakKeyDictionary()
        self._door = Door(exchange)

    async def enter(self, call: Call) -> Account:
        """Return the account that signed, at the present."""
        account = self._door.open(call)
        await self.refresh(account)
        return account

    async def recognise(self, call: Call) -> Account:
        """Return the account of the key, where that is enough, at the present."""
        account = self._door.recognise(call)
        await self.refresh(account)
        return account

    async def refresh(self, account: Account) -> None:
        """Bring an account to the present."""
        await self.exchange.settle(account)
        now, deadlines = self.exchange.clock.now(), self.deadlines.get(account, {})
        for name in [name for name, deadline in deadlines.items() if deadline <= now]:
            del deadlines[name]
            await self.cancel_in(account, name)

    async def instruments(self) -> dict[str, Instrument]:
        """Return what Aster lists, by our names."""
        return dict(await self.exchange.instruments(VENUE))

    async def instrument(self, call: Call) -> Instrument:
        """Return the instrument of the symbol that was named."""
        symbol = call.required("symbol")
        found = [one for name, one in (await self.instruments()).items() if symbol_of(name) == symbol]
        if not found:
            raise wrong(-1121)
        return found[0]

    async def cancel_in(self, account: Account, name: str) -> None:
        """Cancel every open order of an instrument."""
        for placed in account.working:
            if placed.intent.instrument == name:
                await self.exchange.cancel(account, placed.number)
