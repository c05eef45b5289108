"""One account in the past: the same snapshot, decision and orders as in a scan, without its I/O."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from desk.backtest.history import History
from desk.backtest.journal import Journal
from desk.backtest.venue import Opening, PaperBooks
from desk.decide import Policy, propose_trades, risk_check
from desk.decide.market_facts import EachFact, market_facts
from desk.decide.signals import Views, compute_signals
from desk.matching.conversion import conversion_pairs, rates_from
from desk.model.books import AccountState, Quote, Snapshot, most_severe
from desk.model.cycle import Decision
from desk.model.market import Market
from desk.model.orders import Order, OrderIntent
from desk.model.surroundings import CalendarEvent, Surroundings
from desk.model.trade import NoTrade
from desk.steps.snapshot import RECENT, TRADED
from desk.steps.surroundings import AROUND, Around, Company


def _no_calendar(_since: datetime, _until: datetime) -> None:
    return None


@dataclass(frozen=True)
class Setting:
    """What lies around the account in the past.

    Attributes:
        currency: the fleet's.
        rates: what one unit of a currency is worth in the fleet's, where no candle tells.
        events: returns what is scheduled between two times, oldest first; None where that is not known.
    """

    currency: str = "USD"
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    events: Callable[[datetime, datetime], tuple[CalendarEvent, ...] | None] = _no_calendar

    @cached_property
    def company(self) -> Company:
        """Whom an account that trades alone has around it."""
        return Company({}, self.currency, self.rates)

    def around(self, money: AccountState, at: datetime) -> Surroundings:
        """Return what an account that trades alone sees around it."""
        return Around(self.company, (), self.events(at - AROUND, at + AROUND)).seen_from(money)


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one cycle.

    Attributes:
        refused: why an intent was not sent, by client order id.
    """

    close: datetime
    decision: Decision
    orders: tuple[Order, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


class PastDesk:
    """An account whose clock is given to it.

    Args:
        policy: how it decides.
        history: what the market did.
        opening: what it begins with.
        views: where its strategies' opinions come from.
        setting: what lies around it.
    """

    def __init__(self, policy: Policy, history: History, opening: Opening, views: Views, setting: Setting) -> None:
        self.policy = policy
        self.history = history
        self.books = PaperBooks(policy.account, history, opening)
        self.journal = Journal(policy.account, opening.currency, policy.breaker)
        self._views = views
        self._timeframes = policy.timeframes
        self._setting = setting
        self._fleet_pair = conversion_pairs([setting.currency], opening.currency, history.instruments)

    def scan(self, close: datetime, known: tuple[NoTrade, ...] = ()) -> Step:
        """Decide on the candles that closed at a time, and trade at the prices of that time.

        Args:
            known: the instruments of which it is known that they lead to nothing; they are not judged.
        """
        self.sync(close)
        markets = self.markets(close)
        decision = compute_signals(self.policy, markets, close, Decision(no_trades=known), self._views)
        snapshot = self.snapshot(close, markets)
        decision = risk_check(self.policy, snapshot, propose_trades(self.policy, snapshot, decision))
        self.journal.expect(decision.intents, decision.verdicts)
        orders, refused = self._send(decision.intents, close)
        self.journal.mark(close, self.books.equity(close) if orders else snapshot.money.equity)
        return Step(close, decision, orders, refused)

    def look(self, at: datetime) -> None:
        """Note the equity of a time, and let the breaker look at it."""
        equity = self.books.equity(at)
        self.journal.look_at_losses(at, equity)
        self.journal.mark(at, equity)

    def sync(self, at: datetime) -> None:
        """Match what the market has done since the last time, and book it."""
        if booked := self.books.advance(at):
            self.journal.book(booked, self.books.market(at).rates)

    def markets(self, close: datetime) -> Mapping[str, Market]:
        """Return the candles that a scan sees, cut from the history where somebody looks at them."""
        return EachFact(lambda: self.policy.instruments, lambda name: self._market(name, close))

    def _market(self, name: str, close: datetime) -> Market | None:
        policy = self.policy
        if name not in policy.instruments:
            return None
        seen = {one: self.history.newest(name, one, until=close, count=policy.lookback) for one in self._timeframes}
        return Market(policy.timeframe, seen)

    def snapshot(self, at: datetime, markets: Mapping[str, Market]) -> Snapshot:
        """Return what a decision may look at, with the breaker's last word and what the candles of `markets` say."""
        money, book = self.books.money(at), self.books.book
        names = tuple(dict.fromkeys((*self.policy.instruments, *sorted(book.exposed))))
        known = {name: self.history.instruments[name] for name in names}
        if rates := rates_from(self._fleet_pair, self._quotes(tuple(self._fleet_pair.values()), at)):
            money = replace(money, conversion={**rates, **money.conversion})
        day_start, peak = self.journal.day_start_and_peak(at, money.equity)
        self.journal.look_at_losses(at, money.equity)
        restrictions = self.journal.restrictions(at)
        return Snapshot(
            account=book.account,
            at=at,
            money=money,
            day_start_equity=day_start,
            peak_equity=peak,
            instruments=known,
            quotes=self._quotes(names, at),
            positions=book.positions,
            open_orders=tuple(working.order for working in book.working),
            recent_fills=self.journal.fills_since(at - RECENT),
            trading_state=most_severe(restrictions).state,
            restrictions=restrictions,
            closed_trades=self.journal.closed_since(at - TRADED),
            records=self.journal.records,
            surroundings=market_facts(self._setting.around(money, at), known, markets),
        )

    def _send(self, intents: Sequence[OrderIntent], at: datetime) -> tuple[tuple[Order, ...], dict[str, str]]:
        orders: list[Order] = []
        refused: dict[str, str] = {}
        for intent in intents:
            if why := self.journal.objection(intent, at):
                refused[intent.client_order_id] = why
                continue
            order, booked = self.books.place(intent, at)
            self.journal.note(intent, order, at)
            self.journal.book(booked, self.books.market(at).rates)
            orders.append(order)
        return tuple(orders), refused

    def _quotes(self, names: Sequence[str], at: datetime) -> Mapping[str, Quote]:
        return EachFact(lambda: names, lambda name: self.books.quote(name, at) if name in names else None)
