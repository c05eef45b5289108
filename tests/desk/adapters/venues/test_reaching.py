"""Reaching a venue: each kind of connection, keys by name, and nothing sent before somebody asks."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
from pydantic import TypeAdapter

from desk.accounts import AccountSpec, ConnectionSpec
from desk.accounts.connections import Connection
from desk.adapters.clocks import FixedClock
from desk.adapters.venues.dry_run import DryRunTrading
from desk.adapters.venues.reached import Tools
from desk.adapters.venues.reaching import reach
from desk.errors import ConfigError, VenueUnavailable
from desk.model.cycle import Mode
from simulator.dialects.finding import find_dialects
from tests.builders import CLOSE

CONNECTIONS = {
    "oanda": ("oanda", {"account_id": "101-001-0000001-001"}, {"token": "token"}),
    "coinbase": ("coinbase", {}, {"key": "es256_key", "secret": "es256_secret"}),
    "coinbase-legacy": ("coinbase", {"key_kind": "legacy"}, {"key": "legacy_key", "secret": "legacy_secret"}),
    "kucoin": ("kucoin", {}, {"key": "key", "secret": "secret", "passphrase": "passphrase"}),
    "kucoin-futures": (
        "kucoin_futures",
        {"market": "futures"},
        {"key": "key", "secret": "secret", "passphrase": "passphrase"},
    ),
    "aster": ("aster", {}, {"api_key": "api_key", "api_secret": "api_secret"}),
    "aster-wallet": ("aster", {}, {"private_key": "private_key"}),
}
INSTRUMENTS = {"oanda": "EUR/USD", "coinbase": "BTC/USD", "kucoin": "BTC/USDT"}


def written(name: str) -> tuple[ConnectionSpec, dict[str, str]]:
    """A connection, and the environment that holds its keys."""
    dialect, more, keys = CONNECTIONS[name]
    kind = dialect.partition("_")[0]
    place = {"kind": kind, "environment": "simulator", "url": "http://127.0.0.1:1"}
    variables = {part: f"KEY_{part.upper()}" for part in keys}
    spec: ConnectionSpec = TypeAdapter(Connection).validate_python({**place, **more, "secrets": variables})
    published = find_dialects((dialect,))[dialect].VENUE.secrets
    return spec, {variables[part]: published[secret] for part, secret in keys.items()}


def account(name: str, **changes: object) -> AccountSpec:
    dialect = CONNECTIONS[name][0]
    told = {
        "name": "trader",
        "venue": dialect.partition("_")[0],
        "mode": Mode.LIVE,
        "feed": "venue",
        "connection": "here",
        "currency": "USD",
        "instruments": [INSTRUMENTS.get(dialect, "BTC/USDT:USDT")],
        "strategies": [{"name": "breakout"}],
        "policy": "plain",
        "schedule": {"every": "5m"},
        "late_after": "5m",
    }
    return AccountSpec.model_validate({**told, **changes})


def silent() -> tuple[Tools, list[httpx.Request]]:
    """Tools whose connections keep what is sent and answer with a failure."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(401, json={"errorMessage": "no"})

    return Tools(FixedClock(CLOSE), transport=httpx.MockTransport(answer)), sent


@pytest.mark.parametrize("name", CONNECTIONS)
async def test_a_venue_is_reached_without_asking_it_anything(name):
    spec, environment = written(name)
    tools, sent = silent()
    reached = reach("here", spec, tools, values=environment)
    trader = account(name)
    assert reached.market is reached.market
    assert reached.trading(trader) is reached.trading(trader)
    await reached.close()
    assert sent == []


@pytest.mark.parametrize("name", CONNECTIONS)
def test_a_key_that_is_not_there_is_named_and_no_other_is_shown(name):
    spec, environment = written(name)
    variable, *others = environment
    with pytest.raises(ConfigError) as told:
        reach("here", spec, silent()[0], values={one: environment[one] for one in others})
    assert str(told.value) == f"connections.here: expected {variable} in the environment or in .env, found nothing"


async def test_accounts_of_one_token_ask_for_themselves():
    spec, environment = written("oanda")
    tools, sent = silent()
    reached = reach("here", spec, tools, values=environment)
    for trader in (account("oanda"), account("oanda", account_id="101-001-0000001-002")):
        with pytest.raises(Exception, match="401"):
            await reached.trading(trader).account()
    await reached.close()
    assert [request.url.path.split("/")[3] for request in sent] == ["101-001-0000001-001", "101-001-0000001-002"]


@pytest.mark.parametrize("name", ["aster", "kucoin"])
async def test_a_venue_that_tells_of_orders_by_instrument_asks_what_was_remembered(name):
    spec, environment = written(name)
    asked = []

    async def recall(client_order_id):
        asked.append(client_order_id)

    reached = reach("here", spec, replace(silent()[0], recall=recall), values=environment)
    with pytest.raises(Exception, match="401"):
        await reached.trading(account(name)).find_order("sd-1")
    await reached.close()
    assert asked[0] == "sd-1"


async def test_each_account_of_kucoin_is_remembered_by_its_own_name():
    spec, environment = written("kucoin")
    asked = []

    async def recall_traded(name, since):
        asked.append((name, since))
        return frozenset()

    reached = reach("here", spec, replace(silent()[0], recall_traded=recall_traded), values=environment)
    for name in ("trader", "other"):
        with pytest.raises(Exception, match="401"):
            await reached.trading(account("kucoin").model_copy(update={"name": name})).fills_since("")
    await reached.close()
    assert asked == [(name, CLOSE - timedelta(days=7)) for name in ("trader", "other")]


async def test_each_account_of_aster_is_remembered_by_its_own_name():
    spec, environment = written("aster")
    asked = []

    async def recall_dealings(name, since):
        asked.append((name, since))
        return {}

    reached = reach("here", spec, replace(silent()[0], recall_dealings=recall_dealings), values=environment)
    for name in ("trader", "other"):
        with pytest.raises(Exception, match="401"):
            await reached.trading(account("aster").model_copy(update={"name": name})).fills_since("")
    await reached.close()
    assert asked == [(name, CLOSE - timedelta(days=30)) for name in ("trader", "other")]


def test_a_key_that_is_none_is_refused_without_being_shown():
    spec, environment = written("coinbase")
    with pytest.raises(ConfigError) as told:
        reach("here", spec, silent()[0], values={**environment, "KEY_SECRET": "canary-of-a-key"})
    assert "canary" not in str(told.value)


async def test_any_other_exchange_is_reached_through_ccxt():
    pytest.importorskip("ccxt")
    variables = {"api_key": "KEY", "secret": "SECRET", "password": "WORD"}
    place = {"kind": "ccxt", "exchange": "kucoin", "environment": "simulator", "url": "http://127.0.0.1:1"}
    spec = TypeAdapter(Connection).validate_python({**place, "secrets": variables})
    reached = reach("here", spec, silent()[0], values=dict.fromkeys(variables.values(), "canary"))
    trader = account("kucoin", venue="ccxt")
    assert reached.market is reached.market
    assert reached.trading(trader) is reached.trading(trader)
    await reached.close()


def test_an_exchange_that_ccxt_does_not_know_is_refused():
    pytest.importorskip("ccxt")
    place = {
        "kind": "ccxt",
        "exchange": "kukoin",
        "environment": "live",
        "secrets": {"api_key": "KEY", "secret": "KEY"},
    }
    with pytest.raises(ConfigError, match="kukoin"):
        reach("here", TypeAdapter(Connection).validate_python(place), silent()[0], values={"KEY": "canary"})


async def test_a_dry_run_does_not_say_that_an_order_never_arrived():
    trading = DryRunTrading(currency="USD", starting_cash=Decimal(1), clock=FixedClock(CLOSE))
    with pytest.raises(VenueUnavailable, match="a dry run asks no venue"):
        await trading.find_order("sd-1")
