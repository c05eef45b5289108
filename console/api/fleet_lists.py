"""Replies about all accounts together: positions, trades, and how the money is shared out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import StreamingResponse

from console.api.asking import AtDesk, InRoom, Turned
from console.services.paging import Page, Turn
from console.services.portfolio import FleetPortfolio, fleet_portfolio
from console.services.positions import FleetPosition, fleet_positions
from console.services.trades import FleetTrade, TradeFilter, fleet_trades, trades_as_csv

router = APIRouter(prefix="/api", tags=["look"])

_Word = Annotated[str, Query(max_length=100)]
_Time = Annotated[str, Query(max_length=40, description="A time such as 2026-01-14T15:00Z.")]


def filter_of(
    account: _Word = "",
    instrument: _Word = "",
    strategy: _Word = "",
    outcome: Annotated[str, Query(max_length=10, description="open, won or lost.")] = "",
    since: _Time = "",
    until: _Time = "",
) -> TradeFilter:
    """Return which trades are wanted."""
    return TradeFilter(account, instrument, strategy, outcome, since, until)


_Filtered = Annotated[TradeFilter, Depends(filter_of)]


@router.get("/positions")
async def positions(room: InRoom, desk: AtDesk) -> tuple[FleetPosition, ...]:
    """What every account holds, what it is worth, and what its venue said last."""
    return await fleet_positions(desk, room.markets)


@router.get("/portfolio")
async def portfolio(desk: AtDesk) -> FleetPortfolio:
    """What the fleet is worth, by account and currency, and what would share it out as portfolio.yaml wants it."""
    return await fleet_portfolio(desk)


@router.get("/trades")
async def trades(desk: AtDesk, wanted: _Filtered, turn: Turned) -> Page[FleetTrade]:
    """Round trips of all accounts, those opened last first."""
    return await fleet_trades(desk, wanted, turn)


@router.get("/trades.csv", response_class=StreamingResponse)
async def trades_csv(desk: AtDesk, wanted: _Filtered) -> StreamingResponse:
    """Return all trades of a filter as comma-separated values."""
    # What cannot be understood is said before the reply has begun.
    await fleet_trades(desk, wanted, Turn(limit=1))
    headers = {"content-disposition": 'attachment; filename="trades.csv"'}
    return StreamingResponse(trades_as_csv(desk, wanted), media_type="text/csv", headers=headers)
