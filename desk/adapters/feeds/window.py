"""The newest candles of an instrument as they are remembered, and what one more candle makes of them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from desk.model.assembling import join
from desk.model.candles import Candles

_NEVER, _ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_SPARE = 12
"""How many candles are kept beyond those asked for, so that a late question about the past can be answered."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Consecutive closed candles up to the newest one that the source had.

    Attributes:
        requested: how many were asked for.
        fetched_at: when; the newest of them may have come later.
        whole_until: up to which close it is believed that there are no older ones than these.
    """

    candles: Candles
    requested: int
    fetched_at: datetime
    whole_until: datetime = _NEVER

    @classmethod
    def fetched(
        cls, candles: Candles, requested: int, *, close: datetime, at: datetime, before: "Window | None"
    ) -> "Window":
        """Return the answer to a question for `requested` candles that were closed at `close`.

        Fewer than that mean that there are no older ones, or that the source had a hiccup: it is believed for this one
        close, and from then on where the window `before` was short too and began with the same candle.
        """
        window = cls(candles, requested, at)
        if len(candles) >= requested:
            return window
        is_confirmed = before is not None and before.whole_until > _NEVER and before._begins_as(candles)
        return replace(window, whole_until=_ALWAYS if is_confirmed else close)

    def reaches(self, close: datetime) -> bool:
        """Whether it says for certain what was closed at `close`: sources give candles in the order of time."""
        return len(self.candles) > 0 and self.candles.closed_at >= close

    def holds(self, close: datetime, count: int) -> bool:
        """Whether it goes as far back as `count` candles that were closed at `close`."""
        return close <= self.whole_until or len(self.candles.until(close)) >= count

    def extended(self, newest: Candles) -> "Window | None":
        """Return the window with the newest candle that there is, or None where something may lie in between.

        A candle that was missed cannot be told from a quiet or closed period, which has none. A source that tells of
        less than is known is a moment behind, which changes nothing.
        """
        if not len(newest) or (len(self.candles) and newest.closed_at <= self.candles.closed_at):
            return self
        follows = len(self.candles) > 0 and int(newest.time[0]) == int(self.candles.close_times[-1])
        return self._with(newest) if follows else None

    def _with(self, newest: Candles) -> "Window":
        candles, most = join([self.candles, newest]), self.requested + _SPARE
        return replace(
            self, candles=candles.tail(most), whole_until=self.whole_until if len(candles) <= most else _NEVER
        )

    def _begins_as(self, candles: Candles) -> bool:
        return bool(np.array_equal(self.candles.time[:1], candles.time[:1]))
