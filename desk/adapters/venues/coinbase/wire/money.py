"""Wallets, fees, the rights of a key, and conversions."""

from decimal import Decimal

from desk.adapters.venues.coinbase.wire.base import Amount, MaybeTime, Money, Page, Text, Wire


class Wallet(Wire):
    """What is held of a currency."""

    uuid: Text = ""
    currency: str
    available_balance: Money = Money()
    hold: Money = Money()
    created_at: MaybeTime = None
    updated_at: MaybeTime = None

    @property
    def total(self) -> Decimal:
        """What is free and what orders hold back."""
        return self.available_balance.value + self.hold.value


class Wallets(Page):
    """A page of wallets."""

    accounts: tuple[Wallet, ...] = ()


class FeeTier(Wire):
    """The account's fees, as fractions."""

    pricing_tier: Text = ""
    maker_fee_rate: Amount
    taker_fee_rate: Amount


class TransactionSummary(Wire):
    """What the account traded lately and pays for it."""

    fee_tier: FeeTier
    total_volume: Amount = Decimal(0)
    total_fees: Amount = Decimal(0)


class Permissions(Wire):
    """What a key may do."""

    can_view: bool = False
    can_trade: bool = False
    can_transfer: bool = False
    portfolio_uuid: Text = ""


class ConversionFee(Wire):
    """What a conversion costs."""

    amount: Money = Money()


class ConversionTrade(Wire):
    """A conversion, offered or made."""

    id: str
    status: Text = ""
    user_entered_amount: Money = Money()
    amount: Money = Money()
    total: Money = Money()
    total_fee: ConversionFee | None = None
    exchange_rate: Money | None = None


class ConversionReply(Wire):
    """The reply to each request of a conversion."""

    trade: ConversionTrade
