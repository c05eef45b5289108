"""What an account ordered, traded, holds and owns, page by page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from console.naming import account_of
from console.services.figures import Figures
from console.services.opening import OpenDesk
from console.services.paging import Page, Turn, page_of
from desk.adapters.ledger.facts import EquityPoint, OrderRecord
from desk.model.books import Position
from desk.model.orders import Fill
from desk.model.records import Trade
from desk.steps.report import prices_in

_SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Held:
    """A position as the ledger has it, with its average price in quote currency."""

    position: Position
    average_price: Decimal


async def order_page(desk: OpenDesk, account: str, turn: Turn) -> Page[OrderRecord]:
    """Return orders of an account.

    Raises:
        NotUnderstood: there is no such account, or no such page.
    """
    name = account_of(desk.fleet, account).name
    found = await desk.ledger.order_page(name, before=turn.place, limit=turn.limit + 1)
    return page_of(found, turn, lambda one: (one.intent.candle_close, one.intent.client_order_id))


async def newest_orders(desk: OpenDesk, account: str, *, limit: int) -> tuple[OrderRecord, ...]:
    """Return the newest orders of an account, oldest first.

    Raises:
        NotUnderstood: there is no such account.
    """
    return await desk.ledger.orders(account_of(desk.fleet, account).name, limit=limit)


async def newest_fills(desk: OpenDesk, account: str, *, limit: int) -> tuple[Fill, ...]:
    """Return the newest fills of an account, adjustments among them, oldest first.

    Raises:
        NotUnderstood: there is no such account.
    """
    return await desk.ledger.fills(account_of(desk.fleet, account).name, limit=limit)


async def trade_page(desk: OpenDesk, account: str, turn: Turn) -> Page[Trade]:
    """Return round trips of an account, the open ones among them.

    Raises:
        NotUnderstood: there is no such account, or no such page.
    """
    name = account_of(desk.fleet, account).name
    found = await desk.ledger.trade_page(name, before=turn.place, limit=turn.limit + 1)
    return page_of(found, turn, lambda one: (one.opened_at, one.opened_by))


async def equity_page(desk: OpenDesk, account: str, turn: Turn) -> Page[EquityPoint]:
    """Return the money of an account over time.

    Raises:
        NotUnderstood: there is no such account, or no such page.
    """
    name = account_of(desk.fleet, account).name
    found = await desk.ledger.equity_page(name, before=turn.place, limit=turn.limit + 1)
    return page_of(found, turn, lambda one: (one.at, ""))


def figures_of(account: str, held: Iterable[Held] = (), trades: Iterable[Trade] = ()) -> tuple[Figures, ...]:
    """Return what is shown of positions and trades of an account where they stand together."""
    of_held = (
        Figures(account, of.instrument, (one.average_price, *prices_in(of.barriers)), (of.quantity,))
        for one in held
        for of in (one.position,)
    )
    of_trades = (
        Figures(account, one.instrument, (one.entry_price, one.exit_price), (one.entry_quantity,)) for one in trades
    )
    return (*of_held, *of_trades)


async def positions(desk: OpenDesk, account: str) -> tuple[Held, ...]:
    """Return what an account holds by its fills, by name of instrument.

    Raises:
        NotUnderstood: there is no such account.
    """
    found = await desk.ledger.positions(account_of(desk.fleet, account).name)
    return tuple(Held(one, one.average_price) for one in found)


async def equity_line(desk: OpenDesk, account: str, *, points: int) -> tuple[EquityPoint, ...]:
    """Return the money of the newest 30 days for a chart, oldest first, as about so many points.

    Raises:
        NotUnderstood: there is no such account.
    """
    name = account_of(desk.fleet, account).name
    newest = await desk.ledger.equity_page(name, before=None, limit=1)
    if not newest:
        return ()
    return thinned(await desk.ledger.equity_curve(name, since=newest[0].at - _SHOWN), points)


def thinned(curve: Sequence[EquityPoint], points: int) -> tuple[EquityPoint, ...]:
    """Return every so many-th point of a curve, its first and its last among them."""
    step = max(1, -(-len(curve) // points))
    kept = tuple(curve[::step])
    return kept if not curve or kept[-1] == curve[-1] else (*kept, curve[-1])
