"""KuCoin's codes for what goes wrong, with their words."""

import json

from simulator.dialects.base import Refused

MESSAGES = {
    "400001": "Please check the header of your request for KC-API-KEY, KC-API-SIGN, KC-API-TIMESTAMP, "
    "KC-API-PASSPHRASE",
    "400002": "KC-API-TIMESTAMP Invalid",
    "400003": "KC-API-KEY not exists",
    "400004": "Invalid KC-API-PASSPHRASE",
    "400005": "Invalid KC-API-SIGN",
    "400007": "Access denied, require more permission.",
    "400008": "Invalid KC-API-KEY-VERSION",
    "400009": "KC-API-KEY-VERSION is required for this key",
    "404000": "Url Not Found",
    "415000": "Unsupported Media Type",
    "429000": "Too many requests in a short period of time, please retry later",
    "500000": "Internal Server Error",
    "200001": "Order creation for this pair suspended",
    "200003": "Too many active orders",
    "200004": "Balance insufficient!",
    "230003": "Balance insufficient!",
    "260100": "account.noBalance",
    "400100": "Invalid parameter",
    "600100": "Order increment invalid",
    "600101": "The order funds are below the minimum",
    "900001": "symbol not exists",
    "100001": "Parameter invalid",
    "100003": "Contract parameter invalid",
    "100004": "The order cannot be canceled",
    "300000": "The order was not accepted",
    "300001": "Active order quantity limit exceeded",
    "300002": "Order placement/cancellation suspended",
    "300003": "Balance not enough",
    "300009": "No open positions to close",
    "300016": "The leverage cannot be greater than the maximum",
    "300018": "clientOid parameter repeated",
    "330005": "The order's margin mode does not match the selected one",
}
_STATUSES = {
    "404000": 404,
    "415000": 415,
    "429000": 429,
    "500000": 500,
    **{f"40000{digit}": 401 for digit in (1, 3, 4, 5, 8, 9)},
    "400002": 400,
    "400007": 403,
}
_CODES = {401: "400003", 403: "400007", 404: "404000", 429: "429000"}


def wrong(code: str, message: str = "") -> Refused:
    """Return the refusal with one of KuCoin's codes; what is wrong with an order comes with HTTP 200."""
    return Refused(_STATUSES.get(code, 200), {"code": code, "msg": message or MESSAGES[code]})


def failure(status: int) -> bytes:
    """Return KuCoin's body of an HTTP error."""
    code = _CODES.get(status, "500000")
    return json.dumps({"code": code, "msg": MESSAGES[code]}).encode()
