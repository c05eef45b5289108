"""Who is asking: keys of two generations, signatures and their times."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from simulator.account import Account
from simulator.dialects.kucoin_common.call import Call
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_common.spelling import milliseconds
from simulator.exchange import Exchange

SPOT, FUTURES = "kucoin", "kucoin_futures"
SECRETS = {
    "key": "simulator-kucoin-key",
    "secret": "simulator-kucoin-secret",
    "passphrase": "simulator-kucoin-passphrase",
    "earlier_key": "simulator-kucoin-earlier-key",
    "earlier_secret": "simulator-kucoin-earlier-secret",
    "earlier_passphrase": "simulator-kucoin-earlier-passphrase",
}
"""A customer's two keys: one of version 3 and an earlier one of version 2."""

_WINDOW = 5_000
_GENERATIONS = {"": "3", "earlier_": "2"}
_HEADERS = ("kc-api-key", "kc-api-sign", "kc-api-timestamp", "kc-api-passphrase")
_PERMISSIONS = "General,Spot,Futures,InnerTransfer,FlexTransfers"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it was created.

    Attributes:
        version: its generation, which each request has to name.
        permissions: what it may do, in the venue's words.
    """

    key: str
    secret: str
    passphrase: str
    version: str
    permissions: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asks: one key, good at both hosts.

    Attributes:
        accounts: by venue; one that only exists at one host has no other.
    """

    key: Key
    accounts: Mapping[str, Account]

    def at(self, venue: str) -> Account:
        """Return the account at a host.

        Raises:
            Refused: there is none.
        """
        if venue not in self.accounts:
            raise wrong("400007")
        return self.accounts[venue]

    def must_be_allowed(self, permission: str) -> None:
        """Let nobody pass whose key may not do something."""
        if permission not in self.key.permissions.split(","):
            raise wrong("400007")


class Door:
    """Lets customers in."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def open(self, call: Call) -> Customer:
        """Return the customer who signed.

        Raises:
            Refused: key, version, passphrase, time or signature is not right.
        """
        headers = call.request.headers
        if not all(headers.get(name) for name in _HEADERS):
            raise wrong("400001")
        customer = self._owner(headers["kc-api-key"])
        self._check_time(headers["kc-api-timestamp"])
        if headers["kc-api-sign"] not in _signatures(customer.key, call):
            raise wrong("400005")
        _check_key(customer.key, headers)
        return customer

    def _owner(self, name: str) -> Customer:
        accounts = [*self._exchange.accounts(SPOT), *self._exchange.accounts(FUTURES)]
        owned = [(key, account) for account in accounts for key in _keys(account.secrets) if key.key == name]
        if not owned:
            raise wrong("400003")
        return Customer(owned[0][0], {account.venue.name: account for _, account in owned})

    def _check_time(self, sent: str) -> None:
        now = milliseconds(self._exchange.clock.told())
        if not sent.isdecimal() or abs(now - int(sent)) > _WINDOW:
            raise wrong("400002")


def _keys(secrets: Mapping[str, str]) -> Iterator[Key]:
    for prefix, version in _GENERATIONS.items():
        if f"{prefix}key" in secrets:
            yield Key(
                key=secrets[f"{prefix}key"],
                secret=secrets[f"{prefix}secret"],
                passphrase=secrets[f"{prefix}passphrase"],
                version=secrets.get(f"{prefix}key_version", version),
                permissions=secrets.get("permissions", _PERMISSIONS),
            )


def _check_key(key: Key, headers: Mapping[str, str]) -> None:
    """The passphrase is sent as its HMAC; without a version it would be the plain one of the first generation."""
    version = headers.get("kc-api-key-version", "")
    if version != key.version:
        raise wrong("400008" if version else "400009")
    if headers["kc-api-passphrase"] != _sign(key, key.passphrase):
        raise wrong("400004")


def _signatures(key: Key, call: Call) -> set[str]:
    """Return what may be signed: the query without escapes; a plus may be a plus or a space."""
    url, moment = call.request.url, call.request.headers["kc-api-timestamp"]
    paths = {f"{url.path}?{plain(url.query)}" if url.query else url.path for plain in (unquote, unquote_plus)}
    return {_sign(key, f"{moment}{call.request.method}{path}{call.body.decode()}") for path in paths}


def _sign(key: Key, words: str) -> str:
    return base64.b64encode(hmac.new(key.secret.encode(), words.encode(), hashlib.sha256).digest()).decode()
