"""Which trades that were closed keep an account from opening another one, and until when."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from desk.model.records import ClosedTrade

_WERE = ("was", "were")


@dataclass(frozen=True, slots=True)
class Pause:
    """How long nothing is opened after a trade was closed.

    Attributes:
        duration: above 0.
        unlock_at: the time of day in UTC, HH:MM, at which it ends instead of after the duration; None for the duration.
    """

    duration: timedelta
    unlock_at: str | None = None

    @property
    def longest(self) -> timedelta:
        """As long as it can be."""
        return self.duration if self.unlock_at is None else timedelta(days=1)

    def end(self, since: datetime) -> datetime:
        """Return the first time after `since` at which it is over."""
        if self.unlock_at is None:
            return since + self.duration
        hour, minute = map(int, self.unlock_at.split(":"))
        end = since.astimezone(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return end if end > since else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lookback:
    """Trades that are looked at together.

    Attributes:
        trades: oldest first.
        until: when the pause that they began is over; None where there is none.
        adjusted: how many more there were that were adjusted: what reconciliation did is not looked at.
    """

    trades: tuple[ClosedTrade, ...]
    until: datetime | None = None
    adjusted: int = 0

    def __str__(self) -> str:
        until = f", until {moment(self.until)}" if self.until else ""
        left_out = f", {self.adjusted} that {_WERE[self.adjusted > 1]} adjusted left out" if self.adjusted else ""
        return f"{len(self.trades)} closed trade{'' if len(self.trades) == 1 else 's'}{left_out}{until}"


def counts_since(at: datetime, period: timedelta, pause: Pause) -> datetime:
    """Return the time before which no closed trade says anything at `at`: no look-back of a pause reaches there."""
    return at - pause.longest - period


def look_back_whole(
    trades: Iterable[ClosedTrade],
    at: datetime,
    *,
    period: timedelta,
    pause: Pause,
    is_enough: Callable[[Sequence[ClosedTrade]], bool],
) -> Lookback:
    """Return what `look_back` does of the trades that the market alone made, and how many of the others there were."""
    every = tuple(trades)
    adjusted = sorted((trade for trade in every if not trade.is_whole), key=lambda trade: trade.closed_at)
    whole = (trade for trade in every if trade.is_whole)
    seen = look_back(whole, at, period=period, pause=pause, is_enough=is_enough)
    last = seen.trades[-1].closed_at if seen.until else at
    return replace(seen, adjusted=len(_closed_within(adjusted, period, last)))


def look_back(
    trades: Iterable[ClosedTrade],
    at: datetime,
    *,
    period: timedelta,
    pause: Pause,
    is_enough: Callable[[Sequence[ClosedTrade]], bool],
) -> Lookback:
    """Return the trades of the look-back that began a pause which is not over, or else those of the look-back now.

    Whenever a trade is closed, those that were closed in the period up to then are looked at; where they are enough, a
    pause begins. Nothing but the trades is remembered: whoever looks later finds the same pauses.

    Args:
        trades: in any order.
        at: the time of the decision.
        period: how far back is looked from the closing of a trade.
        pause: how long nothing is opened from then on.
        is_enough: whether trades, oldest first and never none, begin a pause.
    """
    ordered = sorted(trades, key=lambda trade: trade.closed_at)
    for last in reversed(ordered):
        end = pause.end(last.closed_at)
        if end <= at:  # those that were closed earlier are over as well
            break
        seen = _closed_within(ordered, period, last.closed_at)
        if is_enough(seen):
            return Lookback(seen, end)
    return Lookback(_closed_within(ordered, period, at))


def moment(at: datetime) -> str:
    """Return a time in UTC, to the second, for people."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _closed_within(trades: Sequence[ClosedTrade], period: timedelta, at: datetime) -> tuple[ClosedTrade, ...]:
    """Those that were closed in the period up to a time; the trades are in the order of their closing."""
    first, behind = (bisect_right(trades, end, key=lambda trade: trade.closed_at) for end in (at - period, at))
    return tuple(trades[first:behind])
