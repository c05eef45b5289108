"""What clients of freqtrade ask, and what its published schema says of the replies: names and types."""

from base64 import b64encode
from typing import Any

from tests.console.api.conftest import Calls

NUMBER = (int, float)
TEXT_OR_NONE, NUMBER_OR_NONE = (str, type(None)), (int, float, type(None))

Shape = dict[str, type | tuple[type, ...]]
"""Which types a field may have."""

SUMS: Shape = {"profit_ratio": NUMBER, "profit_pct": NUMBER, "profit_abs": NUMBER, "count": int}
PAIR: Shape = {**SUMS, "pair": str, "profit": NUMBER}
PERIOD: Shape = {
    **dict.fromkeys(("abs_profit", "rel_profit", "starting_balance", "fiat_value"), NUMBER),
    "date": str,
    "trade_count": int,
}
LOCK: Shape = {
    **{"id": int, "active": bool, "pair": str, "side": str, "reason": TEXT_OR_NONE},
    **{"lock_end_time": str, "lock_end_timestamp": int, "lock_time": str, "lock_timestamp": int},
}
ORDER: Shape = {
    **dict.fromkeys(("pair", "order_id", "status", "ft_order_side", "order_type"), str),
    **dict.fromkeys(("amount", "safe_price", "cost"), NUMBER),
    **dict.fromkeys(("remaining", "filled", "ft_fee_base"), NUMBER_OR_NONE),
    **{"is_open": bool, "order_timestamp": int, "order_filled_timestamp": int, "ft_order_tag": TEXT_OR_NONE},
}
TRADE: Shape = {
    **dict.fromkeys(("trade_id", "timeframe", "open_timestamp"), int),
    **dict.fromkeys(("pair", "base_currency", "quote_currency", "exchange", "strategy", "open_date"), str),
    **dict.fromkeys(("is_open", "is_short", "has_open_orders"), bool),
    **dict.fromkeys(("amount", "amount_requested", "stake_amount", "open_rate", "realized_profit"), NUMBER),
    **dict.fromkeys(
        ("enter_tag", "fee_open_currency", "fee_close_currency", "exit_reason", "close_date"), TEXT_OR_NONE
    ),
    **dict.fromkeys(("fee_open", "fee_open_cost", "fee_close", "fee_close_cost", "funding_fees"), NUMBER_OR_NONE),
    **dict.fromkeys(("close_rate", "close_profit", "close_profit_pct", "close_profit_abs"), NUMBER_OR_NONE),
    "orders": list,
}
STATUS: Shape = {"status": str}
RESULT: Shape = {"result": str}


def holds(told: dict[str, Any], shape: Shape) -> None:
    """Fail where a field of the schema is not there, or of another type."""
    wrong = {name: told.get(name, "missing") for name, types in shape.items() if not _is(told.get(name, ...), types)}
    assert not wrong


def basic(key: str) -> dict[str, str]:
    """What its clients send: a name and a password."""
    return {"authorization": f"Basic {b64encode(f'anybody:{key}'.encode()).decode()}"}


async def ask(calls: Calls, path: str, account: str = "sample", **wanted: int | str | bool) -> Any:
    found = await calls.client.get(f"/freqtrade/{account}/api/v1/{path}", params=wanted, headers=basic("key-of-read"))
    assert (found.status_code, found.headers["content-type"]) == (200, "application/json"), found.text
    return found.json()


def _is(value: object, types: type | tuple[type, ...]) -> bool:
    return isinstance(value, types) and not (isinstance(value, bool) and types is not bool)
