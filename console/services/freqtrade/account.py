"""An account as freqtrade tells of its bot: its money, what trading came to, its configuration, its last scan."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.metadata import version

from console.naming import account_of
from console.services.accounts import standing_of
from console.services.freqtrade.trades import open_trades
from console.services.freqtrade.words import (
    BalanceRow,
    Balances,
    FreqtradeTrade,
    LastProcess,
    ProfitSummary,
    ShownConfig,
)
from console.services.freqtrade.writing import hundred, milliseconds, number, written
from console.services.markets import Markets
from console.services.opening import OpenDesk
from console.services.risk import AccountRisk, fleet_risk
from console.services.standings import Standing
from desk.accounts import AccountSpec
from desk.accounts.spec import Venue
from desk.adapters.ledger.facts import EquityPoint
from desk.model.books import Position, TradingState
from desk.model.cycle import Mode
from desk.model.instrument import Side
from desk.model.records import ClosedTrade
from desk.monitor.drawdown import Drawdown, largest_drawdown, steepest_drawdown
from desk.monitor.performance import Grouping, grouped, performance_of

_NOTHING = Decimal(0)


def freqtrade_version() -> str:
    """Return what is told as the version of the bot."""
    return f"scandesk {version('scandesk')}"


async def balances(desk: OpenDesk, account: str, now: datetime) -> Balances:
    """Return the money of an account, and what its positions are worth.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    spec = account_of(desk.fleet, account)
    newest = await desk.ledger.equity_page(spec.name, before=None, limit=1)
    begun = spec.starting_cash or _NOTHING
    money = newest[0] if newest else EquityPoint(now, begun, begun)
    risked = next(one for one in (await fleet_risk(desk, now)).accounts if one.account == spec.name)
    start = _capital(spec, money.equity, _profit(await desk.ledger.closed_trades(spec.name)))
    grown = float((money.equity - start) / start) if start > 0 else 0.0
    return Balances(
        currencies=(_money(spec, money), *(_held(risked, one) for one in await desk.ledger.positions(spec.name))),
        total=float(money.equity),
        total_bot=float(money.equity),
        stake=spec.currency,
        note="" if spec.mode is Mode.LIVE else "Simulated balances",
        starting_capital=float(start),
        starting_capital_ratio=grown,
        starting_capital_pct=round(grown * 100, 2),
    )


async def profit_summary(desk: OpenDesk, markets: Markets, account: str, now: datetime) -> ProfitSummary:
    """Return what trading came to; `now` is the machine's time, for errors see `balances`."""
    spec = account_of(desk.fleet, account)
    closed = await desk.ledger.closed_trades(spec.name)
    opened = await open_trades(desk, markets, spec.name, now)
    start = await capital_of(desk, spec, closed)
    # In a thread: of many trades it takes seconds, for which nobody could halt.
    return await asyncio.to_thread(_summary, closed, opened, start)


async def capital_of(desk: OpenDesk, spec: AccountSpec, closed: Sequence[ClosedTrade]) -> Decimal:
    """Return what an account began with: as configured, or else its newest equity without what `closed` brought."""
    newest = await desk.ledger.equity_page(spec.name, before=None, limit=1)
    return _capital(spec, newest[0].equity if newest else _NOTHING, _profit(closed))


async def shown_config(desk: OpenDesk, account: str) -> ShownConfig:
    """Return how an account is configured, and whether it runs; for errors see `balances`."""
    standing = await standing_of(desk, account)
    spec, seconds = standing.spec, standing.spec.timeframe.seconds
    mode = _trading_mode(spec)
    return ShownConfig(
        version=freqtrade_version(),
        dry_run=spec.mode is not Mode.LIVE,
        trading_mode=mode,
        short_allowed=mode != "spot",
        stake_currency=spec.currency,
        available_capital=number(spec.starting_cash),
        timeframe=f"{seconds // 60}m" if seconds < 3600 else f"{seconds // 3600}h" if seconds < 86_400 else "1d",
        timeframe_ms=seconds * 1000,
        timeframe_min=seconds // 60,
        exchange=str(spec.venue),
        strategy=", ".join(one.name for one in spec.strategies),
        bot_name=spec.name,
        state=_state(standing),
        runmode="live" if spec.mode is Mode.LIVE else "dry_run",
    )


async def last_process(desk: OpenDesk, account: str) -> LastProcess:
    """Return when an account was scanned last; for errors see `balances`."""
    cycle = (await standing_of(desk, account)).cycle
    at = (cycle.finished_at or cycle.started_at) if cycle else None
    return LastProcess(at, int(at.timestamp()) if at else None)


def _money(spec: AccountSpec, money: EquityPoint) -> BalanceRow:
    cash = float(money.cash)
    return BalanceRow(
        currency=spec.currency,
        free=cash,
        balance=cash,
        bot_owned=cash,
        est_stake=cash,
        est_stake_bot=cash,
        stake=spec.currency,
    )


def _held(risked: AccountRisk, position: Position) -> BalanceRow:
    quantity = abs(float(position.quantity))
    value = risked.exposure.get(position.instrument)
    worth = None if value is None else abs(float(value))
    return BalanceRow(
        currency=position.instrument,
        free=0.0,
        balance=0.0,
        bot_owned=quantity,
        est_stake=worth,
        est_stake_bot=worth,
        stake=risked.currency,
        side="short" if position.side is Side.SELL else "long",
        is_position=True,
        position=quantity,
    )


def _capital(spec: AccountSpec, equity: Decimal, closed_profit: Decimal) -> Decimal:
    """What the account began with: as configured, or else what it has without what its closed trades brought."""
    return spec.starting_cash if spec.starting_cash is not None else equity - closed_profit


def _profit(closed: Sequence[ClosedTrade]) -> Decimal:
    return sum((one.profit for one in closed), _NOTHING)


def _summary(closed: Sequence[ClosedTrade], opened: Sequence[FreqtradeTrade], start: Decimal) -> ProfitSummary:
    capital = float(start)
    gains = [float(one.gain) for one in closed if one.gain is not None]
    every = [*gains, *(one.profit_ratio for one in opened if one.profit_ratio is not None)]
    brought = float(_profit(closed))
    together = brought + sum(one.profit_abs or 0.0 for one in opened)
    first, latest = _times(closed, opened)
    wins = sum(one.profit > 0 for one in closed)
    done = performance_of(closed) if closed else None
    best, best_profit, best_ratio = _best(closed)
    fall = _fall(closed, start)
    expectancy, mean = float(done.expectancy) if done else 0.0, _mean(gains)
    return ProfitSummary(
        profit_closed_coin=brought,
        profit_closed_percent_mean=hundred(mean),
        profit_closed_ratio_mean=mean,
        profit_closed_percent_sum=hundred(sum(gains)),
        profit_closed_ratio_sum=sum(gains),
        profit_closed_percent=hundred(_part(brought, capital)),
        profit_closed_ratio=_part(brought, capital),
        profit_all_coin=together,
        profit_all_percent_mean=hundred(_mean(every)),
        profit_all_ratio_mean=_mean(every),
        profit_all_percent_sum=hundred(sum(every)),
        profit_all_ratio_sum=sum(every),
        profit_all_percent=hundred(_part(together, capital)),
        profit_all_ratio=_part(together, capital),
        trade_count=len(closed) + len(opened),
        closed_trade_count=len(closed),
        first_trade_date=first[0],
        first_trade_humanized=first[0],
        first_trade_timestamp=first[1],
        latest_trade_date=latest[0],
        latest_trade_humanized=latest[0],
        latest_trade_timestamp=latest[1],
        avg_duration=_duration(closed),
        best_pair=best,
        best_rate=hundred(best_ratio),
        best_pair_profit_ratio=best_ratio,
        best_pair_profit_abs=best_profit,
        winning_trades=wins,
        losing_trades=len(closed) - wins,
        profit_factor=number(done.profit_factor) if done else None,
        winrate=_part(wins, len(closed)),
        expectancy=expectancy,
        expectancy_ratio=mean,
        max_drawdown=float(fall.fraction or 0),
        max_drawdown_abs=float(fall.amount),
    )


def _times(closed: Sequence[ClosedTrade], opened: Sequence[FreqtradeTrade]) -> tuple[tuple[str, int], tuple[str, int]]:
    """When the first trade and the last were opened, as text and number; empty without any."""
    begun = [one.opened_at for one in closed]
    ends = (min(begun), max(begun)) if begun else ()
    times = [(milliseconds(at), written(at)) for at in ends]
    times += [(one.open_timestamp, one.open_date) for one in opened]
    (first, written_first), (latest, written_latest) = min(times, default=(0, "")), max(times, default=(0, ""))
    return (written_first, first), (written_latest, latest)


def _best(closed: Sequence[ClosedTrade]) -> tuple[str, float, float]:
    """The instrument that brought most, what it brought, and that as the sum of its ratios."""
    groups = grouped(closed, Grouping.INSTRUMENT)
    if not groups:
        return "", 0.0, 0.0
    name, trades = max(groups.items(), key=lambda group: _profit(group[1]))
    return name, float(_profit(trades)), sum(float(one.gain or 0) for one in trades)


def _fall(closed: Sequence[ClosedTrade], start: Decimal) -> Drawdown:
    profits = [one.profit for one in closed]
    return steepest_drawdown(profits, start) if start > 0 else largest_drawdown(profits)


def _duration(closed: Sequence[ClosedTrade]) -> str:
    lasted = sum((one.closed_at - one.opened_at for one in closed), timedelta(0))
    return str(lasted / len(closed)).partition(".")[0] if closed else "0:00:00"


def _part(value: float, whole: float) -> float:
    return value / whole if whole > 0 else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _trading_mode(spec: AccountSpec) -> str:
    """One of freqtrade's: what settles in something else is a future, currencies are traded on margin."""
    if any(":" in name for name in spec.instruments):
        return "futures"
    return "margin" if spec.venue is Venue.OANDA else "spot"


def _state(standing: Standing) -> str:
    if not standing.spec.active:
        return "stopped"
    return "running" if standing.restriction.state is TradingState.ACTIVE else "paused"
