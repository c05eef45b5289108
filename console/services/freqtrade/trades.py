"""Trades of an account as freqtrade tells them: those that are open, and those that are over under their numbers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from console.naming import account_of
from console.services.freqtrade.words import FreqtradeTrade, FreqtradeTrades, TradeCount
from console.services.markets import Markets
from console.services.opening import OpenDesk
from console.services.positions import FleetPosition, fleet_positions
from console.services.telling import quoted_in
from desk.accounts import AccountSpec
from desk.adapters.ledger.numbered_trades import NumberedTrade
from desk.model.instrument import Side

_NOTHING = Decimal(0)


async def trade_count(desk: OpenDesk, account: str) -> TradeCount:
    """Return how many trades are open.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    found = await desk.ledger.open_trades(account_of(desk.fleet, account).name)
    return TradeCount(len(found), -1, float(sum((one.entry_value or _NOTHING for one in found), _NOTHING)))


async def open_trades(desk: OpenDesk, markets: Markets, account: str, now: datetime) -> tuple[FreqtradeTrade, ...]:
    """Return the trades that are open, oldest first; `now` is the machine's time, for errors see `trade_count`."""
    spec = account_of(desk.fleet, account)
    if not (found := await desk.ledger.open_trades(spec.name)):
        return ()
    held = {one.instrument: one for one in await fleet_positions(desk, markets) if one.account == spec.name}
    working = {name for one in await desk.ledger.standings([spec.name], now) for name in one.working}
    return tuple(_open(spec, one, held.get(one.trade.instrument), working) for one in found)


async def past_trades(desk: OpenDesk, account: str, *, skip: int, limit: int) -> FreqtradeTrades:
    """Return trades that are over, oldest first, without the first `skip`; for errors see `trade_count`."""
    spec = account_of(desk.fleet, account)
    found = await desk.ledger.past_trades(spec.name, skip=skip, limit=limit)
    rows = tuple(_told(spec, one, _Now(one.trade.realised_profit - one.trade.fees)) for one in found)
    return FreqtradeTrades(rows, len(rows), skip, await desk.ledger.count_past_trades(spec.name))


@dataclass(frozen=True, slots=True)
class _Now:
    """What a trade comes to now, in account currency; `price`, `stop` and `is_working` of one that is open."""

    profit: Decimal | None
    price: Decimal | None = None
    stop: Decimal | None = None
    is_working: bool = False


def _open(
    spec: AccountSpec, numbered: NumberedTrade, held: FleetPosition | None, working: Collection[str]
) -> FreqtradeTrade:
    trade, rate = numbered.trade, numbered.rate
    stop, price = (held.barriers.stop, held.price) if held else (None, None)
    waiting = held.profit if held else None
    worth = None if waiting is None or rate is None else waiting * rate
    profit = None if worth is None else trade.realised_profit - trade.fees + worth
    return _told(spec, numbered, _Now(profit, price, stop, trade.instrument in working))


def _told(spec: AccountSpec, numbered: NumberedTrade, now: _Now) -> FreqtradeTrade:
    trade, stake = numbered.trade, numbered.entry_value
    realised, is_open = trade.realised_profit - trade.fees, trade.closed_at is None
    left = trade.entry_quantity - trade.exit_quantity if is_open else trade.entry_quantity
    ratio, closed = _ratio(now.profit, stake), None if is_open else _ratio(realised, stake)
    return FreqtradeTrade(
        trade_id=numbered.number,
        pair=trade.instrument,
        base_currency=trade.instrument.partition("/")[0],
        quote_currency=quoted_in(trade.instrument),
        is_open=is_open,
        is_short=trade.side is Side.SELL,
        exchange=str(spec.venue),
        amount=float(left),
        amount_requested=float(trade.entry_quantity),
        stake_amount=number(stake),
        strategy=trade.strategy,
        timeframe=spec.timeframe.seconds // 60,
        open_date=written(trade.opened_at),
        open_timestamp=milliseconds(trade.opened_at),
        open_fill_date=written(trade.opened_at),
        open_fill_timestamp=milliseconds(trade.opened_at),
        open_rate=float(trade.entry_price),
        open_trade_value=number(stake),
        close_date=written(trade.closed_at) if trade.closed_at else None,
        close_timestamp=milliseconds(trade.closed_at) if trade.closed_at else None,
        close_rate=None if is_open else number(trade.exit_price),
        close_profit=closed,
        close_profit_pct=percent(closed),
        close_profit_abs=None if is_open else float(realised),
        profit_ratio=ratio,
        profit_pct=percent(ratio),
        profit_abs=number(now.profit),
        realized_profit=float(realised),
        realized_profit_ratio=_ratio(realised, stake),
        exit_reason=trade.exit_reason or None,
        stop_loss_abs=number(now.stop if is_open else numbered.first_stop),
        initial_stop_loss_abs=number(numbered.first_stop),
        min_rate=number(min(numbered.extremes)) if numbered.extremes else None,
        max_rate=number(max(numbered.extremes)) if numbered.extremes else None,
        current_rate=number(now.price),
        total_profit_abs=number(now.profit),
        total_profit_ratio=ratio,
        has_open_orders=now.is_working,
    )


def number(value: Decimal | None) -> float | None:
    """Return an amount as a number."""
    return None if value is None else float(value)


def percent(ratio: float | None) -> float | None:
    """Return a ratio in hundredths, to two places."""
    return None if ratio is None else round(ratio * 100, 2)


def written(at: datetime) -> str:
    """Return a time as text, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def milliseconds(at: datetime) -> int:
    """Return a time as milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def _ratio(profit: Decimal | None, stake: Decimal | None) -> float | None:
    return float(profit / stake) if profit is not None and stake else None
