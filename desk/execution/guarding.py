"""What the watch of an account does next: protects, moves stops, ends positions and clears away, from a fresh look.

Pure, and without a memory of its own: what was done before is in the orders of the look. Each action is one step, and
the next look shows what it led to; a stop is taken away only after the look that shows the better one beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from desk.execution.plan import client_order_id, is_ours
from desk.execution.stops import (
    Cover,
    Decided,
    StopKeeping,
    cover_of,
    covered,
    good_stops,
    is_crossed,
    is_reached,
    level_for,
)
from desk.execution.watching import SETTLED, WATCH, Action, Cancel, Look, Place, SetStop, Tell, WatchPolicy
from desk.model.books import Position, Quote
from desk.model.instrument import Instrument
from desk.model.orders import Order, OrderIntent, OrderState, OrderType, TimeInForce

_PARTIAL = "partial exit"
_NOT_OPENED = "the venue holds a position that the desk has not opened, and it has no stop; close it or give it one"
_WAITING = "it has no stop, and nothing is done while the outcome of an order is not known; look at the venue yourself"


def watch(look: Look, policy: WatchPolicy) -> tuple[Action, ...]:
    """Return what is to be done now; nothing where all is as it should be."""
    of_positions = (action for position in look.positions for action in _watch_position(position, look, policy))
    return (*of_positions, *_left_over(look), *_stale(look, policy))


def naked(look: Look) -> frozenset[str]:
    """Return the instruments whose positions have no stop at all at the venue."""
    return frozenset(position.instrument for position in look.positions if _cover(position, look).is_naked)


def _cover(position: Position, look: Look) -> Cover:
    known, instrument = look.decided.get(position.instrument), look.instruments[position.instrument]
    if known is None:
        return cover_of(position, position.barriers, look.orders, instrument)
    return cover_of(position, known.barriers, (*look.orders, *_unseen(known, look)), instrument)


def _unseen(decided: Decided, look: Look) -> Iterable[Order]:
    """Stops that the venue took just now and does not list yet."""
    listed = {order.client_order_id for order in look.orders}
    return (
        order
        for order in decided.orders
        if order.type is OrderType.STOP and _is_taken(order) and order.client_order_id not in listed
        if _is_recent(order, look)
    )


def _is_recent(order: Order, look: Look) -> bool:
    return abs(look.at - order.at) < SETTLED


def _is_taken(order: Order) -> bool:
    return order.state in (OrderState.ACKED, OrderState.PARTIAL)


def _watch_position(position: Position, look: Look, policy: WatchPolicy) -> tuple[Action, ...]:
    decided = look.decided.get(position.instrument)
    cover = _cover(position, look)
    if position.instrument in look.busy:
        return (Tell(position.instrument, _WAITING),) if cover.is_naked else ()
    if decided is None or decided.quantity * position.quantity <= 0:
        return (Tell(position.instrument, _NOT_OPENED),) if cover.is_naked else ()
    own = _own(position, decided, look.instruments[position.instrument])
    if own is None:
        return ()
    one = _One(own, decided, cover, look, policy)
    if ending := one.ending():
        return (*one.meanwhile(), *ending)
    return (*one.part(), *one.protection())


def _own(position: Position, decided: Decided, instrument: Instrument) -> Position | None:
    """What the desk has traded of it: the rest is somebody's who may keep it; None where that is too little to sell."""
    if abs(decided.quantity) >= abs(position.quantity):
        return position
    return position.part(decided.quantity) if _is_sellable(decided, instrument) else None


@dataclass(frozen=True, slots=True)
class _One:
    """The desk's part of one position, with all that is known of it."""

    position: Position
    decided: Decided
    cover: Cover
    look: Look
    policy: WatchPolicy

    @property
    def instrument(self) -> Instrument:
        return self.look.instruments[self.position.instrument]

    @property
    def quote(self) -> Quote | None:
        """The prices at which it can be traded now; None while its market is closed or says nothing."""
        quote = self.look.quotes.get(self.position.instrument)
        return quote if quote is not None and quote.tradable else None

    @property
    def keeping(self) -> StopKeeping:
        return self.policy.keeping(self.position.instrument)

    @property
    def best(self) -> Decimal | None:
        """The best price so far, that of this moment included."""
        seen = [self.look.best.get(self.position.instrument)]
        seen.append(self.quote.price_for(self.position.side.opposite) if self.quote else None)
        prices = [price for price in seen if price is not None]
        return max(prices, key=lambda price: price * self.position.side.sign) if prices else None

    @property
    def level(self) -> Decimal | None:
        return level_for(self.position, self.decided, self.best, self.policy.break_even_at, self.instrument)

    def ending(self) -> tuple[Action, ...]:
        """Close it, where it has to end now; an order that closes and is refused is tried again at the next look."""
        why = "" if self.quote is None or self._is_closing else self._why_end(self.quote)
        intent = self._intent(OrderType.MARKET, abs(self.position.quantity), leg=self._leg("close"))
        if not why or not intent.quantity:
            return ()
        first = self._ours() if self.keeping is StopKeeping.HOLDING else ()
        return (*(Cancel(stop, "it holds back what is to be sold") for stop in first), Place(intent, why, is_loud=True))

    def meanwhile(self) -> tuple[Action, ...]:
        """Protect what has to end, too, where closing it has left something: a thin market takes it in small parts.

        Not where a stop holds back what is to be sold, nor where the price is beyond it.
        """
        is_left = any(order.type is OrderType.MARKET and _is_recent(order, self.look) for order in self.decided.orders)
        may_stand = self.keeping in (StopKeeping.ORDER, StopKeeping.TRADE) and not self._is_crossed
        return self.protection() if is_left and may_stand and self.cover.is_naked else ()

    @property
    def _is_crossed(self) -> bool:
        level, quote = self.level, self.quote
        return level is not None and quote is not None and is_crossed(self.position, level, quote)

    @property
    def _is_closing(self) -> bool:
        """Whether the venue has taken an order that closes, and its fill may be on the way."""
        closing = (order for order in self.decided.orders if order.type is OrderType.MARKET and _is_taken(order))
        return any(_is_recent(order, self.look) for order in closing)

    @property
    def _must_be_kept(self) -> bool:
        """Whether closing it has failed just now and took its stop away: that comes back before it is tried again."""
        ended = (OrderState.REJECTED, OrderState.CANCELLED, OrderState.EXPIRED)
        failed = (one for one in self.decided.orders if one.type is OrderType.MARKET and one.state in ended)
        return self.keeping is StopKeeping.HOLDING and any(_is_recent(order, self.look) for order in failed)

    def _why_end(self, quote: Quote) -> str:
        return self._why_unprotected(quote) or ("" if self._must_be_kept else self._why_due(quote))

    def _why_unprotected(self, quote: Quote) -> str:
        level, since = self.level, self.look.naked_since.get(self.position.instrument)
        if level is None or not self.cover.is_naked:
            return ""
        if is_crossed(self.position, level, quote):
            return f"the price has reached its stop {level}, and the venue holds none"
        is_kept = self.keeping is not StopKeeping.DESK
        if is_kept and since is not None and self.look.at - since >= self.policy.protect_within:
            return f"no stop could be placed at {level} for {self.look.at - since}"
        return ""

    def _why_due(self, quote: Quote) -> str:
        barriers = self.decided.barriers
        limit = barriers.time_limit
        if limit is not None and self.position.barriers.time_limit is None and self._age >= limit:
            return f"open for {self._age}, allowed are {limit}"
        target = None if self.cover.has_target else barriers.target
        if target is not None and is_reached(self.position, target, quote):
            return f"the price has reached its target {target}, and the venue holds none"
        return ""

    @property
    def _age(self) -> timedelta:
        return self.look.at - self.decided.opened_at

    def part(self) -> tuple[Action, ...]:
        """Close a part of it once the profit is large enough; tried once in its life."""
        at, fixed, quote = self.policy.partial_exit_at, self.decided.barriers.stop, self.quote
        if at is None or fixed is None or quote is None:
            return ()
        sign, entry = self.position.side.sign, self.decided.entry_price
        risked = (entry - fixed) * sign
        gained = (quote.price_for(self.position.side.opposite) - entry) * sign
        intent = self._intent(OrderType.MARKET, self.decided.entered * self.policy.partial_exit_fraction, leg=_PARTIAL)
        known = {order.client_order_id for order in self.decided.orders}
        is_due = 0 < risked * at <= gained and intent.client_order_id not in known
        if not is_due or not self.instrument.minimum_quantity <= intent.quantity < abs(self.position.quantity):
            return ()
        return (Place(intent, f"the profit is {gained} a unit, {risked} were risked", is_loud=True),)

    def protection(self) -> tuple[Action, ...]:
        """Bring the stop at the venue to where it belongs, over what is held."""
        level = self.level
        if level is None:
            told = "it has no stop, and none was decided; give it one at the venue or close it"
            return () if not self.cover.is_naked else (Tell(self.position.instrument, told),)
        match self.keeping:
            case StopKeeping.DESK:
                return ()
            case StopKeeping.TRADE:
                return self._set(level)
            case StopKeeping.ORDER | StopKeeping.HOLDING:
                return self._order(level)

    def _set(self, level: Decimal) -> tuple[Action, ...]:
        stands = self.cover.level
        if self.cover.hangs and (stands is None or (level - stands) * self.position.side.sign <= 0):
            return ()
        return (SetStop(self.position.instrument, level, self._why(stands)),)

    def _order(self, level: Decimal) -> tuple[Action, ...]:
        held, lot, cover = abs(self.position.quantity), self.instrument.lot, self.cover
        if cover.hangs and (cover.level is None or (level - cover.level) * self.position.side.sign <= 0):
            return self._clear(cover.stops, "the stop of the position itself is as near")
        good = good_stops(cover, self.position, level)
        worse = [stop for stop in cover.stops if stop not in good]
        missing = held - covered(good, self.position)
        if missing >= lot:
            return () if self._must_wait(missing) else self._more(level, missing, worse)
        exact = next((one for one in reversed(good) if abs(covered([one], self.position) - held) < lot), None)
        if exact is not None:
            return self._clear([stop for stop in cover.stops if stop != exact], "another stop covers the position")
        if missing > -lot:
            return self._clear(worse, "nearer stops cover the position")
        return self._anew(level, held)

    def _must_wait(self, missing: Decimal) -> bool:
        """Whether there is a stop, and one more is too small for the venue or was refused just now."""
        last = self.decided.orders[-1] if self.decided.orders else None
        is_refused = last is not None and last.state is OrderState.REJECTED and _is_recent(last, self.look)
        return not self.cover.is_naked and (is_refused or missing < self.instrument.minimum_quantity)

    def _more(self, level: Decimal, missing: Decimal, worse: list[Order]) -> tuple[Action, ...]:
        """Place what is missing; stops that hold back what they sell go first, or stay where they are not ours."""
        if self.keeping is StopKeeping.HOLDING and worse:
            return self._clear(worse, "it makes way for a nearer stop")
        return (Place(self._stop(level, missing), self._why(None)),)

    def _anew(self, level: Decimal, held: Decimal) -> tuple[Action, ...]:
        """Replace stops over more than is held by one over all of it; those that are not ours are left alone."""
        if not self._ours():
            return ()
        if self.keeping is StopKeeping.HOLDING:
            return self._clear(self._ours(), f"it is over more than the {held} that are held")
        return (Place(self._stop(level, held), f"its stops are over more than the {held} that are held"),)

    def _clear(self, stops: Iterable[Order], why: str) -> tuple[Action, ...]:
        return tuple(Cancel(stop, why) for stop in stops if is_ours(stop.client_order_id))

    def _ours(self) -> tuple[Order, ...]:
        return tuple(stop for stop in self.cover.stops if is_ours(stop.client_order_id))

    def _why(self, stands: Decimal | None) -> str:
        if stands is not None:
            return f"its stop moves from {stands}"
        return "it has no stop at the venue" if self.cover.is_naked else "its stops do not cover it at this price"

    def _stop(self, level: Decimal, quantity: Decimal) -> OrderIntent:
        return self._intent(OrderType.STOP, quantity, price=level, leg=self._leg("stop"))

    def _leg(self, what: str) -> str:
        """Another one for every attempt, and the same for whoever looks at the same orders."""
        return f"{what} {len(self.decided.orders) + 1}"

    def _intent(self, kind: OrderType, quantity: Decimal, *, leg: str, price: Decimal | None = None) -> OrderIntent:
        anchor, name = self.decided.anchor, self.position.instrument
        return OrderIntent(
            client_order_id=client_order_id(self.policy.account, WATCH, name, anchor, leg),
            account=self.policy.account,
            strategy=WATCH,
            instrument=name,
            candle_close=anchor,
            side=self.position.side.opposite,
            type=kind,
            quantity=self.instrument.round_quantity(quantity),
            price=price,
            time_in_force=TimeInForce.IOC if kind is OrderType.MARKET else TimeInForce.GTC,
            reduce_only=True,
        )


def _left_over(look: Look) -> Iterable[Action]:
    """Stops and targets of ours whose position is gone, at the venue and by the fills that the ledger knows."""
    taken = {position.instrument for position in look.positions} | look.busy | _held_by_fills(look)
    taken |= {order.instrument for order in look.orders if not order.reduce_only}
    return (
        Cancel(order, "its position is gone")
        for order in look.orders
        if order.reduce_only and _is_cancellable(order) and order.instrument not in taken
        if look.at - order.at >= SETTLED
    )


def _held_by_fills(look: Look) -> set[str]:
    """What an answer of the venue may have left out; what is too little to be sold is not told of by some venues."""
    known = {name: look.instruments.get(name) for name in look.decided}
    return {name for name, one in known.items() if one is None or _is_sellable(look.decided[name], one)}


def _is_sellable(decided: Decided, instrument: Instrument) -> bool:
    return abs(decided.quantity) >= instrument.minimum_quantity


def _stale(look: Look, policy: WatchPolicy) -> Iterable[Action]:
    return (
        Cancel(order, f"it has waited for the market for {look.at - order.at}, allowed are {policy.stale_after}")
        for order in look.orders
        if not order.reduce_only and _is_cancellable(order) and look.at - order.at >= policy.stale_after
    )


def _is_cancellable(order: Order) -> bool:
    return is_ours(order.client_order_id) and not order.state.is_final
