"""What KuCoin's futures host tells a customer of money and positions, and how contracts are set up."""

from decimal import Decimal

from desk.matching.valuation import equity
from simulator.account import Account
from simulator.dialects.kucoin_common.call import Call, Form
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_common.paths import Paths, Priced
from simulator.dialects.kucoin_common.pools import FUTURES
from simulator.dialects.kucoin_common.spelling import text
from simulator.dialects.kucoin_common.wallets import free_margin, order_margin, position_margin
from simulator.dialects.kucoin_futures.contracts import contract_of
from simulator.dialects.kucoin_futures.ordering import CODE, MODES
from simulator.dialects.kucoin_futures.rules import VENUE, symbol_of
from simulator.dialects.kucoin_futures.settings import Settings
from simulator.dialects.kucoin_futures.telling import Told, rounded, tell_position

_DEFAULT_CURRENCY = "XBT"


class Money:
    """The paths of money, positions and settings."""

    def __init__(self, customers: Customers, settings: Settings) -> None:
        self._customers = customers
        self._exchange = customers.exchange
        self._settings = settings

    def paths(self) -> Paths:
        """Return what is served."""
        return {
            ("GET", "v1/account-overview"): Priced(self.overview, FUTURES, 5),
            ("GET", "v1/positions"): Priced(self.positions, FUTURES),
            ("GET", "v1/position"): Priced(self.position, FUTURES),
            ("GET", "v1/trade-fees"): Priced(self.fees, FUTURES, 3),
            ("GET", "v2/position/getMarginMode"): Priced(self.mode, FUTURES),
            ("POST", "v2/position/changeMarginMode"): Priced(self.change_mode, FUTURES),
            ("GET", "v2/position/getPositionMode"): Priced(self.position_mode, FUTURES),
            ("GET", "v2/getCrossUserLeverage"): Priced(self.leverage, FUTURES),
            ("POST", "v2/changeCrossUserLeverage"): Priced(self.change_leverage, FUTURES),
        }

    async def overview(self, call: Call) -> object:
        """One currency's money: bitcoin's where none is named."""
        account, currency = await self._customers.enter(call), call.get("currency") or _DEFAULT_CURRENCY
        return await self.tell_money(account) if currency == account.book.currency else _no_money(currency)

    async def tell_money(self, account: Account) -> Told:
        """Tell the money of the wallet."""
        market = await self._exchange.market(account)
        cash, worth, free = account.book.cash, equity(account.book, market), free_margin(account, market)
        return {
            "accountEquity": worth,
            "unrealisedPNL": worth - cash,
            "marginBalance": cash,
            "positionMargin": rounded(position_margin(account, VENUE.leverage)),
            "orderMargin": rounded(order_margin(account, VENUE.leverage)),
            "frozenFunds": Decimal(0),
            "availableBalance": free,
            "currency": account.book.currency,
            "riskRatio": Decimal(0),
            "maxWithdrawAmount": free,
        }

    async def positions(self, call: Call) -> object:
        account, currency = await self._customers.enter(call), call.get("currency")
        held = [position.instrument for position in account.book.positions]
        return [await self.tell_held(account, name) for name in held if currency in ("", account.book.currency)]

    async def position(self, call: Call) -> object:
        account = await self._customers.enter(call)
        return await self.tell_held(account, (await contract_of(self._customers, call.get("symbol"))).name)

    async def tell_held(self, account: Account, name: str) -> Told:
        """Tell a position, a flat one too."""
        market, instruments = await self._exchange.market(account, name), await self._customers.instruments()
        return tell_position(account, instruments[name], market, self._settings.of(account, name))

    async def fees(self, call: Call) -> object:
        await self._customers.enter(call)
        rates = {
            "takerFeeRate": text(VENUE.fees.taker_bps / 10_000),
            "makerFeeRate": text(VENUE.fees.maker_bps / 10_000),
        }
        return {"symbol": call.get("symbol"), **rates}

    async def position_mode(self, call: Call) -> object:
        """Always one position for each contract."""
        await self._customers.enter(call)
        return {"positionMode": 0}

    async def mode(self, call: Call) -> object:
        account = await self._customers.enter(call)
        name = (await contract_of(self._customers, call.get("symbol"))).name
        return {"symbol": symbol_of(name), "marginMode": self._settings.of(account, name).mode}

    async def change_mode(self, call: Call) -> object:
        """Change it; not under an order or a position."""
        account, form, name = await self._changing(call)
        wanted = form.chosen("marginMode", MODES)
        if name in account.book.exposed:
            raise wrong("330005", "exist.order.or.position")
        self._settings.of(account, name).mode = wanted
        return {"symbol": symbol_of(name), "marginMode": wanted}

    async def leverage(self, call: Call) -> object:
        account = await self._customers.enter(call)
        name = (await contract_of(self._customers, call.get("symbol"))).name
        return {"symbol": symbol_of(name), "leverage": text(self._settings.of(account, name).leverage)}

    async def change_leverage(self, call: Call) -> object:
        account, form, name = await self._changing(call)
        wanted = form.number("leverage")
        if wanted > VENUE.leverage:
            raise wrong("300016")
        self._settings.of(account, name).leverage = wanted
        return True

    async def _changing(self, call: Call) -> tuple[Account, Form, str]:
        account, form = await self._customers.enter(call, permission="Futures"), Form(call.form().fields, CODE)
        return account, form, (await contract_of(self._customers, form.text("symbol"))).name


def _no_money(currency: str) -> Told:
    names = ("accountEquity", "unrealisedPNL", "marginBalance", "positionMargin", "orderMargin", "frozenFunds")
    further = ("availableBalance", "riskRatio", "maxWithdrawAmount")
    return {**dict.fromkeys((*names, *further), Decimal(0)), "currency": currency}
