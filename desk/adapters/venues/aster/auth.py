"""Signing for Aster: the text of a request's parameters, exactly as it is sent, with a key or with a wallet."""

import hashlib
import hmac
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx

from desk.adapters.venues.aster.credentials import AsterCredentials, HmacCredentials
from desk.adapters.venues.aster.endpoints import is_public_path
from desk.adapters.venues.aster.nonces import PROCESS_NONCES, Nonces
from desk.adapters.venues.aster.wallet import Wallet

RECEIVE_WINDOW = timedelta(seconds=5)
"""How old a request signed with a key may be when the venue reads it; up to a minute is allowed."""

Now = Callable[[], datetime]
_EPOCH = datetime.fromtimestamp(0, tz=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class AsterAuth(httpx.Auth, ABC):
    """Appends to the parameters what shows who sends them: to the query of a GET, to the form of anything else.

    Requests to public endpoints leave as they are.
    """

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign one request."""
        yield request if is_public_path(request.url.path) else self._signed(request)

    def _signed(self, request: httpx.Request) -> httpx.Request:
        if request.method == "GET":
            return _with_query(request, self.sign(request.url.query), self.headers)
        assert not request.url.query, f"expected the parameters of {request.method} {request.url.path} in its form"
        return _with_form(request, self.sign(request.content), self.headers)

    def sign(self, parameters: bytes) -> bytes:
        """Return the parameters, urlencoded, with what is added to them and, last, the signature of all that."""
        text = _joined(parameters, urlencode(self.additions()))
        return _joined(text, "signature=" + self.signature(text))

    @abstractmethod
    def additions(self) -> dict[str, str | int]:
        """Return what is added to a request's own parameters; it differs each time."""

    @abstractmethod
    def signature(self, text: bytes) -> str:
        """Return the signature of parameters as they are sent."""

    @property
    def headers(self) -> dict[str, str]:
        """What goes into the head of a signed request."""
        return {}


class HmacAuth(AsterAuth):
    """Signs with an API key.

    Args:
        now: the venue's time.
    """

    def __init__(self, credentials: HmacCredentials, *, now: Now, window: timedelta = RECEIVE_WINDOW) -> None:
        self._credentials = credentials
        self._now = now
        self._window = window

    def additions(self) -> dict[str, str | int]:
        """Return the time and for how long the request is good."""
        return {"timestamp": (self._now() - _EPOCH) // _MILLISECOND, "recvWindow": self._window // _MILLISECOND}

    def signature(self, text: bytes) -> str:
        """Return the HMAC-SHA256 in hexadecimal."""
        secret = self._credentials.api_secret.get_secret_value().encode()
        return hmac.new(secret, text, hashlib.sha256).hexdigest()

    @property
    def headers(self) -> dict[str, str]:
        """The key; its secret is never sent."""
        return {"X-MBX-APIKEY": self._credentials.api_key.get_secret_value()}


class WalletAuth(AsterAuth):
    """Signs with a wallet.

    Args:
        user: the account's address; the wallet's own where it is empty.
        now: the venue's time.
    """

    def __init__(self, wallet: Wallet, user: str, *, now: Now, nonces: Nonces = PROCESS_NONCES) -> None:
        self._wallet = wallet
        self._user = user or wallet.address
        self._now = now
        self._nonces = nonces

    def additions(self) -> dict[str, str | int]:
        """Return a number that was never used, the account and the signer."""
        return {"nonce": self._nonces.next(self._now), "user": self._user, "signer": self._wallet.address}

    def signature(self, text: bytes) -> str:
        """Return the wallet's signature."""
        return self._wallet.sign(text.decode("ascii"))


def auth_for(credentials: AsterCredentials, *, now: Now, chain_id: int, nonces: Nonces = PROCESS_NONCES) -> AsterAuth:
    """Return what signs with the given credentials."""
    if isinstance(credentials, HmacCredentials):
        return HmacAuth(credentials, now=now)
    return WalletAuth(Wallet(credentials.private_key, chain_id=chain_id), credentials.user, now=now, nonces=nonces)


def _joined(text: bytes, addition: str) -> bytes:
    return b"&".join(part for part in (text, addition.encode("ascii")) if part)


def _with_query(request: httpx.Request, query: bytes, headers: dict[str, str]) -> httpx.Request:
    url = request.url.copy_with(query=query)
    assert url.query == query, f"the signed query of {request.url.path} would be sent differently"
    return httpx.Request(
        "GET", url, headers=[*request.headers.items(), *headers.items()], extensions=request.extensions
    )


def _with_form(request: httpx.Request, form: bytes, headers: dict[str, str]) -> httpx.Request:
    kept = [(name, value) for name, value in request.headers.items() if name not in ("content-length", "content-type")]
    return httpx.Request(
        request.method,
        request.url,
        headers=[*kept, ("Content-Type", "application/x-www-form-urlencoded"), *headers.items()],
        content=form,
        extensions=request.extensions,
    )
