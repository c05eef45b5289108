"""The accounts that ask Coinbase something, and what it keeps of them beside their books."""

from collections.abc import Mapping
from weakref import WeakKeyDictionary

from starlette.requests import Request

from desk.model.books import Quote
from simulator.account import Account
from simulator.dialects.coinbase.door import Door
from simulator.dialects.coinbase.listing import Product, products_of
from simulator.dialects.coinbase.rules import VENUE, Rejected, not_found
from simulator.dialects.coinbase.sent import end_of
from simulator.dialects.coinbase.wallets import Wallets
from simulator.exchange import Exchange
from simulator.reasons import Reason


class Customers:
    """Lets an account in and brings it to the present."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.door = Door(exchange)
        self._wallets: WeakKeyDictionary[Account, Wallets] = WeakKeyDictionary()

    async def enter(self, request: Request) -> Account:
        """Return the account that has come through the door, at the present."""
        account: Account = request.state.account
        await self.settle(account)
        return account

    async def settle(self, account: Account) -> None:
        """Bring an account to the present; what was good until now expires."""
        await self.exchange.settle(account)
        now = self.exchange.clock.now()
        for placed in account.working:
            end = end_of(placed)
            if end is not None and end <= now:
                await self.exchange.cancel(account, placed.number, reason=Reason.EXPIRED)

    def wallets(self, account: Account) -> Wallets:
        """Return what the account has in which currency."""
        if account not in self._wallets:
            self._wallets[account] = Wallets()
        return self._wallets[account]

    async def products(self) -> Mapping[str, Product]:
        """Return what Coinbase lists, by its names."""
        instruments = (await self.exchange.instruments(VENUE)).values()
        return {product.id: product for one in instruments for product in products_of(one)}

    async def product(self, name: str) -> Product:
        """Return a product.

        Raises:
            Refused: there is none of that name.
        """
        found = (await self.products()).get(name)
        if found is None:
            raise not_found(f"product {name}")
        return found

    async def quote(self, product: Product) -> Quote:
        """Return the best prices of a product.

        Raises:
            Rejected: there are none.
        """
        found = (await self.exchange.quotes([product.instrument.name])).get(product.instrument.name)
        if found is None:
            raise Rejected.because(Reason.NO_PRICE)
        return found
