"""Converts between currencies outside the markets, above all dollars and USDC: an offer, then its acceptance.

An offer is good for some seconds only. Where the outcome of an acceptance is not known, `read` tells it; nothing is
accepted twice, because an offer can be accepted once.
"""

from dataclasses import dataclass
from decimal import Decimal

from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.reading import Writer, read, write
from desk.adapters.venues.coinbase.wire.money import ConversionReply, ConversionTrade


@dataclass(frozen=True, slots=True)
class Conversion:
    """A conversion, offered or made.

    Attributes:
        status: the venue's word without its prefix: CREATED, STARTED, COMPLETED, CANCELED.
        source, target: what is given and what is received.
        amount: what is given, in `source`.
        total: what is received as the venue tells it, in `total_currency`.
        fee: in `fee_currency`.
        rate: units of `target` for one of `source`; None where the venue does not tell.
    """

    conversion_id: str
    status: str
    source: str
    target: str
    amount: Decimal
    total: Decimal
    total_currency: str
    fee: Decimal
    fee_currency: str
    rate: Decimal | None


class CoinbaseConversions:
    """Conversions between the wallets of an account; `source` and `target` are currencies or ids of wallets."""

    def __init__(self, session: VenueSession, writer: Writer) -> None:
        self._session = session
        self._writer = writer

    async def quote(self, source: str, target: str, amount: Decimal) -> Conversion:
        """Ask for an offer to convert an amount of `source`.

        Raises:
            VenueError: there is none; nothing was converted in any case.
        """
        reply = await write(self._writer, requests.quote_conversion(source, target, amount), ConversionReply)
        return _conversion(reply.trade, source, target)

    async def commit(self, offer: Conversion) -> Conversion:
        """Accept an offer, once.

        Raises:
            OutcomeUnknown: it may have been accepted; `read` tells.
            VenueError: a definite no.
        """
        request = requests.commit_conversion(offer.conversion_id, offer.source, offer.target)
        reply = await write(self._writer, request, ConversionReply)
        return _conversion(reply.trade, offer.source, offer.target)

    async def read(self, offer: Conversion) -> Conversion:
        """Return a conversion as it is now."""
        request = requests.conversion(offer.conversion_id, offer.source, offer.target)
        return _conversion((await read(self._session, request, ConversionReply)).trade, offer.source, offer.target)


def _conversion(trade: ConversionTrade, source: str, target: str) -> Conversion:
    fee = trade.total_fee.amount if trade.total_fee else None
    return Conversion(
        conversion_id=trade.id,
        status=trade.status.removeprefix("TRADE_STATUS_"),
        source=source,
        target=target,
        amount=(trade.user_entered_amount if trade.user_entered_amount.currency else trade.amount).value,
        total=trade.total.value,
        total_currency=trade.total.currency,
        fee=fee.value if fee else Decimal(0),
        fee_currency=fee.currency if fee else "",
        rate=trade.exchange_rate.value if trade.exchange_rate else None,
    )
