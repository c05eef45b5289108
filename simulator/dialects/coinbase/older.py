"""The few paths of Coinbase's older interface that clients ask before they trade."""

from decimal import Decimal

from starlette.requests import Request

from simulator.account import Account
from simulator.dialects.coinbase.customers import Customers
from simulator.dialects.coinbase.listing import COIN, DOLLAR
from simulator.dialects.coinbase.rules import stamp, text, wallet_id
from simulator.dialects.coinbase.telling import Told

_RATE_PLACES = Decimal("0.00000000001")


class Older:
    """The paths of /v2."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def time(self, _: Request) -> object:
        """GET /v2/time."""
        now = self._customers.exchange.clock.told()
        return {"data": {"iso": stamp(now), "epoch": int(now.timestamp())}}

    async def currencies(self, _: Request) -> object:
        """GET /v2/currencies: money of states."""
        return {"data": [{"id": DOLLAR, "name": "United States Dollar", "min_size": "0.01"}]}

    async def coins(self, _: Request) -> object:
        """GET /v2/currencies/crypto."""
        names = [*await self._bases(), COIN]
        return {
            "data": [
                {"asset_id": name, "code": name, "name": name, "exponent": 8, "type": "crypto", "address_regex": ""}
                for name in names
            ]
        }

    async def rates(self, _: Request) -> object:
        """GET /v2/exchange-rates: what a dollar buys."""
        bases = await self._bases()
        quotes = await self._customers.exchange.quotes(list(bases.values()))
        rates = {
            base: text((1 / quotes[name].mid).quantize(_RATE_PLACES)) for base, name in bases.items() if name in quotes
        }
        return {"data": {"currency": DOLLAR, "rates": {DOLLAR: "1", COIN: "1", **rates}}}

    async def accounts(self, request: Request) -> object:
        """GET /v2/accounts: what is held, with what orders keep back; the newest interface splits it."""
        account = await self._customers.enter(request)
        totals = {DOLLAR: Decimal(0), COIN: Decimal(0), **dict.fromkeys(await self._bases(), Decimal(0))}
        totals |= self._customers.wallets(account).totals(account)
        return {"pagination": {"next_uri": None}, "data": [_wallet(account, *held) for held in totals.items()]}

    async def _bases(self) -> dict[str, str]:
        products = (await self._customers.products()).values()
        return {product.instrument.base: product.instrument.name for product in products}


def _wallet(account: Account, currency: str, total: Decimal) -> Told:
    kind = "fiat" if currency == DOLLAR else "crypto"
    return {
        "id": wallet_id(account, currency),
        "name": f"{currency} Wallet",
        "primary": False,
        "type": "fiat" if currency == DOLLAR else "wallet",
        "currency": {"code": currency, "name": currency, "type": kind},
        "balance": {"amount": text(total), "currency": currency},
        "created_at": stamp(account.opened_at),
        "updated_at": stamp(account.events[-1].at),
        "resource": "account",
        "resource_path": f"/v2/accounts/{wallet_id(account, currency)}",
    }
