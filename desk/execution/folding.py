"""Folds fills into a position and the round trips behind it; a function of the fills and their rates, nothing else."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext

from desk.matching.booking import Booking, apply_fill
from desk.matching.money import EXACT, round_money
from desk.model.books import Position
from desk.model.orders import Barriers, Fill
from desk.model.records import Trade

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A fill and what booking it needs.

    Attributes:
        rate, fee_rate: the account-currency value of one unit of the quote and of the fee currency; where it is not
            known, None, profit or fee is left out.
        strategy, barriers, candle_close: of its order; empty for a fill that no order of the desk asked for.
    """

    account: str
    fill: Fill
    rate: Decimal | None
    fee_rate: Decimal | None
    strategy: str = ""
    barriers: Barriers = Barriers()
    candle_close: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the books of one instrument stand.

    Attributes:
        position: None where flat.
        trade: the round trip that is open; there is one exactly when there is a position.
        closed: the round trips that were closed since the fold began.
    """

    position: Position | None = None
    trade: Trade | None = None
    closed: tuple[Trade, ...] = ()


def fold(standing: Standing, entry: Entry) -> Standing:
    """Return where the books stand after one more fill of the instrument.

    A charge is a fee of the round trip that is open; another fill of nothing changes nothing.
    """
    fill = entry.fill
    if fill.reason.is_charge:
        return _charged(standing, entry)
    if not fill.quantity:
        return standing
    rate, fee_rate = entry.rate or _NOTHING, entry.fee_rate or _NOTHING
    booking = apply_fill(standing.position, fill, rate=rate, barriers=entry.barriers, strategy=entry.strategy)
    with localcontext(EXACT):
        opened = fill.quantity - booking.closed_quantity
        fee = round_money(fill.fee * fee_rate)
        exit_fee = round_money(fee * booking.closed_quantity / fill.quantity)
        trade, closed = standing.trade, standing.closed
        if trade is not None and booking.closed_quantity:
            is_over = bool(opened) or booking.position is None
            trade = _exit(trade, fill, booking, exit_fee, is_over=is_over)
            closed, trade = ((*closed, trade), None) if is_over else (closed, trade)
        if opened:
            rest = fee - exit_fee
            trade = _new_trade(entry, opened, rest) if trade is None else _enter(trade, fill, opened, rest)
    return Standing(booking.position, trade, closed)


def _charged(standing: Standing, entry: Entry) -> Standing:
    trade = standing.trade
    if trade is None:
        return standing
    with localcontext(EXACT):
        fee = round_money(entry.fill.fee * (entry.fee_rate or _NOTHING))
        return replace(standing, trade=replace(trade, fees=trade.fees + fee))


def _new_trade(entry: Entry, quantity: Decimal, fee: Decimal) -> Trade:
    fill, nothing = entry.fill, _NOTHING
    return Trade(
        account=entry.account,
        instrument=fill.instrument,
        strategy=entry.strategy,
        side=fill.side,
        entry_order_id=fill.client_order_id,
        entry_candle_close=entry.candle_close,
        opened_by=fill.venue_trade_id,
        opened_at=fill.at,
        closed_at=None,
        entry_quantity=quantity,
        entry_notional=quantity * fill.price,
        exit_quantity=nothing,
        exit_notional=nothing,
        realised_profit=nothing,
        fees=fee,
        exit_reason="",
    )


def _enter(trade: Trade, fill: Fill, quantity: Decimal, fee: Decimal) -> Trade:
    return replace(
        trade,
        entry_quantity=trade.entry_quantity + quantity,
        entry_notional=trade.entry_notional + quantity * fill.price,
        fees=trade.fees + fee,
    )


def _exit(trade: Trade, fill: Fill, booking: Booking, fee: Decimal, *, is_over: bool) -> Trade:
    # The venue's own figure is what moved its cash; ours depends on the rate at which we booked.
    profit = booking.realised_profit if fill.realised_profit is None else fill.realised_profit
    return replace(
        trade,
        exit_quantity=trade.exit_quantity + booking.closed_quantity,
        exit_notional=trade.exit_notional + booking.closed_quantity * fill.price,
        realised_profit=trade.realised_profit + profit,
        fees=trade.fees + fee,
        closed_at=fill.at if is_over else None,
        exit_reason=fill.reason.value if is_over else "",
    )
