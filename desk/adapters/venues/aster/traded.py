"""Which symbols have their fills read: those that the account trades, and no other for longer than there is a need.

The venue tells of fills by symbol only, so each symbol costs a call at every look.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from desk.adapters.venues.aster.marks import Mark
from desk.adapters.venues.aster.names import symbol_of

RecallSince: TypeAlias = Callable[[datetime], Awaitable[Mapping[str, datetime | None]]]
"""Remembers in which instruments the account dealt since a time, and when that ended; see `RecallDealings`."""

MARGIN = timedelta(hours=1)
"""So long after its last order a symbol is still read.

A fill is readable within a minute, a signed request is valid for seconds, and the clocks by which ledger and venue
write differ by minutes at worst: an hour is far beyond them together. What comes later still is not lost. A position
shows at the next look at positions, and the mark of a symbol that was let go stays where its reading ended.
"""


class TradedSymbols:
    """The symbols of one account.

    Args:
        configured: are always read.
        recall: remembers what the account did; without it no symbol is ever let go.
        now: the venue's time.
    """

    def __init__(self, configured: Collection[str], *, recall: RecallSince | None, now: Callable[[], datetime]) -> None:
        self._configured = frozenset(configured)
        self._recall = recall
        self._now = now
        self._seen: dict[str, datetime] = {}

    def see(self, symbols: Iterable[str]) -> None:
        """Note that the account holds these now, or has an order in them."""
        self._seen |= dict.fromkeys(symbols, self._now())

    async def wanted(self, marks: Mapping[str, Mark], since: datetime) -> frozenset[str]:
        """Return the symbols to read, given where reading has arrived; `since` is where it begins without a mark."""
        if self._recall is None:
            return self._configured | marks.keys() | self._seen.keys()
        told = {symbol_of(name): ended for name, ended in (await self._recall(since)).items()}
        known = {symbol for symbol in (*marks, *self._seen, *told) if symbol is not None}
        over = {one for one in known if _is_over(one, told, self._seen, _read_to(marks.get(one), since))}
        return self._configured | (known - over)


def _read_to(mark: Mark | None, since: datetime) -> datetime:
    return mark.until - MARGIN if mark else since


def _is_over(
    symbol: str, told: Mapping[str | None, datetime | None], seen: Mapping[str, datetime], read_to: datetime
) -> bool:
    """Whether everything in a symbol ended before `read_to`."""
    ends = [ends[symbol] for ends in (told, seen) if symbol in ends]
    return all(end is not None and end < read_to for end in ends)
