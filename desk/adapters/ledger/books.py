"""The books of an account: fills booked once, positions and trades folded from them, and equity over time."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import itemgetter

from sqlalchemy import ColumnElement, delete, func
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select, SelectOfScalar

from desk.adapters.ledger.codec import fill_from, from_json, order_from, position_from, to_json, trade_from
from desk.adapters.ledger.excursions import store_excursions
from desk.adapters.ledger.flows import flows_of, moved_since
from desk.adapters.ledger.orders import change_order, fill_order, fills_of_orders, find_orders, store_fills
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import EquityRow, FillCursorRow, FillRow, OrderRow, PositionRow, TradeRow
from desk.execution.events import Executed, fold_all
from desk.execution.folding import Entry, Standing, fold
from desk.model.books import Position
from desk.model.excursions import Excursion
from desk.model.orders import Barriers, Fill, OrderState


class Books(Repository):
    """Fills, positions, trades and equity."""

    async def fill_cursor(self, account: str) -> str:
        """Return where `book_fills` has arrived, empty at the beginning."""
        async with self.database.read() as session:
            row = await session.get(FillCursorRow, account)
        return row.cursor if row else ""

    async def book_fills(
        self,
        account: str,
        fills: tuple[Fill, ...],
        *,
        cursor: str,
        conversion: Mapping[str, Decimal],
        now: datetime,
    ) -> int:
        """Book fills that are not booked yet, and move the cursor.

        The result depends on the set of fills only: a fill that arrives late has its instrument folded again from
        the first fill on.

        Args:
            cursor: where the venue is to be asked from next.
            conversion: the account-currency value of one unit of each quote and fee currency, its own (1) included.
                A fill in a currency without one is booked all the same; profit and fees leave out what has no value
                until a later call brings its rate. Without any rate nothing is booked, and what came is kept.

        Returns:
            How many were new.

        Raises:
            LedgerError: a fill contradicts what is stored; nothing was booked.
        """
        async with self.database.write() as session:
            await store_fills(session, account, fills)
            await session.merge(FillCursorRow(account=account, cursor=cursor, updated_at=now))
            return await book_stored(session, account, conversion, now)

    async def unconverted_fills(self, account: str) -> tuple[Fill, ...]:
        """Return the booked fills of whose profit or fee the value in account currency is not known, oldest first."""
        async with self.database.read() as session:
            return tuple(map(fill_from, await _unconverted(session, account)))

    async def recall_traded(self, account: str, since: datetime) -> frozenset[str]:
        """Return the instruments that the account holds, has an unfinished order in, or had an order in since then."""
        ordered = select(OrderRow.instrument).where(
            col(OrderRow.account) == account, (col(OrderRow.updated_at) >= since) | _is_unfinished()
        )
        async with self.database.read() as session:
            return frozenset([*(await session.exec(ordered)).all(), *(await session.exec(_held(account))).all()])

    async def recall_dealings(self, account: str, since: datetime) -> Mapping[str, datetime | None]:
        """Return the instruments that the account holds, has an unfinished order in, or dealt in since then.

        Each comes with when its last order or fill was; with None where something is held or unfinished.
        """
        mine = col(OrderRow.account) == account
        unfinished = select(OrderRow.instrument).where(mine, _is_unfinished())
        ordered = _last_of(col(OrderRow.instrument), col(OrderRow.updated_at), since).where(mine)
        filled = _last_of(col(FillRow.instrument), col(FillRow.at), since).where(col(FillRow.account) == account)
        async with self.database.read() as session:
            going_on = [*(await session.exec(unfinished)).all(), *(await session.exec(_held(account))).all()]
            ended = [*(await session.exec(ordered)).all(), *(await session.exec(filled)).all()]
        return {**dict(sorted(ended, key=itemgetter(1))), **dict.fromkeys(going_on)}

    async def recent_fills(self, account: str, since: datetime) -> tuple[Fill, ...]:
        """Return the fills since then, oldest first."""
        wanted = (col(FillRow.account) == account) & (col(FillRow.at) >= since)
        async with self.database.read() as session:
            rows = (await session.exec(select(FillRow).where(wanted))).all()
        return tuple(fill_from(row) for row in sorted(rows, key=fill_order))

    async def record_equity(
        self, account: str, at: datetime, equity: Decimal, cash: Decimal, *, seen: Sequence[Excursion] = ()
    ) -> None:
        """Commit the account's money at a time, and what was seen of the ways of its trades.

        The same time again replaces the money; what was seen before stays.
        """
        async with self.database.write() as session:
            await store_equity(session, account, at, equity, cash)
            await store_excursions(session, account, seen)

    async def day_start_and_peak(self, account: str, at: datetime) -> tuple[Decimal, Decimal] | None:
        """Return the equity at the start of the UTC day and the highest so far, or None where there is no history.

        The day starts with the last equity known at midnight, or with its first where there is none. Money that the
        desk has moved since is added to that or taken away, so that it is neither won nor lost; so is what may have
        left, as long as nobody knows.
        """
        midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        moment = timedelta(microseconds=1)
        async with self.database.read() as session:
            newest = await _last_equity(session, account, before=at + moment)
            if newest is None:
                return None
            start = await _last_equity(session, account, before=midnight + moment)
            start = start or await _first_equity(session, account) or newest
            flows = await flows_of(session, [account])
        peak = newest.peak
        for flow in flows:
            peak = flow.scaled(peak) if flow.at is None else peak
        return start.equity + moved_since(flows, start.at, at), peak


async def book_stored(session: AsyncSession, account: str, conversion: Mapping[str, Decimal], now: datetime) -> int:
    """Book the fills that are stored and not booked yet within a transaction, and return how many there were.

    What was booked before its rate was known is folded again where there is one now.
    """
    if not conversion:
        return 0
    fresh = await _unbooked(session, account)
    converted = {row.instrument for row in await _unconverted(session, account) if _set_rates(row, conversion)}
    orders = {row.client_order_id: row for row in await find_orders(session, _order_names(fresh))}
    for row in fresh:
        _set_rates(row, conversion)
    await _advance_orders(session, orders, now)
    await _fold(session, account, fresh, orders, anew=converted)
    for row in fresh:
        row.booked_at = now
    return len(fresh)


async def store_equity(session: AsyncSession, account: str, at: datetime, equity: Decimal, cash: Decimal) -> None:
    """Insert the account's money at a time within a transaction; the same time again replaces it."""
    before = await _last_equity(session, account, before=at)
    peak = equity if before is None else max(before.peak, equity)
    await session.merge(EquityRow(account=account, at=at, equity=equity, cash=cash, peak=peak))
    await session.flush()
    await _raise_later_peaks(session, account, at, peak)


def _is_unfinished() -> ColumnElement[bool]:
    return col(OrderRow.state).in_([state.value for state in OrderState if not state.is_final])


def _held(account: str) -> SelectOfScalar[str]:
    return select(PositionRow.instrument).where(col(PositionRow.account) == account)


def _last_of(instrument: Mapped[str], time: Mapped[datetime], since: datetime) -> Select[str, datetime]:
    """The last time of each instrument, of those since then."""
    return select(instrument, func.max(time)).where(time >= since).group_by(instrument)


async def _unbooked(session: AsyncSession, account: str) -> list[FillRow]:
    wanted = (col(FillRow.account) == account) & col(FillRow.booked_at).is_(None)
    return sorted((await session.exec(select(FillRow).where(wanted))).all(), key=fill_order)


async def _unconverted(session: AsyncSession, account: str) -> list[FillRow]:
    wanted = (col(FillRow.account) == account) & col(FillRow.booked_at).is_not(None)
    wanted &= col(FillRow.rate).is_(None) | col(FillRow.fee_rate).is_(None)
    return sorted((await session.exec(select(FillRow).where(wanted))).all(), key=fill_order)


def _order_names(rows: Iterable[FillRow]) -> set[str]:
    return {row.client_order_id for row in rows}


def _set_rates(row: FillRow, conversion: Mapping[str, Decimal]) -> bool:
    """Give a fill the rates that it does not have and that are known, and return whether that was any."""
    before = row.rate, row.fee_rate
    quote = row.instrument.split("/")[1].split(":")[0]
    if row.rate is None:
        row.rate = conversion.get(quote)
    if row.fee_rate is None:
        # No fee has the same value at any rate.
        row.fee_rate = conversion.get(row.fee_currency) if row.fee else Decimal(1)
    return (row.rate, row.fee_rate) != before


async def _advance_orders(session: AsyncSession, orders: Mapping[str, OrderRow], now: datetime) -> None:
    """Bring orders up to their fills: a fill may come before the venue's word on the order, or after its end."""
    fills = await fills_of_orders(session, orders)
    for name, row in orders.items():
        order = fold_all(order_from(row), [Executed(fill_from(fill)) for fill in fills if fill.client_order_id == name])
        if order.filled_quantity > row.filled_quantity:
            row.filled_quantity = order.filled_quantity
            await change_order(session, row, order.state, f"fills add up to {order.filled_quantity}", now)


async def _fold(
    session: AsyncSession,
    account: str,
    fresh: Sequence[FillRow],
    orders: Mapping[str, OrderRow],
    *,
    anew: AbstractSet[str],
) -> None:
    """Fold fresh fills into the books, and every fill of the instruments that have to be folded anew."""
    positions = {row.instrument: row for row in await _positions(session, account)}
    trades = {row.instrument: trade_from(row) for row in await _open_trades(session, account)}
    for instrument in sorted({row.instrument for row in fresh} | anew):
        rows = [row for row in fresh if row.instrument == instrument]
        held = positions.get(instrument)
        standing = Standing(position_from(held) if held else None, trades.get(instrument))
        known = orders
        if instrument in anew or await _is_out_of_order(session, rows[0]):
            rows, standing = await _start_over(session, account, instrument), Standing()
            known = {row.client_order_id: row for row in await find_orders(session, _order_names(rows))}
        for row in rows:
            standing = fold(standing, entry_from(row, known.get(row.client_order_id)))
        await _store_standing(session, account, held, standing)


async def _is_out_of_order(session: AsyncSession, earliest: FillRow) -> bool:
    """Whether a fill was booked before that comes after `earliest`."""
    same = (col(FillRow.account) == earliest.account) & (col(FillRow.instrument) == earliest.instrument)
    later = same & (col(FillRow.at) >= earliest.at) & col(FillRow.booked_at).is_not(None)
    rows = (await session.exec(select(FillRow).where(later))).all()
    return any(fill_order(row) > fill_order(earliest) for row in rows)


async def _start_over(session: AsyncSession, account: str, instrument: str) -> list[FillRow]:
    await session.exec(
        delete(TradeRow).where((col(TradeRow.account) == account) & (col(TradeRow.instrument) == instrument))
    )
    same = (col(FillRow.account) == account) & (col(FillRow.instrument) == instrument)
    return sorted((await session.exec(select(FillRow).where(same))).all(), key=fill_order)


def entry_from(row: FillRow, order: OrderRow | None) -> Entry:
    """Return what is folded of a fill."""
    if order is None:
        return Entry(row.account, fill_from(row), row.rate, row.fee_rate)
    barriers = from_json(Barriers, order.barriers)
    return Entry(row.account, fill_from(row), row.rate, row.fee_rate, order.strategy, barriers, order.candle_close)


async def _store_standing(session: AsyncSession, account: str, held: PositionRow | None, standing: Standing) -> None:
    position = standing.position
    if position is not None:
        await session.merge(_position_row(account, position))
    elif held is not None:
        await session.delete(held)
    for trade in (*standing.closed, *([standing.trade] if standing.trade else [])):
        await session.merge(TradeRow(**{**asdict(trade), "side": trade.side.value}))


def _position_row(account: str, position: Position) -> PositionRow:
    return PositionRow(
        account=account,
        instrument=position.instrument,
        quantity=position.quantity,
        cost=position.cost,
        opened_at=position.opened_at,
        barriers=to_json(Barriers, position.barriers),
        strategy=position.strategy,
    )


async def _positions(session: AsyncSession, account: str) -> Sequence[PositionRow]:
    return (await session.exec(select(PositionRow).where(col(PositionRow.account) == account))).all()


async def _open_trades(session: AsyncSession, account: str) -> Sequence[TradeRow]:
    wanted = (col(TradeRow.account) == account) & col(TradeRow.closed_at).is_(None)
    return (await session.exec(select(TradeRow).where(wanted))).all()


async def last_equity(session: AsyncSession, account: str, *, until: datetime) -> EquityRow | None:
    """Return the newest equity that is known at a time."""
    return await _last_equity(session, account, before=until + timedelta(microseconds=1))


async def _last_equity(session: AsyncSession, account: str, *, before: datetime) -> EquityRow | None:
    wanted = (col(EquityRow.account) == account) & (col(EquityRow.at) < before)
    return (await session.exec(select(EquityRow).where(wanted).order_by(col(EquityRow.at).desc()).limit(1))).first()


async def _first_equity(session: AsyncSession, account: str) -> EquityRow | None:
    mine = select(EquityRow).where(col(EquityRow.account) == account)
    return (await session.exec(mine.order_by(col(EquityRow.at)).limit(1))).first()


async def _raise_later_peaks(session: AsyncSession, account: str, at: datetime, peak: Decimal) -> None:
    """A record of the past, as a replay writes it, is part of every later peak."""
    later = (col(EquityRow.account) == account) & (col(EquityRow.at) > at)
    for row in (await session.exec(select(EquityRow).where(later))).all():
        row.peak = max(row.peak, peak)
