"""Converts between dollars and USDC: an offer first, whose id is written down, then its acceptance, once."""

from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.venues.coinbase.convert import CoinbaseConversions, Conversion
from desk.adapters.venues.coinbase.names import VENUE
from desk.errors import OrderRefused, OutcomeUnknown, VenueUnavailable
from desk.model.moves import Move
from desk.ports import Clock

_EXPIRED = timedelta(minutes=1)
"""An offer is good for some seconds; one that is not accepted by then never will be."""


class CoinbaseTreasury:
    """Implements `desk.ports.Treasury` for conversions within a portfolio.

    Args:
        clock: the machine's.
    """

    def __init__(self, conversions: CoinbaseConversions, *, clock: Clock) -> None:
        self._conversions = conversions
        self._clock = clock

    async def prepare(self, move: Move) -> str:
        """Ask for an offer, and return its id.

        Raises:
            OrderRefused: what is offered is not as much as is given.
        """
        offer = await self._conversions.quote(move.currency, move.into, move.amount)
        is_even = offer.amount == offer.total == move.amount and not offer.fee
        if not is_even or offer.total_currency != move.into:
            found = f"{offer.total:f} {offer.total_currency} for {offer.amount:f} and a fee of {offer.fee:f}"
            raise OrderRefused(VENUE, str(move), "BAD_OFFER", f"expected as much as is given, found {found}")
        return offer.conversion_id

    async def carry_out(self, move: Move, prepared: str) -> Decimal:
        """Accept the offer, and return what is received.

        Raises:
            OutcomeUnknown: the venue has not said that it is completed.
        """
        made = await self._conversions.commit(_offer(move, prepared))
        if made.status != "COMPLETED":
            raise OutcomeUnknown(VENUE, str(move), made.status, "the conversion is not completed yet")
        return made.total

    async def find(self, move: Move, prepared: str, *, sent_at: datetime) -> Decimal | None:
        """Return what was received, or None where the offer was cancelled, or has expired without being accepted.

        Raises:
            VenueUnavailable: it is under way, or the acceptance may still arrive.
        """
        made = await self._conversions.read(_offer(move, prepared))
        if made.status == "COMPLETED":
            return made.total
        is_over = made.status == "CREATED" and self._clock.now() - sent_at >= _EXPIRED
        if made.status == "CANCELED" or is_over:
            return None
        raise VenueUnavailable(VENUE, f"look for {move.move_id}", made.status, "the conversion is not over yet")


def _offer(move: Move, prepared: str) -> Conversion:
    """What was offered, as far as it has to be named again."""
    nothing = Decimal(0)
    return Conversion(
        conversion_id=prepared,
        status="CREATED",
        source=move.currency,
        target=move.into,
        amount=move.amount,
        total=nothing,
        total_currency=move.into,
        fee=nothing,
        fee_currency="",
        rate=None,
    )
