"""Replies of each account in the words of freqtrade's API, so that its clients can look; nothing is changed by them.

What its clients order is in `console.api.freqtrade_acting`.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from console.api.asking import AtDesk, InRoom
from console.naming import account_of
from console.services.freqtrade.account import (
    balances,
    freqtrade_version,
    last_process,
    profit_summary,
    shown_config,
)
from console.services.freqtrade.around import (
    Locks,
    LogLines,
    MachineUse,
    Whitelist,
    locks_of,
    log_of,
    machine_use,
    whitelist_of,
)
from console.services.freqtrade.results import (
    EntrySum,
    ExitSum,
    MixSum,
    PairSum,
    PeriodRows,
    TradeStats,
    entry_sums,
    exit_sums,
    mix_sums,
    pair_sums,
    period_rows,
    trade_stats,
)
from console.services.freqtrade.trades import one_trade, open_trades, past_trades, trade_count
from console.services.freqtrade.words import (
    Balances,
    FreqtradeTrade,
    FreqtradeTrades,
    LastProcess,
    Ping,
    ProfitSummary,
    ShownConfig,
    TradeCount,
    Version,
)
from console.services.results import Period

router = APIRouter(prefix="/freqtrade/{name}/api/v1", tags=["freqtrade"])

_MOST = 500
_MOST_LINES = 1000
"""Of a log; freqtrade keeps as many."""

_Pair = Annotated[str | None, Query(max_length=100, description="The instrument that it is about; all without.")]


@router.get("/ping")
async def ping(name: str, desk: AtDesk) -> Ping:
    """There is such an account."""
    account_of(desk.fleet, name)
    return Ping()


@router.get("/version")
async def version(name: str, desk: AtDesk) -> Version:
    """What answers here."""
    account_of(desk.fleet, name)
    return Version(freqtrade_version())


@router.get("/status")
async def status(name: str, room: InRoom, desk: AtDesk) -> tuple[FreqtradeTrade, ...]:
    """Trades that are open, oldest first."""
    return await open_trades(desk, room.markets, name, room.clock.now())


@router.get("/count")
async def count(name: str, desk: AtDesk) -> TradeCount:
    """How many trades are open."""
    return await trade_count(desk, name)


@router.get("/trades")
async def trades(
    name: str,
    desk: AtDesk,
    *,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = _MOST,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    order_by_id: Annotated[bool, Query(description="Oldest first; those closed last first without.")] = True,
) -> FreqtradeTrades:
    """Trades that are over."""
    return await past_trades(desk, name, skip=offset, limit=limit, closed_last_first=not order_by_id)


@router.get("/trade/{trade}")
async def trade(name: str, trade: Annotated[int, Path(ge=1, le=10**9)], room: InRoom, desk: AtDesk) -> FreqtradeTrade:
    """One trade, open or over, by its number."""
    return await one_trade(desk, room.markets, name, trade, room.clock.now())


@router.get("/profit")
async def profit(name: str, room: InRoom, desk: AtDesk) -> ProfitSummary:
    """What trading came to."""
    return await profit_summary(desk, room.markets, name, room.clock.now())


@router.get("/balance")
async def balance(name: str, room: InRoom, desk: AtDesk) -> Balances:
    """Money and positions."""
    return await balances(desk, name, room.clock.now())


@router.get("/show_config")
async def show_config(name: str, desk: AtDesk) -> ShownConfig:
    """How the account is configured, and whether it runs."""
    return await shown_config(desk, name)


@router.get("/health")
async def health(name: str, desk: AtDesk) -> LastProcess:
    """When the account was scanned last."""
    return await last_process(desk, name)


@router.get("/performance")
async def performance(name: str, desk: AtDesk) -> tuple[PairSum, ...]:
    """What closed trades brought by instrument, most first."""
    return await pair_sums(desk, name)


@router.get("/entries")
async def entries(name: str, desk: AtDesk, pair: _Pair = None) -> tuple[EntrySum, ...]:
    """What closed trades brought by the strategy that opened them, most first."""
    return await entry_sums(desk, name, pair)


@router.get("/exits")
async def exits(name: str, desk: AtDesk, pair: _Pair = None) -> tuple[ExitSum, ...]:
    """What closed trades brought by what ended them, most first."""
    return await exit_sums(desk, name, pair)


@router.get("/mix_tags")
async def mix_tags(name: str, desk: AtDesk, pair: _Pair = None) -> tuple[MixSum, ...]:
    """What closed trades brought by strategy and end, most first."""
    return await mix_sums(desk, name, pair)


@router.get("/daily")
async def daily(
    name: str, room: InRoom, desk: AtDesk, timescale: Annotated[int, Query(ge=1, le=3660)] = 7
) -> PeriodRows:
    """What closed trades brought on each of the last days in UTC, the newest first."""
    return await period_rows(desk, name, Period.DAY, today=room.clock.now().date(), count=timescale)


@router.get("/weekly")
async def weekly(
    name: str, room: InRoom, desk: AtDesk, timescale: Annotated[int, Query(ge=1, le=520)] = 4
) -> PeriodRows:
    """What closed trades brought in each of the last weeks, which begin on Monday, the newest first."""
    return await period_rows(desk, name, Period.WEEK, today=room.clock.now().date(), count=timescale)


@router.get("/monthly")
async def monthly(
    name: str, room: InRoom, desk: AtDesk, timescale: Annotated[int, Query(ge=1, le=120)] = 3
) -> PeriodRows:
    """What closed trades brought in each of the last months, the newest first."""
    return await period_rows(desk, name, Period.MONTH, today=room.clock.now().date(), count=timescale)


@router.get("/stats")
async def stats(name: str, desk: AtDesk) -> TradeStats:
    """How closed trades ended, and how long they were held."""
    return await trade_stats(desk, name)


@router.get("/whitelist")
async def whitelist(name: str, desk: AtDesk) -> Whitelist:
    """Which instruments may be opened."""
    return await whitelist_of(desk, name)


@router.get("/locks")
async def locks(name: str, desk: AtDesk) -> Locks:
    """What is halted or reduced of the account and its instruments."""
    return await locks_of(desk, name)


@router.get("/logs")
async def logs(
    name: str, room: InRoom, desk: AtDesk, limit: Annotated[int, Query(ge=1, le=_MOST_LINES)] = _MOST_LINES
) -> LogLines:
    """The newest lines of the log about the account, oldest first."""
    return await log_of(desk, room.chosen, name, limit=limit)


@router.get("/sysinfo")
async def sysinfo(name: str, desk: AtDesk) -> MachineUse:
    """How busy the machine is that the control room runs on."""
    account_of(desk.fleet, name)
    return await machine_use()
