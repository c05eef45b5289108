"""What the strategies that act on the book take back, held to one law: no net exposure in an asset ever grows by it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from desk.decide.entries import barriers_for
from desk.decide.policy import Policy
from desk.model.books import Position, Quote, Snapshot
from desk.model.cycle import Decision
from desk.model.instrument import Instrument, Side
from desk.model.orders import Barriers
from desk.model.reasons import Reason
from desk.model.trade import Intention, NoTrade, Proposal, Reduction
from desk.model.views import Signal
from desk.plugin import BookStrategy


@dataclass(frozen=True, slots=True)
class _Wish:
    """A reduction, and what it was asked for by.

    Attributes:
        quote: of the instrument in which it is to be traded.
        room: what may be taken back, in base units: above 0 by selling, below 0 by buying.
    """

    policy: Policy
    snapshot: Snapshot
    signal: Signal
    reduction: Reduction
    quote: Quote
    room: Decimal

    @property
    def side(self) -> Side:
        return Side.SELL if self.room > 0 else Side.BUY

    @property
    def instrument(self) -> Instrument:
        return self.snapshot.instruments[self.reduction.instrument]


def reduce_exposure(
    policy: Policy, snapshot: Snapshot, decision: Decision, answers: Mapping[str, Proposal | NoTrade]
) -> dict[str, Proposal | NoTrade]:
    """Return the answers with what is taken back in place of entries and of reasons not to trade; exits stay.

    An instrument gets one reduction at most, of the first strategy that asks for one. Where nothing can be taken back,
    the reason not to trade says so.
    """
    found = dict(answers)
    for strategy, signal in _asked(policy, decision):
        reduction = _ask(strategy, signal, snapshot)
        if reduction is None or signal.instrument not in answers:
            continue
        answer = reduction if isinstance(reduction, str) else _propose(policy, snapshot, signal, reduction, found)
        place = signal.instrument if isinstance(answer, str) else answer.instrument
        if isinstance(answer, Proposal):
            found[place] = answer
        elif isinstance(present := found[place], NoTrade):
            found[place] = replace(present, detail=f"{present.detail}; {strategy.name}: {answer}")
    return found


def room_for(base: str, snapshot: Snapshot, planned: Iterable[Proposal]) -> Decimal:
    """Return the signed net exposure in an asset that is certain, in base units; 0 where not even its side is.

    Every order that still works and every trade of this decision may be filled or not, alone or with others, and what
    the desk did not trade counts or does not: the least of all that leaves is what may be taken back. Orders that can
    only reduce are not looked at; a stop that fills as well leaves an offset behind that is taken back later.
    """
    names = [name for name, instrument in snapshot.instruments.items() if instrument.base == base]
    deltas = [*_working(names, snapshot), *(trade.quantity * trade.side.sign for trade in planned)]
    more, less = (sum((delta for delta in deltas if delta * sign > 0), Decimal(0)) for sign in (1, -1))
    held = [sum((_quantity(look(name)) for name in names), Decimal(0)) for look in _looks(snapshot)]
    nets = [net + change for net in held for change in (more, less, Decimal(0))]
    if min(nets) > 0:
        return min(nets)
    return max(nets) if max(nets) < 0 else Decimal(0)


def _asked(policy: Policy, decision: Decision) -> Iterator[tuple[BookStrategy, Signal]]:
    for weighted in policy.strategies:
        if isinstance(weighted.strategy, BookStrategy):
            named = (signal for signal in decision.signals if signal.strategy == weighted.strategy.name)
            yield from ((weighted.strategy, signal) for signal in named)


def _ask(strategy: BookStrategy, signal: Signal, snapshot: Snapshot) -> Reduction | str | None:
    try:
        return strategy.reduce(signal, snapshot, snapshot.instruments[signal.instrument])
    except Exception as error:  # noqa: BLE001 - a strategy is a plug-in; its failure must not stand in the way of exits
        return f"{Reason.STRATEGY_FAILED}: {type(error).__name__}: {error}"


def _propose(
    policy: Policy,
    snapshot: Snapshot,
    signal: Signal,
    reduction: Reduction,
    answers: Mapping[str, Proposal | NoTrade],
) -> Proposal | str:
    name, judged = reduction.instrument, snapshot.instruments[signal.instrument]
    instrument, present, quote = snapshot.instruments.get(name), answers.get(name), snapshot.quotes.get(name)
    if instrument is None or (instrument.base, instrument.quote) != (judged.base, judged.quote):
        return f"expected a market of {judged.base}/{judged.quote}, found {name}"
    if not (reduction.quantity.is_finite() and reduction.quantity > 0):
        return f"expected a quantity above 0, found {reduction.quantity}"
    if present is None or quote is None or not quote.tradable:
        return f"{name} cannot be traded now"
    if isinstance(present, Proposal) and (present.intention is Intention.CLOSE or present.offsets):
        return f"{name} is traded by this decision"
    planned = (answer for other, answer in answers.items() if other != name and isinstance(answer, Proposal))
    same = [trade for trade in planned if snapshot.instruments[trade.instrument].base == judged.base]
    wish = _Wish(policy, snapshot, signal, reduction, quote, room_for(judged.base, snapshot, same))
    if wish.room == 0:
        return f"no net exposure in {judged.base} is left to take back"
    return _close(wish) if reduction.intention is Intention.CLOSE else _offset(wish)


def _close(wish: _Wish) -> Proposal | str:
    own = wish.snapshot.own_position(wish.instrument.name)
    if own is None or own.side is wish.side:
        return f"nothing of {wish.instrument.name} is held that would take it back"
    quantity = _closable(wish, own)
    return _proposal(wish, quantity, Barriers()) if quantity > 0 else "less than the smallest order"


def _closable(wish: _Wish, own: Position) -> Decimal:
    """On the lot, except for the whole of a position; what would be left below the smallest order goes along."""
    whole, most = abs(own.quantity), min(abs(own.quantity), abs(wish.room))
    quantity = min(wish.reduction.quantity, most)
    if most == whole and whole - quantity < wish.instrument.minimum_quantity:
        return whole
    rounded = wish.instrument.round_quantity(quantity)
    return rounded if rounded >= wish.instrument.minimum_quantity else Decimal(0)


def _offset(wish: _Wish) -> Proposal | str:
    name, snapshot = wish.instrument.name, wish.snapshot
    if name in wish.policy.only_to_close:
        return f"{Reason.NOT_IN_UNIVERSE}: nothing is opened in {name} any more"
    if wish.side is Side.SELL and not wish.instrument.can_short:
        return f"{name} cannot be sold short"
    if name in snapshot.blocked or name in snapshot.external:
        return f"{name} has an order without a known outcome, or holds what the desk did not trade"
    held = snapshot.position(name)
    if held is not None and held.side is not wish.side:
        return f"{name} itself is what is held"
    price = wish.quote.price_for(wish.side)
    barriers = barriers_for(wish.policy, wish.instrument, wish.side, price, wish.signal)
    if barriers is None:
        return f"a stop {wish.signal.stop_distance:.6g} from {price} is not possible"
    return _proposal(wish, min(wish.reduction.quantity, abs(wish.room)), barriers)


def _proposal(wish: _Wish, quantity: Decimal, barriers: Barriers) -> Proposal:
    instrument, intention = wish.instrument, wish.reduction.intention
    return Proposal(
        strategy=wish.signal.strategy,
        instrument=instrument.name,
        candle_close=wish.signal.candle_close,
        side=wish.side,
        intention=intention,
        quantity=quantity,
        reference_price=wish.quote.price_for(wish.side),
        barriers=barriers,
        signals=(wish.signal,),
        trigger=wish.reduction.why,
        offsets=instrument.base if intention is Intention.OPEN else "",
    )


def _looks(snapshot: Snapshot) -> tuple[Callable[[str], Position | None], ...]:
    return snapshot.position, snapshot.own_position


def _quantity(position: Position | None) -> Decimal:
    return position.quantity if position else Decimal(0)


def _working(names: Iterable[str], snapshot: Snapshot) -> Iterator[Decimal]:
    """What each order that may open something would still change, and what is pending."""
    for order in snapshot.open_orders:
        if order.instrument in names and not order.reduce_only:
            yield (order.quantity - order.filled_quantity) * order.side.sign
    yield from (snapshot.pending.get(name, Decimal(0)) for name in names)
