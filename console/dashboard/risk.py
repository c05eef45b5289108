"""The page of risk: limits and how much of each is used, what is held of what, states, trips, and rules."""

from collections.abc import Sequence
from datetime import timedelta

from nicegui import ui

from console.api.room import Room
from console.dashboard.frame import frame
from console.dashboard.live import ACCOUNTS, Live
from console.dashboard.parts import (
    BAD,
    CAREFUL,
    GOOD,
    QUIET,
    STATE_KINDS,
    Cell,
    account_path,
    choices,
    cycle_path,
    empty,
    meter,
    money,
    tile,
    words,
)
from console.dashboard.tables import heat, table
from console.dashboard.visit import Visit
from console.services.correlations import CANDLES, MOST, TIMEFRAME, Correlations, fleet_correlations
from console.services.risk import AccountRisk, AccountTrip, FleetRisk, LimitUse, fleet_risk, rules_in_use
from console.services.states import StateFacts
from console.services.telling import tell_finding
from console.times import format_minute
from desk.adapters.ledger.fleet_views import RuleUse

_CORRELATIONS = timedelta(minutes=5)
_CLOSE_TO, _HALF = 0.8, 0.5
_STATES = ("Scope", "State", "Since", "Until", "Ordered by", "Why")
_TRIPS = ("Tripped", "Account", "Limit", "In force", "Until", "Why")
_RULES = ("Rule", "Said", "Compared", "Candle")


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room = visit.room
    accounts = list(room.files.current().accounts)
    chosen = visit.asked.get("account") or (accounts[0] if accounts else "")
    with frame(room, visit.visitor, ("Risk", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Risk")
        await Live(room, visit.visitor, lambda: fleet_risk(room.desk, room.clock.now()), _show).begin(ACCOUNTS)
        words("h2", "Correlations")
        read = Live(room, visit.visitor, lambda: fleet_correlations(room.desk, room.markets), _show_correlations)
        await read.begin(_CORRELATIONS)
        if chosen:
            await _rules(room, visit, accounts, chosen)


async def _rules(room: Room, visit: Visit, accounts: Sequence[str], chosen: str) -> None:
    words("h2", "Rules")
    with ui.element("form").classes("filters").props('method=get action="/risk"'):
        choices("Account", "account", accounts, chosen, everything="")
        words("button", "Show", "plain").props("type=submit")
    await Live(room, visit.visitor, lambda: rules_in_use(room.desk, chosen), _show_rules).begin(ACCOUNTS)


def _show(found: FleetRisk) -> None:
    in_force = [trip for trip in found.trips if trip.is_in_force]
    uses = [use for account in found.accounts for use in account.limits]
    fullest = max((use.fraction for use in uses), default=0.0)
    with ui.element("div").classes("tiles"):
        tile("Halted or reduced", str(len(found.states)), BAD if found.states else GOOD)
        tile("Breakers tripped", str(len(in_force)), BAD if in_force else GOOD)
        tile("Fullest limit on losses", f"{fullest:.0%}" if uses else "none is set", _kind(fullest) if uses else QUIET)
        tile("Instruments held", str(len(found.instruments)))
    words("h2", "Limits on losses")
    _limits(found.accounts)
    words("h2", "Exposure as a multiple of equity")
    _exposure(found)
    words("h2", "Trading states")
    table(_STATES, [_state(one) for one in found.states], otherwise="Nothing is halted or reduced.")
    words("h2", "Circuit breaker")
    table(_TRIPS, [_trip(one) for one in found.trips], otherwise="No limit has ever tripped.")


def _limits(accounts: Sequence[AccountRisk]) -> None:
    limited = [account for account in accounts if account.limits]
    if not limited:
        empty("No policy limits losses; the key `breaker` of a policy does.")
    with ui.element("div").classes("panels"):
        for account in limited:
            with ui.element("section").classes("panel"):
                words("h3", account.account)
                for use in account.limits:
                    name = use.limit.removesuffix("_fraction").replace("_", " ")
                    meter(name, use.fraction, use.told, use_kind(use))


def use_kind(use: LimitUse) -> str:
    """Return how the use of a limit looks: careful from half of it, bad when it is close to tripping."""
    return _kind(use.fraction)


def _kind(fraction: float) -> str:
    return BAD if fraction >= _CLOSE_TO else CAREFUL if fraction >= _HALF else GOOD


def _exposure(found: FleetRisk) -> None:
    holding = [account for account in found.accounts if account.exposure or account.unvalued]
    if not holding:
        empty("Nothing is held.")
        return
    rows = [
        (Cell(one.account, link=account_path(one.account)), [one.multiple(name) for name in found.instruments], one)
        for one in holding
    ]
    heat("Account", found.instruments, [(name, values, money(one.gross, one.currency)) for name, values, one in rows])
    unvalued = [f"{name} of {account.account}" for account in holding for name in account.unvalued]
    if unvalued:
        words("p", f"Without a price, and so not in here: {', '.join(unvalued)}.", "loss")


def _show_correlations(found: Correlations) -> None:
    names = found.instruments
    if len(names) < 2:
        empty("There are no candles here of two instruments that could be compared.")
    else:
        heat("Instrument", names, [(Cell(one), [found.of(one, other) for other in names], "") for one in names], "")
        words("p", f"Of the returns of the last {CANDLES} candles of {TIMEFRAME}, shrunk towards 0.", QUIET)
    if found.lacking:
        told = ", ".join(found.lacking[:MOST]) + (" and others" if len(found.lacking) > MOST else "")
        words("p", f"No venue is asked for a page, and without one there are no candles of {told}.", QUIET)
    if found.passed_over:
        words("p", f"Not compared: {found.passed_over} more.", QUIET)


def _state(one: StateFacts) -> tuple[Cell, ...]:
    return (
        Cell(one.scope),
        Cell("", STATE_KINDS[one.state], badge=one.state.replace("_", " ")),
        Cell(format_minute(one.since) if one.since else ""),
        Cell(format_minute(one.until) if one.until else "lifted by a person", "" if one.until else QUIET),
        Cell(one.who),
        Cell(one.why),
    )


def _trip(one: AccountTrip) -> tuple[Cell, ...]:
    ends = "until a person resumes" if one.ends_at is None else format_minute(one.ends_at)
    return (
        Cell(format_minute(one.tripped_at)),
        Cell(one.account, link=account_path(one.account)),
        Cell(one.limit.replace("_", " ")),
        Cell("", BAD if one.is_in_force else QUIET, badge="in force" if one.is_in_force else "over"),
        Cell(ends),
        Cell(one.why),
    )


def _show_rules(found: Sequence[RuleUse]) -> None:
    otherwise = "Nothing was proposed in the last seven days, so no rule was asked."
    table(_RULES, [_rule(one) for one in found], otherwise=otherwise)


def _rule(one: RuleUse) -> tuple[Cell, ...]:
    finding = one.finding
    reason = finding.reason
    return (
        Cell(finding.rule),
        Cell(reason.meaning, CAREFUL, badge=reason) if reason else Cell("", GOOD, badge="passed"),
        Cell(tell_finding(finding)),
        Cell(format_minute(one.candle_close), link=cycle_path(one.account, one.candle_close)),
    )
