"""The instruments of the embedded market by name: the venues' grids of price and size, usual spreads and price levels.

Grids follow the venues' conventions (a tick is a tenth of a pip at OANDA, whose lot is one unit; price and size
increments of Coinbase, KuCoin and Aster). They serve paper accounts; a live venue tells its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from desk.model.instrument import Instrument, InstrumentKind


@dataclass(frozen=True, slots=True)
class Listing:
    """An instrument and what the synthetic feed needs to make a market of it.

    Attributes:
        half_spread_bps: from mid to bid or ask in an active hour.
        base_price: the level that prices are pulled towards, in quote currency.
        daily_volume: in base units for crypto, in price updates for currencies and metals.
        loadings: how much of each factor's log return the instrument takes; see `factors.FACTORS`.
    """

    instrument: Instrument
    half_spread_bps: float
    base_price: float
    daily_volume: float
    loadings: Mapping[str, float]


def _oanda(name: str, tick: str, half_spread_bps: float, base_price: float, **loadings: float) -> Listing:
    kind = InstrumentKind.METAL if name.startswith("XAU") else InstrumentKind.FX
    instrument = Instrument(name, kind, tick=Decimal(tick), lot=Decimal(1), minimum_quantity=Decimal(1))
    return Listing(instrument, half_spread_bps, base_price, 60_000, loadings)


def _crypto(
    name: str, grid: str, half_spread_bps: float, base_price: float, daily_volume: float, **loadings: float
) -> Listing:
    tick, lot, minimum_quantity, minimum_notional = (Decimal(part) for part in grid.split())
    kind = InstrumentKind.PERPETUAL if ":" in name else InstrumentKind.SPOT
    instrument = Instrument(name, kind, tick, lot, minimum_quantity, minimum_notional)
    return Listing(instrument, half_spread_bps, base_price, daily_volume, loadings)


_EUR, _GBP, _BTC, _ETH, _SOL = 1.15, 1.33, 95_000.0, 3_300.0, 160.0

_LISTINGS = (
    _oanda("EUR/USD", "0.00001", 0.4, _EUR, DOLLAR=1, EUROPE=1, EURO=1),
    _oanda("GBP/USD", "0.00001", 0.5, _GBP, DOLLAR=1, EUROPE=1, STERLING=1),
    _oanda("USD/JPY", "0.001", 0.5, 150.0, DOLLAR=-1, YEN=-1),
    _oanda("AUD/USD", "0.00001", 0.7, 0.66, DOLLAR=1, AUSTRALIA=1),
    _oanda("USD/CAD", "0.00001", 0.7, 1.38, DOLLAR=-0.7, CANADA=-1),
    _oanda("EUR/GBP", "0.00001", 0.7, _EUR / _GBP, EURO=1, STERLING=-1),
    _oanda("XAU/USD", "0.001", 0.8, 3_600.0, DOLLAR=0.8, GOLD=1),
    # tick, lot, minimum quantity, minimum notional: Coinbase in USD, KuCoin in USDT, Aster's perpetuals.
    _crypto("BTC/USD", "0.01 0.00000001 0.00001 1", 0.3, _BTC, 9_000, CRYPTO=1, BITCOIN=1),
    _crypto("ETH/USD", "0.01 0.00000001 0.0001 1", 0.4, _ETH, 130_000, CRYPTO=1.15, ETHER=1),
    _crypto("SOL/USD", "0.01 0.00000001 0.001 1", 0.8, _SOL, 1_600_000, CRYPTO=1.3, SOLANA=1),
    _crypto("BTC/USDT", "0.1 0.00000001 0.00001 0.1", 0.3, _BTC, 7_000, CRYPTO=1, BITCOIN=1, TETHER=-1),
    _crypto("ETH/USDT", "0.01 0.0000001 0.0001 0.1", 0.4, _ETH, 100_000, CRYPTO=1.15, ETHER=1, TETHER=-1),
    _crypto("SOL/USDT", "0.01 0.0001 0.01 0.1", 0.8, _SOL, 1_200_000, CRYPTO=1.3, SOLANA=1, TETHER=-1),
    _crypto("BTC/USDT:USDT", "0.1 0.001 0.001 5", 0.2, _BTC, 30_000, CRYPTO=1, BITCOIN=1, TETHER=-1, BITCOIN_BASIS=1),
    _crypto("ETH/USDT:USDT", "0.01 0.001 0.001 5", 0.3, _ETH, 500_000, CRYPTO=1.15, ETHER=1, TETHER=-1, ETHER_BASIS=1),
)

CATALOGUE: Mapping[str, Listing] = {listing.instrument.name: listing for listing in _LISTINGS}
