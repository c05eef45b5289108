"""Decides when an account must trade less by itself: it has lost too much, or it sends or is refused too often.

A limit that tripped says nothing more until it is re-armed, by a person or at its set time, and counts from there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple, Protocol

from desk.model.books import Restriction, TradingState
from desk.model.instrument import Side
from desk.model.scopes import Scope

BREAKER = "breaker"
"""Who orders a trading state where a limit tripped."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Limit(StrEnum):
    """What the breaker watches, under the names of the configuration; ACCESS has none and is always watched."""

    DAILY_LOSS = "daily_loss_fraction"
    DRAWDOWN = "drawdown_fraction"
    CONSECUTIVE_LOSSES = "consecutive_losses"
    ORDERS_PER_MINUTE = "orders_per_minute"
    ORDERS_PER_HOUR = "orders_per_hour"
    SAME_ORDER = "same_order_per_hour"
    REJECTIONS = "rejections_per_hour"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """How far an account may go; None for as far as it goes.

    Attributes:
        daily_loss_fraction: of the equity at the start of the UTC day, above 0; open profit and loss count.
        drawdown_fraction: of the highest equity, above 0.
        consecutive_losses: closed trades in a row that lost money after fees.
        orders_per_minute, orders_per_hour: orders of the account that are not reduce-only.
        same_order_per_hour: those of them in one instrument on one side.
        rejections_per_hour: orders of any kind that the venue refused.
        loss_state: REDUCE_ONLY or HALTED, where the first three lead; the others lead to HALTED until a person resumes.
        loss_pause: how long that lasts in the account's time, for a daily loss until its day is over at least; None
            until a person resumes.
    """

    daily_loss_fraction: Decimal | None = None
    drawdown_fraction: Decimal | None = None
    consecutive_losses: int | None = None
    orders_per_minute: int | None = None
    orders_per_hour: int | None = None
    same_order_per_hour: int | None = None
    rejections_per_hour: int | None = None
    loss_state: TradingState = TradingState.REDUCE_ONLY
    loss_pause: timedelta | None = None

    @property
    def watches_losses(self) -> bool:
        """Whether there is a limit on what may be lost."""
        return any(getattr(self, limit) is not None for limit in _LOSSES)

    @property
    def watches_orders(self) -> bool:
        """Whether there is a limit on what may be sent."""
        return any(getattr(self, limit) is not None for limit in CONFIGURED if limit not in _LOSSES)


_LOSSES = (Limit.DAILY_LOSS, Limit.DRAWDOWN, Limit.CONSECUTIVE_LOSSES)
CONFIGURED = tuple(limit for limit in Limit if limit is not Limit.ACCESS)
"""The limits that a configuration can set."""


@dataclass(frozen=True, slots=True)
class Trip:
    """A limit that was reached.

    Attributes:
        observed, allowed: the two sides of the comparison: fractions, or numbers of trades, orders or denials.
        why: both in words.
        until: when it ends by itself, by the machine's time; None for when a person resumes.
    """

    limit: Limit
    state: TradingState
    observed: Decimal
    allowed: Decimal
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a limit counts from since it was re-armed: the venue's time, and the equity that a loss is measured by."""

    at: datetime
    equity: Decimal


@dataclass(frozen=True, slots=True)
class PastTrip:
    """The last time that a limit tripped.

    Attributes:
        tripped_at, until, lifted_at: by the machine's time; a person lifts it.
        reference: None as long as it is in force, and until the account is looked at for the first time after that.
    """

    limit: Limit
    state: TradingState
    why: str
    tripped_at: datetime
    until: datetime | None = None
    lifted_at: datetime | None = None
    reference: Reference | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When it was or will be over; None where a person is waited for."""
        return self.until if self.lifted_at is None else self.lifted_at

    def is_in_force(self, now: datetime) -> bool:
        """Return whether it still holds."""
        return self.ends_at is None or self.ends_at > now

    def restriction(self, account: str) -> Restriction:
        """Return the trading state that it has ordered for its account."""
        return Restriction(self.state, BREAKER, self.why, Scope(account=account), self.tripped_at, self.until)


@dataclass(frozen=True, slots=True)
class Running:
    """How a venue's time runs beside the machine's: recorded candles are played at another time, and faster perhaps.

    Attributes:
        lead: how far it is ahead.
        pace: how many of its seconds pass in one of the machine's, above 0.
    """

    lead: timedelta = timedelta(0)
    pace: float = 1


class Outcome(Protocol):
    """What a round trip came to; `profit` is after fees."""

    @property
    def closed_at(self) -> datetime:
        """When it was over."""
        ...

    @property
    def profit(self) -> Decimal:
        """In account currency."""
        ...


@dataclass(frozen=True, slots=True)
class LossFacts:
    """What an account has won and lost, in account currency.

    Attributes:
        at: the venue's time.
        equity: open profit and loss included.
        day_start, peak: the equity at the start of the UTC day, and the highest.
        closed: the last round trips, oldest first, at least as many as may lose in a row.
        running: how the venue's time runs.
    """

    at: datetime
    equity: Decimal
    day_start: Decimal
    peak: Decimal
    closed: Sequence[Outcome] = ()
    running: Running = Running()


@dataclass(frozen=True, slots=True)
class Sending:
    """An order that was sent, or is about to be; `at` is the machine's time, `candle_close` the venue's."""

    at: datetime
    candle_close: datetime
    instrument: str
    side: Side


class LossCheck(NamedTuple):
    """What became of an account's losses when they were looked at.

    Attributes:
        references: where limits count from now on that did not before.
        trips: the limits that trip.
    """

    references: Mapping[Limit, Reference]
    trips: tuple[Trip, ...]


def look_at_losses(limits: BreakerLimits, facts: LossFacts, past: Mapping[Limit, PastTrip], now: datetime) -> LossCheck:
    """Let limits that were re-armed count from here, and return what trips with that; see `trips_on_losses`."""
    references = dict(references_due(past.values(), facts.at, facts.equity, now))
    counted = {limit: replace(past[limit], reference=reference) for limit, reference in references.items()}
    return LossCheck(references, trips_on_losses(limits, facts, {**past, **counted}, now))


def trips_on_losses(
    limits: BreakerLimits, facts: LossFacts, past: Mapping[Limit, PastTrip], now: datetime
) -> tuple[Trip, ...]:
    """Return what trips because of what was lost; a loss that is as large as its limit does.

    Args:
        past: the last trip of each limit that ever tripped; those in force do not trip again.
        now: the machine's time.
    """
    observed = observed_losses(facts, past)
    return tuple(
        Trip(
            limit,
            limits.loss_state,
            figure,
            allowed,
            _in_words(limit, figure, allowed),
            _until(limit, limits, now, facts.running),
        )
        for limit, figure in observed.items()
        if (allowed := _armed(limits, limit, past, now)) is not None and figure >= allowed
    )


def observed_losses(facts: LossFacts, past: Mapping[Limit, PastTrip]) -> Mapping[Limit, Decimal]:
    """Return what each limit on losses is compared with: fractions, and a number of trades.

    Args:
        past: the last trip of each limit that ever tripped; what was lost before its end does not count.
    """
    return {
        Limit.DAILY_LOSS: _lost(_day_start(facts, past.get(Limit.DAILY_LOSS)), facts.equity),
        Limit.DRAWDOWN: _lost(_peak(facts, past.get(Limit.DRAWDOWN)), facts.equity),
        Limit.CONSECUTIVE_LOSSES: Decimal(_losing_streak(facts, past.get(Limit.CONSECUTIVE_LOSSES))),
    }


def trips_on_orders(
    limits: BreakerLimits,
    asked: Sending,
    sent: Iterable[Sending],
    rejected: Iterable[Sending],
    past: Mapping[Limit, PastTrip],
) -> tuple[Trip, ...]:
    """Return what trips because one more order is to be sent; as many as allowed pass, the next one does not.

    An order counts as long as both its sending and its candle are no older than the limit's minute or hour: a replay,
    which runs through days in minutes, is measured by the time of its candles.

    Args:
        asked: the order that is to be sent; not reduce-only.
        sent: those sent in the last hour, reduce-only ones left out, in any order.
        rejected: those refused in the last hour, with the time of the refusal, in any order.
        past: the last trip of each limit that ever tripped; what was sent before its end does not count.
    """
    orders, refused = (*sent, asked), tuple(rejected)
    same = [order for order in orders if (order.instrument, order.side) == (asked.instrument, asked.side)]
    counted = (
        (Limit.ORDERS_PER_MINUTE, orders, MINUTE, 1),
        (Limit.ORDERS_PER_HOUR, orders, HOUR, 1),
        (Limit.SAME_ORDER, same, HOUR, 1),
        (Limit.REJECTIONS, refused, HOUR, 0),
    )
    return tuple(
        Trip(limit, TradingState.HALTED, Decimal(count), allowed, _in_words(limit, Decimal(count), allowed))
        for limit, candidates, window, spare in counted
        if (allowed := _armed(limits, limit, past, asked.at)) is not None
        and (count := _count(candidates, asked, window, past.get(limit))) >= allowed + spare
    )


def trip_on_denial(connection: str, said: str) -> Trip:
    """Return what trips when a venue does not accept an account's credentials: nothing can be sent with them.

    Args:
        connection: whose credentials they are.
        said: what was asked, and the venue's words.
    """
    why = f"connection {connection} is denied access ({said})"
    return Trip(Limit.ACCESS, TradingState.HALTED, Decimal(1), Decimal(0), why)


def references_due(
    past: Iterable[PastTrip], at: datetime, equity: Decimal, now: datetime
) -> Iterator[tuple[Limit, Reference]]:
    """Yield where limits count from now on that did not before: those just re-armed, and a new peak since.

    Args:
        at, equity: the venue's time and the account's equity.
        now: the machine's time.
    """
    for trip in past:
        if trip.limit not in _LOSSES or trip.is_in_force(now):
            continue
        if trip.reference is None:
            yield trip.limit, Reference(at, equity)
        elif trip.limit is Limit.DRAWDOWN and equity > trip.reference.equity:
            yield trip.limit, Reference(trip.reference.at, equity)


def _armed(limits: BreakerLimits, limit: Limit, past: Mapping[Limit, PastTrip], now: datetime) -> Decimal | None:
    allowed = getattr(limits, limit)
    tripped = limit in past and past[limit].is_in_force(now)
    return None if allowed is None or tripped else Decimal(allowed)


def _day_start(facts: LossFacts, past: PastTrip | None) -> Decimal:
    midnight = facts.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    reference = past.reference if past else None
    return facts.day_start if reference is None or reference.at < midnight else reference.equity


def _peak(facts: LossFacts, past: PastTrip | None) -> Decimal:
    reference = past.reference if past else None
    return facts.peak if reference is None else max(reference.equity, facts.equity)


def _lost(before: Decimal, equity: Decimal) -> Decimal:
    """The fraction that is gone; all of it where there was nothing to lose, and less is there now."""
    lost = max(before - equity, Decimal(0))
    return lost / before if before > 0 else Decimal(1 if lost else 0)


def _losing_streak(facts: LossFacts, past: PastTrip | None) -> int:
    reference = past.reference if past else None
    counted = takewhile(lambda trade: reference is None or trade.closed_at > reference.at, reversed(facts.closed))
    return sum(1 for _ in takewhile(lambda trade: trade.profit < 0, counted))


def _count(orders: Iterable[Sending], asked: Sending, window: timedelta, past: PastTrip | None) -> int:
    ended = past.ends_at if past else None
    return sum(
        asked.at - order.at < window
        and abs(asked.candle_close - order.candle_close) < window
        and (ended is None or order.at > ended)
        for order in orders
    )


def _until(limit: Limit, limits: BreakerLimits, now: datetime, running: Running) -> datetime | None:
    """By the machine's time, when so much of the venue's has passed."""
    if limits.loss_pause is None:
        return None
    shown = now.astimezone(UTC) + running.lead
    tomorrow = shown.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    pause = max(limits.loss_pause, tomorrow - shown) if limit is Limit.DAILY_LOSS else limits.loss_pause
    return now + pause / running.pace


_WORDS = {
    Limit.DAILY_LOSS: "{observed} of the equity at the start of the UTC day is lost",
    Limit.DRAWDOWN: "{observed} of the highest equity is lost",
    Limit.CONSECUTIVE_LOSSES: "{observed} trades in a row have lost",
    Limit.ORDERS_PER_MINUTE: "{observed} orders within a minute",
    Limit.ORDERS_PER_HOUR: "{observed} orders within an hour",
    Limit.SAME_ORDER: "{observed} orders in one instrument on one side within an hour",
    Limit.REJECTIONS: "{observed} orders were refused within an hour",
}


def _in_words(limit: Limit, observed: Decimal, allowed: Decimal) -> str:
    figure = Decimal(f"{observed:.4g}").normalize()
    return f"{_WORDS[limit].format(observed=f'{figure:f}')}, {limit} is {allowed.normalize():f}"
