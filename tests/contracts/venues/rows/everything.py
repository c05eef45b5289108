"""All rows of the list, in its order."""

from tests.contracts.venues.rows import (  # noqa: F401 - each adds its rows
    brackets,
    cancels,
    changes,
    flags,
    lifecycle,
    limit_orders,
    market_orders,
    options,
    rejections,
    stop_orders,
)
from tests.contracts.venues.rows.listing import ROWS, Row


def all_rows() -> list[Row]:
    """Return every row, by its number."""
    return sorted(ROWS.values(), key=lambda row: int(row.number.removeprefix("TC-E")))
