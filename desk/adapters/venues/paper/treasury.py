"""Moves money between the books of two accounts of the embedded venue, both in one transaction."""

from datetime import datetime
from decimal import Decimal

from desk.adapters.ledger.database import Database
from desk.adapters.venues.paper.store import PaperStore
from desk.adapters.venues.paper.tables import PaperTransferRow
from desk.errors import InsufficientFunds, LedgerError, OutcomeUnknown, VenueUnavailable
from desk.model.moves import Move
from desk.ports import Clock


class PaperTreasury:
    """Implements `desk.ports.Treasury` for two accounts.

    Args:
        source, target: their books.
    """

    def __init__(self, *, venue: str, database: Database, clock: Clock, source: PaperStore, target: PaperStore) -> None:
        self._venue = venue
        self._database = database
        self._clock = clock
        self._source = source
        self._target = target

    async def prepare(self, move: Move) -> str:
        """Agree on nothing."""
        return ""

    async def carry_out(self, move: Move, prepared: str) -> Decimal:
        """Move the money once; a move that is done already changes nothing.

        Raises:
            InsufficientFunds: the source has less cash.
            OutcomeUnknown: the database failed, perhaps after it committed.
        """
        try:
            return await self._pay(move)
        except LedgerError as error:
            raise OutcomeUnknown(self._venue, str(move), "DATABASE", str(error)) from error

    async def find(self, move: Move, prepared: str, *, sent_at: datetime) -> Decimal | None:
        """Return what has arrived, or None where nothing has."""
        try:
            async with self._database.read() as session:
                row = await session.get(PaperTransferRow, move.move_id)
        except LedgerError as error:
            raise VenueUnavailable(self._venue, str(move), "DATABASE", str(error)) from error
        return None if row is None else row.amount

    async def _pay(self, move: Move) -> Decimal:
        async with self._database.write() as session:
            if await session.get(PaperTransferRow, move.move_id) is not None:
                return move.amount
            if not await self._source.pay(session, -move.amount):
                raise InsufficientFunds(self._venue, str(move), "CASH", "there is less in its books")
            await self._target.pay(session, move.amount)
            session.add(_row(move, self._clock.now()))
        return move.amount


def _row(move: Move, at: datetime) -> PaperTransferRow:
    return PaperTransferRow(
        transfer_id=move.move_id,
        source=move.source,
        target=move.target,
        currency=move.currency,
        amount=move.amount,
        at=at,
    )
