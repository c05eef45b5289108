"""How one account trades at Coinbase."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from desk.adapters.venues.coinbase.names import VENUE, product_id
from desk.errors import ConfigError


@dataclass(frozen=True, slots=True)
class CoinbaseTerms:
    """What is decided for an account, and not by the venue.

    Attributes:
        currency: what the account is valued in.
        instruments: what the account trades; the balances of their base currencies are its positions.
        read_only: nothing is sent that would change anything.
        attach_brackets: whether an order that buys with a stop and a target gets both attached at the venue.
        stop_allowance_bps: how much worse than its stop price a triggered stop may fill.
        own_prefix: how the client order ids of the desk begin; orders of others are left alone.

    Raises:
        ConfigError: an instrument is not a spot market, or two share a base currency: their balance is one.
    """

    currency: str
    instruments: tuple[str, ...]
    read_only: bool = False
    attach_brackets: bool = True
    stop_allowance_bps: Decimal = Decimal(100)
    own_prefix: str = "sd-"

    def __post_init__(self) -> None:
        holders: dict[str, str] = {}
        for name in self.instruments:
            base = product_id(name).partition("-")[0]
            if other := holders.get(base):
                raise ConfigError(
                    f"{VENUE}: expected one instrument for each base currency of an account, found {other} and {name}; "
                    f"the venue keeps one balance of {base} for both, so give one of them to another account"
                )
            holders[base] = name

    def stop_limit(self, stop: Decimal, sign: int) -> Decimal:
        """Return the worst price of a stop order of a side, not yet on the tick."""
        return stop * (1 + sign * self.stop_allowance_bps / 10_000)


@dataclass(frozen=True, slots=True)
class Looks:
    """How often and how far apart the venue is asked for what it may not show yet.

    Attributes:
        pauses: before each further look.
        recent: how old an order may be that the venue does not list yet.
        sleep: waits for seconds.
    """

    pauses: tuple[timedelta, ...] = (timedelta(milliseconds=500), timedelta(seconds=1), timedelta(seconds=2))
    recent: timedelta = timedelta(hours=1)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def wait(self, pause: timedelta) -> None:
        """Let the venue catch up."""
        await self.sleep(pause.total_seconds())
