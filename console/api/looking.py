"""Replies that show what is and what was, and change nothing."""

from typing import Annotated

from fastapi import APIRouter, Query

from console.api.asking import AtDesk, InRoom, Turned
from console.services import holdings
from console.services.accounts import AccountDetail, account_detail
from console.services.arming import ArmFacts, list_arms
from console.services.cycles import Why, cycle_page, why
from console.services.holdings import Held
from console.services.logs import Level, LogQuestion, Which, lines_of_cycle, newest_lines
from console.services.paging import Page
from console.services.standings import AccountFacts, fleet_standing
from console.services.states import StateFacts, states_in_force
from console.services.universe import universe_choice
from console.times import parse_time
from desk.adapters.ledger.facts import CycleSummary, EquityPoint, OrderRecord
from desk.adapters.logs.reading import LogEntry
from desk.model.records import Trade
from desk.universe.choosing import Choice

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


@router.get("/accounts/{name}/universe")
async def universe(
    name: str,
    desk: AtDesk,
    at: Annotated[str, Query(max_length=40, description="A time; the newest choice without.")] = "",
) -> Choice:
    """What an account chose to trade, the figures by which, and why every other instrument was left out."""
    return await universe_choice(desk, name, parse_time(at) if at else None)


@router.get("/arms")
async def arms(room: InRoom, desk: AtDesk) -> tuple[ArmFacts, ...]:
    """Every live account: whether it may open positions, by whose word, and what it lacks."""
    return await list_arms(desk, allows_live=room.chosen.allows_live)


@router.get("/accounts/{name}/cycles/{close}/logs")
async def cycle_logs(name: str, close: str, room: InRoom) -> tuple[LogEntry, ...]:
    """What was logged of a cycle, oldest first."""
    return await lines_of_cycle(room.desk, room.chosen, name, close)


@router.get("/logs")
async def logs(
    room: InRoom,
    which: Which = "trading",
    account: Annotated[str, Query(max_length=100)] = "",
    cycle: Annotated[str, Query(max_length=100, description="The close of its candle.")] = "",
    level: Annotated[Level, Query(description="The least that a line must have.")] = "debug",
    limit: Annotated[int, Query(ge=1, le=1000, description="How many, counted from the newest.")] = 100,
) -> tuple[LogEntry, ...]:
    """The newest lines of a log, oldest first."""
    return await newest_lines(room.chosen, LogQuestion(which, account, cycle, level), limit=limit)


@router.get("/states")
async def states(room: InRoom) -> tuple[StateFacts, ...]:
    """What is halted or reduced: by whom, since when, why, and until when."""
    return await states_in_force(room.ledger)
