"""Signs requests to Coinbase: a JSON web token for a CDP key (ES256 or Ed25519), or the HMAC of a legacy key.

A token is bound to one request by method, host and path without the query, and is valid for two minutes. The legacy
signature covers method, path without the query, and body.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from pydantic import SecretStr

from desk.errors import ConfigError

TOKEN_SECONDS = 120
_SEED_BYTES = 32
_SCALAR_BYTES = 32

Now: TypeAlias = Callable[[], datetime]
_PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class KeyKind(StrEnum):
    """The two generations of keys."""

    CDP = "cdp"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class CoinbaseCredentials:
    """A key and its secret.

    Attributes:
        key: the name of a CDP key (`organizations/…/apiKeys/…`), or a legacy key.
        secret: a PEM, with real line ends or written-out ones; the base64 text of an Ed25519 key; a legacy secret.
    """

    key: SecretStr
    secret: SecretStr
    kind: KeyKind = KeyKind.CDP


def sign_with(credentials: CoinbaseCredentials, now: Now) -> httpx.Auth:
    """Return what signs requests with these credentials, at the venue's time.

    Raises:
        ConfigError: the secret is not a key.
    """
    return (TokenAuth if credentials.kind is KeyKind.CDP else LegacyAuth)(credentials, now)


class TokenAuth(httpx.Auth):
    """A fresh token for each request.

    Args:
        now: the venue's time.
        nonce: gives a text that no other token has.
    """

    def __init__(
        self, credentials: CoinbaseCredentials, now: Now, nonce: Callable[[], str] = secrets.token_hex
    ) -> None:
        self._key = credentials.key
        self._private = _load(credentials.secret)
        self._now = now
        self._nonce = nonce

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token."""
        uri = f"{request.method} {request.url.netloc.decode()}{_path(request)}"
        request.headers["Authorization"] = f"Bearer {self._token({'uri': uri})}"
        yield request

    def stream_token(self) -> str:
        """Return a token for a WebSocket, which is bound to no request."""
        return self._token({})

    def _token(self, bound_to: Mapping[str, str]) -> str:
        key, since = self._key.get_secret_value(), int(self._now().timestamp())
        algorithm = "ES256" if isinstance(self._private, ec.EllipticCurvePrivateKey) else "EdDSA"
        header = {"alg": algorithm, "kid": key, "nonce": self._nonce(), "typ": "JWT"}
        claims: dict[str, str | int] = {"sub": key, "iss": "cdp", "nbf": since, "exp": since + TOKEN_SECONDS}
        signed = f"{_encoded(_json(header))}.{_encoded(_json({**claims, **bound_to}))}"
        return f"{signed}.{_encoded(_signature(self._private, signed.encode()))}"


class LegacyAuth(httpx.Auth):
    """The HMAC of keys from before CDP."""

    requires_request_body = True

    def __init__(self, credentials: CoinbaseCredentials, now: Now) -> None:
        self._key = credentials.key
        self._secret = credentials.secret
        self._now = now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add key, time and signature."""
        seconds = str(int(self._now().timestamp()))
        signed = f"{seconds}{request.method}{_path(request)}".encode() + request.content
        secret = self._secret.get_secret_value().encode()
        request.headers["CB-ACCESS-KEY"] = self._key.get_secret_value()
        request.headers["CB-ACCESS-TIMESTAMP"] = seconds
        request.headers["CB-ACCESS-SIGN"] = hmac.new(secret, signed, hashlib.sha256).hexdigest()
        yield request


def _path(request: httpx.Request) -> str:
    return request.url.raw_path.partition(b"?")[0].decode()


def _load(secret: SecretStr) -> _PrivateKey:
    text = secret.get_secret_value().replace("\\n", "\n").strip()
    key = _load_pem(text) if text.startswith("-----BEGIN") else _load_seed(text)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key
    raise ConfigError("coinbase: expected a private key on the curve P-256 or Ed25519, found another kind of key")


def _load_pem(text: str) -> object:
    try:
        return serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        # The cause may quote the key.
        raise ConfigError(
            "coinbase: expected the PEM of an unencrypted private key, found one that does not load; "
            "copy the secret as it was downloaded"
        ) from None


def _load_seed(text: str) -> ed25519.Ed25519PrivateKey:
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) not in (_SEED_BYTES, 2 * _SEED_BYTES):
        raise ConfigError(
            "coinbase: expected the secret of a CDP key, a PEM or the base64 text of an Ed25519 key of 32 or 64 bytes, "
            "found neither; a key from before CDP needs the kind 'legacy'"
        )
    return ed25519.Ed25519PrivateKey.from_private_bytes(decoded[:_SEED_BYTES])


def _signature(key: _PrivateKey, signed: bytes) -> bytes:
    """Ed25519 as it is; ECDSA as the two numbers side by side, where the library gives them in DER."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(signed)
    numbers = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    return b"".join(number.to_bytes(_SCALAR_BYTES, "big") for number in numbers)


def _json(value: Mapping[str, str | int]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
