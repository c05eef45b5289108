"""What KuCoin's spot host tells a customer of money."""

from decimal import Decimal

from simulator.dialects.kucoin.rules import VENUE
from simulator.dialects.kucoin_common.call import Call
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_common.paths import Paths, Priced
from simulator.dialects.kucoin_common.pools import MANAGEMENT, SPOT
from simulator.dialects.kucoin_common.spelling import milliseconds, text
from simulator.dialects.kucoin_common.wallets import held_for_orders, spot_balances

_TRADE = ("trade", "trade_hf")


class Money:
    """The paths of balances and fees."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    def paths(self) -> Paths:
        """Return what is served; nobody may borrow here, and the lists about that are empty."""
        return {
            ("GET", "v1/accounts"): Priced(self.accounts, MANAGEMENT, 5),
            ("GET", "v1/accounts/{id}"): Priced(self.account, MANAGEMENT, 5),
            ("GET", "v1/trade-fees"): Priced(self.fees, SPOT, 3),
            ("GET", "v3/margin/symbols"): Priced(self.margin_symbols, SPOT, 3),
            ("GET", "v1/isolated/symbols"): Priced(self.isolated_symbols, SPOT, 3),
        }

    async def accounts(self, call: Call) -> object:
        """Every wallet's currencies; the trade wallet's older and newer names are told as they were asked for."""
        account = await self._customers.enter(call)
        wanted, currency = call.get("type"), call.get("currency")
        held = held_for_orders(account)
        name = wanted if wanted in _TRADE else "trade"
        trade = [_told(name, code, total, held.get(code)) for code, total in spot_balances(account).items()]
        main = [_told("main", account.book.currency, total, None) for total in account.wallets.values()]
        wallets = {"": [*trade, *main], "main": main, name: trade}
        return [row for row in wallets.get(wanted, []) if currency in ("", row["currency"])]

    async def account(self, call: Call) -> object:
        rows = await self.accounts(call)
        assert isinstance(rows, list), "expected the list of balances"
        found = next((row for row in rows if row["id"] == call.get("id")), None)
        if found is None:
            raise wrong("400100", "accountId is invalid")
        return {name: found[name] for name in ("currency", "balance", "available", "holds")}

    async def fees(self, call: Call) -> object:
        self._customers.admit(call)
        rates = {
            "takerFeeRate": text(VENUE.fees.taker_bps / 10_000),
            "makerFeeRate": text(VENUE.fees.maker_bps / 10_000),
        }
        return [{"symbol": symbol, **rates} for symbol in call.get("symbols").split(",") if symbol]

    async def margin_symbols(self, call: Call) -> object:
        self._customers.admit(call)
        return {"timestamp": milliseconds(self._customers.exchange.clock.told()), "items": []}

    async def isolated_symbols(self, call: Call) -> object:
        self._customers.admit(call)
        return []


def _told(wallet: str, currency: str, total: Decimal, held: Decimal | None) -> dict[str, str]:
    holds = held or Decimal(0)
    return {
        "id": f"{wallet}-{currency}",
        "currency": currency,
        "type": wallet,
        "balance": text(total),
        "available": text(total - holds),
        "holds": text(holds),
    }
