"""The bodies of orders equal those that a client of somebody else writes."""

import json
from dataclasses import replace
from decimal import Decimal

from desk.adapters.venues.oanda.sending import order_body
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderType, TimeInForce
from tests.builders import intent
from tests.clients.venues import run, skip_without


def test_a_limit_order_at_oanda_is_written_as_oandapyv20_writes_it():
    skip_without("current")
    price, stop = Decimal("1.20000"), Decimal("1.22000")
    kind = {"type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC}
    ours = order_body(replace(intent(), side=Side.SELL, price=price, barriers=Barriers(stop=stop), **kind))
    asked = {"client_id": "sd-1", "tag": "constant", "instrument": "EUR_USD", "units": -100, "price": 1.2, "stop": 1.22}
    assert numbers(ours) == numbers(run("current", "bodies_oandapyv20", json.dumps(asked)))


def numbers(body):
    """The body with every text that is a number as one: the client pads prices with zeros."""
    if isinstance(body, dict):
        return {name: numbers(value) for name, value in body.items()}
    try:
        return Decimal(body)
    except ArithmeticError:
        return body
