"""The page of the portfolio: what the fleet is worth, what would share it out as wanted, and what was moved."""

from collections.abc import Sequence

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.live import ACCOUNTS, Live
from console.dashboard.parts import (
    BAD,
    BUSY,
    CAREFUL,
    GOOD,
    QUIET,
    Cell,
    account_path,
    empty,
    money,
    sentence,
    short_time,
    tile,
    words,
)
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.portfolio import (
    AccountWorth,
    CurrencyWorth,
    FleetPortfolio,
    NeededCurrency,
    ProposedAction,
    WorldWorth,
    fleet_portfolio,
)
from console.services.telling import amount
from desk.model.moves import KeptMove, MoveState

_ACCOUNTS = ("Account", "Equity", "Worth", "Works with", "Seen")
_TARGETS = ("Share", "Target", "Within")
_CURRENCIES = ("Currency", "Equity", "Worth", "Accounts")
_ACTIONS = ("What", "Kind", "Because")
_NEEDS = ("Account", "Currency", "When below", "Up to", "Bought at")
_MOVES = ("Planned for", "What", "State", "Sent", "Detail")
_KINDS = {MoveState.DONE: GOOD, MoveState.REFUSED: BAD, MoveState.UNKNOWN: BAD, MoveState.SENT: BUSY}


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room = visit.room
    with frame(room, visit.visitor, ("Portfolio", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Portfolio")
        await Live(room, visit.visitor, lambda: fleet_portfolio(room.desk), _show).begin(ACCOUNTS)


def _show(found: FleetPortfolio) -> None:
    _tiles(found)
    for world in filter(_is_known, found.worlds):
        _world(world, found.currency)
    _strangers(found)
    _plan(found)
    words("h2", "Moves of money")
    otherwise = (
        "The desk has moved no money." if found.may_move else "The desk moves no money unless portfolio.yaml says so."
    )
    table(_MOVES, [_move(one) for one in found.moves], otherwise=otherwise)
    if any(one.state is MoveState.UNKNOWN for one in found.moves):
        sentence("`desk portfolio carry-out` asks the venue again what became of a move that is unknown.", QUIET)


def _tiles(found: FleetPortfolio) -> None:
    outside = sum(one.is_outside for world in found.worlds for one in world.accounts)
    with ui.element("div").classes("tiles"):
        for world in filter(_is_known, found.worlds):
            tile(f"Worth, {_name(world)}", money(world.worth, found.currency))
        if found.is_planned:
            tile("Outside their band", str(outside), CAREFUL if outside else GOOD)
            tile("Proposed", str(len(found.actions)), CAREFUL if found.actions else GOOD)


def _strangers(found: FleetPortfolio) -> None:
    """Worlds of which nothing is known need no table."""
    names = [
        f"{one.account} ({_name(world)})" for world in found.worlds if not _is_known(world) for one in world.accounts
    ]
    if len(names) == sum(len(world.accounts) for world in found.worlds):
        empty("Nothing is known of anybody's money yet; each scan writes it down.")
    elif names:
        words("p", f"Nothing is known yet of the money of {', '.join(names)}.", QUIET)


def _is_known(world: WorldWorth) -> bool:
    return len(world.unknown) < len(world.accounts)


def _name(world: WorldWorth) -> str:
    mode = world.mode.replace("_", " ")
    return f"{mode}, {world.environment}" if world.environment else mode


def _world(world: WorldWorth, currency: str) -> None:
    words("h2", f"Accounts: {_name(world)}")
    has_targets = any(one.target is not None for one in world.accounts)
    rows = [(*_account(one, currency), *(_target(one) if has_targets else ())) for one in world.accounts]
    table((*_ACCOUNTS, *(_TARGETS if has_targets else ())), rows, otherwise="")
    if world.unknown:
        told = f"Not in the sum, because their worth in {currency} is not known: {', '.join(world.unknown)}."
        words("p", told, QUIET)
    if len(world.currencies) > 1:
        words("h2", f"Currencies: {_name(world)}")
        table(_CURRENCIES, [_currency(one, currency) for one in world.currencies], otherwise="")


def _account(one: AccountWorth, currency: str) -> tuple[Cell, ...]:
    return (
        Cell(one.account, link=account_path(one.account)),
        Cell(money(one.equity, one.currency)),
        Cell(money(one.worth, currency)),
        Cell(f"{one.allocation:.0%}"),
        _seen(one),
    )


def _target(one: AccountWorth) -> tuple[Cell, ...]:
    return (
        Cell("" if one.share is None else f"{one.share:.1%}", "loss" if one.is_outside else ""),
        Cell("" if one.target is None else f"{one.target:.1%}"),
        Cell("" if one.band is None else f"{one.band:.1%}"),
    )


def _seen(one: AccountWorth) -> Cell:
    if one.seen_at is None:
        return Cell("never", QUIET)
    found = short_time(one.seen_at)
    return found if one.is_fresh else Cell(found.text, CAREFUL, badge="old", title=found.title)


def _currency(one: CurrencyWorth, currency: str) -> tuple[Cell, ...]:
    worth = Cell("rate not known", QUIET) if one.worth is None else Cell(money(one.worth, currency))
    return (Cell(one.currency), Cell(money(one.equity)), worth, Cell(str(one.accounts)))


def _plan(found: FleetPortfolio) -> None:
    words("h2", "Plan")
    if not found.is_planned:
        empty("There is no plan without portfolio.yaml beside accounts.yaml; it says what each account is to have.")
        return
    table(_ACTIONS, [_action(one) for one in found.actions], otherwise="Everything is where it should be.")
    for note in found.notes:
        words("p", f"Note: {note}.")
    if found.needs:
        words("h2", "Currencies that accounts need")
        table(_NEEDS, [_need(one) for one in found.needs], otherwise="")
        sentence("Only their venues know whether they lack them; `desk portfolio` asks.", QUIET)
    sentence(_CARRYING if found.may_move else _BY_HAND, QUIET)


def _action(one: ProposedAction) -> tuple[Cell, ...]:
    return (Cell(f"{one.what[:1].upper()}{one.what[1:]}"), Cell("", QUIET, badge=one.kind), Cell(one.why))


def _need(one: NeededCurrency) -> tuple[Cell, ...]:
    return (
        Cell(one.account, link=account_path(one.account)),
        Cell(one.currency),
        Cell(amount(one.below)),
        Cell(amount(one.up_to)),
        Cell(one.instrument),
    )


def _move(one: KeptMove) -> Sequence[Cell]:
    what = str(one.move)
    return (
        Cell(one.move.day.isoformat()),
        Cell(f"{what[:1].upper()}{what[1:]}"),
        Cell("", _KINDS.get(one.state, QUIET), badge=one.state),
        Cell("") if one.sent_at is None else short_time(one.sent_at),
        Cell(one.detail),
    )


_CARRYING = "This is proposed. `desk portfolio carry-out` says in the terminal what of it the desk can move, and asks."
_BY_HAND = "This is proposed. A person carries it out: at the venue, or in accounts.yaml. `desk portfolio` says how."
