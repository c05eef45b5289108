"""Signatures equal those of the venues' own clients and of ccxt: same key, same time, same request.

What they send differs in places that no venue cares about, and is compared around those places:

- ccxt's tokens for Coinbase have claims of their own, and another name for what an Ed25519 token is bound to.
- ES256 draws a random number for each signature, so that such a token is proved with the public key.
- Where a key signs, ccxt escapes nothing of a query, neither at KuCoin nor at Aster; KuCoin's are signed so by all.
- At Aster, ccxt puts time and nonce before the other parameters, and we after them.
"""

import base64
import json
from datetime import UTC, datetime
from functools import cache
from urllib.parse import parse_qsl

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pydantic import SecretStr

from desk.adapters.clocks import FixedClock
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.aster.auth import AsterAuth, HmacAuth, WalletAuth
from desk.adapters.venues.aster.credentials import HmacCredentials
from desk.adapters.venues.aster.nonces import Nonces
from desk.adapters.venues.aster.wallet import Wallet
from desk.adapters.venues.coinbase.auth import CoinbaseCredentials, KeyKind, LegacyAuth, TokenAuth
from desk.adapters.venues.kucoin.auth import KucoinAuth, KucoinCredentials
from desk.adapters.venues.oanda.auth import BearerAuth
from tests.clients.venues import run, skip_without

NOW = datetime(2026, 1, 14, 15, 0, 0, 123_000, tzinfo=UTC)
MILLISECONDS = 1_768_402_800_123
ODD = "a b,c&d=é/ü+100%@:;~'(*)"
QUERIES = (
    {},
    {"symbol": "BTC-USDT", "type": "trade"},
    {"symbols": "BTC-USDT,ETH-USDT"},
    {"start_date": "2026-01-14T15:00:00+00:00", "cursor": "a+b/c=="},
    {"note": ODD, "side": "BUY"},
)
BODY = {"client_order_id": "sd-1", "price": "60000.10", "note": ODD}


def requests(get_path: str, post_path: str) -> list[dict]:
    reads = [
        {"method": method, "path": get_path, "query": query, "body": None}
        for method in ("GET", "DELETE")
        for query in QUERIES
    ]
    return [*reads, {"method": "POST", "path": post_path, "query": {}, "body": BODY}]


def oracle(script: str, asked: list[dict], secrets: dict, place: dict | None = None, environment: str = "current"):
    """Return URL, headers and body of each request as a client would send it."""
    skip_without(environment)
    job = {"secrets": secrets, "place": place or {}, "milliseconds": MILLISECONDS, "requests": asked}
    return run(environment, script, json.dumps(job))["signed"]


def ours(auth: httpx.Auth, request: dict, body: str = "", host: str = "https://venue.test") -> httpx.Request:
    url = httpx.URL(host + request["path"], params=request["query"])
    return next(auth.sync_auth_flow(httpx.Request(request["method"], url, content=body.encode())))


# OANDA


@pytest.mark.parametrize("script", ["sign_oandapyv20", "sign_v20"])
def test_oandas_token_is_shown_as_both_clients_show_it(script):
    asked = requests("/v3/accounts", "/v3/accounts/1/orders")
    theirs = [one["headers"]["Authorization"] for one in oracle(script, asked, {"token": "token-1"})]
    auth = BearerAuth(SecretStr("token-1"))
    assert [ours(auth, one).headers["Authorization"] for one in asked] == theirs


# Coinbase

COINBASE = "/api/v3/brokerage/orders/historical/batch", "/api/v3/brokerage/orders"
NAME = "organizations/4b/apiKeys/7f"
P256 = ec.derive_private_key(0x1234567890ABCDEF, ec.SECP256R1())
SEED = bytes(range(32))
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(SEED)
PEM = P256.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
).decode()
BASE64 = base64.b64encode(SEED + ED25519.public_key().public_bytes_raw()).decode()


def our_token(secret: str, request: dict, nonce: str) -> str:
    auth = TokenAuth(CoinbaseCredentials(SecretStr(NAME), SecretStr(secret)), lambda: NOW, lambda: nonce)
    return ours(auth, request, host="https://api.coinbase.com").headers["Authorization"]


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def parts(token: str) -> tuple[dict, dict, bytes]:
    header, claims, signature = token.removeprefix("Bearer ").split(".")
    return json.loads(decoded(header)), json.loads(decoded(claims)), decoded(signature)


def prove(token: str) -> None:
    """Check a signature of the key on P-256."""
    signed, _, signature = token.removeprefix("Bearer ").rpartition(".")
    numbers = [int.from_bytes(decoded(signature)[half : half + 32], "big") for half in (0, 32)]
    P256.public_key().verify(encode_dss_signature(*numbers), signed.encode(), ec.ECDSA(hashes.SHA256()))


def official_tokens(secret: str) -> list[tuple[str, str]]:
    """Return the official client's tokens, each with ours of the same nonce."""
    asked = requests(*COINBASE)
    signed = oracle("sign_coinbase_advanced", asked, {"key": NAME, "secret": secret})
    theirs = [one["headers"]["Authorization"] for one in signed]
    return [(token, our_token(secret, one, parts(token)[0]["nonce"])) for token, one in zip(theirs, asked, strict=True)]


def test_ed25519_tokens_equal_the_official_clients_to_the_last_byte():
    tokens = official_tokens(BASE64)
    assert [mine for _, mine in tokens] == [theirs for theirs, _ in tokens]


def test_es256_tokens_say_what_the_official_clients_say_and_both_are_proved():
    for theirs, mine in official_tokens(PEM):
        assert mine.rpartition(".")[0] == theirs.rpartition(".")[0]
        prove(mine)
        prove(theirs)


def ccxt_coinbase(asked: list[dict], key: str, secret: str) -> list[dict]:
    place = {"exchange": "coinbase", "kind": ["v3", "private"], "prefix": "/api/v3/"}
    return oracle("sign_ccxt", asked, {"apiKey": key, "secret": secret}, place)


def test_the_hmac_of_a_legacy_key_equals_ccxts():
    asked = requests(*COINBASE)
    credentials = CoinbaseCredentials(SecretStr("key-1"), SecretStr("secret-1"), KeyKind.LEGACY)
    auth = LegacyAuth(credentials, lambda: NOW)
    names = ("CB-ACCESS-KEY", "CB-ACCESS-TIMESTAMP", "CB-ACCESS-SIGN")
    for one, theirs in zip(asked, ccxt_coinbase(asked, "key-1", "secret-1"), strict=True):
        mine = ours(auth, one, theirs["body"])
        assert [mine.headers[name] for name in names] == [theirs["headers"][name] for name in names]


@pytest.mark.parametrize("secret", [PEM, BASE64], ids=["ES256", "EdDSA"])
def test_tokens_are_bound_to_the_request_that_ccxts_are_bound_to(secret):
    asked = requests(*COINBASE)
    for one, theirs in zip(asked, ccxt_coinbase(asked, NAME, secret), strict=True):
        their_header, their_claims, _ = parts(theirs["headers"]["Authorization"])
        header, claims, _ = parts(our_token(secret, one, their_header["nonce"]))
        assert header == their_header
        assert [claims[name] for name in ("sub", "nbf", "exp")] == [
            their_claims[name] for name in ("sub", "nbf", "exp")
        ]
        assert claims["uri"] in (their_claims.get("uri"), *their_claims.get("uris", []))


# KuCoin

KUCOIN = "/api/v1/accounts", "/api/v1/orders"


def kucoin_headers(asked: list[dict], theirs: list[dict], version: int) -> tuple[list[dict], list[dict]]:
    """Return our five headers of each request and theirs."""
    clock = FixedClock(NOW)
    skew = ClockSkew(clock)
    skew.observe(NOW, NOW, NOW)
    words = {name: SecretStr(f"{name}-1") for name in ("key", "secret", "passphrase")}
    auth = KucoinAuth(KucoinCredentials(**words, key_version=version), skew)
    signed = [ours(auth, one, other["body"]) for one, other in zip(asked, theirs, strict=True)]
    return [five(one.headers) for one in signed], [five(one["headers"]) for one in theirs]


def five(headers: dict) -> dict:
    names = ("KEY", "SIGN", "TIMESTAMP", "PASSPHRASE", "KEY-VERSION")
    return {name: headers[f"KC-API-{name}"] for name in names}


def test_kucoins_headers_of_key_version_3_equal_the_official_clients():
    asked = requests(*KUCOIN)
    signed = oracle("sign_kucoin_sdk", asked, {"key": "key-1", "secret": "secret-1", "passphrase": "passphrase-1"})
    mine, theirs = kucoin_headers(asked, signed, version=3)
    assert mine == theirs


@pytest.mark.parametrize(("exchange", "kind"), [("kucoin", "private"), ("kucoinfutures", "futuresPrivate")])
def test_kucoins_headers_of_key_version_2_equal_ccxts(exchange, kind):
    asked = requests(*KUCOIN)
    secrets = {"apiKey": "key-1", "secret": "secret-1", "password": "passphrase-1"}
    place = {"exchange": exchange, "kind": [kind], "prefix": "/api/v1/"}
    mine, theirs = kucoin_headers(asked, oracle("sign_ccxt", asked, secrets, place), version=2)
    assert mine == theirs


# Aster

PRIVATE_KEY = "0x" + "0" * 63 + "1"


@cache
def wallet() -> Wallet:
    return Wallet(SecretStr(PRIVATE_KEY), chain_id=1666)


def wallet_auth() -> WalletAuth:
    return WalletAuth(wallet(), "", now=lambda: NOW, nonces=Nonces())


def hmac_auth() -> HmacAuth:
    return HmacAuth(HmacCredentials(api_key=SecretStr("key-1"), api_secret=SecretStr("secret-1")), now=lambda: NOW)


def aster_texts(environment: str, path: str) -> tuple[list[dict], list[tuple[bytes, str]]]:
    """Return what ccxt sends, and of that the text that is signed with its signature."""
    asked = requests(path, path)
    secrets = {"apiKey": "key-1", "secret": "secret-1", "privateKey": PRIVATE_KEY}
    kind = "fapiPrivate" if environment == "earlier" else ["fapiPrivate"]
    place = {"exchange": "aster", "kind": kind, "prefix": "/fapi/"}
    sent = oracle("sign_ccxt", asked, secrets, place, environment)
    texts = [one["body"] or one["url"].partition("?")[2] for one in sent]
    return sent, [(text.encode(), signature) for text, _, signature in (one.partition("&signature=") for one in texts)]


def test_asters_hmac_of_what_ccxt_sends_equals_ccxts():
    sent, texts = aster_texts("earlier", "/fapi/v1/order")
    auth = hmac_auth()
    assert [auth.signature(text) for text, _ in texts] == [signature for _, signature in texts]
    assert all(auth.headers.items() <= one["headers"].items() for one in sent)


def test_asters_wallet_signature_of_what_ccxt_sends_equals_ccxts():
    _, texts = aster_texts("current", "/fapi/v3/order")
    assert [wallet_auth().signature(text) for text, _ in texts] == [signature.lower() for _, signature in texts]


def aster_parameters(auth: AsterAuth, path: str) -> list[dict[str, str]]:
    """Return the parameters of each request as we send it, read back from what we send."""
    found = []
    for one in requests(path, path):
        content = {"params": one["query"]} if one["method"] == "GET" else {"data": one["query"] or one["body"]}
        sent = next(auth.sync_auth_flow(httpx.Request(one["method"], "https://venue.test" + path, **content)))
        found.append(dict(parse_qsl((sent.url.query or sent.content).decode(), keep_blank_values=True)))
    return found


def test_a_request_to_aster_that_a_wallet_signs_says_what_ccxts_says():
    _, texts = aster_texts("current", "/fapi/v3/order")
    theirs = [dict(parse_qsl(text.decode(), keep_blank_values=True)) for text, _ in texts]
    mine = aster_parameters(wallet_auth(), "/fapi/v3/order")
    assert [wallets_words(one) for one in mine] == [wallets_words(one) for one in theirs]


def wallets_words(parameters: dict[str, str]) -> dict[str, str]:
    """Return parameters without the signature, the nonce to the millisecond, and addresses whatever their capitals."""
    changed = {"nonce": parameters["nonce"][:13], **{name: parameters[name].lower() for name in ("user", "signer")}}
    return {name: value for name, value in parameters.items() if name != "signature"} | changed


def test_a_request_to_aster_that_a_key_signs_says_what_ccxts_says_unescaped():
    _, texts = aster_texts("earlier", "/fapi/v1/order")
    for mine, (text, _) in zip(aster_parameters(hmac_auth(), "/fapi/v1/order"), texts, strict=True):
        own = [
            f"{name}={value}" for name, value in mine.items() if name not in ("timestamp", "recvWindow", "signature")
        ]
        assert text.decode() == "&".join([f"timestamp={mine['timestamp']}", *own, "recvWindow=10000"])
