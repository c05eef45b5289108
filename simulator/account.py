"""One account at a simulated venue: its books, its orders and its numbered history."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from time import monotonic

from desk.adapters.venues.paper.terms import PaperTerms
from desk.matching.book import Book, Booked, Progress
from desk.matching.orders import ended, new_order, with_fill
from desk.model.books import Position
from desk.model.orders import Barriers, FillReason, Order, OrderIntent, OrderState, OrderType, TimeInForce
from simulator.reasons import Reason, reason_of
from simulator.records import Ask, Event, EventKind, PlacedOrder, Role
from simulator.venue import Venue

_ROLES = {FillReason.STOP: Role.STOP, FillReason.TARGET: Role.TARGET, FillReason.TRAILING_STOP: Role.TRAILING}


class Account:
    """Everything that a venue keeps of one customer; changed by `simulator.exchange` only.

    Attributes:
        wallets: money of the book's currency that lies beside the book, by the name of the wallet.
    """

    def __init__(
        self, venue: Venue, name: str, terms: PaperTerms, secrets: Mapping[str, str], opened_at: datetime
    ) -> None:
        self.venue = venue
        self.name = name
        self.terms = terms
        self.secrets = secrets
        self.opened_at = opened_at
        self.book = Book(name, terms.currency, terms.starting_cash, watermark=opened_at)
        self.events: list[Event] = []
        self.orders: dict[int, PlacedOrder] = {}
        self.wallets: dict[str, Decimal] = {}
        self._log(EventKind.FUNDED, opened_at, self.book.cash)

    @property
    def next_id(self) -> int:
        """The id of the next event."""
        return len(self.events) + 1

    @property
    def working(self) -> tuple[PlacedOrder, ...]:
        """Every order that something can still happen to, oldest first."""
        return tuple(order for order in self.orders.values() if order.is_working)

    def known_as(self, client_id: str) -> PlacedOrder | None:
        """Return the newest order with a client's id, the working one first; None where there never was one."""
        same = [order for order in self.orders.values() if client_id and order.client_id == client_id]
        return next((order for order in same if order.is_working), same[-1] if same else None)

    def guards(self, instrument: str) -> dict[Role, PlacedOrder]:
        """Return the working orders that guard the position, by role."""
        return {
            order.role: order
            for order in self.working
            if order.role is not Role.PLAIN and order.intent.instrument == instrument
        }

    def note_rejected(self, ask: Ask, intent: OrderIntent, reason: Reason | None, at: datetime) -> list[Event]:
        """Write down an order that never came to life; it takes a number and is in no list."""
        order = ended(new_order(intent, self.next_id, at), OrderState.REJECTED, reason or "", at)
        return [self._log(EventKind.REJECTED, at, self.book.cash, self._placed(ask, intent, order, at), reason=reason)]

    def note_stillborn(self, ask: Ask, intent: OrderIntent, reason: Reason, at: datetime) -> list[Event]:
        """Write down an order that was taken and cancelled at once."""
        created = self._create(self._placed(ask, intent, new_order(intent, self.next_id, at), at))
        return [created, self._end(self._latest(created), reason, at, created.batch)]

    def take(self, ask: Ask, intent: OrderIntent, progress: Progress, at: datetime) -> list[Event]:
        """Write down a new order and everything that it led to."""
        created = self._create(self._placed(ask, intent, new_order(intent, self.next_id, at), at))
        return [created, *self.follow(progress, lambda _: at, batch=created.batch)]

    def follow(self, progress: Progress, when: Callable[[datetime], datetime], *, batch: int = 0) -> list[Event]:
        """Write down what the matching engine did: the fills, then the orders that ended.

        Args:
            progress: what it did.
            when: turns the engine's time of a fill into the venue's.
            batch: what caused it; a new cause without.
        """
        batch, cash = batch or self.next_id, self.book.cash
        self.book = progress.book
        events: list[Event] = []
        for booked in progress.booked:
            cash += booked.realised_profit - booked.fill.fee
            events += self._fill(booked, when(booked.fill.at), cash, batch)
        for order in progress.orders.values():
            if order.state is OrderState.CANCELLED and (placed := self._plain(order.client_order_id)) is not None:
                events.append(self._end(placed, reason_of(order.reason), when(order.at), batch))
        return events + self._dismiss_guards(when(progress.book.watermark), batch)

    def guard(
        self, instrument: str, position: Position, at: datetime, batch: int, *, ask: Ask | None = None
    ) -> list[Event]:
        """Replace the orders that guard a position by those that its barriers ask for.

        Args:
            ask: what the client sent, where the barriers were an order of their own.
        """
        client_id, details = (ask.client_id, ask.details) if ask else ("", {})
        events = [self._end(guard, Reason.REPLACED, at, batch) for guard in self.guards(instrument).values()]
        for role, intent in _guarding(self, position, at):
            order = new_order(intent, self.next_id, at)
            placed = PlacedOrder(self.next_id, client_id, intent, order, at, monotonic(), role=role, details=details)
            events.append(self._create(placed, batch=batch))
        return events

    def pay(self, wallet: str, amount: Decimal, at: datetime) -> None:
        """Let money come, or go where `amount` is below 0; the wallet without a name is the book."""
        if wallet:
            self.wallets[wallet] = self.wallets.get(wallet, Decimal(0)) + amount
            return
        self.book = replace(self.book, cash=self.book.cash + amount)
        self._log(EventKind.MOVED, at, self.book.cash)

    def amend(self, placed: PlacedOrder) -> None:
        """Put a changed order in the place of what it was."""
        self.orders[placed.number] = placed
        working = tuple(
            replace(one, intent=placed.intent, order=replace(one.order, quantity=placed.order.quantity))
            if one.intent.client_order_id == placed.intent.client_order_id
            else one
            for one in self.book.working
        )
        self.book = replace(self.book, working=working)

    def dismiss(self, placed: PlacedOrder, reason: Reason, at: datetime) -> Event:
        """Write down that an order was cancelled; a position that it guarded loses that barrier."""
        holding = self.book.holdings.get(placed.intent.instrument)
        if placed.role is not Role.PLAIN and holding is not None:
            position = replace(holding.position, barriers=_without(holding.position.barriers, placed.role))
            holdings = {**self.book.holdings, position.instrument: replace(holding, position=position)}
            self.book = replace(self.book, holdings=holdings)
        return self._end(placed, reason, at, 0)

    def _placed(self, ask: Ask, intent: OrderIntent, order: Order, at: datetime) -> PlacedOrder:
        return PlacedOrder(self.next_id, ask.client_id, intent, order, at, monotonic(), details=ask.details)

    def _create(self, placed: PlacedOrder, *, batch: int = 0) -> Event:
        self.orders[placed.number] = placed
        return self._log(EventKind.CREATED, placed.created_at, self.book.cash, placed, batch=batch)

    def _latest(self, event: Event) -> PlacedOrder:
        assert event.order is not None, f"{self.name}: event {event.id} has no order"
        return self.orders[event.order.number]

    def _plain(self, engine_id: str) -> PlacedOrder | None:
        return self.orders.get(int(engine_id)) if engine_id.isdecimal() else None

    def _fill(self, booked: Booked, at: datetime, cash: Decimal, batch: int) -> list[Event]:
        fill = replace(booked.fill, at=at)
        placed = self._filled_order(booked)
        changed = replace(placed, order=with_fill(placed.order, fill))
        self.orders[placed.number] = changed
        events = [self._log(EventKind.FILLED, at, cash, changed, batch=batch, booked=booked._replace(fill=fill))]
        holding = self.book.holdings.get(fill.instrument)
        asked = placed.intent.barriers
        if holding is not None and asked != Barriers() and asked == holding.position.barriers:
            events += self.guard(fill.instrument, holding.position, at, batch)
        return events

    def _filled_order(self, booked: Booked) -> PlacedOrder:
        placed = self._plain(booked.fill.client_order_id)
        if placed is not None:
            return placed
        guard = self.guards(booked.fill.instrument)[_ROLES[booked.fill.reason]]
        quantity = booked.fill.quantity
        return replace(guard, order=replace(guard.order, quantity=quantity))

    def _dismiss_guards(self, at: datetime, batch: int) -> list[Event]:
        """Cancel what guards positions that are no more."""
        useless = [
            order
            for order in self.working
            if order.role is not Role.PLAIN and not self._is_guarded(order.intent.instrument, order.role)
        ]
        return [self._end(order, Reason.POSITION_CLOSED, at, batch) for order in useless]

    def _is_guarded(self, instrument: str, role: Role) -> bool:
        holding = self.book.holdings.get(instrument)
        return holding is not None and _without(holding.position.barriers, role) != holding.position.barriers

    def _end(self, placed: PlacedOrder, reason: Reason, at: datetime, batch: int) -> Event:
        changed = replace(placed, order=ended(placed.order, OrderState.CANCELLED, reason, at))
        self.orders[placed.number] = changed
        return self._log(EventKind.CANCELLED, at, self.book.cash, changed, batch=batch, reason=reason)

    def _log(
        self,
        kind: EventKind,
        at: datetime,
        cash: Decimal,
        order: PlacedOrder | None = None,
        *,
        batch: int = 0,
        booked: Booked | None = None,
        reason: Reason | None = None,
    ) -> Event:
        event = Event(self.next_id, batch or self.next_id, kind, at, cash, monotonic(), order, booked, reason)
        self.events.append(event)
        return event


def _guarding(account: Account, position: Position, at: datetime) -> Sequence[tuple[Role, OrderIntent]]:
    barriers = position.barriers
    best = account.book.holdings[position.instrument].best_price
    trailing = barriers.trailing_distance
    hung = None if trailing is None else best - position.side.sign * trailing
    asked = (
        (Role.TARGET, OrderType.LIMIT, barriers.target),
        (Role.STOP, OrderType.STOP, barriers.stop),
        (Role.TRAILING, OrderType.STOP, hung),
    )
    return [(role, _exit(account, position, kind, price, at)) for role, kind, price in asked if price is not None]


def _without(barriers: Barriers, role: Role) -> Barriers:
    if role is Role.STOP:
        return replace(barriers, stop=None)
    return replace(barriers, target=None) if role is Role.TARGET else replace(barriers, trailing_distance=None)


def _exit(account: Account, position: Position, kind: OrderType, price: Decimal, at: datetime) -> OrderIntent:
    return OrderIntent(
        client_order_id="",
        account=account.name,
        strategy="",
        instrument=position.instrument,
        candle_close=at,
        side=position.side.opposite,
        type=kind,
        quantity=abs(position.quantity),
        price=price,
        time_in_force=TimeInForce.GTC,
        reduce_only=True,
    )
