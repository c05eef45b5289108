"""Keeps the books of one account in the database; a change is written whole or not at all."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.database import Database
from desk.adapters.venues.paper.rows import fill_of, fill_row, holding_of, order_row, position_row, working_of
from desk.adapters.venues.paper.tables import PaperAccountRow, PaperFillRow, PaperOrderRow, PaperPositionRow
from desk.adapters.venues.paper.terms import PaperTerms
from desk.errors import ConfigError
from desk.matching.book import Book, Progress, WorkingOrder
from desk.model.orders import Fill, Order, OrderState


@dataclass(frozen=True, slots=True)
class KeptBook:
    """A book and the version under which it is kept; 0 where nothing is kept yet."""

    book: Book
    version: int


class PaperStore:
    """The rows of one account.

    Args:
        opening: the book that an account without rows begins with.
    """

    def __init__(self, database: Database, venue: str, opening: Book) -> None:
        self._database = database
        self._venue = venue
        self._opening = opening
        self._last = KeptBook(opening, 0)

    async def load(self) -> KeptBook:
        """Return the book as it is now; it is read again only when its version has changed.

        Raises:
            ConfigError: the account's currency is not the one in which its books were opened.
        """
        async with self._database.read() as session:
            mine = col(PaperAccountRow.account) == self._opening.account
            version = (await session.exec(select(PaperAccountRow.version).where(mine))).first() or 0
            if version != self._last.version:
                row = await session.get_one(PaperAccountRow, self._opening.account)
                self._check_currency(row)
                self._last = KeptBook(await self._book(session, row), version)
        return self._last

    async def save(self, version: int, progress: Progress) -> bool:
        """Commit a change of the book that had `version`; return False and write nothing where it has another now."""
        async with self._database.write() as session:
            row = await session.get(PaperAccountRow, self._opening.account)
            if (row.version if row else 0) != version:
                return False
            starting_cash = row.starting_cash if row else self._opening.cash
            await session.merge(self._account_row(progress.book, version + 1, starting_cash))
            await session.flush()
            await self._write(session, progress)
        return True

    async def pay(self, session: AsyncSession, amount: Decimal) -> bool:
        """Put an amount into the cash within a transaction, or take it out where it is below 0.

        Returns:
            False, and nothing is written, where there is less in it.

        Raises:
            ConfigError: the account's currency is not the one in which its books were opened.
        """
        row = await session.get(PaperAccountRow, self._opening.account)
        row = row or self._account_row(self._opening, 0, self._opening.cash)
        self._check_currency(row)
        if row.cash + amount < 0:
            return False
        row.cash, row.version = row.cash + amount, row.version + 1
        session.add(row)
        return True

    async def order(self, client_order_id: str) -> Order | None:
        """Return an order as it is now, or None where there never was one of that id."""
        async with self._database.read() as session:
            row = await session.get(PaperOrderRow, (self._opening.account, client_order_id))
            return None if row is None else (await self._working_order(session, row)).order

    async def fills_after(self, sequence: int) -> tuple[tuple[Fill, ...], int]:
        """Return the fills after a sequence number, oldest first, and the last number."""
        fills = select(PaperFillRow).where(
            PaperFillRow.account == self._opening.account, PaperFillRow.sequence > sequence
        )
        async with self._database.read() as session:
            rows = (await session.exec(fills.order_by(col(PaperFillRow.sequence)))).all()
        return tuple(fill_of(row) for row in rows), rows[-1].sequence if rows else sequence

    def _check_currency(self, row: PaperAccountRow) -> None:
        if row.currency != self._opening.currency:
            raise ConfigError(
                f"account {row.account}: its books at {self._venue} were opened in {row.currency}, the configuration "
                f"says {self._opening.currency}; restore the currency or give the account a new name"
            )

    async def _book(self, session: AsyncSession, row: PaperAccountRow) -> Book:
        positions = await session.exec(select(PaperPositionRow).where(PaperPositionRow.account == row.account))
        working = select(PaperOrderRow).where(
            PaperOrderRow.account == row.account,
            col(PaperOrderRow.state).in_((OrderState.ACKED.value, OrderState.PARTIAL.value)),
        )
        orders = (await session.exec(working.order_by(col(PaperOrderRow.number)))).all()
        return Book(
            account=row.account,
            currency=row.currency,
            cash=row.cash,
            watermark=row.watermark,
            holdings={position.instrument: holding_of(position) for position in positions},
            working=tuple([await self._working_order(session, order) for order in orders]),
            order_count=row.order_count,
            fill_count=row.fill_count,
        )

    async def _working_order(self, session: AsyncSession, row: PaperOrderRow) -> WorkingOrder:
        fills = select(PaperFillRow).where(
            PaperFillRow.account == row.account, PaperFillRow.client_order_id == row.client_order_id
        )
        return working_of(row, (await session.exec(fills.order_by(col(PaperFillRow.sequence)))).all())

    async def _write(self, session: AsyncSession, progress: Progress) -> None:
        book = progress.book
        await self._write_positions(session, book)
        triggered = {working.intent.client_order_id: working.is_triggered for working in book.working}
        for name, order in progress.orders.items():
            changed = WorkingOrder(progress.intents[name], order, triggered.get(name, False))
            await session.merge(order_row(changed))
        first = book.fill_count - len(progress.booked) + 1
        session.add_all(
            fill_row(book.account, sequence, booked) for sequence, booked in enumerate(progress.booked, first)
        )

    def _account_row(self, book: Book, version: int, starting_cash: Decimal) -> PaperAccountRow:
        return PaperAccountRow(
            account=book.account,
            venue=self._venue,
            currency=book.currency,
            starting_cash=starting_cash,
            cash=book.cash,
            watermark=book.watermark,
            order_count=book.order_count,
            fill_count=book.fill_count,
            version=version,
        )

    async def _write_positions(self, session: AsyncSession, book: Book) -> None:
        kept = await session.exec(select(PaperPositionRow).where(PaperPositionRow.account == book.account))
        for row in kept.all():
            if row.instrument not in book.holdings:
                await session.delete(row)
        for holding in book.holdings.values():
            await session.merge(position_row(book.account, holding))


def open_store(database: Database, venue: str, account: str, terms: PaperTerms) -> PaperStore:
    """Return where the books of an account are kept; nothing is written before they change."""
    opening = Book(account, terms.currency, terms.starting_cash, watermark=datetime.fromtimestamp(0, tz=UTC))
    return PaperStore(database, venue, opening)
