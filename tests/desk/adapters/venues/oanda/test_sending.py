"""From an order intent to the exact body that OANDA is asked with."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.venues.oanda.names import client_id, from_wire, order_path, to_wire
from desk.adapters.venues.oanda.sending import order_body, plain
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderType, TimeInForce
from tests.builders import intent

BARRIERS = Barriers(Decimal("1.09500"), Decimal("1.11000"), Decimal("0.00200"), timedelta(hours=4))


def test_a_market_order_carries_its_id_its_barriers_and_the_id_of_the_trade_it_opens():
    assert order_body(replace(intent(), barriers=BARRIERS), price_bound=Decimal("1.10500")) == {
        "order": {
            "type": "MARKET",
            "instrument": "EUR_USD",
            "units": "100",
            "timeInForce": "IOC",
            "positionFill": "DEFAULT",
            "priceBound": "1.105",
            "clientExtensions": {"id": "sd-1", "tag": "constant"},
            "tradeClientExtensions": {"id": "sd-1", "tag": "constant"},
            "takeProfitOnFill": {"price": "1.11", "timeInForce": "GTC", "clientExtensions": {"id": "sd-1-target"}},
            "stopLossOnFill": {"price": "1.095", "timeInForce": "GTC", "clientExtensions": {"id": "sd-1-stop"}},
            "trailingStopLossOnFill": {
                "distance": "0.002",
                "timeInForce": "GTC",
                "clientExtensions": {"id": "sd-1-trail"},
            },
        }
    }


def test_an_order_that_only_reduces_opens_no_trade_and_attaches_nothing():
    order = order_body(replace(intent(), reduce_only=True, barriers=BARRIERS, side=Side.SELL))["order"]
    assert (order["units"], order["positionFill"]) == ("-100", "REDUCE_ONLY")
    assert not [name for name in order if name.endswith("OnFill") or name.startswith("trade")]


@pytest.mark.parametrize(
    ("kind", "asked", "sent"),
    [
        (OrderType.MARKET, TimeInForce.IOC, "IOC"),
        (OrderType.MARKET, TimeInForce.GTC, "FOK"),
        (OrderType.LIMIT, TimeInForce.GTC, "GTC"),
        (OrderType.LIMIT, TimeInForce.IOC, "IOC"),
        (OrderType.STOP, TimeInForce.GTC, "GTC"),
    ],
)
def test_a_market_order_never_rests(kind, asked, sent):
    price = None if kind is OrderType.MARKET else Decimal("1.2")
    order = order_body(replace(intent(), type=kind, time_in_force=asked, price=price))["order"]
    assert (order["type"], order["timeInForce"], order.get("price")) == (kind.name, sent, price and "1.2")


@pytest.mark.parametrize(
    ("number", "text"), [("100.000", "100"), ("1E+3", "1000"), ("0.00010", "0.0001"), ("-0.5", "-0.5")]
)
def test_numbers_have_no_exponent_and_no_precision_that_they_do_not_need(number, text):
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(("ours", "theirs"), [("EUR/USD", "EUR_USD"), ("SPX500/USD", "SPX500_USD")])
def test_names_of_instruments_go_both_ways(ours, theirs):
    assert (to_wire(ours), from_wire(theirs)) == (theirs, ours)


def test_an_order_that_the_desk_did_not_send_is_named_by_the_venues_id():
    assert client_id("", "42") == "oanda-42"
    assert order_path("oanda-42") == "42"
    assert order_path("sd-a/b c") == "@sd-a%2Fb%20c"
