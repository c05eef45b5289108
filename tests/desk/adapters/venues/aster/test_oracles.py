"""Signatures as ccxt makes them; it signed with keys up to 4.5.51 and signs with wallets since."""

import pytest
from pydantic import SecretStr

from desk.adapters.venues.aster.auth import HmacAuth
from desk.adapters.venues.aster.credentials import HmacCredentials
from tests.desk.adapters.venues.aster.fakes import NOW, NOW_MS, PRIVATE_KEY, SIGNER

ccxt = pytest.importorskip("ccxt", reason="compares with ccxt")
SIGNS_WITH_WALLETS = tuple(int(part) for part in ccxt.__version__.split(".")[:3]) >= (4, 5, 52)
PARAMETERS = {"symbol": "BTCUSDT", "side": "BUY", "newClientOrderId": "a:b/c d@e"}


def exchange():
    found = ccxt.aster({"apiKey": "key-1", "secret": "secret-1", "privateKey": PRIVATE_KEY, "walletAddress": SIGNER})
    found.milliseconds = lambda: NOW_MS
    return found


@pytest.mark.skipif(SIGNS_WITH_WALLETS, reason=f"ccxt {ccxt.__version__} signs with wallets only")
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_key_signs_what_ccxt_sends_as_ccxt_does(method):
    theirs = exchange().sign("v1/order", "fapiPrivate", method, PARAMETERS)
    text, _, signature = (theirs["body"] or theirs["url"].partition("?")[2]).partition("&signature=")
    auth = HmacAuth(HmacCredentials(api_key=SecretStr("key-1"), api_secret=SecretStr("secret-1")), now=lambda: NOW)
    assert auth.signature(text.encode()) == signature
    assert auth.headers.items() <= theirs["headers"].items()


@pytest.mark.skipif(not SIGNS_WITH_WALLETS, reason=f"ccxt {ccxt.__version__} signs with keys only")
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_wallet_signs_what_ccxt_sends_as_ccxt_does(method):
    pytest.importorskip("eth_account", reason="wallets need the extra scandesk[aster]")
    from desk.adapters.venues.aster.wallet import Wallet

    theirs = exchange().sign("v3/order", ["fapiPrivate"], method, PARAMETERS)
    text, _, signature = (theirs["body"] or theirs["url"].partition("?")[2]).partition("&signature=")
    wallet = Wallet(SecretStr(PRIVATE_KEY), chain_id=1666)
    assert wallet.sign(text) == signature.lower()
