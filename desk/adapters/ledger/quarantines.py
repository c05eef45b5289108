"""Strategies that the monitor keeps from opening positions: a trading state like an operator's, lifted like one."""

from datetime import datetime

from sqlmodel import col, select

from desk.adapters.ledger.controls import is_lasting, order_state
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import AuditRow, ControlRow
from desk.model.books import Restriction, TradingState
from desk.model.scopes import Scope

MONITOR = "monitor"
"""Who orders a trading state where a strategy has decayed."""


class Quarantines(Repository):
    """Puts strategies into quarantine; lifting it is a person's."""

    async def quarantine(self, scope: Scope, *, why: str) -> bool:
        """Let a strategy only reduce from now on, unless an order for the same scope holds until somebody lifts it.

        An order that would end by itself is replaced, and a halt stays one.

        Returns:
            Whether it was put into quarantine by this call.
        """
        now = self._clock.now()
        async with self.database.write() as session:
            row = await session.get(ControlRow, str(scope))
            if is_lasting(row):
                return False
            ordered = Restriction(_state_after(row, now), MONITOR, why, scope)
            await order_state(session, str(scope), ordered, now)
        return True

    async def rearmed_at(self, scope: Scope) -> datetime | None:
        """Return when a person last lifted an order for exactly this scope, by the wall clock; None for never."""
        lifted = (col(AuditRow.subject) == str(scope)) & (col(AuditRow.action) == TradingState.ACTIVE.value)
        wanted = select(AuditRow.at).where(lifted).order_by(col(AuditRow.sequence).desc()).limit(1)
        async with self.database.read() as session:
            return (await session.exec(wanted)).first()


def _state_after(row: ControlRow | None, now: datetime) -> TradingState:
    is_halted = row is not None and row.state == TradingState.HALTED and row.until is not None and row.until > now
    return TradingState.HALTED if is_halted else TradingState.REDUCE_ONLY
