"""Moves money between the wallets of the two markets under one login, once for each id of ours."""

from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.venues.kucoin.errors import VENUE
from desk.adapters.venues.kucoin.transfers import Flow, KucoinTransfers, Wallet
from desk.errors import VenueUnavailable
from desk.model.moves import Move
from desk.ports import Clock

_EARLIER = timedelta(seconds=10)
"""How far the venue's time of a transfer may be before ours of its sending."""

_BOOKED_AFTER = timedelta(minutes=5)
"""What was carried out is told by then; before that nothing follows from its absence."""


class KucoinTreasury:
    """Implements `desk.ports.Treasury`.

    Args:
        ends: from where and to where; one of both is TRADE.
        clock: the machine's.
    """

    def __init__(self, transfers: KucoinTransfers, ends: tuple[Wallet, Wallet], *, clock: Clock) -> None:
        self._transfers = transfers
        self._source, self._target = ends
        self._clock = clock

    async def prepare(self, move: Move) -> str:
        """Agree on nothing."""
        return ""

    async def carry_out(self, move: Move, prepared: str) -> Decimal:
        """Move the money once; see `KucoinTransfers.transfer`."""
        ends = {"source": self._source, "target": self._target}
        await self._transfers.transfer(move.move_id, move.currency, move.amount, **ends)
        return move.amount

    async def find(self, move: Move, prepared: str, *, sent_at: datetime) -> Decimal | None:
        """Return what was moved, by what is booked in the wallet TRADE: the same amount, the same way, since then.

        Raises:
            VenueUnavailable: nothing is booked, and it was sent so lately that it may still be.
        """
        flow = Flow.OUT if self._source is Wallet.TRADE else Flow.IN
        since = sent_at - _EARLIER
        if move.amount in await self._transfers.transferred(move.currency, since=since, flow=flow):
            return move.amount
        if self._clock.now() - sent_at < _BOOKED_AFTER:
            told = f"nothing is booked yet; it is certain at {sent_at + _BOOKED_AFTER:%H:%M:%S} UTC"
            raise VenueUnavailable(VENUE, f"look for {move.move_id}", "TOO_EARLY", told)
        return None
