"""What the market does to a book, in the order in which it does it: candles that close, charges that are due."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from heapq import merge
from typing import NamedTuple

import numpy as np

from desk.matching.charges import HoldingTerms
from desk.model.candles import Candles


class EventKind(IntEnum):
    """What happens, in the order in which it does at one moment."""

    CANDLE = 0
    CHARGE = 1


class Event(NamedTuple):
    """A candle that closes, or a charge that is due for holding an instrument.

    Attributes:
        seconds: when, since the epoch (UTC).
        row: of the candle.
    """

    seconds: int
    kind: EventKind
    instrument: str
    row: int = 0

    @property
    def at(self) -> datetime:
        """When it happens."""
        return datetime.fromtimestamp(self.seconds, tz=UTC)


def in_time_order(
    candles: Mapping[str, Candles], holding: Mapping[str, HoldingTerms], *, after: datetime, until: datetime
) -> Iterator[Event]:
    """Yield what happens in between, oldest first, then candles before charges, then by name.

    Args:
        candles: of the instruments that something can happen to.
        holding: what holding costs, by instrument.
    """
    due = (_charges(name, holding[name], after, until) for name in candles if name in holding)
    return merge(*(_closes(name, one, after, until) for name, one in candles.items()), *due)


def _closes(name: str, candles: Candles, after: datetime, until: datetime) -> Iterator[Event]:
    closes = candles.close_times
    first, last = np.searchsorted(closes, [after.timestamp(), until.timestamp()], side="right")
    return (Event(int(closes[row]), EventKind.CANDLE, name, row) for row in range(int(first), int(last)))


def _charges(name: str, terms: HoldingTerms, after: datetime, until: datetime) -> Iterator[Event]:
    while (after := terms.due(after)) <= until:
        yield Event(int(after.timestamp()), EventKind.CHARGE, name)
