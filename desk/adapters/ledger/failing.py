"""How often the scans of an account failed: in a row, and within a time."""

from datetime import datetime

from sqlmodel import col, func, select

from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import CycleRow
from desk.model.cycle import CycleState
from desk.model.messages import Failing

_BAD = tuple(state.value for state in (CycleState.FAILED, CycleState.CRASHED, CycleState.NO_TRADE))


class FailingScans(Repository):
    """Questions of whoever tells people that something goes on failing, or how a day was."""

    async def failing(self, account: str, at_least: int) -> Failing | None:
        """Return the scans that failed since the last good one; None where they are fewer, or the newest went well."""
        ended = (col(CycleRow.account) == account) & (col(CycleRow.state) != CycleState.RUNNING.value)
        newest_first = col(CycleRow.candle_close).desc()
        good = select(CycleRow.candle_close).where(ended, col(CycleRow.state).not_in(_BAD))
        async with self.database.read() as session:
            newest = (await session.exec(select(CycleRow).where(ended).order_by(newest_first).limit(at_least))).all()
            if len(newest) < at_least or any(row.state not in _BAD for row in newest):
                return None
            last_good = (await session.exec(good.order_by(newest_first).limit(1))).first()
            after = ended if last_good is None else ended & (col(CycleRow.candle_close) > last_good)
            count, since = (
                await session.exec(select(func.count(), func.min(CycleRow.candle_close)).where(after))
            ).one()
        return Failing(account, count, since, newest[0].detail)

    async def scans_since(self, account: str, since: datetime) -> tuple[int, int]:
        """Return how many scans were begun since then, and how many of them failed."""
        mine = (col(CycleRow.account) == account) & (col(CycleRow.started_at) >= since)
        async with self.database.read() as session:
            scans = (await session.exec(select(func.count()).select_from(CycleRow).where(mine))).one()
            bad = mine & col(CycleRow.state).in_(_BAD)
            failed = (await session.exec(select(func.count()).select_from(CycleRow).where(bad))).one()
        return scans, failed
