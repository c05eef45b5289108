"""Listen keys: what the stream of an account is opened with, for an hour after each word of its owner."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from weakref import WeakKeyDictionary

from simulator.account import Account
from simulator.dialects.aster.customers import Customers
from simulator.dialects.aster.door import Call
from simulator.dialects.aster.rules import wrong

_LIFE = timedelta(minutes=60)


class _Key(NamedTuple):
    text: str
    ends_at: datetime


class ListenKeys:
    """The paths of listen keys; an account has one at a time."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._clock = customers.exchange.clock
        self._keys: WeakKeyDictionary[Account, _Key] = WeakKeyDictionary()

    async def make(self, call: Call) -> object:
        """Give the account's key, which then is good for an hour, and a new one where there is none."""
        account = await self._customers.recognise(call)
        key = self.of(account) or secrets.token_hex(32)
        self._prolong(account, key)
        return {"listenKey": key}

    async def keep(self, call: Call) -> object:
        """Let the account's key be good for an hour from now."""
        account = await self._customers.recognise(call)
        key = self.of(account)
        if not key:
            raise wrong(-1125)
        self._prolong(account, key)
        return {}

    async def drop(self, call: Call) -> object:
        """End the account's key."""
        self._keys.pop(await self._customers.recognise(call), None)
        return {}

    def of(self, account: Account) -> str:
        """Return the account's key, empty where it has none that is still good."""
        key = self._keys.get(account)
        return key.text if key is not None and self._clock.now() < key.ends_at else ""

    def owner(self, key: str) -> Account | None:
        """Return whose key it is; None where it is nobody's, or has ended."""
        accounts = self._customers.exchange.accounts("aster")
        return next((account for account in accounts if key and self.of(account) == key), None)

    def _prolong(self, account: Account, key: str) -> None:
        self._keys[account] = _Key(key, self._clock.now() + _LIFE)
