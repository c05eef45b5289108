"""What accounts were worth at some times: few rows of long histories, each found through the index."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CTE, String, column, func, select, true, values
from sqlmodel import col

from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import EquityRow
from desk.adapters.ledger.types import UtcTime


class Curves(Repository):
    """Questions about money over time; nothing here changes it."""

    async def equity_known(
        self, accounts: Sequence[str], until: datetime | None = None
    ) -> Mapping[str, tuple[datetime, datetime]]:
        """Return when the first and the last equity of accounts was written down; one without any is missing.

        Args:
            accounts: at least one.
            until: what was written down later is left out; None for nothing.
        """
        names = _names(accounts)
        mine, at = col(EquityRow.account) == names.c.account, col(EquityRow.at)
        if until is not None:
            mine &= at <= until
        first, newest = (select(end(at)).where(mine).scalar_subquery() for end in (func.min, func.max))
        async with self.database.read() as session:
            rows = (await (await session.connection()).execute(select(names.c.account, first, newest))).all()
        return {name: (since, last) for name, since, last in rows if since is not None}

    async def equity_at(
        self, accounts: Sequence[str], times: Sequence[datetime]
    ) -> Mapping[str, tuple[Decimal | None, ...]]:
        """Return what each account was worth at each time, in its currency; None before its first row.

        Args:
            accounts, times: at least one of each; every time costs a search for every account.
        """
        names, asked = _names(accounts), values(column("at", UtcTime), name="asked").data([(at,) for at in times]).cte()
        until = (col(EquityRow.account) == names.c.account) & (col(EquityRow.at) <= asked.c.at)
        newest = select(col(EquityRow.equity)).where(until).order_by(col(EquityRow.at).desc()).limit(1)
        query = select(names.c.account, asked.c.at, newest.scalar_subquery()).join_from(names, asked, true())
        async with self.database.read() as session:
            rows = (await (await session.connection()).execute(query)).all()
        worth = {(account, at): equity for account, at, equity in rows}
        return {account: tuple(worth[account, at] for at in times) for account in accounts}


def _names(accounts: Sequence[str]) -> CTE:
    return values(column("account", String), name="names").data([(account,) for account in accounts]).cte()
