"""Who may trade an account: one holder at a time, fenced off from those before."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import LeaseRow
from desk.errors import ConfigError, LeaseLost
from desk.ports import Lease

_GIVEN_BACK = {"holder": "", "expires_at": datetime.fromtimestamp(0, tz=UTC)}


class Leases(Repository):
    """One holder per account at a time; the newest token wins."""

    async def acquire_lease(
        self, account: str, holder: str, now: datetime, ttl: timedelta, *, venue: str, books: str = ""
    ) -> Lease | None:
        """Take an account for a while.

        Args:
            account: what to hold.
            holder: who asks; the same holder takes it again under a new token, and its older lease is void.
            now: the machine's time, never a simulated one.
            ttl: how long until somebody else may take it.
            venue: where the account trades, so that a venue's trading state covers it.
            books: whose fills and positions the account's are: `paper`, or which account of a venue; empty where the
                account has none of its own.

        Returns:
            The lease, or None while somebody else holds it.

        Raises:
            ConfigError: what the ledger knows of the account is of other books.
        """
        async with self.database.write() as session:
            row = await session.get(LeaseRow, account)
            if row is None:
                row = LeaseRow(account=account, venue=venue, holder=holder, token=0, expires_at=now)
            elif row.holder not in ("", holder) and row.expires_at > now:
                return None
            row.books = _same_books(row, books)
            row.venue, row.holder, row.token, row.expires_at = venue, holder, row.token + 1, now + ttl
            session.add(row)
            return Lease(account, holder, row.token)

    async def release_lease(self, lease: Lease) -> None:
        """Give an account back; a lease that somebody else has taken over is theirs and stays so."""
        async with self.database.write() as session:
            mine = (col(LeaseRow.account) == lease.account) & (col(LeaseRow.token) == lease.token)
            await session.exec(update(LeaseRow).where(mine).values(_GIVEN_BACK))

    async def held_by(self, account: str, now: datetime) -> str:
        """Return who holds an account and may still; empty where anybody may take it."""
        async with self.database.read() as session:
            row = await session.get(LeaseRow, account)
        return row.holder if row is not None and row.expires_at > now else ""

    async def is_newest(self, lease: Lease) -> bool:
        """Return whether nobody has given the account back or taken it over since."""
        async with self.database.read() as session:
            try:
                await check_lease(session, lease)
            except LeaseLost:
                return False
        return True

    async def release_leases_of(self, holder: str) -> int:
        """Give back every account that a dead run still holds, and return how many there were."""
        async with self.database.write() as session:
            released = await session.exec(update(LeaseRow).where(col(LeaseRow.holder) == holder).values(_GIVEN_BACK))
            return released.rowcount


def _same_books(row: LeaseRow, books: str) -> str:
    """What the account's books are from now on; fills and positions of two of them must never be mixed."""
    if row.books and books and row.books != books:
        raise ConfigError(
            f"{row.account}: expected books of '{row.books}', as the ledger has them, found "
            f"'{books}'; give the account that trades there a name of its own"
        )
    return books or row.books


async def check_lease(session: AsyncSession, lease: Lease) -> LeaseRow:
    """Return the row of a lease that is still the newest.

    Raises:
        LeaseLost: it was given back, or another holder has taken the account over.
    """
    row = await session.get(LeaseRow, lease.account)
    if row is None or (row.holder, row.token) != (lease.holder, lease.token):
        found = "no lease" if row is None else f"token {row.token} of '{row.holder or 'nobody'}'"
        raise LeaseLost(
            f"{lease.account}: expected token {lease.token} of '{lease.holder}' to be the newest, found {found}; "
            "stop here, the other run goes on"
        )
    return row
