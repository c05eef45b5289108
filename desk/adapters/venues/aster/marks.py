"""Where reading the fills of each symbol has arrived; the cursor of `fills_since` is this, as text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from desk.adapters.venues.aster.errors import VENUE
from desk.adapters.venues.aster.wire import Milliseconds, to_milliseconds
from desk.errors import InvalidOrder

_MARKS: TypeAdapter[dict[str, tuple[int, Milliseconds]]] = TypeAdapter(dict[str, tuple[int, Milliseconds]])


@dataclass(frozen=True, slots=True)
class Mark:
    """Where reading the fills of one symbol has arrived.

    Attributes:
        trade: the id of the last fill that was read, 0 before the first.
        until: every fill before this time was read.
    """

    trade: int
    until: datetime


def read_cursor(cursor: str) -> dict[str, Mark]:
    """Return the marks of a cursor, by symbol.

    Raises:
        InvalidOrder: BAD_CURSOR, it is not one that `write_cursor` gave.
    """
    if not cursor:
        return {}
    try:
        marks = _MARKS.validate_json(cursor)
    except ValidationError:
        name = f"fills since {cursor[:80]!r}"
        raise InvalidOrder(VENUE, name, "BAD_CURSOR", "expected a cursor that this venue gave") from None
    return {symbol: Mark(trade, until) for symbol, (trade, until) in marks.items()}


def write_cursor(marks: Mapping[str, Mark]) -> str:
    """Return marks as a cursor."""
    told = {symbol: [mark.trade, to_milliseconds(mark.until)] for symbol, mark in sorted(marks.items())}
    return json.dumps(told, separators=(",", ":"))
