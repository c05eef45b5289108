"""Signatures: tokens that the public key proves, and what a legacy key covers."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pydantic import SecretStr

from desk.adapters.venues.coinbase.auth import CoinbaseCredentials, KeyKind, LegacyAuth, TokenAuth, sign_with
from desk.errors import ConfigError

NOW = datetime(2026, 1, 14, 15, 0, 0, 900_000, tzinfo=UTC)
SECONDS = 1768402800
NAME = "organizations/4b/apiKeys/7f"
P256 = ec.derive_private_key(0x1234567890ABCDEF, ec.SECP256R1())
SEED = bytes(range(32))
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(SEED)
QUERY = "/api/v3/brokerage/orders/historical/batch?order_status=OPEN&start_date=2026-01-14T15%3A00%3A00Z&cursor=a%2Bb"


def pem(key, layout=serialization.PrivateFormat.TraditionalOpenSSL):
    return key.private_bytes(serialization.Encoding.PEM, layout, serialization.NoEncryption()).decode()


PKCS8 = serialization.PrivateFormat.PKCS8
P256_SECRETS = {"SEC1": pem(P256), "PKCS8": pem(P256, PKCS8), "written line ends": pem(P256).replace("\n", "\\n")}
ED25519_SECRETS = {
    "PEM": pem(ED25519, PKCS8),
    "seed": base64.b64encode(SEED).decode(),
    "seed and public key": base64.b64encode(SEED + ED25519.public_key().public_bytes_raw()).decode() + "\n",
}


def credentials(secret, kind=KeyKind.CDP, key=NAME):
    return CoinbaseCredentials(SecretStr(key), SecretStr(secret), kind)


def signed(auth, method="GET", path=QUERY, **options):
    request = httpx.Request(method, f"https://api.coinbase.com{path}", **options)
    return next(auth.auth_flow(request))


def token_of(secret, **options):
    return signed(sign_with(credentials(secret), lambda: NOW), **options).headers["Authorization"]


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def parts(token):
    header, claims, signature = token.removeprefix("Bearer ").split(".")
    return json.loads(decoded(header)), json.loads(decoded(claims)), decoded(signature)


def verify(token, public):
    token = token.removeprefix("Bearer ")
    text, signature = token.rpartition(".")[0].encode(), decoded(token.rpartition(".")[2])
    if isinstance(public, ed25519.Ed25519PublicKey):
        public.verify(signature, text)
        return
    assert len(signature) == 64
    numbers = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    public.verify(encode_dss_signature(*numbers), text, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("secret", P256_SECRETS.values(), ids=P256_SECRETS)
def test_a_token_of_a_p256_key_is_proved_by_its_public_key(secret):
    token = token_of(secret)
    verify(token, P256.public_key())
    assert parts(token)[0]["alg"] == "ES256"


@pytest.mark.parametrize("secret", ED25519_SECRETS.values(), ids=ED25519_SECRETS)
def test_a_token_of_an_ed25519_key_is_proved_by_its_public_key(secret):
    token = token_of(secret)
    verify(token, ED25519.public_key())
    assert parts(token)[0]["alg"] == "EdDSA"


def test_a_token_that_was_changed_is_not_proved():
    header, claims, signature = token_of(P256_SECRETS["SEC1"]).split(".")
    with pytest.raises(InvalidSignature):
        verify(f"{header}.{claims}A.{signature}", P256.public_key())


def test_a_token_is_bound_to_one_request_without_its_query_and_ends_after_two_minutes():
    header, claims, _ = parts(token_of(P256_SECRETS["SEC1"]))
    assert claims == {
        "sub": NAME,
        "iss": "cdp",
        "nbf": SECONDS,
        "exp": SECONDS + 120,
        "uri": "GET api.coinbase.com/api/v3/brokerage/orders/historical/batch",
    }
    assert (header["kid"], header["typ"]) == (NAME, "JWT")


def test_the_port_of_a_venue_elsewhere_is_part_of_what_is_signed():
    request = httpx.Request("POST", "http://127.0.0.1:8080/api/v3/brokerage/orders", json={})
    token = next(TokenAuth(credentials(pem(P256)), lambda: NOW).auth_flow(request)).headers["Authorization"]
    assert parts(token)[1]["uri"] == "POST 127.0.0.1:8080/api/v3/brokerage/orders"


def test_no_two_tokens_have_the_same_nonce():
    auth = TokenAuth(credentials(pem(P256)), lambda: NOW)
    tokens = [signed(auth).headers["Authorization"] for _ in range(20)]
    assert len({parts(token)[0]["nonce"] for token in tokens}) == 20


def test_the_token_of_a_stream_is_bound_to_no_request():
    assert "uri" not in parts(TokenAuth(credentials(pem(P256)), lambda: NOW).stream_token())[1]


def test_a_legacy_signature_covers_time_method_path_without_query_and_body():
    auth = LegacyAuth(credentials("secret", KeyKind.LEGACY, key="key"), lambda: NOW)
    request = signed(auth, "POST", "/api/v3/brokerage/orders?ignored=1", json={"size": "1"})
    text = f"{SECONDS}POST/api/v3/brokerage/orders".encode() + request.content
    assert request.headers["CB-ACCESS-SIGN"] == hmac.new(b"secret", text, hashlib.sha256).hexdigest()
    assert (request.headers["CB-ACCESS-KEY"], request.headers["CB-ACCESS-TIMESTAMP"]) == ("key", str(SECONDS))


CANARY = "canary-7c1f"


@pytest.mark.parametrize(
    "secret",
    [
        f"-----BEGIN EC PRIVATE KEY-----\n{CANARY}\n-----END EC PRIVATE KEY-----",
        CANARY,
        base64.b64encode(CANARY.encode()).decode(),
        pem(ec.generate_private_key(ec.SECP384R1())),
    ],
    ids=["broken PEM", "not base64", "wrong length", "wrong curve"],
)
def test_a_secret_that_is_no_key_is_refused_without_being_shown(secret):
    with pytest.raises(ConfigError, match="coinbase: expected") as told:
        sign_with(credentials(secret), lambda: NOW)
    assert CANARY not in repr(told.value)
    assert told.value.__suppress_context__ or told.value.__context__ is None


def test_no_secret_and_no_key_is_in_a_representation():
    keys = [credentials(CANARY, KeyKind.LEGACY, key=CANARY), credentials(pem(P256), key=CANARY)]
    for shown in [*keys, *(sign_with(key, lambda: NOW) for key in keys)]:
        assert CANARY not in repr(shown) + str(vars(shown) if hasattr(shown, "__dict__") else "")
        assert "PRIVATE KEY" not in repr(shown)
