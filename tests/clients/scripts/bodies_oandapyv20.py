"""oandapyV20 writes the body of a limit order with a client id and a stop."""

import json
import sys

from oandapyV20.contrib.requests import ClientExtensions, LimitOrderRequest, StopLossDetails

asked = json.loads(sys.argv[1])
named = ClientExtensions(clientID=asked["client_id"], clientTag=asked["tag"]).data
stop = ClientExtensions(clientID=asked["client_id"] + "-stop").data
body = LimitOrderRequest(
    instrument=asked["instrument"],
    units=asked["units"],
    price=asked["price"],
    clientExtensions=named,
    tradeClientExtensions=named,
    stopLossOnFill=StopLossDetails(price=asked["stop"], clientExtensions=stop).data,
)
print(json.dumps(body.data))  # noqa: T201 - read by the test
