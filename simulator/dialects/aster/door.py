"""Who is asking: Aster's signatures, their times and nonces, and how much one may ask in a minute."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl
from weakref import WeakKeyDictionary

from starlette.requests import Request

from simulator.account import Account
from simulator.dialects.aster.rules import CHAIN, milliseconds, wrong
from simulator.exchange import Exchange

_AHEAD = 1_000
_WINDOW = 5_000
_LONGEST_WINDOW = 60_000
_NONCES = 100
_NONCE_TOLERANCE = 10_000_000
_TYPES = {"Message": [{"name": "msg", "type": "string"}]}
_DOMAIN = {
    "name": "AsterSignTransaction",
    "version": "1",
    "chainId": CHAIN,
    "verifyingContract": "0x" + "0" * 40,
}


@dataclass(frozen=True, slots=True)
class Call:
    """A request and its parameters; one that is in query and form has the query's value."""

    request: Request
    parameters: Mapping[str, str]
    signed_text: str
    signature: str

    def get(self, name: str) -> str:
        """Return a parameter, empty where it was not sent."""
        return self.parameters.get(name, "")

    def required(self, name: str) -> str:
        """Return a parameter that must be there."""
        value = self.get(name)
        if not value:
            raise wrong(-1102)
        return value

    def whole(self, name: str) -> int | None:
        """Return a whole number, None where it was not sent."""
        value = self.get(name)
        if value and not value.isdecimal():
            raise wrong(-1102)
        return int(value) if value else None


async def read_call(request: Request) -> Call:
    """Return the parameters of query and form, and the text under the signature."""
    query, form = request.url.query, (await request.body()).decode()
    parameters = {**dict(parse_qsl(form, keep_blank_values=True)), **dict(parse_qsl(query, keep_blank_values=True))}
    return Call(request, parameters, _unsigned(query) + _unsigned(form), parameters.get("signature", ""))


class Door:
    """Lets customers in."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._nonces: WeakKeyDictionary[Account, list[int]] = WeakKeyDictionary()

    def open(self, call: Call) -> Account:
        """Return the account that signed.

        Raises:
            Refused: the signature, its time or its nonce is not right.
        """
        return self._by_wallet(call) if call.get("signer") else self._by_key(call)

    def recognise(self, call: Call) -> Account:
        """Return whose key was sent; a signature is not asked for, and must be right where there is one.

        Raises:
            Refused: the key is nobody's.
        """
        if call.signature:
            return self.open(call)
        return self._owner("api_key", call.request.headers.get("x-mbx-apikey", ""))

    def _by_key(self, call: Call) -> Account:
        account = self._owner("api_key", call.request.headers.get("x-mbx-apikey", ""))
        now, sent = milliseconds(self._exchange.clock.told()), call.whole("timestamp")
        if sent is None:
            raise wrong(-1102)
        window = min(call.whole("recvWindow") or _WINDOW, _LONGEST_WINDOW)
        if sent >= now + _AHEAD or now - sent > window:
            raise wrong(-1021)
        secret = account.secrets["api_secret"].encode()
        expected = hmac.new(secret, call.signed_text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, call.signature.lower()):
            raise wrong(-1022)
        return account

    def _by_wallet(self, call: Call) -> Account:
        account = self._owner("signer", call.get("signer"))
        if _signer_of(call).lower() != account.secrets["signer"].lower():
            raise wrong(-1022)
        nonce, now = call.whole("nonce"), milliseconds(self._exchange.clock.told()) * 1_000
        used = self._nonces.setdefault(account, [])
        if nonce is None or abs(nonce - now) > _NONCE_TOLERANCE or nonce in used:
            raise wrong(-4225)
        if len(used) >= _NONCES and nonce < used[0]:
            raise wrong(-4225)
        used[:] = sorted([*used, nonce])[-_NONCES:]
        return account

    def _owner(self, secret: str, value: str) -> Account:
        if not value:
            raise wrong(-2014, 401)
        for account in self._exchange.accounts("aster"):
            if account.secrets.get(secret, "").lower() == value.lower():
                return account
        raise wrong(-2015, 401)


def _signer_of(call: Call) -> str:
    """Return the address that signed, empty where it cannot be told."""
    from eth_account import Account as Wallet
    from eth_account.messages import encode_typed_data

    message = encode_typed_data(_DOMAIN, _TYPES, {"msg": call.signed_text})
    try:
        return str(Wallet.recover_message(message, signature=call.signature))
    except Exception:  # noqa: BLE001 - whatever a wrong signature makes the library say, nobody has signed
        return ""


def _unsigned(text: str) -> str:
    """Return parameters as they were sent, without the signature among them."""
    return "&".join(part for part in text.split("&") if part and not part.startswith("signature="))
