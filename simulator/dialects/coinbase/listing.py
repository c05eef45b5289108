"""Coinbase's products: a market in dollars, and the same book under the name of the market in USDC."""

from dataclasses import dataclass

from desk.model.instrument import Instrument

DOLLAR, COIN = "USD", "USDC"


@dataclass(frozen=True, slots=True)
class Product:
    """A name under which an instrument is traded.

    Attributes:
        quote: the currency of the wallet that pays.
    """

    instrument: Instrument
    quote: str

    @property
    def id(self) -> str:
        """As in `BTC-USD`."""
        return product_id(self.instrument.name, self.quote)

    @property
    def alias(self) -> str:
        """The product whose book this one shares, empty where it is its own."""
        return "" if self.quote == DOLLAR else product_id(self.instrument.name, DOLLAR)

    @property
    def aliases(self) -> tuple[str, ...]:
        """The products that share this one's book."""
        return (product_id(self.instrument.name, COIN),) if self.quote == DOLLAR else ()


def products_of(instrument: Instrument) -> tuple[Product, ...]:
    """Return the names of an instrument, the one in dollars first."""
    return (Product(instrument, DOLLAR), Product(instrument, COIN))


def product_id(instrument: str, quote: str) -> str:
    """Return the name of an instrument with a currency to pay in."""
    return f"{instrument.partition('/')[0]}-{quote}"
