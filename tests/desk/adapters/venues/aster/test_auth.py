"""Signing: the text that is signed is the text that is sent, by key and by wallet."""

import hashlib
import hmac
import threading
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from desk.adapters.venues.aster.auth import HmacAuth, WalletAuth
from desk.adapters.venues.aster.credentials import HmacCredentials, WalletCredentials
from desk.adapters.venues.aster.endpoints import is_public_path
from desk.adapters.venues.aster.nonces import Nonces
from desk.errors import ConfigError
from tests.desk.adapters.venues.aster.fakes import KEY, NOW, NOW_MS, PRIVATE_KEY, SIGNER, USER

ODD = {"symbol": "BTCUSDT", "newClientOrderId": "a:b/c d@e+f&é"}


def by_key(secret="canary-secret"):
    return HmacAuth(HmacCredentials(api_key=SecretStr("k"), api_secret=SecretStr(secret)), now=lambda: NOW)


def by_wallet(user=USER, chain_id=1666):
    pytest.importorskip("eth_account", reason="wallets need the extra scandesk[aster]")
    from desk.adapters.venues.aster.wallet import Wallet

    return WalletAuth(Wallet(SecretStr(PRIVATE_KEY), chain_id=chain_id), user, now=lambda: NOW, nonces=Nonces())


def sent(auth, method, endpoint="/fapi/v1/order", **content):
    request = httpx.Request(method, "http://venue.test" + endpoint, extensions={"timeout": {"read": 3.0}}, **content)
    return next(auth.sync_auth_flow(request))


def text_and_signature(request):
    text = request.url.query if request.method == "GET" else request.content
    signed, _, signature = text.partition(b"&signature=")
    return signed, signature.decode()


@pytest.mark.parametrize(("method", "content"), [("GET", {"params": ODD}), ("POST", {"data": ODD}), ("DELETE", {})])
def test_what_is_signed_with_a_key_is_what_is_sent_byte_by_byte(method, content):
    signed, signature = text_and_signature(sent(by_key(), method, **content))
    assert signature == hmac.new(b"canary-secret", signed, hashlib.sha256).hexdigest()
    assert signed.endswith(f"timestamp={NOW_MS}&recvWindow=5000".encode())


def test_the_example_of_the_documentation_has_its_signature():
    text = b"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000"
    secret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
    assert (
        by_key(secret).signature(text + b"&timestamp=1591702613943")
        == "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
    )


def test_a_form_is_sent_as_a_form_and_its_length_includes_the_signature():
    request = sent(by_key(), "POST", data={"symbol": "BTCUSDT"})
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["content-length"] == str(len(request.content))
    assert request.headers["x-mbx-apikey"] == "k"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_signing_keeps_the_time_outs_of_the_request(method):
    assert sent(by_key(), method).extensions == {"timeout": {"read": 3.0}}


@pytest.mark.parametrize("endpoint", ["/fapi/v1/klines", "/fapi/v3/ticker/bookTicker", "/fapi/v1/exchangeInfo"])
def test_public_requests_leave_unsigned_and_without_the_key(endpoint):
    request = sent(by_key(), "GET", endpoint, params={"symbol": "BTCUSDT"})
    assert (request.url.query, request.headers.get("x-mbx-apikey")) == (b"symbol=BTCUSDT", None)


def test_an_endpoint_that_nobody_declared_public_is_signed():
    assert not is_public_path("/fapi/v1/something")


@pytest.mark.parametrize(("method", "content"), [("GET", {"params": ODD}), ("POST", {"data": ODD}), ("DELETE", {})])
def test_what_is_signed_with_a_wallet_is_what_is_sent_byte_by_byte(method, content):
    auth = by_wallet()
    from eth_account import Account
    from eth_account.messages import encode_typed_data

    signed, signature = text_and_signature(sent(auth, method, "/fapi/v3/order", **content))
    # A second way to the same message: the whole document, and the signer from the signature alone.
    document = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Message": [{"name": "msg", "type": "string"}],
        },
        "primaryType": "Message",
        "domain": {
            "name": "AsterSignTransaction",
            "version": "1",
            "chainId": 1666,
            "verifyingContract": "0x0000000000000000000000000000000000000000",
        },
        "message": {"msg": signed.decode()},
    }
    assert Account.recover_message(encode_typed_data(full_message=document), signature=signature) == SIGNER
    assert len(signature) == 2 + 2 * 65
    assert signed.endswith(f"nonce={NOW_MS}000&user={USER}&signer={SIGNER}".encode())


def test_a_wallet_that_is_the_account_names_itself_as_the_user():
    signed, _ = text_and_signature(sent(by_wallet(user=""), "POST", "/fapi/v3/order"))
    assert f"user={SIGNER}&signer={SIGNER}".encode() in signed


def test_a_signature_for_the_test_network_is_another_one():
    assert by_wallet(chain_id=714).signature(b"a=1") != by_wallet().signature(b"a=1")


def test_what_ccxt_sends_for_a_wallet_has_the_signature_that_we_make():
    text = (
        f"nonce=1768402800123000&user={SIGNER.lower()}&signer={SIGNER}"
        "&symbol=BTCUSDT&side=BUY&newClientOrderId=a%3Ab%2Fc"
    )
    assert by_wallet().signature(text.encode()) == (
        "0x29c1589d16b191c7de1aac1e197ce9def6bf1937b7eb0d5a3e3328b6ec442bd4"
        "2767d1428d8e4a6cdc3a8f8278a3c8f47e5220ccc28a7346e547adea28509078"
        "1b"
    )


@pytest.mark.parametrize("key", ["0xdeadbeef-canary", "0xdead", ""])
def test_a_private_key_that_is_none_is_refused_without_repeating_it(key):
    pytest.importorskip("eth_account", reason="wallets need the extra scandesk[aster]")
    from desk.adapters.venues.aster.wallet import Wallet

    with pytest.raises(ConfigError, match="expected the private key of a wallet") as told:
        Wallet(SecretStr(key), chain_id=1666)
    assert "dead" not in str(told.value)
    assert told.value.__cause__ is None


def test_secrets_appear_in_no_repr():
    wallet = WalletCredentials(private_key=SecretStr(PRIVATE_KEY))
    told = repr(KEY) + repr(by_key()) + repr(wallet) + str(KEY)
    assert "canary-secret" not in told
    assert PRIVATE_KEY not in told


def test_nonces_are_microseconds_and_only_ever_grow():
    nonces = Nonces()
    assert [nonces.next(lambda: NOW) for _ in range(3)] == [NOW_MS * 1000, NOW_MS * 1000 + 1, NOW_MS * 1000 + 2]
    assert nonces.next(lambda: NOW - timedelta(hours=1)) == NOW_MS * 1000 + 3
    assert nonces.next(lambda: NOW + timedelta(seconds=1)) == NOW_MS * 1000 + 1_000_000


def test_no_two_threads_get_the_same_nonce():
    nonces, found = Nonces(), []
    threads = [
        threading.Thread(target=lambda: found.extend(nonces.next(lambda: NOW) for _ in range(2_000))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 8_000
