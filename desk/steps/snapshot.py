"""Takes the snapshot that a decision may look at: money, positions, orders and quotes as the venue tells them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Set
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from desk.errors import DataError
from desk.execution.adjusting import compare_positions, external_quantities, tolerances_of
from desk.matching.conversion import conversion_pairs, rates_from
from desk.model.books import Position, Restriction, Snapshot, most_severe
from desk.model.externals import Externals
from desk.model.instrument import Instrument
from desk.model.orders import Fill, Order
from desk.model.records import ClosedTrade, TrackRecord
from desk.model.scopes import Scope
from desk.ports import Feed, Trading
from desk.steps.surroundings import Company, Standings, look_around

RECENT = timedelta(days=2)
"""How far back a rule can see fills."""
TRADED = timedelta(days=30)
"""How far back a rule can see trades that are over."""


class History(Standings, Protocol):
    """What the ledger remembers of an account."""

    async def day_start_and_peak(self, account: str, at: datetime) -> tuple[Decimal, Decimal] | None:
        """Return the equity at the start of the UTC day and the highest so far, or None where there is no history."""
        ...

    async def recent_fills(self, account: str, since: datetime) -> tuple[Fill, ...]:
        """Return the fills since then, oldest first."""
        ...

    async def trades_and_records(
        self, account: str, since: datetime
    ) -> tuple[tuple[ClosedTrade, ...], Mapping[str, TrackRecord]]:
        """Return the round trips closed since then, oldest first, and the record of each strategy by all of them."""
        ...

    async def positions(self, account: str) -> tuple[Position, ...]:
        """Return what the account holds by its fills."""
        ...

    async def unresolved_orders(self, account: str) -> tuple[Order, ...]:
        """Return the orders whose outcome is not known."""
        ...

    async def restrictions(self, account: str, venue: str) -> tuple[Restriction, ...]:
        """Return every trading state in force for the account, or for a strategy or an instrument of it."""
        ...


async def take_snapshot(
    account: str,
    venue: str,
    instruments: Iterable[str],
    *,
    feed: Feed,
    trading: Trading,
    history: History,
    at: datetime,
    externals: Externals = Externals.IGNORE,
    sync: Callable[[], Awaitable[object]] | None = None,
    company: Company | None = None,
) -> Snapshot:
    """Ask venue, feed and ledger side by side and put the answers together.

    Where the venue holds something else than the ledger, a fill may have come between the two looks: fills are read
    once more, and what differs then is `external` in the snapshot, so that nothing is opened on it. What is held, or
    has an order, and is not listed any more is there without specification and quote: see `Snapshot.delisted`.

    Args:
        externals: what the account does about what the desk did not trade.
        sync: reads fills into the ledger; None where that must not be done.
        company: whom the account has around it; None where that is not known.

    Raises:
        VenueError: one of the reads failed; a failure is never taken for "flat".
        DataError: an instrument that is to be traded has no specification.
    """
    money, positions, orders, specifications = await asyncio.gather(
        trading.account(), trading.positions(), trading.open_orders(), feed.instruments()
    )
    external = await _external(account, positions, specifications, history, externals, sync)
    fills, (closed, records), unresolved, restrictions, equity, around = await asyncio.gather(
        history.recent_fills(account, at - RECENT),
        history.trades_and_records(account, at - TRADED),
        history.unresolved_orders(account),
        history.restrictions(account, venue),
        history.day_start_and_peak(account, at),
        look_around(company, history, at),
    )
    held = {position.instrument for position in positions}
    held |= {order.instrument for order in (*orders, *unresolved)}
    names = tuple(dict.fromkeys((*instruments, *sorted(held))))
    known = _specifications(names, specifications, spared=held)
    quoted = {instrument.quote for instrument in known.values()} | ({company.currency} if company else set())
    quotes, rates = await asyncio.gather(
        feed.quotes(tuple(known), at=at), _rates(feed, money.currency, quoted, specifications, at)
    )
    money = replace(money, conversion={**rates, **money.conversion})
    whole = Scope(venue=venue, account=account)
    day_start, peak = equity or (money.equity, money.equity)
    return Snapshot(
        account=account,
        at=at,
        money=money,
        day_start_equity=day_start,
        peak_equity=max(peak, money.equity),
        instruments=known,
        quotes=quotes,
        positions=positions,
        open_orders=(*orders, *_unseen(unresolved, orders)),
        recent_fills=fills,
        trading_state=most_severe(one for one in restrictions if one.scope.covers(whole)).state,
        blocked={order.instrument: order.client_order_id for order in unresolved},
        restrictions=restrictions,
        external=external,
        closed_trades=closed,
        records=records,
        surroundings=around.seen_from(money),
    )


async def _external(
    account: str,
    positions: tuple[Position, ...],
    instruments: Mapping[str, Instrument],
    history: History,
    externals: Externals,
    sync: Callable[[], Awaitable[object]] | None,
) -> dict[str, Decimal]:
    tolerances = tolerances_of(instruments)
    ours = await history.positions(account)
    differences = compare_positions(ours, positions, tolerances=tolerances)
    if differences and sync is not None:
        await sync()
        ours = await history.positions(account)
        differences = compare_positions(ours, positions, tolerances=tolerances)
    return external_quantities(ours, differences, externals)


def _unseen(unresolved: Iterable[Order], seen: Iterable[Order]) -> tuple[Order, ...]:
    """Orders that may be at the venue though it does not list them: they keep their room in every limit."""
    listed = {order.client_order_id for order in seen}
    return tuple(order for order in unresolved if order.client_order_id not in listed)


def _specifications(
    names: Iterable[str], all_known: Mapping[str, Instrument], *, spared: Set[str]
) -> dict[str, Instrument]:
    missing = [name for name in names if name not in all_known and name not in spared]
    if missing:
        raise DataError(f"expected a specification of every instrument, found none of {', '.join(missing)}")
    return {name: all_known[name] for name in names if name in all_known}


async def _rates(
    feed: Feed, currency: str, wanted: Set[str], all_known: Mapping[str, Instrument], at: datetime
) -> dict[str, Decimal]:
    """What one unit of each wanted currency is worth; a currency without a quoted pair is left out."""
    pairs = conversion_pairs(wanted, currency, all_known)
    return rates_from(pairs, await feed.quotes(list(pairs.values()), at=at))
