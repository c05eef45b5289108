"""The page of trades: open and closed ones of every account, filtered by the words of its address."""

from dataclasses import asdict, replace
from urllib.parse import urlencode

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.live import ACCOUNTS, Live
from console.dashboard.parts import (
    QUIET,
    Cell,
    account_path,
    choices,
    cycle_path,
    field,
    link,
    money,
    short_time,
    signed,
    words,
)
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.figures import FigureWords, words_for
from console.services.paging import Page, Turn
from console.services.telling import direction
from console.services.trades import FleetTrade, TradeFilter, figures_of, fleet_trades
from desk.accounts import Fleet
from desk.adapters.ledger.trade_lists import TradeOutcome

_HEADINGS = (
    *("Opened", "Account", "Instrument", "Strategy", "Side", "Quantity", "Entry", "Exit", "Closed", "By"),
    *("Profit", "R", "MAE", "MFE", "Fees", "Slippage"),
)
_PATH = "/trades"


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    wanted, after = _wanted(visit), visit.asked.get("after", "")
    with frame(visit.room, visit.visitor, ("Trades", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Trades")
            link("Download as CSV", f"/api/trades.csv?{_query(wanted)}").props["download"] = "trades.csv"
        _form(visit.room.files.current(), wanted)
        await Live(
            visit.room,
            visit.visitor,
            lambda: fleet_trades(visit.room.desk, wanted, Turn(after)),
            lambda found: _show(found, wanted, visit.room.files.current()),
        ).begin(ACCOUNTS)


def _wanted(visit: Visit) -> TradeFilter:
    known = asdict(TradeFilter())
    return replace(TradeFilter(), **{name: text for name, text in visit.asked.items() if name in known})


def _query(wanted: TradeFilter, **more: str) -> str:
    return urlencode({name: text for name, text in {**asdict(wanted), **more}.items() if text})


def _form(fleet: Fleet, wanted: TradeFilter) -> None:
    """Words for the address: a plain form, which the browser sends without any script."""
    accounts = fleet.accounts.values()
    instruments = sorted({name for spec in accounts for name in spec.instruments} | {wanted.instrument} - {""})
    strategies = sorted({one.name for spec in accounts for one in spec.strategies} | {wanted.strategy} - {""})
    with ui.element("form").classes("filters").props(f'method=get action="{_PATH}"'):
        choices("Account", "account", [*fleet.accounts], wanted.account)
        choices("Instrument", "instrument", instruments, wanted.instrument)
        choices("Strategy", "strategy", strategies, wanted.strategy)
        choices("Outcome", "outcome", [*TradeOutcome], wanted.outcome)
        field("From", "since", wanted.since, "date")
        field("Before", "until", wanted.until, "date")
        with ui.element("div").classes("choice"):
            words("button", "Show", "plain").props("type=submit")
            link("Reset", _PATH)


def _show(found: Page[FleetTrade], wanted: TradeFilter, fleet: Fleet) -> None:
    told = words_for(fleet, map(figures_of, found.rows))
    otherwise = "No trade fits." if _query(wanted) else "Nothing was traded yet."
    table(_HEADINGS, [_row(one, told) for one in found.rows], otherwise=otherwise, classes="dense")
    if found.next:
        link("Older trades", f"{_PATH}?{_query(wanted, after=found.next)}")
    words(
        "p",
        "Profit is after fees, R that profit in units of the risk at the first stop. MAE and MFE are how far the price \
went against a trade and for it while it was held, in R, with the price for who points at it, and empty where it was \
not seen. Slippage is of the entry, above 0 where it cost. Times are UTC.",
        QUIET,
    )


def _row(one: FleetTrade, told: FigureWords) -> tuple[Cell, ...]:
    cycle = cycle_path(one.account, one.entry_candle_close) if one.entry_candle_close else ""
    return (
        short_time(one.opened_at, cycle),
        Cell(one.account, link=account_path(one.account)),
        Cell(one.instrument),
        Cell(one.strategy),
        Cell(direction(one.side)),
        Cell(told.quantities.tell(one.instrument, one.quantity)),
        Cell(told.prices.tell(one.instrument, one.entry_price)),
        Cell(told.prices.tell(one.instrument, one.exit_price)),
        Cell("", QUIET, badge="open") if one.closed_at is None else short_time(one.closed_at),
        Cell(one.exit_reason.replace("_", " ")),
        signed(one.profit, one.currency),
        Cell("" if one.multiple is None else f"{one.multiple:+.2f}"),
        reached(one.mae, told.prices.tell(one.instrument, one.worst_price)),
        reached(one.mfe, told.prices.tell(one.instrument, one.best_price)),
        Cell(money(one.fees)),
        Cell("" if one.entry_slippage is None else f"{one.entry_slippage:+,.2f}"),
    )


def reached(multiple: float | None, price: str) -> Cell:
    """Return how far a price went in units of the risk (R), the price for who points at it; that alone without one."""
    if multiple is None:
        return Cell(f"at {price}" if price else "")
    return Cell(f"{multiple:+.2f}", title=f"at {price}")
