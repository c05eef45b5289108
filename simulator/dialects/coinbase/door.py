"""Who is asking: tokens of CDP keys and signatures of legacy keys, by the venue's own clock."""

import hashlib
import hmac
from collections.abc import Collection
from datetime import timedelta

from starlette.requests import Request

from simulator.account import Account
from simulator.dialects.coinbase.keys import public_half
from simulator.dialects.coinbase.rules import VENUE
from simulator.dialects.coinbase.tokens import Claims, Token, read_token
from simulator.exchange import Exchange

_TOLERANCE = timedelta(seconds=30).total_seconds()
_LONGEST_LIFE = timedelta(seconds=120).total_seconds()
_KINDS = ("es256", "ed25519")
_BEARER = "Bearer "


class Unauthorised(Exception):
    """Nobody who is known has signed; the venue says so without a word of explanation."""


class Door:
    """Lets customers in."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def open(self, request: Request) -> Account:
        """Return the account that signed a request.

        Raises:
            Unauthorised: the signature or its time is not right.
        """
        authorization = request.headers.get("authorization", "")
        if authorization.startswith(_BEARER):
            return self.by_token(authorization.removeprefix(_BEARER), _names_of(request))
        return self._by_signature(request, await request.body())

    def by_token(self, text: str, requests: Collection[str] = ()) -> Account:
        """Return the account that signed a token.

        Args:
            requests: the names of the request that the token must be for; none for a stream.

        Raises:
            Unauthorised: the token is not right, or is for another request.
        """
        try:
            token = read_token(text)
        except ValueError as error:
            raise Unauthorised from error
        account, secret = self._owner(token)
        named = token.claims.requests
        is_meant = any(name in requests for name in named) if requests else not named
        if not (is_meant and self._is_current(token.claims) and token.is_signed_by(public_half(secret))):
            raise Unauthorised
        return account

    def _by_signature(self, request: Request, body: bytes) -> Account:
        given = {name: request.headers.get(f"cb-access-{name}", "") for name in ("key", "sign", "timestamp")}
        account = self._owner_of("legacy_key", given["key"])
        sent = given["timestamp"]
        if not sent.isdecimal() or abs(int(sent) - self._now()) > _TOLERANCE:
            raise Unauthorised
        # Only the older interface has the query under its signature.
        query = f"?{request.url.query}" if request.url.query and _path(request).startswith("/v2/") else ""
        signed = f"{sent}{request.method}{_path(request)}{query}".encode() + body
        expected = hmac.new(account.secrets["legacy_secret"].encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), given["sign"].encode()):
            raise Unauthorised
        return account

    def _is_current(self, claims: Claims) -> bool:
        now = self._now()
        return now - _TOLERANCE <= claims.exp <= now + _LONGEST_LIFE + _TOLERANCE and claims.nbf <= now + _TOLERANCE

    def _owner(self, token: Token) -> tuple[Account, str]:
        """Return the account and its secret of the kind of key that the token names."""
        if token.header.kid != token.claims.sub:
            raise Unauthorised
        for kind in _KINDS:
            for account in self._exchange.accounts(VENUE.name):
                if account.secrets.get(f"{kind}_key") == token.header.kid:
                    return account, account.secrets[f"{kind}_secret"]
        raise Unauthorised

    def _owner_of(self, secret: str, value: str) -> Account:
        for account in self._exchange.accounts(VENUE.name):
            if value and account.secrets.get(secret) == value:
                return account
        raise Unauthorised

    def _now(self) -> float:
        return self._exchange.clock.told().timestamp()


def _names_of(request: Request) -> tuple[str, ...]:
    """What a token may call the request: some clients leave the scheme in when the address is not the venue's."""
    host, path = request.headers.get("host", ""), _path(request)
    return tuple(f"{request.method} {scheme}{host}{path}" for scheme in ("", "http://", "https://"))


def _path(request: Request) -> str:
    """The path as it was sent, without the query."""
    raw: bytes = request.scope["raw_path"]
    return raw.partition(b"?")[0].decode()
