"""What accounts chose to trade: stored by the cycle that chose, and gone by until it is time to choose anew."""

from datetime import datetime

from sqlalchemy import JSON, column, func
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from desk.adapters.ledger.codec import from_json, to_json
from desk.adapters.ledger.leases import check_lease
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import UniverseChoiceRow
from desk.ports import Lease
from desk.universe.choosing import Choice, Chosen, Place, Standing

_Standings = tuple[Standing, ...]
_NEWEST = col(UniverseChoiceRow.candle_close).desc()
_IN = tuple(place.value for place in Place if place.is_in)
_VALUE = column("value", JSON)


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
        async with self.database.read() as session:
            row = (await session.exec(select(UniverseChoiceRow).where(mine).order_by(_NEWEST).limit(1))).first()
        return None if row is None else _choice_from(row)

    async def chosen_instruments(self, account: str, at: datetime) -> Chosen | None:
        """Return the members of that choice alone: the database picks them out of the standings."""
        mine = (col(UniverseChoiceRow.account) == account) & (col(UniverseChoiceRow.candle_close) <= at)
        newest = select(UniverseChoiceRow.candle_close, UniverseChoiceRow.config_version).where(mine)
        async with self.database.read() as session:
            found = (await session.exec(newest.order_by(_NEWEST).limit(1))).first()
            if found is None:
                return None
            same = (col(UniverseChoiceRow.account) == account) & (col(UniverseChoiceRow.candle_close) == found[0])
            dialect = session.get_bind().dialect.name
            names = (await session.exec(_members_of(dialect).where(same))).all()
        return Chosen(*found, tuple(names))


def standings_from(row: UniverseChoiceRow) -> tuple[Standing, ...]:
    """Return where every instrument stood in the choice of a row."""
    return from_json(_Standings, row.standings)


def _members_of(dialect: str) -> SelectOfScalar[str]:
    """The names of the members in the order of their standings."""
    standings = UniverseChoiceRow.standings
    if dialect == "postgresql":
        each = (
            func.json_array_elements(standings)
            .table_valued(_VALUE, with_ordinality="key", joins_implicitly=True)
            .render_derived()
        )
    else:
        each = func.json_each(standings).table_valued("key", _VALUE, joins_implicitly=True)
    place, name = each.c.value["place"].as_string(), each.c.value["instrument"].as_string()
    return select(name).select_from(UniverseChoiceRow, each).where(place.in_(_IN)).order_by(each.c.key)


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
