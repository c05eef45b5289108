"""The log of orders: stored before they are sent, sent under a lease only, and no change that contradicts another."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.codec import Values, fill_values, intent_values, order_from
from desk.adapters.ledger.controls import find_restriction, objection_of, order_state
from desk.adapters.ledger.leases import check_lease
from desk.adapters.ledger.repository import Repository, insert_rows, table_of
from desk.adapters.ledger.tables import FillRow, OrderEventRow, OrderRow
from desk.adapters.ledger.trips import trip_on_sending
from desk.adapters.venues.recalling import Sent
from desk.errors import LedgerError
from desk.execution.breaker import BREAKER, BreakerLimits
from desk.execution.lifecycle import check_transition
from desk.model.books import Restriction, TradingState
from desk.model.orders import Fill, Order, OrderIntent, OrderState
from desk.model.reasons import Reason
from desk.model.scopes import Scope
from desk.ports import Lease

_UNLIMITED = BreakerLimits()


class Orders(Repository):
    """`desk.ports.OrderLog` in the database."""

    async def store_intents(self, intents: Sequence[OrderIntent], *, lease: Lease | None = None) -> Mapping[str, Order]:
        """Commit intents as PLANNED; one that is stored already is left alone.

        Args:
            intents: of one account.
            lease: must be the newest, where it is given.

        Returns:
            Each order as the log has it now, by client order id.

        Raises:
            LeaseLost: another holder has taken the account over.
            LedgerError: an intent of the same id says something else; nothing was stored.
        """
        if not intents:
            return {}
        names = [intent.client_order_id for intent in intents]
        async with self.database.write() as session:
            if lease is not None:
                await check_lease(session, lease)
            stored = {row.client_order_id: row for row in await find_orders(session, names)}
            for intent in intents:
                _check_intent(stored.get(intent.client_order_id), intent)
            missing = [intent for intent in intents if intent.client_order_id not in stored]
            await _insert_planned(session, missing, self._clock.now())
            return await _orders(session, names)

    async def start_sending(self, client_order_id: str, lease: Lease, *, limits: BreakerLimits = _UNLIMITED) -> bool:
        """Commit PLANNED → SENDING if `lease` is still the newest and the trading state lets the order pass.

        An order that the trading state refuses becomes CANCELLED: lifting a halt must not send what is old by then.
        So does one that is one too many by the account's limits, and the account is halted with it.

        Returns:
            Whether this call made the change; only then may the caller send.

        Raises:
            LeaseLost: another holder has taken the account over.
            LedgerError: the order was never stored, or belongs to another account.
        """
        now = self._clock.now()
        async with self.database.write() as session:
            venue = (await check_lease(session, lease)).venue
            row = await _get(session, client_order_id, lease.account)
            if row.state != OrderState.PLANNED:
                return False
            refusal = "" if row.reduce_only else await self._refusal(session, row, venue, limits, now)
            if not refusal:
                await change_order(
                    session, row, OrderState.SENDING, f"sent by {lease.holder}, token {lease.token}", now
                )
                return True
            await change_order(session, row, OrderState.CANCELLED, refusal, now)
            return False

    async def _refusal(
        self, session: AsyncSession, row: OrderRow, venue: str, limits: BreakerLimits, now: datetime
    ) -> str:
        """Why the trading state or a limit does not let an order that opens a position pass; empty where both do."""
        order = Scope(venue, row.account, row.strategy, row.instrument)
        found = await find_restriction(session, order, now, self._triggers(), self._needs())
        if objection := objection_of(found):
            return objection
        why = await trip_on_sending(session, row, limits, now)
        return why and f"{Reason.TRADING_HALTED}: {why} (ordered by {BREAKER})"

    async def recall_order(self, client_order_id: str) -> Sent | None:
        """Return what was to be sent under an id; None where the ledger has no such order."""
        async with self.database.read() as session:
            row = await session.get(OrderRow, client_order_id)
            return None if row is None else Sent(row.instrument, row.planned_at)

    async def record_order(self, account: str, order: Order, *, detail: str = "") -> None:
        """Commit what the venue said of an order, with its fills; the same again changes nothing.

        An answer that knows of fewer fills than are stored is late and leaves the order as it is.

        Raises:
            IllegalTransition: the order cannot have got there from where it is.
            LedgerError: the order was never stored, belongs to another account, or has lost fills.
        """
        async with self.database.write() as session:
            row = await _get(session, order.client_order_id, account)
            await store_fills(session, account, order.fills)
            if await _was_said(session, order) or await _is_late(session, row, order):
                return
            check_transition(order.client_order_id, OrderState(row.state), order.state)
            row.venue_order_id = order.venue_order_id or row.venue_order_id
            row.filled_quantity, row.venue_at = order.filled_quantity, order.at
            await change_order(session, row, order.state, detail or order.reason, self._clock.now(), venue_at=order.at)

    async def record_outcome(
        self, client_order_id: str, state: OrderState, *, detail: str, lease: Lease | None = None
    ) -> None:
        """Commit a change of state that came without an order from the venue: REJECTED, UNKNOWN, PLANNED, CANCELLED.

        Args:
            lease: what the change is allowed by, where it was concluded from absence; see `desk.ports.OrderLog`.

        Raises:
            LeaseLost: another holder has taken the account over.
            IllegalTransition: the order cannot have got there from where it is.
            LedgerError: the order was never stored.
        """
        async with self.database.write() as session:
            if lease is not None:
                await check_lease(session, lease)
            row = await _get(session, client_order_id)
            if (row.state, row.reason) == (state, detail):
                return
            check_transition(client_order_id, OrderState(row.state), state)
            await change_order(session, row, state, detail, self._clock.now())

    async def unresolved_orders(self, account: str, *, before: datetime | None = None) -> tuple[Order, ...]:
        """Return the orders whose outcome is not known, of cycles before `before` where it is given."""
        unresolved = (state for state in OrderState if state.is_unresolved)
        return await self._orders_in(account, unresolved, before)

    async def planned_orders(self, account: str, *, before: datetime | None = None) -> tuple[Order, ...]:
        """Return the orders that were never sent, of cycles before `before` where it is given."""
        return await self._orders_in(account, (OrderState.PLANNED,), before)

    async def open_orders(self, account: str) -> tuple[Order, ...]:
        """Return the orders that the venue has and has not ended."""
        return await self._orders_in(account, (OrderState.ACKED, OrderState.PARTIAL), None)

    async def _orders_in(
        self, account: str, states: Iterable[OrderState], before: datetime | None
    ) -> tuple[Order, ...]:
        wanted = (col(OrderRow.account) == account) & col(OrderRow.state).in_([state.value for state in states])
        if before is not None:
            wanted &= col(OrderRow.candle_close) < before
        async with self.database.read() as session:
            rows = (await session.exec(select(OrderRow).where(wanted))).all()
        return tuple(order_from(row) for row in sorted(rows, key=lambda row: (row.candle_close, row.client_order_id)))


async def find_orders(session: AsyncSession, names: Iterable[str]) -> Sequence[OrderRow]:
    """Return the stored orders among `names`."""
    return (await session.exec(select(OrderRow).where(col(OrderRow.client_order_id).in_(names)))).all()


async def store_fills(session: AsyncSession, account: str, fills: Sequence[Fill]) -> None:
    """Insert the fills that are not stored yet; they are booked by `book_fills`.

    Raises:
        LedgerError: a stored fill of the same id says something else.
    """
    if not fills:
        return
    unique = {fill.venue_trade_id: fill for fill in fills}
    mine = (col(FillRow.account) == account) & col(FillRow.venue_trade_id).in_(unique)
    known = {row.venue_trade_id: row for row in (await session.exec(select(FillRow).where(mine))).all()}
    for name, row in known.items():
        _check_same(account, row, unique[name])
    missing = [fill_values(account, fill) for name, fill in unique.items() if name not in known]
    await insert_rows(session, FillRow, missing)


def fill_order(row: FillRow) -> tuple[datetime, int, str]:
    """Sort fills by time and, within one instant, by trade id, counting T9 before T10."""
    return row.at, len(row.venue_trade_id), row.venue_trade_id


async def fills_of_orders(session: AsyncSession, names: Iterable[str]) -> list[FillRow]:
    """Return what was executed of the orders, in the order in which fills are folded."""
    rows = (await session.exec(select(FillRow).where(col(FillRow.client_order_id).in_(names)))).all()
    return sorted(rows, key=fill_order)


async def change_order(
    session: AsyncSession,
    row: OrderRow,
    state: OrderState,
    detail: str,
    at: datetime,
    *,
    venue_at: datetime | None = None,
) -> None:
    """Write down what became known of an order, and halt its account if it contradicts what the desk believed."""
    contradiction = _contradiction(OrderState(row.state), row)
    row.state, row.reason, row.updated_at = state.value, detail, at
    await _add_event(session, row, detail, at, venue_at=venue_at)
    if contradiction:
        # Nothing that the desk believes of this account is certain any more.
        halted = Restriction(TradingState.HALTED, "ledger", f"order {row.client_order_id} {contradiction}")
        await order_state(session, f"account:{row.account}", halted, at)


def _contradiction(before: OrderState, row: OrderRow) -> str:
    if row.filled_quantity > row.quantity:
        return f"asked for {row.quantity} and {row.filled_quantity} were executed"
    if before is OrderState.REJECTED and row.filled_quantity > 0:
        return f"was rejected by the venue, and {row.filled_quantity} were executed all the same"
    return ""


async def _add_event(
    session: AsyncSession, row: OrderRow, detail: str, at: datetime, *, venue_at: datetime | None = None
) -> None:
    """Write down the order's state as it is now."""
    known = select(func.count()).where(col(OrderEventRow.client_order_id) == row.client_order_id)
    values: Values = {
        "client_order_id": row.client_order_id,
        "sequence": known.scalar_subquery(),
        "state": row.state,
        "filled_quantity": row.filled_quantity,
        "detail": detail,
        "at": at,
        "venue_at": venue_at,
    }
    await session.exec(insert(table_of(OrderEventRow)).values(values))


async def _insert_planned(session: AsyncSession, intents: Sequence[OrderIntent], now: datetime) -> None:
    planned = {
        "state": OrderState.PLANNED.value,
        "venue_order_id": "",
        "filled_quantity": Decimal(0),
        "reason": "",
        "planned_at": now,
        "updated_at": now,
    }
    events = {"sequence": 0, "state": OrderState.PLANNED.value, "filled_quantity": Decimal(0), "detail": "", "at": now}
    await insert_rows(session, OrderRow, [{**intent_values(intent), **planned} for intent in intents])
    names = [intent.client_order_id for intent in intents]
    await insert_rows(session, OrderEventRow, [{**events, "client_order_id": name} for name in names])


async def _orders(session: AsyncSession, names: Sequence[str]) -> dict[str, Order]:
    rows = {row.client_order_id: row for row in await find_orders(session, names)}
    filled = [name for name, row in rows.items() if row.filled_quantity > 0]
    fills = await fills_of_orders(session, filled) if filled else []
    return {name: order_from(rows[name], [fill for fill in fills if fill.client_order_id == name]) for name in names}


async def _get(session: AsyncSession, client_order_id: str, account: str | None = None) -> OrderRow:
    row = await session.get(OrderRow, client_order_id)
    if row is None:
        raise LedgerError(
            f"order {client_order_id}: expected an intent stored before the order was sent, found none; "
            "find out at the venue who placed it"
        )
    if account not in (None, row.account):
        raise LedgerError(f"order {client_order_id}: expected an order of {account}, found one of {row.account}")
    return row


async def _was_said(session: AsyncSession, order: Order) -> bool:
    """Whether the venue's same words are in the log already, however much was learned since."""
    same = (
        (col(OrderEventRow.client_order_id) == order.client_order_id)
        & (col(OrderEventRow.state) == order.state.value)
        & (col(OrderEventRow.venue_at) == order.at)
        & (col(OrderEventRow.filled_quantity) == order.filled_quantity)
    )
    return (await session.exec(select(func.count()).where(same))).one() > 0


async def _is_late(session: AsyncSession, row: OrderRow, order: Order) -> bool:
    if order.filled_quantity >= row.filled_quantity:
        return False
    booked = sum((fill.quantity for fill in await fills_of_orders(session, [row.client_order_id])), Decimal(0))
    if booked < row.filled_quantity:
        raise LedgerError(
            f"order {row.client_order_id}: expected at least {row.filled_quantity} filled, as the venue said before, "
            f"found {order.filled_quantity} and fills of {booked}; ask the venue what became of it"
        )
    return True


def _check_intent(row: OrderRow | None, intent: OrderIntent) -> None:
    """One id stands for one order: a second decision for the same candle must not borrow the first one's."""
    if row is None:
        return
    expected = (row.account, row.instrument, row.side, row.quantity, row.reduce_only)
    found = (intent.account, intent.instrument, intent.side.value, intent.quantity, intent.reduce_only)
    if found != expected:
        raise LedgerError(
            f"order {intent.client_order_id}: expected {expected} as decided before, found {found}; "
            "nothing is sent, another run has decided this candle"
        )


def _check_same(account: str, row: FillRow, fill: Fill) -> None:
    found = (fill.instrument, fill.side.value, fill.quantity, fill.price)
    expected = (row.instrument, row.side, row.quantity, row.price)
    if found != expected:
        raise LedgerError(
            f"{account}, fill {fill.venue_trade_id}: expected {expected} as stored before, found {found}; "
            "one of the two is not a fill of this account"
        )
