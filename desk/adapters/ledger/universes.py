"""What accounts chose to trade: stored by the cycle that chose, and gone by until it is time to choose anew."""

from datetime import datetime

from sqlmodel import col, select

from desk.adapters.ledger.codec import from_json, to_json
from desk.adapters.ledger.leases import check_lease
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import UniverseChoiceRow
from desk.ports import Lease
from desk.universe.choosing import Choice, Standing

_Standings = tuple[Standing, ...]


class Universes(Repository):
    """The choices of accounts that trade a universe."""

    async def store_universe_choice(self, choice: Choice, *, lease: Lease | None = None) -> None:
        """Commit a choice; the same cycle's again replaces it.

        Raises:
            LeaseLost: `lease` was given, and another run has the account now; nothing was changed.
        """
        async with self.database.write() as session:
            if lease is not None:
                await check_lease(session, lease)
            await session.merge(_row_of(choice))

    async def universe_choice(self, account: str, at: datetime | None = None) -> Choice | None:
        """Return the newest choice for a candle that closed at or before `at`, or None where there is none.

        Args:
            account: whose choice.
            at: None for the newest of all.
        """
        mine = col(UniverseChoiceRow.account) == account
        if at is not None:
            mine &= col(UniverseChoiceRow.candle_close) <= at
        newest = select(UniverseChoiceRow).where(mine).order_by(col(UniverseChoiceRow.candle_close).desc()).limit(1)
        async with self.database.read() as session:
            row = (await session.exec(newest)).first()
        return None if row is None else _choice_from(row)


def standings_from(row: UniverseChoiceRow) -> tuple[Standing, ...]:
    """Return where every instrument stood in the choice of a row."""
    return from_json(_Standings, row.standings)


def _row_of(choice: Choice) -> UniverseChoiceRow:
    return UniverseChoiceRow(
        account=choice.account,
        candle_close=choice.candle_close,
        universe=choice.universe,
        config_version=choice.config_version,
        standings=to_json(_Standings, choice.standings),
    )


def _choice_from(row: UniverseChoiceRow) -> Choice:
    return Choice(row.account, row.candle_close, row.universe, row.config_version, standings_from(row))
