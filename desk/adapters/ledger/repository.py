"""What every part of the ledger stands on: the database, a clock, and statements over whole rows."""

from collections.abc import Callable, Sequence

from sqlalchemy import Table, insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.clocks import SystemClock
from desk.adapters.ledger.codec import Values
from desk.adapters.ledger.database import Database
from desk.model.arming import ArmNeed
from desk.model.books import Restriction
from desk.ports import Clock


def _none_pulled() -> Sequence[Restriction]:
    return ()


class Repository:
    """A part of the ledger. Each public method is one transaction; a failure leaves nothing half done.

    Attributes:
        database: where it is kept; to be used from one event loop.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock | None = None,
        triggers: Callable[[], Sequence[Restriction]] = _none_pulled,
        needs: Callable[[], Sequence[ArmNeed]] = tuple,
    ) -> None:
        """Stand on a database.

        Args:
            database: with the schema that `desk db upgrade` makes.
            clock: stamps what the callers give no time for; the system's by default.
            triggers: returns the halts that are ordered beside the ledger; asked wherever trading states are read.
            needs: returns what accounts must be armed for as they are configured now; asked at the same places.
        """
        self.database = database
        self._clock = clock or SystemClock()
        self._triggers = triggers
        self._needs = needs

    async def close(self) -> None:
        """Close the database's connections."""
        await self.database.close()


def table_of(row: type[SQLModel]) -> Table:
    """Return a row class's table, for statements that need no objects."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


async def insert_rows(session: AsyncSession, row: type[SQLModel], rows: Sequence[Values]) -> None:
    """Insert all rows with one statement; none is fine."""
    if rows:
        await session.exec(insert(table_of(row)), params=rows)
