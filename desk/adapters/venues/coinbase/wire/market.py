"""Products, candles, best prices and the venue's time."""

from decimal import Decimal

from desk.adapters.venues.coinbase.wire.base import Amount, Price, Text, Time, Wire


class Product(Wire):
    """One market; its flags are true where something is not possible."""

    product_id: str
    base_increment: Amount = Decimal(0)
    quote_increment: Amount = Decimal(0)
    price_increment: Amount = Decimal(0)
    base_min_size: Amount = Decimal(0)
    quote_min_size: Amount = Decimal(0)
    status: Text = ""
    product_type: Text = "SPOT"
    alias: Text = ""
    trading_disabled: bool = False
    is_disabled: bool = False
    cancel_only: bool = False
    limit_only: bool = False
    post_only: bool = False
    auction_mode: bool = False
    view_only: bool = False

    @property
    def tick(self) -> Decimal:
        """The step of a limit price."""
        return self.price_increment or self.quote_increment

    @property
    def is_spot(self) -> bool:
        """Whether it is a spot market with a grid of prices and sizes."""
        return self.product_type == "SPOT" and self.base_increment > 0 and self.tick > 0

    @property
    def takes_market_orders(self) -> bool:
        """Whether an order at the best price is taken now."""
        limited = self.limit_only or self.post_only or self.auction_mode or self.cancel_only
        closed = self.trading_disabled or self.is_disabled or self.view_only
        return self.status.lower() in ("", "online") and not (limited or closed)


class Products(Wire):
    """A page of products."""

    products: tuple[Product, ...] = ()


class Level(Wire):
    """One price of a book, and the base units that wait there."""

    price: Price = None
    size: Amount = Decimal(0)


class PriceBook(Wire):
    """The best prices of a product, or all there are."""

    product_id: str
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    time: Time


class PriceBooks(Wire):
    """Best prices of several products."""

    pricebooks: tuple[PriceBook, ...] = ()


class OneBook(Wire):
    """The book of one product."""

    pricebook: PriceBook


class ServerTime(Wire):
    """The venue's time."""

    iso: Time
