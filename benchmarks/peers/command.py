"""The `desk` command where the peers' made instruments are known; run as a script, it is told what `desk` is told.

The catalogue of the desk has fifteen instruments, and the peers' data have twenty of their own.
"""

from collections.abc import MutableMapping
from decimal import Decimal
from typing import cast

from desk.adapters.feeds.catalogue import CATALOGUE, Listing
from desk.model.instrument import Instrument, InstrumentKind

COUNT = 20
TICK, LOT = Decimal("0.01"), Decimal("0.00001")


def name_of(place: int) -> str:
    """Return what an instrument of the peers' data is called."""
    return f"S{place:02d}/USDT"


def instrument_of(place: int) -> Instrument:
    """Return an instrument of the peers' data, of prices with two places."""
    return Instrument(name_of(place), InstrumentKind.SPOT, TICK, LOT, LOT, Decimal("0.1"))


def know_instruments() -> None:
    """Let this process know the instruments of the peers' data."""
    listed = {name_of(place): Listing(instrument_of(place), 0.0, 1_000.0, 1.0, {}) for place in range(COUNT)}
    cast(MutableMapping[str, Listing], CATALOGUE).update(listed)


if __name__ == "__main__":
    know_instruments()
    from console.main import main

    main()
