"""What an account owns and what the market says now: everything a decision may look at besides candles and opinions."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Self

from desk.model.excursions import Excursion
from desk.model.instrument import Instrument, Side
from desk.model.orders import Barriers, Fill, Order
from desk.model.reasons import Reason
from desk.model.records import ClosedTrade, TrackRecord
from desk.model.scopes import Scope
from desk.model.surroundings import Surroundings


class TradingState(StrEnum):
    """What an account may do now."""

    ACTIVE = "active"
    REDUCE_ONLY = "reduce_only"
    HALTED = "halted"

    @property
    def severity(self) -> int:
        """0 for what allows everything; more for what allows less."""
        return _SEVERITIES[self]


_REFUSALS = {TradingState.REDUCE_ONLY: Reason.REDUCE_ONLY, TradingState.HALTED: Reason.TRADING_HALTED}


@dataclass(frozen=True, slots=True)
class Restriction:
    """A trading state in force, and who ordered it why; ACTIVE has neither.

    Attributes:
        scope: what it covers.
        until: when it ends by itself; None for when somebody lifts it.
        reason: the code under which it refuses, where that is not its state's.
    """

    state: TradingState
    who: str = ""
    why: str = ""
    scope: Scope = field(default_factory=Scope)
    since: datetime | None = None
    until: datetime | None = None
    reason: Reason | None = None

    @property
    def refusal(self) -> Reason | None:
        """The code under which an order that opens a position is refused; None where it passes."""
        return self.reason or _REFUSALS.get(self.state)

    @property
    def told(self) -> str:
        """Why it is, and who said so."""
        return f"{self.why or 'no reason was given'} (ordered by {self.who})"

    def __str__(self) -> str:
        return f"{self.scope} is {self.state}: {self.told}"


def most_severe(restrictions: Iterable[Restriction]) -> Restriction:
    """Return the restriction that allows the least, the first of several; ACTIVE where there is none."""
    return max(restrictions, key=lambda restriction: restriction.state.severity, default=_UNRESTRICTED)


_UNRESTRICTED = Restriction(TradingState.ACTIVE)
_SEVERITIES = {state: severity for severity, state in enumerate(TradingState)}


@dataclass(frozen=True, slots=True)
class Quote:
    """The best prices of an instrument.

    Attributes:
        at: when the venue gave them.
        tradable: whether the venue takes orders on the instrument now.
    """

    instrument: str
    bid: Decimal
    ask: Decimal
    at: datetime
    tradable: bool = True

    def price_for(self, side: Side) -> Decimal:
        """The price that an order of `side` meets: the ask to buy, the bid to sell."""
        return self.ask if side is Side.BUY else self.bid

    @property
    def mid(self) -> Decimal:
        """Halfway between bid and ask."""
        return (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class Position:
    """What an account holds of an instrument.

    Attributes:
        quantity: base units, above 0 long, below 0 short, never 0.
        cost: signed price paid for it, in quote currency; `cost / quantity` is the average price.
        opened_at: the first fill of this position.
        strategy: the strategy whose order opened it; empty where it is not known.
        liquidation_price: where the venue would close it by force; None where it does not say.
    """

    instrument: str
    quantity: Decimal
    cost: Decimal
    opened_at: datetime
    barriers: Barriers = Barriers()
    strategy: str = ""
    liquidation_price: Decimal | None = None

    @property
    def side(self) -> Side:
        """BUY for a long position, SELL for a short one."""
        return Side.BUY if self.quantity > 0 else Side.SELL

    @property
    def average_price(self) -> Decimal:
        """Quote currency per base unit."""
        return self.cost / self.quantity

    def part(self, quantity: Decimal) -> Self:
        """Return the same position with a smaller quantity, at the same average price."""
        return replace(self, quantity=quantity, cost=self.cost * quantity / self.quantity)

    def unrealised_profit(self, quote: Quote) -> Decimal:
        """Profit in quote currency if it were closed at `quote`, before fees."""
        return self.quantity * quote.price_for(self.side.opposite) - self.cost


@dataclass(frozen=True, slots=True)
class AccountState:
    """What a venue says of an account's money.

    Attributes:
        currency: the account's currency.
        cash: settled money, without open profit or loss.
        equity: cash and the open profit or loss at current quotes.
        conversion: the account-currency value of one unit of each currency that its instruments are quoted in.
        balances: what is held, by currency, where the venue tells.
        margin_used: what open positions tie up of the equity; None where the venue does not tell.
    """

    currency: str
    cash: Decimal
    equity: Decimal
    at: datetime
    conversion: Mapping[str, Decimal] = field(default_factory=dict)
    balances: Mapping[str, Decimal] = field(default_factory=dict)
    margin_used: Decimal | None = None


@dataclass(frozen=True)
class Snapshot:
    """Everything a decision may look at besides candles and opinions; rules never query.

    Attributes:
        account: the account's name.
        at: the time of the decision.
        money: the account's money in its own currency.
        day_start_equity, peak_equity: in account currency; equal to `money.equity` where there is no history.
        instruments: every instrument of the account and of its positions, by name, but for those of `delisted`.
        quotes: by instrument name; an instrument without a quote is missing.
        pending: signed quantities, by instrument, approved earlier in this decision and not yet in `positions`.
        blocked: instruments whose earlier order has no known outcome, with the client order id.
        trading_state: of the account as a whole.
        external: signed quantities, by instrument, that the venue holds and the desk did not trade, or that it lacks.
        restrictions: every one that covers the account, a strategy of it or an instrument.
        closed_trades: of the last days, oldest first.
        records: by strategy, of all its closed trades in this account.
        surroundings: what lies around the account.
        excursions: what candles have shown of the ways of its trades, for the ledger, which keeps it with those.
    """

    account: str
    at: datetime
    money: AccountState
    day_start_equity: Decimal
    peak_equity: Decimal
    instruments: Mapping[str, Instrument]
    quotes: Mapping[str, Quote]
    positions: tuple[Position, ...] = ()
    open_orders: tuple[Order, ...] = ()
    recent_fills: tuple[Fill, ...] = ()
    trading_state: TradingState = TradingState.ACTIVE
    pending: Mapping[str, Decimal] = field(default_factory=dict)
    blocked: Mapping[str, str] = field(default_factory=dict)
    restrictions: tuple[Restriction, ...] = ()
    external: Mapping[str, Decimal] = field(default_factory=dict)
    closed_trades: Sequence[ClosedTrade] = ()
    records: Mapping[str, TrackRecord] = field(default_factory=dict)
    surroundings: Surroundings = field(default_factory=Surroundings)
    excursions: tuple[Excursion, ...] = ()

    def closed_since(self, at: datetime) -> tuple[ClosedTrade, ...]:
        """Return the trades that were closed at a time or later, oldest first."""
        return tuple(self.closed_trades[bisect_left(self.closed_trades, at, key=lambda trade: trade.closed_at) :])

    def restriction_on(self, strategy: str, instrument: str) -> Restriction:
        """Return the most severe trading state that covers an order of `strategy` in `instrument`."""
        narrow = (
            restriction
            for restriction in self.restrictions
            if restriction.scope.strategy in ("", strategy) and restriction.scope.instrument in ("", instrument)
        )
        whole = () if self.trading_state is TradingState.ACTIVE else (Restriction(self.trading_state),)
        return most_severe((*narrow, *whole))

    def position(self, instrument: str) -> Position | None:
        """Return the open position in `instrument`, or None where the account is flat."""
        return self._position_of.get(instrument)

    def own_position(self, instrument: str) -> Position | None:
        """Return the part of the position in `instrument` that the desk may close, or None where there is none."""
        held = self.position(instrument)
        if held is None or instrument not in self.external:
            return held
        own = held.quantity - self.external[instrument]
        if own * held.side.sign <= 0:
            return None
        return held if abs(own) >= abs(held.quantity) else held.part(own)

    def quantity(self, instrument: str) -> Decimal:
        """Return the signed quantity held, working in open orders, and approved earlier in this decision.

        Orders that can only reduce are left out: they may never fill.
        """
        return self._quantities.get(instrument, Decimal(0))

    def rate(self, instrument: str) -> Decimal | None:
        """Return the account-currency value of one unit of the instrument's quote currency, or None where unknown."""
        known = self.instruments.get(instrument)
        if known is None:
            return None
        currency = known.quote
        return Decimal(1) if currency == self.money.currency else self.money.conversion.get(currency)

    def exposed_instruments(self) -> frozenset[str]:
        """Return the instruments whose `quantity` is not zero."""
        return frozenset(name for name, quantity in self._quantities.items() if quantity != 0)

    @property
    def delisted(self) -> frozenset[str]:
        """What is held, or may be by an order that works, and is not listed any more: it has no value.

        Nothing is opened beside it: every rule may count on the specification of what is held.
        """
        return self.exposed_instruments() - self.instruments.keys()

    def exposure(self, instrument: str) -> Decimal | None:
        """Return the absolute value held in `instrument` in account currency, or None where it cannot be valued."""
        quantity = abs(self.quantity(instrument))
        if quantity == 0:
            return Decimal(0)
        quote, rate = self.quotes.get(instrument), self.rate(instrument)
        values = (quote.mid, rate) if quote and rate is not None else ()
        if not values or not all(value.is_finite() and value > 0 for value in values):
            return None
        return quantity * values[0] * values[1]

    def with_pending(self, instrument: str, quantity: Decimal) -> Self:
        """Return the snapshot with a further signed quantity reserved."""
        pending = {**self.pending, instrument: self.pending.get(instrument, Decimal(0)) + quantity}
        return replace(self, pending=pending)

    @cached_property
    def _position_of(self) -> Mapping[str, Position]:
        """The first position in each instrument; there is one at most, but for what a venue makes up."""
        return {position.instrument: position for position in reversed(self.positions)}

    @cached_property
    def _quantities(self) -> Mapping[str, Decimal]:
        """What `quantity` returns of every instrument that is held, ordered or pending."""
        found = {name: position.quantity for name, position in self._position_of.items()}
        working = (
            (order.instrument, (order.quantity - order.filled_quantity) * order.side.sign)
            for order in self.open_orders
            if not order.reduce_only
        )
        for name, quantity in (*working, *self.pending.items()):
            found[name] = found.get(name, Decimal(0)) + quantity
        return found
