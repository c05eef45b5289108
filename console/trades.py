"""Prints trades of the fleet, open and closed: what each brought, and how far the price went while it was held."""

import sys
from collections.abc import AsyncIterator
from dataclasses import asdict

from console.ledgers import ask
from console.services.figures import FigureWords, words_for
from console.services.opening import OpenDesk
from console.services.paging import Page, Turn
from console.services.telling import direction
from console.services.trades import FleetTrade, TradeFilter, figures_of, fleet_trades, trades_as_csv
from console.showing import print_json, print_rows
from console.times import format_minute
from desk.accounts import load_fleet
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings

_COLUMNS = (
    *("account", "instrument", "strategy", "side", "quantity", "opened", "entry", "exit", "by", "profit"),
    *("R", "MAE", "MFE"),
)
"""What a terminal has room for."""


def show_trades(wanted: TradeFilter, *, limit: int, as_json: bool) -> int:
    """Print the trades opened last first.

    Raises:
        NotUnderstood: there is no such account, outcome or time.
    """
    fleet = load_fleet(settings().config)

    async def read(ledger: Ledger) -> Page[FleetTrade]:
        return await fleet_trades(OpenDesk(fleet, ledger), wanted, Turn(limit=limit))

    found = ask(read).rows
    if as_json:
        print_json([asdict(trade) for trade in found])
    else:
        told = words_for(fleet, map(figures_of, found))
        print_rows(
            [dict(zip(_COLUMNS, _cells(one, told), strict=True)) for one in found], as_json=False, empty="no trades"
        )
    return 0


def write_trades(wanted: TradeFilter) -> int:
    """Write every trade that is wanted as comma-separated values.

    Raises:
        NotUnderstood: there is no such account, outcome or time.
    """
    fleet = load_fleet(settings().config)

    async def write(ledger: Ledger) -> None:
        await _write(trades_as_csv(OpenDesk(fleet, ledger), wanted))

    ask(write)
    return 0


async def _write(parts: AsyncIterator[str]) -> None:
    async for part in parts:
        sys.stdout.write(part)


def _cells(one: FleetTrade, told: FigureWords) -> tuple[str, ...]:
    return (
        one.account,
        one.instrument,
        one.strategy,
        direction(one.side),
        told.quantities.tell(one.instrument, one.quantity),
        format_minute(one.opened_at),
        told.prices.tell(one.instrument, one.entry_price),
        told.prices.tell(one.instrument, one.exit_price) or "open",
        one.exit_reason.replace("_", " "),
        f"{one.profit:+,.2f} {one.currency}",
        _in_risk(one.multiple),
        _in_risk(one.mae),
        _in_risk(one.mfe),
    )


def _in_risk(multiple: float | None) -> str:
    return "" if multiple is None else f"{multiple:+.2f}"
