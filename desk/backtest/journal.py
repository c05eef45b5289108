"""What the ledger would remember of an account: fills, round trips, its equity over time, and what tripped."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from desk.decide.market_facts import Facts
from desk.execution.breaker import (
    BREAKER,
    HOUR,
    BreakerLimits,
    Limit,
    LossFacts,
    PastTrip,
    Sending,
    Trip,
    look_at_losses,
    trips_on_orders,
)
from desk.execution.folding import Entry, Standing, fold
from desk.execution.rounds import closed_trade
from desk.matching.book import Booked
from desk.model.books import Restriction, most_severe
from desk.model.orders import Barriers, Fill, Order, OrderIntent, OrderState
from desk.model.reasons import Reason
from desk.model.records import ClosedTrade, RecordKeeper, TrackRecord, Trade
from desk.model.stretch import Stretch
from desk.model.trade import Intention, Proposal, Verdict

_FLAT, _NO_BARRIERS = Standing(), Barriers()


@dataclass(frozen=True, slots=True)
class Mark:
    """An account's equity at a time, in account currency, and the highest until then."""

    at: datetime
    equity: Decimal
    peak: Decimal


@dataclass(slots=True)
class _Opened:
    """The order behind a position, and what its first fill was worth."""

    intent: OrderIntent
    proposal: Proposal
    rates: dict[str, Decimal | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedTrip(Trip):
    """A limit that was reached, and when."""

    at: datetime


class Journal:
    """The memory of one account.

    Attributes:
        fills: oldest first, charges for what is held among them.
        trades: the round trips that are over, in the order of their ends.
        marks: of the equity, oldest first.
        past: the last trip of each limit.
        trips: every one, oldest first.
    """

    def __init__(self, account: str, currency: str, limits: BreakerLimits) -> None:
        self.fills: list[Fill] = []
        self.trades: list[Trade] = []
        self.marks: list[Mark] = []
        self.past: dict[Limit, PastTrip] = {}
        self.trips: list[DatedTrip] = []
        self._account = account
        self._currency = currency
        self._limits = limits
        self._closed: list[ClosedTrade] = []
        self._standings: dict[str, Standing] = {}
        self._opened: dict[str, _Opened] = {}
        self._sent: list[Sending] = []
        self._rejected: list[Sending] = []
        self._records: Mapping[str, TrackRecord] | None = {}
        self._kept = RecordKeeper()

    def expect(self, intents: Iterable[OrderIntent], verdicts: Sequence[Verdict]) -> None:
        """Remember what orders were decided by, before their fills arrive."""
        approved = {
            verdict.proposal.instrument: verdict.proposal
            for verdict in verdicts
            if verdict.quantity > 0 and verdict.proposal.intention is Intention.OPEN
        }
        for intent in intents:
            if (proposal := approved.get(intent.instrument)) is not None and not intent.reduce_only:
                self._opened[intent.client_order_id] = _Opened(intent, proposal)

    def book(self, booked: Iterable[Booked], conversion: Mapping[str, Decimal]) -> None:
        """Fold fills into round trips, at the rates that are known when they are read."""
        for fill, _ in booked:
            self.fills.append(fill)
            self._fold(fill, {**conversion, self._currency: Decimal(1)})

    def mark(self, at: datetime, equity: Decimal) -> None:
        """Note the equity of a time."""
        before = self.marks[-1].peak if self.marks else equity
        self.marks.append(Mark(at, equity, max(before, equity)))

    def day_start_and_peak(self, at: datetime, equity: Decimal) -> tuple[Decimal, Decimal]:
        """Return the equity at the start of the UTC day, and the highest so far with that of now.

        The first is that of the last mark at or before midnight, or of the first one that there is.
        """
        if not self.marks:
            return equity, equity
        midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        row = bisect_right(self.marks, midnight, key=lambda mark: mark.at) - 1
        return self.marks[max(row, 0)].equity, max(self.marks[-1].peak, equity)

    @property
    def peak(self) -> Decimal | None:
        """The highest equity so far; None without any."""
        return self.marks[-1].peak if self.marks else None

    def fills_since(self, at: datetime) -> tuple[Fill, ...]:
        """Return the fills from a time on, oldest first."""
        return tuple(self.fills[bisect_left(self.fills, at, key=lambda fill: fill.at) :])

    def closed_since(self, at: datetime) -> Sequence[ClosedTrade]:
        """Return the round trips that were closed from a time until now, oldest first."""
        return self._last_closed(bisect_left(self._closed, at, key=lambda trade: trade.closed_at))

    @property
    def closed(self) -> Sequence[ClosedTrade]:
        """Every round trip that is over, oldest first."""
        return self._closed

    @property
    def records(self) -> Mapping[str, TrackRecord]:
        """What the closed trades of each strategy add up to, found when somebody asks for it before the next closes."""
        if self._records is None:
            self._records = Facts(self._kept.records)
        return self._records

    def restrictions(self, now: datetime) -> tuple[Restriction, ...]:
        """Return every trading state that the breaker has ordered and that holds."""
        in_force = (self.past[limit] for limit in sorted(self.past) if self.past[limit].is_in_force(now))
        return tuple(trip.restriction(self._account) for trip in in_force)

    def look_at_losses(self, at: datetime, equity: Decimal) -> None:
        """Trip what must trip by what was lost, at a time and an equity that need not be marked yet."""
        if not self._limits.watches_losses:
            return
        closed = self._last_closed(len(self._closed) - (self._limits.consecutive_losses or 0))
        facts = LossFacts(at, equity, *self.day_start_and_peak(at, equity), closed)
        found = look_at_losses(self._limits, facts, self.past, at)
        for limit, reference in found.references.items():
            self.past[limit] = replace(self.past[limit], reference=reference)
        self._trip(found.trips, at)

    def objection(self, intent: OrderIntent, now: datetime) -> str:
        """Return why an order must not be sent; empty where it may, and is counted as sent.

        An order that is one too many by the account's limits trips the breaker.
        """
        asked = Sending(now, intent.candle_close, intent.instrument, intent.side)
        if intent.reduce_only:
            return ""
        found = most_severe(self.restrictions(now))
        if found.refusal is not None:
            return f"{found.refusal}: {found.told}"
        if self._limits.watches_orders:
            self._sent, self._rejected = _recent(self._sent, now), _recent(self._rejected, now)
            trips = trips_on_orders(self._limits, asked, self._sent, self._rejected, self.past)
            self._trip(trips, now)
            if trips:
                return f"{Reason.TRADING_HALTED}: {'; '.join(trip.why for trip in trips)} (ordered by {BREAKER})"
        self._sent.append(asked)
        return ""

    def note(self, intent: OrderIntent, order: Order, now: datetime) -> None:
        """Remember what became of an order, as far as limits count it."""
        if order.state is OrderState.REJECTED:
            self._rejected.append(Sending(now, intent.candle_close, intent.instrument, intent.side))

    def _last_closed(self, first: int) -> Sequence[ClosedTrade]:
        return Stretch(self._closed, max(0, first), len(self._closed))

    def _trip(self, trips: Iterable[Trip], now: datetime) -> None:
        for trip in trips:
            if trip.limit not in self.past or not self.past[trip.limit].is_in_force(now):
                self.past[trip.limit] = PastTrip(trip.limit, trip.state, trip.why, now, trip.until)
                self.trips.append(_dated(trip, now))

    def _fold(self, fill: Fill, conversion: Mapping[str, Decimal]) -> None:
        opened = self._opened.get(fill.client_order_id)
        quote = fill.instrument.split("/")[1].split(":")[0]
        rate, fee_rate = conversion.get(quote), conversion.get(fill.fee_currency) if fill.fee else Decimal(1)
        if opened is not None:
            opened.rates.setdefault(fill.venue_trade_id, rate)
        entry = Entry(self._account, fill, rate, fee_rate, *_order_facts(opened))
        standing = fold(self._standings.get(fill.instrument, _FLAT), entry)
        for trade in standing.closed:
            self._close(trade)
        self._standings[fill.instrument] = replace(standing, closed=()) if standing.closed else standing

    def _close(self, trade: Trade) -> None:
        self.trades.append(trade)
        opened = self._opened.get(trade.entry_order_id)
        rate = opened.rates.get(trade.opened_by) if opened else None
        barriers, proposal = (opened.intent.barriers, opened.proposal) if opened else (None, None)
        closed = closed_trade(trade, barriers=barriers, rate=rate, proposal=proposal)
        self._closed.append(closed)
        self._kept.add(closed)
        self._records = None


def _order_facts(opened: _Opened | None) -> tuple[str, Barriers, datetime | None]:
    if opened is None:
        return "", _NO_BARRIERS, None
    return opened.intent.strategy, opened.intent.barriers, opened.intent.candle_close


def _recent(sendings: Iterable[Sending], now: datetime) -> list[Sending]:
    """Those of the last two hours: what no limit can count any more is forgotten."""
    return [one for one in sendings if now - one.at < 2 * HOUR]


def _dated(trip: Trip, at: datetime) -> DatedTrip:
    return DatedTrip(trip.limit, trip.state, trip.observed, trip.allowed, trip.why, trip.until, at=at)
