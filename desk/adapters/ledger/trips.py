"""The circuit breaker's memory: what tripped, what is over, and what its limits are counted from and with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.audit import append_audit
from desk.adapters.ledger.flows import Flow, flows_of, shifted
from desk.adapters.ledger.records import last_trades
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import OrderEventRow, OrderRow, TripRow
from desk.errors import LedgerError
from desk.execution.breaker import (
    BREAKER,
    HOUR,
    BreakerLimits,
    Limit,
    PastTrip,
    Reference,
    Sending,
    Trip,
    trips_on_orders,
)
from desk.model.books import Restriction, TradingState
from desk.model.instrument import Side
from desk.model.orders import OrderState
from desk.model.records import ClosedTrade
from desk.model.scopes import Scope


class Trips(Repository):
    """Trips of accounts: written once, told once, never lifted from here."""

    async def past_trips(self, account: str) -> Mapping[Limit, PastTrip]:
        """Return the last trip of each limit that ever tripped."""
        async with self.database.read() as session:
            return await _past(session, account)

    async def record_trips(self, account: str, trips: Iterable[Trip]) -> None:
        """Put trips into force, each with a row of the audit; a limit whose trip is in force keeps that one."""
        async with self.database.write() as session:
            await _store(session, account, trips, self._clock.now())

    async def count_from(self, account: str, references: Mapping[Limit, Reference]) -> None:
        """Commit from where limits that were re-armed count."""
        async with self.database.write() as session:
            for limit, reference in references.items():
                row = await session.get_one(TripRow, (account, limit.value))
                row.reference_at, row.reference_equity = reference.at, reference.equity

    async def last_closed(self, account: str, count: int) -> tuple[ClosedTrade, ...]:
        """Return the last round trips that are over, oldest first, at most `count`."""
        async with self.database.read() as session:
            return await last_trades(session, account, count)

    async def untold_trips(self, account: str) -> tuple[PastTrip, ...]:
        """Return the trips that nobody was told of."""
        untold = (col(TripRow.account) == account) & col(TripRow.told_at).is_(None)
        async with self.database.read() as session:
            rows = (await session.exec(select(TripRow).where(untold).order_by(col(TripRow.tripped_at)))).all()
        return tuple(map(trip_from, rows))

    async def mark_trip_told(self, account: str, limit: Limit, now: datetime) -> None:
        """Commit that people were told of a trip."""
        async with self.database.write() as session:
            (await session.get_one(TripRow, (account, limit.value))).told_at = now


async def trips_in_force(session: AsyncSession, now: datetime) -> tuple[Restriction, ...]:
    """Return the trading state that each trip in force has ordered, of every account."""
    rows = (await session.exec(select(TripRow).where(col(TripRow.lifted_at).is_(None)))).all()
    found = [(row.account, trip_from(row)) for row in sorted(rows, key=lambda row: (row.account, row.limit))]
    return tuple(trip.restriction(account) for account, trip in found if trip.is_in_force(now))


async def lift_trips(session: AsyncSession, account: str, now: datetime) -> None:
    """Re-arm every limit of an account that has tripped, in the transaction of the order to do so."""
    for row in (await session.exec(select(TripRow).where(col(TripRow.account) == account))).all():
        if trip_from(row).is_in_force(now):
            row.lifted_at = now


async def trip_on_sending(session: AsyncSession, row: OrderRow, limits: BreakerLimits, now: datetime) -> str:
    """Trip if one more order is one too many, in the transaction that would send it.

    Args:
        row: an order that is not reduce-only.

    Returns:
        Why it must not be sent; empty where it may.
    """
    if not limits.watches_orders:
        return ""
    events = await _last_hour(session, row, now)
    # An order that is sent again, because it never arrived, is still one order.
    sent = {order.client_order_id: _sending(order, event.at) for order, event in events if _opens(order, event)}
    sent.pop(row.client_order_id, None)
    rejected = [_sending(order, event.at) for order, event in events if event.state == OrderState.REJECTED]
    past = await _past(session, row.account)
    trips = trips_on_orders(limits, _sending(row, now), sent.values(), rejected, past)
    await _store(session, row.account, trips, now)
    return "; ".join(trip.why for trip in trips)


async def _last_hour(session: AsyncSession, asked: OrderRow, now: datetime) -> list[tuple[OrderRow, OrderEventRow]]:
    """What was sent and what was refused of the candles around the order's, oldest first."""
    wanted = (
        (col(OrderRow.account) == asked.account)
        & col(OrderRow.candle_close).between(asked.candle_close - HOUR, asked.candle_close + HOUR)
        & (col(OrderEventRow.at) > now - HOUR)
        & col(OrderEventRow.state).in_([OrderState.SENDING.value, OrderState.REJECTED.value])
    )
    same = col(OrderRow.client_order_id) == col(OrderEventRow.client_order_id)
    query = select(OrderRow, OrderEventRow).join(OrderEventRow, same).where(wanted).order_by(col(OrderEventRow.at))
    return list((await session.exec(query)).all())


def _opens(order: OrderRow, event: OrderEventRow) -> bool:
    return event.state == OrderState.SENDING and not order.reduce_only


def _sending(order: OrderRow, at: datetime) -> Sending:
    return Sending(at, order.candle_close, order.instrument, Side(order.side))


async def _past(session: AsyncSession, account: str) -> dict[Limit, PastTrip]:
    rows = (await session.exec(select(TripRow).where(col(TripRow.account) == account))).all()
    past = {trip.limit: trip for trip in map(trip_from, rows)}
    if not any(trip.reference for trip in past.values()):
        return past
    # What may have left, and nobody knows, is not lost.
    unsure = [flow for flow in await flows_of(session, [account]) if flow.at is None]
    return {limit: _with(trip, unsure) for limit, trip in past.items()}


def _with(trip: PastTrip, unsure: Sequence[Flow]) -> PastTrip:
    for flow in unsure:
        if trip.reference is not None:
            equity = shifted(trip.limit, trip.reference.equity, trip.reference.at, flow)
            trip = replace(trip, reference=Reference(trip.reference.at, equity))
    return trip


async def _store(session: AsyncSession, account: str, trips: Iterable[Trip], now: datetime) -> None:
    past = await _past(session, account)
    for trip in trips:
        if trip.limit in past and past[trip.limit].is_in_force(now):
            continue
        row = TripRow(account=account, limit=trip.limit, state=trip.state, why=trip.why, tripped_at=now)
        row.until = trip.until
        await session.merge(row)
        until = trip.until.isoformat() if trip.until else ""
        detail = {"limit": trip.limit.value, "why": trip.why, "until": until}
        await append_audit(session, now, BREAKER, trip.state.value, str(Scope(account=account)), detail)


def trip_from(row: TripRow) -> PastTrip:
    """Return the trip of a row.

    Raises:
        LedgerError: it has a limit or a state that there is not.
    """
    try:
        limit, state = Limit(row.limit), TradingState(row.state)
    except ValueError as error:
        raise LedgerError(f"table trip: {error}; nothing is sent until the row is mended or deleted") from error
    reference = None
    if row.reference_at is not None and row.reference_equity is not None:
        reference = Reference(row.reference_at, row.reference_equity)
    return PastTrip(limit, state, row.why, row.tripped_at, row.until, row.lifted_at, reference)
