"""Both sides of the market: from candles and quotes that know them, or from trades and a half spread."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from desk.matching.slippage import round_against
from desk.model.books import Quote
from desk.model.candles import Candles, PriceBars
from desk.model.instrument import Instrument, Side


@dataclass(frozen=True, slots=True)
class Prices:
    """Open, high, low and close of one side of one candle."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal

    def best_for(self, side: Side) -> Decimal:
        """The price that an order of `side` would like most: the low to buy, the high to sell."""
        return self.low if side is Side.BUY else self.high

    def worst_for(self, side: Side) -> Decimal:
        """The price that an order of `side` would like least: the high to buy, the low to sell."""
        return self.high if side is Side.BUY else self.low


@dataclass(frozen=True, slots=True)
class Bar:
    """One closed candle as orders meet it.

    Attributes:
        closed_at: when it became known.
        volume: in base units.
    """

    opened_at: datetime
    closed_at: datetime
    bid: Prices
    ask: Prices
    volume: Decimal

    def prices_for(self, side: Side) -> Prices:
        """The prices that an order of `side` meets: the ask to buy, the bid to sell."""
        return self.ask if side is Side.BUY else self.bid


def bar_at(candles: Candles, row: int, instrument: Instrument, half_spread_bps: Decimal) -> Bar:
    """Return one candle with both sides on the tick, rounded apart; `half_spread_bps` counts for trades only."""
    bid, ask = candles.bid, candles.ask
    width = Decimal(0) if bid is not None and ask is not None else half_spread_bps
    opened = datetime.fromtimestamp(int(candles.time[row]), tz=UTC)
    return Bar(
        opened_at=opened,
        closed_at=opened + candles.timeframe.duration,
        bid=_prices(bid or candles, row, Side.SELL, instrument, width),
        ask=_prices(ask or candles, row, Side.BUY, instrument, width),
        volume=to_decimal(float(candles.volume[row])),
    )


def range_met(
    candles: Candles, rows: slice, side: Side, instrument: Instrument, half_spread_bps: Decimal
) -> tuple[Decimal, Decimal]:
    """Return the lowest and the highest price that an order of `side` met in candles, of which there is one at least.

    The same as of `bar_at`, without a look at each.
    """
    bid, ask = candles.bid, candles.ask
    width = Decimal(0) if bid is not None and ask is not None else half_spread_bps
    bars = (ask if side is Side.BUY else bid) or candles
    low, high = (to_decimal(float(price)) for price in (bars.low[rows].min(), bars.high[rows].max()))
    return _shifted(low, side, instrument, width), _shifted(high, side, instrument, width)


def widen(quote: Quote, instrument: Instrument, half_spread_bps: Decimal) -> Quote:
    """Return the quote with a spread: its own where it has one, else half of it around the single price."""
    width = half_spread_bps if quote.bid == quote.ask else Decimal(0)
    bid = _shifted(quote.bid, Side.SELL, instrument, width)
    ask = _shifted(quote.ask, Side.BUY, instrument, width)
    return Quote(quote.instrument, bid, ask, quote.at, quote.tradable)


def to_decimal(value: float) -> Decimal:
    """Return the decimal number that a float stands for; twelve digits drop the noise of binary arithmetic."""
    return Decimal(f"{value:.12g}")


def _prices(bars: Candles | PriceBars, row: int, side: Side, instrument: Instrument, width: Decimal) -> Prices:
    return Prices(
        *(
            _shifted(to_decimal(float(values[row])), side, instrument, width)
            for values in (bars.open, bars.high, bars.low, bars.close)
        )
    )


def _shifted(price: Decimal, side: Side, instrument: Instrument, bps: Decimal) -> Decimal:
    return round_against(side, price * (1 + side.sign * bps / 10_000), instrument)
