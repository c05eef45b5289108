"""What Coinbase tells of orders and fills, the newest first and page by page."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from starlette.requests import Request

from simulator.account import Account
from simulator.dialects.base import is_told
from simulator.dialects.coinbase.asking import moment
from simulator.dialects.coinbase.brackets import listed, order_of, told_number
from simulator.dialects.coinbase.customers import Customers
from simulator.dialects.coinbase.queries import limit_in, several
from simulator.dialects.coinbase.rules import invalid, not_found, number_of, order_id, trade_id
from simulator.dialects.coinbase.sent import KINDS, sent_of
from simulator.dialects.coinbase.telling import status_of, tell_fill, tell_order
from simulator.records import Event, EventKind, PlacedOrder

_PAGE = 100
_LONGEST_PAGE = 1_000

_Row = TypeVar("_Row")


class History:
    """The paths that tell of orders and fills."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def order(self, request: Request) -> object:
        """GET /orders/historical/{order}."""
        account = await self._customers.enter(request)
        name = request.path_params["order"]
        placed = order_of(account, number_of(account, name))
        if placed is None or not is_told(request, placed):
            raise not_found(f"order {name}")
        return {"order": tell_order(account, placed)}

    async def orders(self, request: Request) -> object:
        """GET /orders/historical/batch."""
        account = await self._customers.enter(request)
        is_wanted = _order_filter(request, account)
        rows = [one for one in listed(account) if is_told(request, one) and is_wanted(one)]
        page, cursor = _page(request, rows, lambda placed: placed.number)
        orders = [tell_order(account, placed) for placed in page]
        return {"orders": orders, "sequence": "0", "has_next": bool(cursor), "cursor": cursor}

    async def fills(self, request: Request) -> object:
        """GET /orders/historical/fills."""
        account = await self._customers.enter(request)
        is_wanted = _fill_filter(request, account)
        filled = (event for event in reversed(account.events) if event.kind is EventKind.FILLED)
        rows = [event for event in filled if is_told(request, event) and is_wanted(event)]
        page, cursor = _page(request, rows, lambda event: event.id)
        return {"fills": [tell_fill(account, event) for event in page], "cursor": cursor}


def _order_filter(request: Request, account: Account) -> Callable[[PlacedOrder], bool]:
    states, kinds = several(request, "order_status"), several(request, "order_types", "order_type")
    products, names = several(request, "product_ids", "product_id"), several(request, "order_ids")
    since, until = _time_in(request, "start_date"), _time_in(request, "end_date")
    side = request.query_params.get("order_side", "")
    if "OPEN" in states and len(states) > 1:
        raise invalid("order_status OPEN cannot be combined with others")

    def is_wanted(placed: PlacedOrder) -> bool:
        sent = sent_of(account, placed)
        return (
            (not states or status_of(placed) in states)
            and (not kinds or KINDS[sent.kind].order_type in kinds)
            and (not products or sent.product in products)
            and (not names or order_id(account, placed.number) in names)
            and side in ("", placed.intent.side.name)
            and _is_within(placed.created_at, since, until)
        )

    return is_wanted


def _fill_filter(request: Request, account: Account) -> Callable[[Event], bool]:
    orders, trades = several(request, "order_ids", "order_id"), several(request, "trade_ids")
    products = several(request, "product_ids", "product_id")
    since, until = (_time_in(request, f"{end}_sequence_timestamp") for end in ("start", "end"))

    def is_wanted(event: Event) -> bool:
        assert event.order is not None, f"fill {event.id} has no order"
        return (
            (not orders or order_id(account, told_number(event.order)) in orders)
            and (not trades or trade_id(account, event.id) in trades)
            and (not products or _product(account, event.order) in products)
            and _is_within(event.at, since, until)
        )

    return is_wanted


def _product(account: Account, placed: PlacedOrder) -> str:
    told = order_of(account, told_number(placed)) or placed
    return sent_of(account, told).product


def _time_in(request: Request, name: str) -> datetime | None:
    value = request.query_params.get(name)
    return moment(value, name) if value else None


def _is_within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _page(request: Request, rows: Sequence[_Row], number: Callable[[_Row], int]) -> tuple[Sequence[_Row], str]:
    """Return what follows the cursor, and the cursor of the next page, empty on the last."""
    cursor = request.query_params.get("cursor", "")
    if cursor and not cursor.isdecimal():
        raise invalid("cursor is not one of this list")
    left = [row for row in rows if not cursor or number(row) < int(cursor)]
    limit = limit_in(request, _PAGE, _LONGEST_PAGE)
    return left[:limit], str(number(left[limit - 1])) if len(left) > limit else ""
