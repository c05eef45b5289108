"""Replies that show what is and what was, and change nothing."""

from fastapi import APIRouter

from console.api.asking import AtDesk, InRoom, Turned
from console.services import holdings
from console.services.accounts import AccountDetail, account_detail
from console.services.cycles import Why, cycle_page, why
from console.services.holdings import Held
from console.services.paging import Page
from console.services.standings import AccountFacts, fleet_standing
from console.services.states import StateFacts, states_in_force
from console.times import parse_time
from desk.adapters.ledger.facts import CycleSummary, EquityPoint, OrderRecord
from desk.model.records import Trade

router = APIRouter(prefix="/api", tags=["look"])


@router.get("/accounts")
async def accounts(desk: AtDesk) -> list[AccountFacts]:
    """Every configured account, and where it stands."""
    return [standing.facts for standing in (await fleet_standing(desk)).accounts]


@router.get("/accounts/{name}")
async def account(name: str, desk: AtDesk) -> AccountDetail:
    """One account: where it stands, and how it is configured."""
    return await account_detail(desk, name)


@router.get("/accounts/{name}/cycles")
async def cycles(name: str, desk: AtDesk, turn: Turned) -> Page[CycleSummary]:
    """Cycles of an account, the newest first."""
    return await cycle_page(desk, name, turn)


@router.get("/accounts/{name}/cycles/{close}")
async def cycle(name: str, close: str, desk: AtDesk) -> Why:
    """Why a cycle ended as it did: signals, findings, orders, fills; by the close of its candle."""
    return await why(desk, name, parse_time(close))


@router.get("/accounts/{name}/trades")
async def trades(name: str, desk: AtDesk, turn: Turned) -> Page[Trade]:
    """Round trips of an account, the newest first."""
    return await holdings.trade_page(desk, name, turn)


@router.get("/accounts/{name}/orders")
async def orders(name: str, desk: AtDesk, turn: Turned) -> Page[OrderRecord]:
    """Orders of an account, the newest first."""
    return await holdings.order_page(desk, name, turn)


@router.get("/accounts/{name}/positions")
async def positions(name: str, desk: AtDesk) -> tuple[Held, ...]:
    """What an account holds by its fills."""
    return await holdings.positions(desk, name)


@router.get("/accounts/{name}/equity")
async def equity(name: str, desk: AtDesk, turn: Turned) -> Page[EquityPoint]:
    """The money of an account over time, the newest first."""
    return await holdings.equity_page(desk, name, turn)


@router.get("/states")
async def states(room: InRoom) -> tuple[StateFacts, ...]:
    """What is halted or reduced: by whom, since when, why, and until when."""
    return await states_in_force(room.ledger)
