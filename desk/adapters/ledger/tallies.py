"""What came of an account's scans, counted: opinions, proposals, and by reason what stood in the way of trades."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import CycleRow, FindingRow, NoTradeRow, SignalRow, VerdictRow
from desk.model.reasons import Reason
from desk.model.trade import Intention, VerdictState


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over the cycles of one account.

    Attributes:
        opinions: signals whose score is not 0.
        proposals: wishes to open something; `passed` of them came through the rules, some of those made smaller.
        reasons: how often each stood in the way of an instrument, or cut or refused a proposal; most often first.
    """

    cycles: int
    opinions: int
    proposals: int
    passed: int
    reasons: Mapping[Reason, int]


class Tallies(Repository):
    """Counts of what cycles came to."""

    async def tally(self, account: str, *, since: datetime | None = None) -> Tally:
        """Return the counts of an account's cycles from `since` on."""

        def of(table: type[SQLModel]) -> list[ColumnElement[bool]]:
            wanted = [table.account == account]  # type: ignore[attr-defined]
            return wanted if since is None else [*wanted, table.candle_close >= since]  # type: ignore[attr-defined]

        opening = col(VerdictRow.intention) == Intention.OPEN.value
        async with self.database.read() as session:
            reasons = Counter[str]()
            for table in (NoTradeRow, FindingRow):
                reasons.update(await _by_reason(session, table, of(table)))
            return Tally(
                cycles=await _count(session, CycleRow, of(CycleRow)),
                opinions=await _count(session, SignalRow, [*of(SignalRow), col(SignalRow.score) != 0]),
                proposals=await _count(session, VerdictRow, [*of(VerdictRow), opening]),
                passed=await _count(
                    session, VerdictRow, [*of(VerdictRow), opening, col(VerdictRow.state) != VerdictState.REFUSED.value]
                ),
                reasons={Reason(reason): count for reason, count in reasons.most_common()},
            )


async def _count(session: AsyncSession, table: type[SQLModel], wanted: list[ColumnElement[bool]]) -> int:
    return (await session.exec(select(func.count()).select_from(table).where(*wanted))).one()


async def _by_reason(
    session: AsyncSession, table: type[NoTradeRow] | type[FindingRow], wanted: list[ColumnElement[bool]]
) -> dict[str, int]:
    counted = select(table.reason, func.count()).where(*wanted, col(table.reason).is_not(None))
    rows = (await session.exec(counted.group_by(col(table.reason)))).all()
    return {str(reason): count for reason, count in rows}
