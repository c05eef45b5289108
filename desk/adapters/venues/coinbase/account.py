"""What an account costs and what its key may do: fees, rights, and what an order would cost."""

from dataclasses import dataclass
from decimal import Decimal

from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.reading import read
from desk.adapters.venues.coinbase.wire.money import Permissions, TransactionSummary


@dataclass(frozen=True, slots=True)
class FeeRates:
    """What the account pays now, as fractions of an order's value.

    Attributes:
        tier: the venue's name of the account's class.
        volume: what was traded in the last 30 days, in dollars.
    """

    maker_fraction: Decimal
    taker_fraction: Decimal
    tier: str
    volume: Decimal


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What a key may do. A key of the desk needs no right to withdraw.

    Attributes:
        portfolio: the one portfolio that the key is for.
    """

    can_view: bool
    can_trade: bool
    can_withdraw: bool
    portfolio: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of an order now.

    Attributes:
        problems: the venue's words for why it would be refused; empty where it would be taken.
        total, fee: in quote currency.
        slippage: the venue's estimate, as it tells it.
    """

    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    total: Decimal
    fee: Decimal
    base_quantity: Decimal
    bid: Decimal | None
    ask: Decimal | None
    slippage: Decimal | None


async def read_fees(session: VenueSession) -> FeeRates:
    """Return the fees of the account's spot orders."""
    told = await read(session, requests.fees(), TransactionSummary)
    tier = told.fee_tier
    return FeeRates(tier.maker_fee_rate, tier.taker_fee_rate, tier.pricing_tier, told.total_volume)


async def read_rights(session: VenueSession) -> KeyRights:
    """Return what the key may do; a right to transfer is one to withdraw."""
    told = await read(session, requests.permissions(), Permissions)
    return KeyRights(told.can_view, told.can_trade, told.can_transfer, told.portfolio_uuid)
