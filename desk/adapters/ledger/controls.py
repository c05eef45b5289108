"""How much the operator lets the desk trade: trading states by scope, persisted, each change in the audit."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.arms import unarmed
from desk.adapters.ledger.audit import append_audit
from desk.adapters.ledger.flattenings import drop_resumed
from desk.adapters.ledger.flows import open_transfers
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import ControlRow
from desk.adapters.ledger.trips import lift_trips, trips_in_force
from desk.errors import LedgerError
from desk.model.arming import ArmNeed
from desk.model.books import Restriction, TradingState, most_severe
from desk.model.moves import TREASURY
from desk.model.scopes import Scope


class Controls(Repository):
    """Orders to trade less, or as before."""

    async def set_trading_state(
        self,
        scope: str,
        state: TradingState,
        *,
        who: str,
        why: str,
        until: datetime | None = None,
        patience: timedelta | None = None,
    ) -> datetime | None:
        """Order a trading state; it holds from the moment this returns, over restarts.

        Args:
            scope: as `desk.model.scopes.Scope` is written.
            state: ACTIVE lifts an earlier order of the same scope; for an account its tripped limits, too.
            who: the person or the rule that ordered it.
            why: for the person who finds the account halted.
            until: when it ends by itself; None for when somebody lifts it. An order for a strategy that holds until it
                is lifted, as a quarantine does, is not given an end by a later one.
            patience: how long to wait for others who write; None for as long as every writer.

        Returns:
            When it ends by itself.

        Raises:
            ValueError: the scope names nothing.
            LedgerBusy: others wrote for too long; nothing was written.
        """
        ordered = Restriction(state, who, why, Scope.parse(scope))
        writing = self.database.write() if patience is None else self.database.write_soon(patience)
        async with writing as session:
            return await order_state(session, scope, ordered, self._clock.now(), until=until)

    async def trading_state(self, account: str, venue: str) -> TradingState:
        """Return the most severe state of the fleet, the venue and the account, whatever it trades."""
        whole = Scope(venue=venue, account=account)
        found = await self.restrictions(account, venue)
        return most_severe(one for one in found if one.scope.covers(whole)).state

    async def restrictions(self, account: str, venue: str) -> tuple[Restriction, ...]:
        """Return every trading state in force for the account, or for a strategy or an instrument of it."""
        found = await self.restrictions_in_force()
        return tuple(one for one in found if one.scope.venue in ("", venue) and one.scope.account in ("", account))

    async def objection(self, order: Scope) -> str:
        """Return why the trading state does not let an order that opens a position pass now; empty where it does."""
        async with self.database.read() as session:
            found = await find_restriction(session, order, self._clock.now(), self._triggers(), self._needs())
            return objection_of(found)

    async def restrictions_in_force(self) -> tuple[Restriction, ...]:
        """Return every trading state in force: of the triggers first, then by scope, then of what is not armed."""
        async with self.database.read() as session:
            return await _known(session, self._clock.now(), self._triggers(), self._needs())


async def find_restriction(
    session: AsyncSession,
    order: Scope,
    now: datetime,
    pulled: Sequence[Restriction] = (),
    needs: Sequence[ArmNeed] = (),
) -> Restriction:
    """Return the most severe trading state in force for an order.

    Args:
        session: of the transaction that sends it, so that no halt can come in between.
        order: its venue, account, strategy and instrument.
        pulled: halts that are not in the ledger.
        needs: what accounts must be armed for.
    """
    known = await _known(session, now, pulled, needs)
    return most_severe(restriction for restriction in known if restriction.scope.covers(order))


def objection_of(found: Restriction) -> str:
    """Return why an order that opens a position is refused, in the words of its record; empty where it is not."""
    return "" if found.refusal is None else f"{found.refusal}: {found.told}"


async def order_state(
    session: AsyncSession, scope: str, ordered: Restriction, now: datetime, *, until: datetime | None = None
) -> datetime | None:
    """Put a trading state into force in place of the scope's earlier one, and write it into the audit.

    Returns:
        When it ends by itself; see `Controls.set_trading_state`.

    Raises:
        ValueError: the scope names nothing.
    """
    covered = Scope.parse(scope)
    name = str(covered)
    row = await session.get(ControlRow, name) or ControlRow(scope=name, state="", who="", why="", since=now)
    if covered.strategy and ordered.state is not TradingState.ACTIVE and is_lasting(row):
        until = None
    before = row.state or TradingState.ACTIVE.value
    row.state, row.who, row.why, row.since, row.until = ordered.state.value, ordered.who, ordered.why, now, until
    session.add(row)
    if ordered.state is TradingState.ACTIVE and covered == Scope(account=covered.account):
        await lift_trips(session, covered.account, now)
    detail = {"before": before, "why": ordered.why, "until": until.isoformat() if until else ""}
    await append_audit(session, now, ordered.who, ordered.state.value, name, detail)
    if ordered.state is TradingState.ACTIVE:
        await drop_resumed(session, covered, now, ordered.who)
    return until


def is_lasting(row: ControlRow | None) -> bool:
    """Whether something less than ACTIVE holds until somebody lifts it."""
    return row is not None and row.state not in ("", TradingState.ACTIVE) and row.until is None


async def _known(
    session: AsyncSession, now: datetime, pulled: Sequence[Restriction], needs: Sequence[ArmNeed]
) -> tuple[Restriction, ...]:
    return (*pulled, *await _in_force(session, now), *await unarmed(session, needs))


async def _in_force(session: AsyncSession, now: datetime) -> tuple[Restriction, ...]:
    ordered = col(ControlRow.state) != TradingState.ACTIVE.value
    rows = (await session.exec(select(ControlRow).where(ordered).order_by(col(ControlRow.scope)))).all()
    found = (_restriction(row) for row in rows if row.until is None or row.until > now)
    return (*found, *await trips_in_force(session, now), *await _moving(session))


async def _moving(session: AsyncSession) -> tuple[Restriction, ...]:
    """What an account has is not known as long as nobody knows what became of its money: it opens nothing."""
    return tuple(
        Restriction(
            TradingState.REDUCE_ONLY,
            TREASURY,
            f"it is not known whether {row.amount:f} {row.currency} of {row.source} were moved ({row.transfer_id}): "
            "run `desk portfolio carry-out`",
            Scope(account=account),
            row.sent_at,
        )
        for row in await open_transfers(session)
        for account in sorted({row.source, row.target})
    )


def _restriction(row: ControlRow) -> Restriction:
    try:
        scope, state = Scope.parse(row.scope), TradingState(row.state)
    except ValueError as error:
        raise LedgerError(f"table control: {error}; nothing is sent until the row is mended or deleted") from error
    return Restriction(state, row.who, row.why, scope, row.since, row.until)
