"""Clients that others wrote trade at the simulated venues, unchanged; each is told the truth at every step."""

import re
from decimal import Decimal

from tests.clients.trading import exact, opened_at
from tests.clients.venues import CLIENT_ID

CANDLES = 8
CENT = Decimal("0.01")


def numbers(facts, *names):
    return tuple(exact(facts[name]) for name in names)


def test_it_reads_the_grid_of_price_and_size(outcome):
    market = outcome.market
    assert numbers(outcome.told["instrument"], "tick", "lot") == (exact(market.tick), exact(market.lot))


def test_it_reads_the_candles_of_the_market_oldest_first(outcome):
    told = {opened_at(start): tuple(exact(price) for price in prices) for start, *prices in outcome.told["candles"]}
    assert list(told) == sorted(told)
    closed = outcome.closed_candles(CANDLES)
    rows = zip(closed.open, closed.high, closed.low, closed.close, strict=True)
    truth = {int(at): tuple(exact(price) for price in row) for at, row in zip(closed.time, rows, strict=True)}
    assert {at: told.get(at) for at in truth} == truth


def test_its_market_order_is_filled_at_the_price_that_holds(outcome):
    told, fill = outcome.told["market_order"], outcome.fills[0]
    assert told["state"] == "filled"
    assert numbers(told, "quantity", "price") == numbers(fill, "quantity", "price")
    quantity, price, fee = numbers(fill, "quantity", "price", "fee")
    assert price == exact(outcome.market.ask)
    if outcome.client.buys_for_money:
        left = exact(outcome.market.quantity) * price - quantity * price - fee
        assert 0 <= left < CENT
    else:
        assert quantity == exact(outcome.market.quantity)


def test_its_limit_order_is_found_by_the_id_that_it_chose(outcome):
    told = outcome.told["lookup"]
    assert (told["id"], told["client_id"], told["state"]) == (outcome.told["limit_order"]["id"], CLIENT_ID, "open")
    assert numbers(told, "quantity", "price") == (exact(outcome.market.quantity), exact(outcome.market.limit_price))


def test_an_id_that_is_taken_makes_no_second_order(outcome):
    told, words = outcome.told["duplicate"], outcome.market.duplicate
    if words:
        assert re.search(words, told["refused"])
    else:
        assert told["accepted"] == outcome.told["limit_order"]["id"]
    assert [one["client_id"] == CLIENT_ID for one in outcome.orders] == [False, True]


def test_its_order_is_cancelled_when_it_asks(outcome):
    assert outcome.told["cancel"]["state"] == "cancelled"
    order = outcome.orders[-1]["order"]
    assert (order["state"], exact(order["filled_quantity"])) == ("cancelled", 0)


def test_it_is_told_its_money(outcome):
    told = outcome.told["balance"]
    assert (told["currency"], exact(told["amount"])) == (outcome.market.currency, outcome.money)


def test_it_is_told_what_it_holds(outcome):
    held = [exact(one["quantity"]) for one in outcome.truth["positions"]]
    assert [exact(outcome.told["position"]["quantity"])] == held == [exact(one["quantity"]) for one in outcome.fills]


def test_it_is_told_of_each_fill_once(outcome):
    names = ("quantity", "price", "fee")
    assert [numbers(one, *names) for one in outcome.told["fills"]] == [numbers(one, *names) for one in outcome.fills]
    assert [one["id"] for one in outcome.told["fills"]] == [outcome.told["market_order"]["id"]]


def test_who_signs_with_another_secret_is_turned_away(outcome):
    assert re.search(outcome.market.stranger, outcome.told["bad_signature"].get("refused", ""))
