"""What KuCoin lists at its futures host, by its own names."""

from desk.model.instrument import Instrument
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_futures.rules import symbol_of


async def contract_of(customers: Customers, symbol: str) -> Instrument:
    """Return the instrument of a symbol.

    Raises:
        Refused: there is none.
    """
    for name, instrument in (await customers.instruments()).items():
        if symbol_of(name) == symbol:
            return instrument
    raise wrong("100003")
