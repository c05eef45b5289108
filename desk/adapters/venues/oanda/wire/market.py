"""Instruments and prices as OANDA tells them."""

from decimal import Decimal

from desk.adapters.venues.oanda.wire.base import AccountReply, Price, Time, WireModel


class WireInstrument(WireModel):
    """The grid of an instrument: decimals of a price, decimals of units, the smallest order."""

    name: str
    type: str
    display_precision: int
    trade_units_precision: int
    minimum_trade_size: Price


class InstrumentsReply(AccountReply):
    """The instruments that an account may trade."""

    instruments: tuple[WireInstrument, ...]


class WireLevel(WireModel):
    """A price in the book, and the units that are given at it."""

    price: Price
    liquidity: Decimal = Decimal(0)


class WirePrice(WireModel):
    """The prices of an instrument; older replies say `status` in place of `tradeable`."""

    instrument: str
    time: Time
    bids: tuple[WireLevel, ...] = ()
    asks: tuple[WireLevel, ...] = ()
    tradeable: bool | None = None
    status: str = ""

    @property
    def is_tradable(self) -> bool:
        """Whether orders are taken now."""
        return self.status == "tradeable" if self.tradeable is None else self.tradeable


class WireConversion(WireModel):
    """What one unit of a currency is worth in the account's own; `position_value` is the factor without a spread."""

    currency: str
    account_gain: Price
    account_loss: Price
    position_value: Price


class PricingReply(WireModel):
    """Prices in one call, with conversions where they were asked for."""

    prices: tuple[WirePrice, ...]
    home_conversions: tuple[WireConversion, ...] = ()
