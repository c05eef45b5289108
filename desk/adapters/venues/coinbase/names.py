"""Our names of spot markets and Coinbase's: `BTC/USD` is `BTC-USD`."""

from desk.errors import DataError

VENUE = "coinbase"

EQUAL = frozenset({"USD", "USDC"})
"""Currencies that the venue converts into each other one to one, without a fee."""


def product_id(instrument: str) -> str:
    """Return Coinbase's name of an instrument.

    Raises:
        DataError: the name is not one of a spot market.
    """
    base, separator, quote = instrument.partition("/")
    if not (base and separator and quote) or ":" in quote:
        raise DataError(f"{VENUE}: expected a spot instrument such as BTC/USD, found {instrument!r}")
    return f"{base}-{quote}"


def instrument_name(product: str) -> str:
    """Return our name of a product; its quote currency is what follows the last hyphen."""
    return "/".join(product.rsplit("-", 1))
