"""What filled a trade as freqtrade tells it: its orders, and what going in, going out and holding it cost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from console.services.freqtrade.words import FreqtradeOrder, TradeCosts
from console.services.freqtrade.writing import milliseconds, number, written
from desk.adapters.ledger.numbered_trades import NumberedTrade
from desk.adapters.ledger.trade_fills import TradeFill
from desk.model.instrument import Side
from desk.model.orders import FillReason, OrderState

_NOTHING = Decimal(0)
_ENDED = {
    OrderState.FILLED: "closed",
    OrderState.CANCELLED: "canceled",
    OrderState.EXPIRED: "expired",
    OrderState.REJECTED: "rejected",
}
_STOPS = (FillReason.STOP, FillReason.TRAILING_STOP)


@dataclass(frozen=True, slots=True)
class TradePart:
    """A fill, and how much of it belongs to the trade: a fill that turns a position belongs to two."""

    found: TradeFill
    quantity: Decimal

    @property
    def paid(self) -> Decimal | None:
        """Its share of the fee in account currency, below 0 for a rebate; None where no rate is known."""
        fill, rate = self.found.fill, self.found.fee_rate
        if rate is None:
            return None if fill.fee else _NOTHING
        return fill.fee * rate * (self.quantity / fill.quantity if fill.quantity else 1)

    @property
    def value(self) -> Decimal | None:
        """What was traded, in account currency; None where no rate is known."""
        return None if self.found.rate is None else self.quantity * self.found.fill.price * self.found.rate


def parts_of(numbered: NumberedTrade, fills: Iterable[TradeFill]) -> tuple[TradePart, ...]:
    """Return what belongs to a trade of what was filled while it was open, oldest first."""
    trade = numbered.trade
    left = {trade.side: trade.entry_quantity, trade.side.opposite: trade.exit_quantity}
    parts: list[TradePart] = []
    for one in _in_order(numbered, fills):
        fill = one.fill
        if fill.reason.is_charge:
            parts.append(TradePart(one, _NOTHING))
        elif share := min(fill.quantity, left[fill.side]):
            left[fill.side] -= share
            parts.append(TradePart(one, share))
    return tuple(parts)


def orders_of(numbered: NumberedTrade, parts: Iterable[TradePart]) -> tuple[FreqtradeOrder, ...]:
    """Return the orders that filled a trade, oldest first; one of the venue's own has the name of its fill."""
    gathered: dict[tuple[str, Side], _Gathered] = {}
    for part in parts:
        if part.quantity:
            fill = part.found.fill
            gathered.setdefault((fill.client_order_id, fill.side), _Gathered()).parts.append(part)
    return tuple(_order(numbered, one.parts) for one in gathered.values())


def costs_of(numbered: NumberedTrade, parts: Sequence[TradePart], currency: str) -> TradeCosts:
    """Return what a trade cost, in account currency; below 0 it brought something."""
    side = numbered.trade.side
    entered = [part for part in parts if part.quantity and part.found.fill.side is side]
    left = [part for part in parts if part.quantity and part.found.fill.side is not side]
    charges = _sum(part.paid for part in parts if not part.quantity)
    opened, closed = _sum(part.paid for part in entered), _sum(part.paid for part in left) if left else None
    return TradeCosts(
        fee_open=_ratio(opened, _sum(part.value for part in entered)),
        fee_open_cost=number(opened),
        fee_open_currency=None if opened is None else currency,
        fee_close=_ratio(closed, _sum(part.value for part in left)),
        fee_close_cost=number(closed),
        fee_close_currency=None if closed is None else currency,
        funding_fees=None if charges is None else float(_NOTHING - charges),
    )


@dataclass(frozen=True, slots=True)
class _Gathered:
    parts: list[TradePart] = field(default_factory=list)


def _in_order(numbered: NumberedTrade, fills: Iterable[TradeFill]) -> Iterator[TradeFill]:
    """The fill that opened the trade, then the others; of one instant, those that opened another trade come last."""
    trade = numbered.trade
    ordered = sorted(fills, key=lambda one: (one.fill.at, one.opens and one.fill.venue_trade_id != trade.opened_by))
    opener = next((one for one in ordered if one.fill.venue_trade_id == trade.opened_by), None)
    if opener is None:
        return
    yield opener
    for one in ordered:
        if one is not opener and not _is_of_the_trade_before(one, opener, numbered):
            yield one


def _is_of_the_trade_before(one: TradeFill, opener: TradeFill, numbered: NumberedTrade) -> bool:
    """What another order filled in the instant in which a trade was opened ended the one before."""
    trade = numbered.trade
    is_same_instant = one.fill.at == opener.fill.at and trade.closed_at != trade.opened_at
    return is_same_instant and one.fill.client_order_id != opener.fill.client_order_id


def _order(numbered: NumberedTrade, parts: Sequence[TradePart]) -> FreqtradeOrder:
    first, last = parts[0].found, parts[-1].found
    asked, fill = first.order, first.fill
    filled = _sum(part.quantity for part in parts) or _NOTHING
    worth = sum((part.quantity * part.found.fill.price for part in parts), _NOTHING)
    amount = max(asked.quantity, filled) if asked else filled
    is_entry, is_open = fill.side is numbered.trade.side, asked is not None and not asked.state.is_final
    begun = asked.planned_at if asked else fill.at
    return FreqtradeOrder(
        pair=fill.instrument,
        order_id=(asked.venue_order_id if asked else "") or fill.client_order_id or fill.venue_trade_id,
        status=_ENDED.get(asked.state, "open") if asked else "closed",
        amount=float(amount),
        filled=float(filled),
        remaining=float(amount - filled) if is_open else 0.0,
        safe_price=float(worth / filled),
        average=float(worth / filled),
        price=number(asked.price) if asked else None,
        cost=float(worth),
        ft_order_side="stoploss" if fill.reason in _STOPS else str(fill.side),
        ft_is_entry=is_entry,
        ft_order_tag=(numbered.trade.strategy if is_entry else str(fill.reason)) or None,
        order_type=str(asked.type) if asked else "market",
        is_open=is_open,
        order_date=written(begun),
        order_timestamp=milliseconds(begun),
        order_filled_date=written(last.fill.at),
        order_filled_timestamp=milliseconds(last.fill.at),
    )


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """All of them, or None where one is not known."""
    total = _NOTHING
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _ratio(cost: Decimal | None, value: Decimal | None) -> float | None:
    return float(cost / value) if cost is not None and value else None
