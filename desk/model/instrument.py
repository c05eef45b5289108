"""What can be traded, and the grid of prices and sizes that it is traded on."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum


class InstrumentKind(StrEnum):
    """How an instrument settles, which decides its sessions and whether it can be sold short."""

    FX = "fx"
    METAL = "metal"
    SPOT = "spot"
    PERPETUAL = "perpetual"


class Side(StrEnum):
    """The direction of an order or a fill."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        """The other direction."""
        return Side.SELL if self is Side.BUY else Side.BUY


@dataclass(frozen=True, slots=True)
class Instrument:
    """One tradable market.

    Attributes:
        name: ccxt-style, `EUR/USD`, `BTC/USDT`, `BTC/USDT:USDT` for a linear perpetual.
        kind: decides sessions and whether it can be sold short.
        tick: smallest price step, in quote currency.
        lot: smallest quantity step, in base units.
        minimum_quantity: smallest order, in base units.
        minimum_notional: smallest order value, in quote currency; 0 where the venue has none.
    """

    name: str
    kind: InstrumentKind
    tick: Decimal
    lot: Decimal
    minimum_quantity: Decimal
    minimum_notional: Decimal = Decimal(0)

    @property
    def base(self) -> str:
        """The currency or metal that is bought and sold."""
        return self.name.split("/")[0]

    @property
    def quote(self) -> str:
        """The currency in which the price is given."""
        return self.name.split("/")[1].split(":")[0]

    @property
    def settlement(self) -> str:
        """The currency that profit and loss are paid in."""
        return self.name.split("/")[1].split(":")[-1]

    @property
    def is_linear(self) -> bool:
        """Whether profit and loss are the quantity times the change of the price; an inverse contract's are not."""
        return self.settlement == self.quote

    @property
    def can_short(self) -> bool:
        """Whether a position below zero is possible."""
        return self.kind is not InstrumentKind.SPOT

    def round_quantity(self, quantity: Decimal) -> Decimal:
        """Round towards zero to the lot, so that a limit is never exceeded."""
        return (quantity / self.lot).to_integral_value(ROUND_DOWN) * self.lot

    def round_price(self, price: Decimal) -> Decimal:
        """Round to the nearest tick."""
        return (price / self.tick).to_integral_value(ROUND_HALF_EVEN) * self.tick

    def round_price_for(self, side: Side, price: Decimal) -> Decimal:
        """Round to the tick at which an order of `side` pays no more than `price`: down to buy, up to sell."""
        rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
        return (price / self.tick).to_integral_value(rounding) * self.tick
