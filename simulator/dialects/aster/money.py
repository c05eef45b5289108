"""What Aster tells an account of its money and positions, and how it is set up."""

from decimal import Decimal

from desk.matching.valuation import equity
from desk.model.instrument import Instrument
from simulator.account import Account
from simulator.dialects.aster.customers import Customers
from simulator.dialects.aster.door import Call
from simulator.dialects.aster.rules import VENUE, milliseconds, symbol_of, text, wrong
from simulator.dialects.aster.telling import Told, fee_rates, tell_position

_OK = {"code": 200, "msg": "success"}
_MOST_NOTIONAL = 100_000_000


class Money:
    """The paths of money, positions and settings."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def account(self, call: Call) -> object:
        account = await self._customers.enter(call)
        market = await self._customers.exchange.market(account, *await self._customers.instruments())
        worth, positions = equity(account.book, market), await self._told_positions(account)
        used = sum((abs(one.cost) for one in account.book.positions), Decimal(0)) / VENUE.leverage
        money = {
            "WalletBalance": text(account.book.cash),
            "UnrealizedProfit": text(worth - account.book.cash),
            "MarginBalance": text(worth),
            "InitialMargin": text(used),
            "MaintMargin": text(used / 2),
            "PositionInitialMargin": text(used),
            "OpenOrderInitialMargin": "0",
            "CrossWalletBalance": text(account.book.cash),
            "CrossUnPnl": text(worth - account.book.cash),
        }
        free = {name: text(max(Decimal(0), worth - used)) for name in ("availableBalance", "maxWithdrawAmount")}
        asset = {name[0].lower() + name[1:]: value for name, value in money.items()}
        return {
            "feeTier": 0,
            "canTrade": True,
            "canDeposit": True,
            "canWithdraw": True,
            "updateTime": 0,
            **{f"total{name}": value for name, value in money.items()},
            **free,
            "assets": [{"asset": account.book.currency, **asset, **free, "marginAvailable": True, "updateTime": 0}],
            "positions": positions,
        }

    async def balance(self, call: Call) -> object:
        account = await self._customers.enter(call)
        market = await self._customers.exchange.market(account)
        worth = equity(account.book, market)
        return [
            {
                "accountAlias": "simulator",
                "asset": account.book.currency,
                "balance": text(account.book.cash),
                "crossWalletBalance": text(account.book.cash),
                "crossUnPnl": text(worth - account.book.cash),
                "availableBalance": text(worth),
                "maxWithdrawAmount": text(worth),
                "marginAvailable": True,
                "updateTime": milliseconds(market.at),
            }
        ]

    async def positions(self, call: Call) -> object:
        account = await self._customers.enter(call)
        symbol = call.get("symbol")
        return [one for one in await self._told_positions(account) if symbol in ("", one["symbol"])]

    async def _told_positions(self, account: Account) -> list[Told]:
        instruments = await self._customers.instruments()
        market = await self._customers.exchange.market(account, *instruments)
        settings = self._customers.settings.get(account, {})
        return [
            tell_position(account, one, market, int(settings.get(symbol_of(name), VENUE.leverage)))
            for name, one in instruments.items()
        ]

    async def commission(self, call: Call) -> object:
        await self._customers.enter(call)
        return fee_rates(await self._customers.instrument(call))

    async def dual(self, call: Call) -> object:
        await self._customers.enter(call)
        return {"dualSidePosition": False}

    async def brackets(self, call: Call) -> object:
        """One bracket for each symbol; an object for the symbol that was named, a list of all without."""
        await self._customers.enter(call)
        if call.get("symbol"):
            return _bracket(await self._customers.instrument(call))
        return [_bracket(one) for one in (await self._customers.instruments()).values()]

    async def leverage(self, call: Call) -> object:
        account, instrument = await self._customers.enter(call), await self._customers.instrument(call)
        leverage = call.whole("leverage") or 0
        if not 1 <= leverage <= VENUE.leverage:
            raise wrong(-1102)
        self._customers.settings.setdefault(account, {})[symbol_of(instrument.name)] = leverage
        return {"symbol": symbol_of(instrument.name), "leverage": leverage, "maxNotionalValue": str(_MOST_NOTIONAL)}

    async def margin_type(self, call: Call) -> object:
        account, instrument = await self._customers.enter(call), await self._customers.instrument(call)
        settings, name = self._customers.settings.setdefault(account, {}), f"margin {instrument.name}"
        wanted = call.required("marginType")
        if wanted not in ("ISOLATED", "CROSSED"):
            raise wrong(-1102)
        if settings.get(name, "CROSSED") == wanted:
            raise wrong(-4046)
        settings[name] = wanted
        return _OK


def _bracket(instrument: Instrument) -> Told:
    bracket = {
        "bracket": 1,
        "initialLeverage": int(VENUE.leverage),
        "notionalCap": _MOST_NOTIONAL,
        "notionalFloor": 0,
        "maintMarginRatio": 1 / VENUE.leverage / 2,
        "cum": 0,
    }
    return {"symbol": symbol_of(instrument.name), "brackets": [bracket]}
