"""Trades of an account as freqtrade tells them: those that are open, and those that are over under their numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from console.failures import NothingRecorded
from console.naming import account_of
from console.services.freqtrade.orders import costs_of, orders_of, parts_of
from console.services.freqtrade.words import FreqtradeTrade, FreqtradeTrades, TradeCount
from console.services.freqtrade.writing import milliseconds, number, percent, written
from console.services.markets import Markets
from console.services.opening import OpenDesk
from console.services.positions import FleetPosition, fleet_positions
from console.services.telling import quoted_in
from desk.accounts import AccountSpec
from desk.adapters.ledger.numbered_trades import NumberedTrade
from desk.adapters.ledger.trade_fills import TradeFill
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
    return await _open_ones(desk, markets, spec, await desk.ledger.open_trades(spec.name), now)


async def past_trades(
    desk: OpenDesk, account: str, *, skip: int, limit: int, closed_last_first: bool = False
) -> FreqtradeTrades:
    """Return trades that are over without the first `skip`, oldest first where no other order is asked for.

    For errors see `trade_count`.
    """
    spec = account_of(desk.fleet, account)
    found = await desk.ledger.past_trades(spec.name, skip=skip, limit=limit, closed_last_first=closed_last_first)
    rows = await _past_ones(desk, spec, found)
    return FreqtradeTrades(rows, len(rows), skip, await desk.ledger.count_past_trades(spec.name))


async def one_trade(desk: OpenDesk, markets: Markets, account: str, number: int, now: datetime) -> FreqtradeTrade:
    """Return the trade of a number, open or over.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
        NothingRecorded: it has no such trade.
    """
    spec = account_of(desk.fleet, account)
    found = await desk.ledger.numbered_trade(spec.name, number)
    if found is None:
        raise NothingRecorded(f"expected a trade of {spec.name}, found none of the number {number}")
    if found.trade.closed_at is None:
        return (await _open_ones(desk, markets, spec, [found], now))[0]
    return (await _past_ones(desk, spec, [found]))[0]


async def _open_ones(
    desk: OpenDesk, markets: Markets, spec: AccountSpec, found: Sequence[NumberedTrade], now: datetime
) -> tuple[FreqtradeTrade, ...]:
    if not found:
        return ()
    held = {one.instrument: one for one in await fleet_positions(desk, markets) if one.account == spec.name}
    working = {name for one in await desk.ledger.standings([spec.name], now) for name in one.working}
    fills = await _fills_of(desk, spec, found)
    return tuple(_open(_Traded(spec, one, fills), held.get(one.trade.instrument), working) for one in found)


async def _past_ones(desk: OpenDesk, spec: AccountSpec, found: Sequence[NumberedTrade]) -> tuple[FreqtradeTrade, ...]:
    fills = await _fills_of(desk, spec, found)
    return tuple(_told(_Traded(spec, one, fills), _Now(one.trade.realised_profit - one.trade.fees)) for one in found)


_Fills = Mapping[int, Sequence[TradeFill]]


async def _fills_of(desk: OpenDesk, spec: AccountSpec, found: Sequence[NumberedTrade]) -> _Fills:
    return await desk.ledger.trade_fills(spec.name, [one.number for one in found])


@dataclass(frozen=True, slots=True)
class _Traded:
    """A trade of an account, and what was filled of several."""

    spec: AccountSpec
    numbered: NumberedTrade
    fills: _Fills


@dataclass(frozen=True, slots=True)
class _Now:
    """What a trade comes to now, in account currency; `price`, `stop` and `is_working` of one that is open."""

    profit: Decimal | None
    price: Decimal | None = None
    stop: Decimal | None = None
    is_working: bool = False


def _open(traded: _Traded, held: FleetPosition | None, working: Collection[str]) -> FreqtradeTrade:
    trade, rate = traded.numbered.trade, traded.numbered.rate
    stop, price = (held.barriers.stop, held.price) if held else (None, None)
    waiting = held.profit if held else None
    worth = None if waiting is None or rate is None else waiting * rate
    profit = None if worth is None else trade.realised_profit - trade.fees + worth
    return _told(traded, _Now(profit, price, stop, trade.instrument in working))


def _told(traded: _Traded, now: _Now) -> FreqtradeTrade:
    spec, numbered = traded.spec, traded.numbered
    trade, stake = numbered.trade, numbered.entry_value
    parts = parts_of(numbered, traded.fills.get(numbered.number, ()))
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
        enter_tag=trade.strategy or None,
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
        orders=orders_of(numbered, parts),
        **asdict(costs_of(numbered, parts, spec.currency)),
    )


def _ratio(profit: Decimal | None, stake: Decimal | None) -> float | None:
    return float(profit / stake) if profit is not None and stake else None
