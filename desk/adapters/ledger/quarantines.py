"""Strategies that the monitor keeps from opening positions: a trading state like an operator's, lifted like one."""

from datetime import datetime

from desk.adapters.ledger.controls import order_state
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import ControlRow
from desk.model.books import Restriction, TradingState
from desk.model.scopes import Scope

MONITOR = "monitor"
"""Who orders a trading state where a strategy has decayed."""


class Quarantines(Repository):
    """Puts strategies into quarantine; lifting it is a person's."""

    async def quarantine(self, scope: Scope, *, why: str) -> bool:
        """Let a strategy only reduce positions from now on, unless an order for the same scope is in force.

        Returns:
            Whether it was put into quarantine by this call.
        """
        now = self._clock.now()
        async with self.database.write() as session:
            if _is_in_force(await session.get(ControlRow, str(scope)), now):
                return False
            ordered = Restriction(TradingState.REDUCE_ONLY, MONITOR, why, scope)
            await order_state(session, str(scope), ordered, now)
        return True

    async def rearmed_at(self, scope: Scope) -> datetime | None:
        """Return when the last order for exactly this scope ended; None where there was none, or one is in force."""
        now = self._clock.now()
        async with self.database.read() as session:
            row = await session.get(ControlRow, str(scope))
        if row is None or _is_in_force(row, now):
            return None
        return row.since if row.state == TradingState.ACTIVE else row.until


def _is_in_force(row: ControlRow | None, now: datetime) -> bool:
    return row is not None and row.state != TradingState.ACTIVE and (row.until is None or row.until > now)
