"""Which exchanges are refused, and for what is missing there."""

import sys

import pytest

from desk.adapters.venues.ccxt.abilities import check_abilities, ended_orders, finds_by_id
from desk.adapters.venues.ccxt.library import load_ccxt, open_exchange
from desk.errors import ConfigError

pytest.importorskip("ccxt", reason="ccxt is not installed")


def opened(name: str):
    return open_exchange(name, {}, "live")


@pytest.mark.parametrize(
    "name", ["aster", "binance", "binanceusdm", "kucoin", "kucoinfutures", "okx", "kraken", "bybit"]
)
def test_an_exchange_that_names_and_lists_orders_is_taken(name):
    check_abilities(opened(name))


@pytest.mark.parametrize(
    ("name", "missing"), [("bit2c", "a client order id on its orders"), ("gate", "client order id")]
)
def test_an_exchange_without_client_order_ids_is_refused_and_says_so(name, missing):
    with pytest.raises(ConfigError, match=missing):
        check_abilities(opened(name))


def test_each_missing_list_is_named():
    exchange = opened("aster")
    exchange.has = {**exchange.has, "fetchOpenOrders": False, "fetchMyTrades": False}
    with pytest.raises(ConfigError, match=r"fetchOpenOrders.*nor.*fetchMyTrades"):
        check_abilities(exchange)


def test_an_order_is_asked_for_by_its_id_where_ccxt_takes_it():
    exchange = opened("aster")
    assert finds_by_id(exchange)
    exchange.has = {**exchange.has, "fetchOrder": False}
    assert not finds_by_id(exchange)


def test_the_list_of_closed_orders_alone_is_completed_by_the_cancelled_ones():
    exchange = opened("woo")
    exchange.has = {"fetchClosedOrders": True, "fetchCanceledOrders": True}
    assert ended_orders(exchange) == ["fetch_closed_orders"]


def test_a_list_that_ccxt_only_says_to_have_is_not_relied_on():
    exchange = opened("aster")
    assert exchange.has["fetchCanceledAndClosedOrders"]
    assert ended_orders(exchange) == ["fetch_orders"]


def test_numbers_are_texts_and_nothing_is_repeated_or_paid_to_the_makers_of_ccxt():
    exchange = opened("aster")
    assert exchange.number is str
    assert exchange.enableRateLimit
    assert (exchange.options["maxRetriesOnFailure"], exchange.options["builderFee"]) == (0, False)


def test_an_exchange_that_ccxt_does_not_know_is_refused():
    with pytest.raises(ConfigError, match="narnia"):
        opened("narnia")


def test_a_practice_environment_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError, match="practice"):
        open_exchange("bit2c", {}, "practice")


def test_the_simulator_needs_an_address_and_nothing_else_has_one():
    with pytest.raises(ConfigError, match="base_url"):
        open_exchange("aster", {}, "simulator")
    with pytest.raises(ConfigError, match="base_url"):
        open_exchange("aster", {}, "live", base_url="http://127.0.0.1:1")


def test_without_ccxt_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ccxt.async_support", None)
    with pytest.raises(ConfigError, match=r"pip install 'scandesk\[ccxt\]'"):
        load_ccxt()
