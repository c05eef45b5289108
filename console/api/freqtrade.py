"""Replies of each account in the words of freqtrade's API, so that its clients can look; nothing is changed by them."""

from typing import Annotated

from fastapi import APIRouter, Query

from console.api.asking import AtDesk, InRoom
from console.naming import account_of
from console.services.freqtrade.account import (
    balances,
    freqtrade_version,
    last_process,
    profit_summary,
    shown_config,
)
from console.services.freqtrade.trades import open_trades, past_trades, trade_count
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

router = APIRouter(prefix="/freqtrade/{name}/api/v1", tags=["freqtrade"])

_MOST = 500


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
    limit: Annotated[int, Query(ge=1, le=_MOST)] = _MOST,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> FreqtradeTrades:
    """Trades that are over, oldest first."""
    return await past_trades(desk, name, skip=offset, limit=limit)


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
