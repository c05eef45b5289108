"""A customer's three wallets: MAIN beside the spot account's book, TRADE its book, CONTRACT the futures account's."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple
from weakref import WeakKeyDictionary

from desk.matching.valuation import MarketNow, equity
from desk.model.instrument import Side
from desk.model.orders import OrderType
from simulator.account import Account
from simulator.dialects.kucoin_common.call import Call, Form
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.door import FUTURES, SPOT, Customer
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_common.paths import Paths, Priced
from simulator.dialects.kucoin_common.pools import MANAGEMENT
from simulator.dialects.kucoin_common.spelling import milliseconds, text
from simulator.exchange import Purse

_MAIN = "MAIN"
_PURSES = {"MAIN": (SPOT, _MAIN), "TRADE": (SPOT, ""), "TRADE_HF": (SPOT, ""), "CONTRACT": (FUTURES, "")}
_CENT = Decimal("0.00000001")
_TRANSFER = "TRANSFER"
_DAY = 24 * 3600 * 1000
"""Of how many milliseconds a ledger is told at most."""


def bought_with(account: Account) -> Decimal:
    """Return what the spot holdings have cost, in the account's currency; it has left the balance."""
    return sum((position.cost for position in account.book.positions), Decimal(0))


def held_for_orders(account: Account) -> dict[str, Decimal]:
    """Return what working spot orders hold, by currency."""
    held: dict[str, Decimal] = {}
    for working in account.book.working:
        base, quote = working.intent.instrument.split("/")
        price = working.intent.price or Decimal(0)
        name, amount = (
            (quote, working.remaining * price) if working.intent.side is Side.BUY else (base, working.remaining)
        )
        held[name] = held.get(name, Decimal(0)) + amount
    return held


def spot_balances(account: Account) -> dict[str, Decimal]:
    """Return what the TRADE wallet has, by currency; what orders hold is part of it."""
    holdings = {name.split("/")[0]: account.book.held(name) for name in account.book.holdings}
    return {account.book.currency: account.book.cash - bought_with(account), **holdings}


def order_margin(account: Account, leverage: Decimal) -> Decimal:
    """Return what waiting futures orders that may open something hold."""
    opening = [one for one in account.book.working if not one.intent.reduce_only]
    limits = [one for one in opening if one.intent.type is not OrderType.MARKET and one.intent.price is not None]
    return sum((one.remaining * (one.intent.price or Decimal(0)) for one in limits), Decimal(0)) / leverage


def position_margin(account: Account, leverage: Decimal) -> Decimal:
    """Return what the positions hold."""
    return sum((abs(position.cost) for position in account.book.positions), Decimal(0)) / leverage


def free_margin(account: Account, market: MarketNow) -> Decimal:
    """Return how much of the futures wallet is free."""
    leverage = account.terms.max_leverage
    used = position_margin(account, leverage) + order_margin(account, leverage)
    return max(Decimal(0), min(equity(account.book, market), account.book.cash) - used).quantize(_CENT, ROUND_DOWN)


class _Entry(NamedTuple):
    """What a transfer did to the wallet TRADE; the amount is below 0 for what left it."""

    amount: Decimal
    at: datetime


class Wallets:
    """The paths of transfers, of the key and of the kind of account.

    Both hosts answer them, for clients that know one address only.
    """

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._done: WeakKeyDictionary[Account, dict[str, str]] = WeakKeyDictionary()
        self._booked: WeakKeyDictionary[Account, list[_Entry]] = WeakKeyDictionary()

    def paths(self) -> Paths:
        """Return what is served."""
        return {
            ("POST", "v3/accounts/universal-transfer"): Priced(self.universal, MANAGEMENT, 4),
            ("POST", "v2/accounts/inner-transfer"): Priced(self.inner, MANAGEMENT, 10),
            ("GET", "v1/accounts/transferable"): Priced(self.transferable, MANAGEMENT, 20),
            ("GET", "v1/hf/accounts/ledgers"): Priced(self.ledger, MANAGEMENT, 2),
            ("GET", "v1/user/api-key"): Priced(self.key, MANAGEMENT, 20),
            ("GET", "v1/hf/accounts/opened"): Priced(self.opened, MANAGEMENT, 30),
            ("GET", "ua/v1/account/mode"): Priced(self.mode, MANAGEMENT, 30),
        }

    async def universal(self, call: Call) -> object:
        customer, form = self._customers.admit(call), call.form()
        customer.must_be_allowed("FlexTransfers")
        form.chosen("type", ("INTERNAL",))
        return await self._move(customer, form, form.text("fromAccountType"), form.text("toAccountType"))

    async def inner(self, call: Call) -> object:
        """The older path, with wallets in lower case."""
        form = call.form()
        source, target = form.text("from"), form.text("to")
        return await self._move(self._customers.admit(call), form, source.upper(), target.upper())

    async def transferable(self, call: Call) -> object:
        customer, currency, wallet = self._customers.admit(call), call.get("currency"), call.get("type")
        purse = _purse(customer, wallet)
        is_ours = currency == purse.account.book.currency
        await self._customers.refresh(purse.account)
        free = text(await self._free(purse)) if is_ours else "0"
        return {"currency": currency, "balance": free, "available": free, "holds": "0", "transferable": free}

    async def ledger(self, call: Call) -> object:
        """What transfers did to the wallet TRADE; of trades it does not tell."""
        account = self._customers.admit(call).at(SPOT)
        since, until = call.whole("startAt") or 0, call.whole("endAt")
        if call.get("bizType") != _TRANSFER or (until is not None and until - since > _DAY):
            raise wrong("400100")
        currency, way = account.book.currency, call.get("direction")
        return [
            _told(number, entry, currency)
            for number, entry in enumerate(self._booked.get(account, []), 1)
            if call.get("currency") in ("", currency)
            and way in ("", _way(entry))
            and since <= milliseconds(entry.at) <= (until or milliseconds(entry.at))
        ][::-1]

    async def key(self, call: Call) -> object:
        customer = self._customers.admit(call)
        account = next(iter(customer.accounts.values()))
        return {
            "remark": account.name,
            "apiKey": customer.key.key,
            "apiVersion": int(customer.key.version),
            "permission": customer.key.permissions,
            "ipWhitelist": "",
            "createdAt": milliseconds(account.opened_at),
            "uid": 1,
            "isMaster": True,
        }

    async def opened(self, call: Call) -> object:
        """Every account is a high-frequency one."""
        self._customers.admit(call)
        return True

    async def mode(self, call: Call) -> object:
        """No account is a unified one."""
        self._customers.admit(call)
        return {"selfAccountMode": "CLASSIC"}

    async def _move(self, customer: Customer, form: Form, source: str, target: str) -> object:
        """Carry out one transfer for each client's id; only the currency of the books can be moved."""
        origin, goal = _purse(customer, source), _purse(customer, target)
        client_id, amount = form.text("clientOid"), form.number("amount")
        form.chosen("currency", (origin.account.book.currency,))
        if origin == goal or not client_id:
            raise wrong("400100")
        done = self._done.setdefault(origin.account, {})
        if client_id not in done:
            if not await self._customers.exchange.move(origin, goal, amount, lambda: self._free(origin)):
                raise wrong("260100" if source == _MAIN else "230003")
            self._book(origin, goal, amount)
            done[client_id] = f"{milliseconds(self._customers.exchange.clock.now()):x}{len(done):013x}"
        return {"orderId": done[client_id]}

    def _book(self, origin: Purse, goal: Purse, amount: Decimal) -> None:
        now = self._customers.exchange.clock.now()
        for purse, change in ((origin, -amount), (goal, amount)):
            if not purse.wallet and purse.account.venue.name == SPOT:
                self._booked.setdefault(purse.account, []).append(_Entry(change, now))

    async def _free(self, purse: Purse) -> Decimal:
        """Return how much can leave a wallet."""
        account = purse.account
        if purse.wallet:
            return account.wallets.get(purse.wallet, Decimal(0))
        if account.venue.name == FUTURES:
            return free_margin(account, await self._customers.exchange.market(account))
        currency = account.book.currency
        free = spot_balances(account)[currency] - held_for_orders(account).get(currency, Decimal(0))
        return max(Decimal(0), free)


def _way(entry: _Entry) -> str:
    return "in" if entry.amount > 0 else "out"


def _told(number: int, entry: _Entry, currency: str) -> dict[str, object]:
    return {
        "id": str(number),
        "currency": currency,
        "amount": text(abs(entry.amount)),
        "fee": "0",
        "tax": "0",
        "balance": "0",
        "accountType": "TRADE_HF",
        "bizType": _TRANSFER,
        "direction": _way(entry),
        "createdAt": str(milliseconds(entry.at)),
        "context": "{}",
    }


def _purse(customer: Customer, wallet: str) -> Purse:
    if wallet not in _PURSES:
        raise wrong("400100", f"account type {wallet} is invalid")
    venue, name = _PURSES[wallet]
    return Purse(customer.at(venue), name)
