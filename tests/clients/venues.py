"""What is traded at each simulated venue, and the clients that others wrote and that trade it."""

import base64
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from simulator.dialects.finding import find_dialects
from tests.drilled import drilled

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "scripts"
CLIENT_ID = "clients-1"
PATIENCE = 60.0


@dataclass(frozen=True)
class Market:
    """What every client does at a venue, and the words with which the venue says no.

    Attributes:
        instrument: our name.
        symbol: the venue's.
        bid, ask: what the price is held at.
        duplicate: what a repeated client id is refused with; empty where the first order is given again.
        stranger: what a wrong signature is refused with; a regular expression, as are all words.
    """

    instrument: str
    symbol: str
    bid: str
    ask: str
    tick: str
    lot: str
    quantity: str
    limit_price: str
    currency: str
    duplicate: str
    stranger: str


MARKETS = {
    "oanda": Market(
        instrument="EUR/USD",
        symbol="EUR_USD",
        bid="1.10000",
        ask="1.10010",
        tick="0.00001",
        lot="1",
        quantity="1000",
        limit_price="1.05000",
        currency="USD",
        duplicate="CLIENT_ORDER_ID_ALREADY_EXISTS",
        stranger="Insufficient authorization|401",
    ),
    "coinbase": Market(
        instrument="BTC/USD",
        symbol="BTC-USD",
        bid="60000.00",
        ask="60001.00",
        tick="0.01",
        lot="0.00000001",
        quantity="0.01",
        limit_price="50000.00",
        currency="USD",
        duplicate="",
        stranger="401|Unauthorized",
    ),
    "kucoin": Market(
        instrument="BTC/USDT",
        symbol="BTC-USDT",
        bid="60000.0",
        ask="60001.0",
        tick="0.1",
        lot="0.00000001",
        quantity="0.01",
        limit_price="50000.0",
        currency="USDT",
        duplicate="400100",
        stranger="400004|400005",
    ),
    "kucoin_futures": Market(
        instrument="BTC/USDT:USDT",
        symbol="XBTUSDTM",
        bid="60000.0",
        ask="60001.0",
        tick="0.1",
        lot="0.001",
        quantity="0.01",
        limit_price="50000.0",
        currency="USDT",
        duplicate="300018",
        stranger="400004|400005",
    ),
    "aster": Market(
        instrument="BTC/USDT:USDT",
        symbol="BTCUSDT",
        bid="60000.0",
        ask="60001.0",
        tick="0.1",
        lot="0.001",
        quantity="0.01",
        limit_price="50000.0",
        currency="USDT",
        duplicate="-4116",
        stranger="-1022",
    ),
}


@dataclass(frozen=True)
class Client:
    """A script, and the environment that it runs in.

    Attributes:
        spoilt: the secret that a stranger does not have.
        prefix: of the names of the secrets that it uses, where an account has several keys.
        environment: of `.clients`.
        buys_for_money: whether it can only say what a market order may cost, fees and all.
    """

    script: str
    venue: str
    spoilt: str
    prefix: str = ""
    environment: str = "current"
    buys_for_money: bool = False

    @property
    def name(self) -> str:
        """What a test calls it."""
        return f"{self.script}-{self.environment}-{self.prefix}".rstrip("-_")


ALL_CLIENTS = (
    Client("oandapyv20_oanda", "oanda", spoilt="token"),
    Client("v20_oanda", "oanda", spoilt="token"),
    Client("ccxt_coinbase", "coinbase", spoilt="secret", prefix="es256_", buys_for_money=True),
    Client("ccxt_coinbase", "coinbase", spoilt="secret", prefix="ed25519_", buys_for_money=True),
    Client("ccxt_coinbase", "coinbase", spoilt="secret", prefix="legacy_", buys_for_money=True),
    Client("coinbase_advanced", "coinbase", spoilt="secret", prefix="es256_"),
    Client("coinbase_advanced", "coinbase", spoilt="secret", prefix="ed25519_"),
    Client("ccxt_kucoin", "kucoin", spoilt="secret", prefix="earlier_"),
    Client("kucoin_sdk_spot", "kucoin", spoilt="secret"),
    Client("ccxt_kucoinfutures", "kucoin_futures", spoilt="secret", prefix="earlier_"),
    Client("kucoin_sdk_futures", "kucoin_futures", spoilt="secret"),
    Client("ccxt_aster", "aster", spoilt="private_key"),
    Client("ccxt_aster", "aster", spoilt="api_secret", environment="earlier"),
)
CLIENTS = drilled(
    ALL_CLIENTS, usually=[client for client in ALL_CLIENTS if client.name != "ccxt_coinbase-current-es256"]
)
"""In the suite Coinbase's own client trades with such a key, and ccxt with the other kinds."""


def skip_without(environment: str) -> None:
    """Skip a test whose client is not installed: its environment is not the project's."""
    if not python_of(environment).exists():
        pytest.skip(f"the clients of others are not installed (.clients/{environment}); run `make clients`")


def python_of(environment: str) -> Path:
    """Return the Python of an environment."""
    return ROOT / ".clients" / environment / "bin" / "python"


def trade(client: Client, addresses: Mapping[str, str]) -> dict[str, object]:
    """Let a client do every step, and return what it was told; numbers with a fraction as Decimal.

    Raises:
        AssertionError: it broke off.
    """
    return run(client.environment, client.script, json.dumps(_job(client, addresses)))


def run(environment: str, script: str, job: str) -> dict[str, object]:
    """Run a script in an environment and return the JSON object that it prints."""
    command = [python_of(environment), SCRIPTS / f"{script}.py", job]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout, parse_float=Decimal)


def _job(client: Client, addresses: Mapping[str, str]) -> dict[str, object]:
    market, venue = MARKETS[client.venue], find_dialects([client.venue])[client.venue].VENUE
    secrets = {
        name.removeprefix(client.prefix): value
        for name, value in venue.secrets.items()
        if name.startswith(client.prefix)
    }
    return {
        "address": addresses[client.venue],
        "addresses": dict(addresses),
        "account": venue.account,
        "secrets": secrets,
        "wrong": secrets | {client.spoilt: _another(secrets[client.spoilt])},
        "instrument": market.symbol,
        "quantity": market.quantity,
        "market_price": market.ask,
        "limit_price": market.limit_price,
        "client_id": CLIENT_ID,
    }


def _another(secret: str) -> str:
    """Return a secret of the same kind that nobody has."""
    if secret.startswith("-----BEGIN"):
        key = ec.derive_private_key(2, ec.SECP256R1())
        form = serialization.PrivateFormat.TraditionalOpenSSL
        return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    if secret.startswith("0x"):
        return "0x" + "0" * 63 + "3"
    if secret.endswith("="):
        return base64.b64encode(bytes(range(64))).decode()
    return secret + "-of-nobody"
