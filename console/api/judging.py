"""Replies about how the fleet does and what it risks: strategies, performance, risk, calls, audit, charts."""

from typing import Annotated

from fastapi import APIRouter, Query

from console.api.asking import AtDesk, InRoom, Turned
from console.services.auditing import Verified, audit_page, verified_audit
from console.services.charting import MOST_CANDLES, Chart, ChartWanted, chart
from console.services.comparing import AccountsCompared, compare_accounts
from console.services.paging import Page
from console.services.performing import FleetPerformance, fleet_performance
from console.services.risk import FleetRisk, fleet_risk, rules_in_use
from console.services.strategies import StrategyFacts, fleet_strategies
from console.services.usage import calls_of, usage_facts
from console.times import parse_length, parse_since, parse_time
from desk.adapters.ledger.chain import AuditEntry
from desk.adapters.ledger.fleet_views import RuleUse
from desk.monitor.performance import Grouping

router = APIRouter(prefix="/api", tags=["look"])

_Word = Annotated[str, Query(max_length=100)]
_Since = Annotated[str, Query(max_length=40, description="A time, or a length such as 7d ago.")]


@router.get("/strategies")
async def strategies(desk: AtDesk) -> tuple[StrategyFacts, ...]:
    """Every strategy: what it takes, who trades by it, how it does, whether it may."""
    return await fleet_strategies(desk)


@router.get("/performance")
async def performance(
    desk: AtDesk, account: _Word = "", by: Grouping = Grouping.STRATEGY, since: _Since = ""
) -> FleetPerformance:
    """What closed trades came to, of one account or of all."""
    return await fleet_performance(desk, account=account or None, by=by, since=parse_since(since or None))


@router.get("/compare")
async def compare(desk: AtDesk, first: _Word, second: _Word, since: _Since = "") -> AccountsCompared:
    """Two accounts side by side, and how sure their difference is."""
    return await compare_accounts(desk, first, second, since=parse_since(since or None))


@router.get("/risk")
async def risk(room: InRoom, desk: AtDesk) -> FleetRisk:
    """How much of its limits on losses each account uses, what is held, what is halted, what tripped."""
    return await fleet_risk(desk, room.clock.now())


@router.get("/accounts/{name}/rules")
async def rules(name: str, desk: AtDesk) -> tuple[RuleUse, ...]:
    """What each rule of an account said of the newest proposal that it judged."""
    return await rules_in_use(desk, name)


@router.get("/accounts/{name}/chart")
async def candles(
    name: str,
    room: InRoom,
    desk: AtDesk,
    instrument: Annotated[str, Query(max_length=60, description="What was traded last without.")] = "",
    timeframe: Annotated[str, Query(max_length=10, description="That of the account without.")] = "",
    until: Annotated[str, Query(max_length=40, description="A time; the newest candles without.")] = "",
    count: Annotated[int, Query(ge=1, le=MOST_CANDLES)] = 200,
    strategy: Annotated[str, Query(max_length=100, description="One of the account's: what it saw, too.")] = "",
) -> Chart:
    """Candles of an instrument, with what the account did and refused to do there, and what a strategy saw."""
    at = parse_time(until) if until else None
    wanted = ChartWanted(name, instrument, timeframe, at, count, strategy=strategy)
    return await chart(desk, room.markets, wanted)


@router.get("/usage")
async def usage(room: InRoom, venue: _Word = "", since: _Since = "24h") -> dict[str, object]:
    """How often each venue was called, how much of its limits that is, which pauses it ordered."""
    return usage_facts(await calls_of(room.ledger, parse_length(since), venue=venue or None))


@router.get("/audit")
async def audit(room: InRoom, turn: Turned) -> Page[AuditEntry]:
    """What was done by whom, the newest first."""
    return await audit_page(room.ledger, turn)


@router.get("/audit/verified")
async def verified(room: InRoom) -> Verified:
    """Whether anybody has changed a row of the audit since it was written."""
    return await verified_audit(room.ledger, room.chosen.home)
