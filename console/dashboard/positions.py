"""The page of positions: what every account holds, what it is worth now, and what its venue said last."""

from dataclasses import replace

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.live import PRICES, Live
from console.dashboard.parts import (
    BAD,
    CAREFUL,
    GOOD,
    QUIET,
    Cell,
    account_path,
    chart_path,
    short_time,
    signed,
    tile,
    words,
)
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.figures import Figures, FigureWords, words_for
from console.services.positions import Agreement, FleetPosition, fleet_positions
from console.services.telling import tell_barriers
from console.times import format_instant
from desk.accounts import Fleet
from desk.model.figures import SameDigits
from desk.steps.report import prices_in

_HEADINGS = (
    *("Account", "Instrument", "Side", "Quantity", "Average", "Price", "Open profit", "Ends at", "Since"),
    *("Strategy", "At the venue"),
)
_KINDS = {
    Agreement.SAME: GOOD,
    Agreement.DIFFERS: BAD,
    Agreement.TRADED_SINCE: QUIET,
    Agreement.NOT_ASKED: CAREFUL,
}


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room = visit.room
    with frame(room, visit.visitor, ("Positions", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Positions")
        await Live(
            room,
            visit.visitor,
            lambda: fleet_positions(room.desk, room.markets),
            lambda found: _show(found, room.files.current()),
        ).begin(PRICES)


def _show(found: tuple[FleetPosition, ...], fleet: Fleet) -> None:
    differing = sum(one.agreement is Agreement.DIFFERS for one in found)
    with ui.element("div").classes("tiles"):
        tile("Positions", str(len(found)))
        tile("Accounts", str(len({one.account for one in found})))
        tile("Instruments", str(len({one.instrument for one in found})))
        tile("Other at the venue", str(differing), BAD if differing else GOOD)
    told = words_for(fleet, map(_figures, found))
    table(_HEADINGS, [_row(one, told) for one in found], otherwise="Nothing is held.", classes="dense")
    words(
        "p",
        "The venue's side is what it said at the last scan. Open profit is before fees, at the price at which the \
position could be closed. Times are UTC.",
        QUIET,
    )


def _figures(one: FleetPosition) -> Figures:
    prices = (one.average_price, one.price, *prices_in(one.barriers))
    return Figures(one.account, one.instrument, prices, (one.quantity, one.venue_quantity))


def _row(one: FleetPosition, told: FigureWords) -> tuple[Cell, ...]:
    side = "long" if one.quantity > 0 else "short" if one.quantity < 0 else "none"
    return (
        Cell(one.account, link=account_path(one.account)),
        Cell(one.instrument, link=chart_path(one.account, one.instrument)),
        Cell(side),
        Cell(told.quantities.tell(one.instrument, abs(one.quantity))),
        Cell(told.prices.tell(one.instrument, one.average_price)),
        _price(one, told.prices),
        signed(one.profit, one.quote_currency),
        Cell(tell_barriers(one.instrument, one.barriers, told.prices)),
        short_time(one.opened_at) if one.opened_at else Cell(""),
        Cell(one.strategy),
        _venue(one, told.quantities),
    )


def _price(one: FleetPosition, prices: SameDigits) -> Cell:
    if one.price is None or one.price_at is None:
        return Cell("unknown", QUIET)
    return Cell(prices.tell(one.instrument, one.price), title=f"as of {format_instant(one.price_at)} UTC")


def _venue(one: FleetPosition, quantities: SameDigits) -> Cell:
    if one.venue_quantity is None or one.venue_at is None:
        return Cell("", _KINDS[one.agreement], badge=one.agreement)
    held = f"{quantities.tell(one.instrument, one.venue_quantity)} " if one.agreement is Agreement.DIFFERS else ""
    when = short_time(one.venue_at)
    return replace(when, text=f"{held}as of {when.text}", kind=_KINDS[one.agreement], badge=one.agreement)
