"""What is done about orders and positions that the desk did not make: listed, or closed where the account says so."""

from collections.abc import Sequence

from desk.errors import VenueError
from desk.execution.adjusting import Difference
from desk.execution.placing import place_orders
from desk.execution.plan import client_order_id
from desk.execution.reconciliation import Failed, OrderActions, VenueReport
from desk.model.books import Position
from desk.model.externals import External, ExternalKind, Externals
from desk.model.orders import Order, OrderIntent, OrderState, OrderType
from desk.steps.reconciling import Terms, Work
from desk.steps.report import describe_order

_OF_POSITIONS = [ExternalKind.POSITION, ExternalKind.UNJUDGED, ExternalKind.DELISTED]

STRATEGY = "reconciliation"
"""Whose orders those are that close what the desk did not open."""


async def flatten(
    work: Work, actions: OrderActions, report: VenueReport, differing: Sequence[Difference]
) -> tuple[Order, ...]:
    """Cancel what others have working and close what they opened, where the account is declared the desk's alone.

    A position that the venue has otherwise is left for the next pass: what is sold must be there.
    """
    if work.terms.externals is not Externals.FLATTEN or isinstance(report.positions, Failed):
        return ()
    cancelled = [await _cancel(work, order) for order in actions.external if not order.reduce_only]
    uncertain = {order.instrument for order in await work.books.unresolved_orders(work.terms.account)}
    uncertain |= {difference.instrument for difference in differing}
    strange = [one for one in await _strange(work) if one.instrument not in uncertain]
    newest = await work.books.newest_fills(work.terms.account, [one.instrument for one in strange])
    intents = [_closing(work.terms, one, newest[one.instrument].venue_trade_id) for one in strange]
    closed = await place_orders(intents, work.desk)
    if closed:
        await work.sync()
    work.failures += [describe_order(order) for order in closed if order.state is not OrderState.FILLED]
    return (*(order for order in cancelled if order is not None), *closed)


async def _cancel(work: Work, order: Order) -> Order | None:
    try:
        return await work.desk.trading.cancel(order.client_order_id)
    except VenueError as error:
        work.failures.append(f"cancel {order.client_order_id}: {error}")
        return None


async def _strange(work: Work) -> tuple[Position, ...]:
    """What the account holds and no order of the desk opened."""
    return tuple(one for one in await work.books.positions(work.terms.account) if not one.strategy)


def _closing(terms: Terms, position: Position, after: str) -> OrderIntent:
    """Close a position: under the same id after a restart, under another once a newer candle has closed."""
    leg = f"close after {after}"
    return OrderIntent(
        client_order_id=client_order_id(terms.account, STRATEGY, position.instrument, terms.candle_close, leg),
        account=terms.account,
        strategy=STRATEGY,
        instrument=position.instrument,
        candle_close=terms.candle_close,
        side=position.side.opposite,
        type=OrderType.MARKET,
        quantity=abs(position.quantity),
        reduce_only=True,
    )


async def list_externals(
    work: Work, report: VenueReport, actions: OrderActions, apart: Sequence[Difference]
) -> tuple[External, ...]:
    """Return what a person has to know of: what is not the desk's, is not judged, or cannot be traded any more."""
    terms, cancelled = work.terms, work.terms.externals is Externals.FLATTEN
    orders = [_order(order) for order in actions.external if order.reduce_only or not cancelled]
    positions = {one.instrument: str(one) for one in apart}
    if terms.externals is not Externals.ADOPT:
        for one in await _strange(work):
            positions.setdefault(one.instrument, f"{one.side} {abs(one.quantity):f} {one.instrument}, not by the desk")
    held = () if isinstance(report.positions, Failed) else report.positions
    delisted = [one for one in held if one.instrument not in terms.instruments]
    judged = {*terms.configured, *positions, *(one.instrument for one in delisted)}
    unjudged = [one for one in held if one.instrument not in judged]
    return (
        *orders,
        *(External(ExternalKind.POSITION, name, name, detail) for name, detail in positions.items()),
        *(External(ExternalKind.UNJUDGED, one.instrument, one.instrument, _unjudged(one)) for one in unjudged),
        *(External(ExternalKind.DELISTED, one.instrument, one.instrument, _delisted(one)) for one in delisted),
    )


def seen(difference: Difference) -> tuple[External, External]:
    """Return what is kept of a difference until the next look: that it is so much, and that there is one at all."""
    name, kind = difference.instrument, ExternalKind.DIFFERENCE
    return External(kind, name, name, str(difference)), External(kind, f"{name}, any", name, name)


def _order(order: Order) -> External:
    name = order.client_order_id or order.venue_order_id
    return External(ExternalKind.ORDER, name, order.instrument, describe_order(order))


def _unjudged(position: Position) -> str:
    return (
        f"{position.side} {abs(position.quantity):f} {position.instrument} is held and not configured any more; its "
        "stop, its target and its time limit still end it"
    )


def _delisted(position: Position) -> str:
    held = f"{position.side} {abs(position.quantity):f} {position.instrument}"
    return f"{held} is held, and its source does not list it any more"


async def note(work: Work, report: VenueReport, found: Sequence[External]) -> tuple[External, ...]:
    """Keep the lists whose part of the report was read, and return what is new in them."""
    read = [] if isinstance(report.open_orders, Failed) else [ExternalKind.ORDER]
    read += [] if isinstance(report.positions, Failed) else _OF_POSITIONS
    fresh: list[External] = []
    for kind in read:
        listed = [external for external in found if external.kind is kind]
        fresh += await work.books.note_externals(work.terms.account, kind, listed, work.terms.now)
    return tuple(fresh)
