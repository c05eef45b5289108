"""What a position was worth last: at the newest candle that had closed, or at its entry where none has since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from desk.matching.spread import Bar, bar_at, to_decimal
from desk.model.books import Position
from desk.model.candles import Candles
from desk.model.instrument import Instrument


@dataclass(frozen=True, slots=True)
class Closes:
    """The last prices of instruments.

    Attributes:
        candles: of every instrument that is asked about.
        half_spread_bps: put around prices of trades.
    """

    candles: Mapping[str, Candles]
    instruments: Mapping[str, Instrument]
    half_spread_bps: Decimal

    def bar(self, name: str, at: datetime) -> Bar | None:
        """Return the newest candle that was closed at a time; None without one."""
        row = self.candles[name].rows_until(at.timestamp()) - 1
        return None if row < 0 else bar_at(self.candles[name], row, self.instruments[name], self.half_spread_bps)

    def mid(self, position: Position, at: datetime) -> Decimal:
        """Return the price that a venue marks a position with: the close of that candle, halfway between both sides."""
        candles = self.candles[position.instrument]
        row = candles.rows_until(at.timestamp()) - 1
        return position.average_price if row < 0 else to_decimal(float(candles.close[row]))

    def exit_price(self, position: Position, at: datetime) -> Decimal:
        """Return the close of that candle on the side on which the position is closed."""
        bar = self.bar(position.instrument, at)
        return position.average_price if bar is None else bar.prices_for(position.side.opposite).close
