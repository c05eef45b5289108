"""Reads what is known of a market besides its candles at the moment at which it is decided on: its book, its funding.

A book cannot be asked for as of a candle's close: it is read after it, and says how long after.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from desk.errors import DataError, OrderRefused, VenueUnavailable
from desk.model.depth import (
    BOOK_IMBALANCE,
    FUNDING_RATE,
    MICRO_PRICE,
    Depth,
    Funding,
    book_figures,
    funding_figures,
)
from desk.model.market import Market, Series
from desk.ports import DepthFeed, FundingFeed

AHEAD = timedelta(seconds=5)
"""How far a source's clock may be ahead of ours; what is from later than that is not of this decision."""

_BOOK = frozenset({BOOK_IMBALANCE, MICRO_PRICE})


@dataclass(frozen=True, slots=True)
class SideData:
    """Where such figures come from; None where the account's feed has none.

    Attributes:
        present: tells the account's time.
        patience: how long a source is waited for, in seconds: what it tells is a help and no need.
    """

    depth: DepthFeed | None
    funding: FundingFeed | None
    present: Callable[[], datetime]
    patience: float = 5.0


@dataclass(frozen=True, slots=True)
class _Told:
    figures: Mapping[str, float]
    at: datetime


async def add_side_data(market: Market, names: Iterable[str], source: SideData) -> tuple[Market, tuple[str, ...]]:
    """Return the market with those of the named series that its source has, decided now, and what was not readable.

    What is not known is left out, never zero: whoever reads it bears that.

    Raises:
        AccessDenied: the credentials are not accepted.
    """
    wanted = frozenset(names)
    if not len(market.own):
        return market, ()
    reads = _reads(market.instrument, wanted, source)
    answers = await asyncio.gather(*(_patiently(what, read, source.patience) for what, read in reads))
    now = source.present()
    told = [answer for answer in answers if isinstance(answer, _Told)]
    return (
        decided_at(replace(market, series={**market.series, **_series(told, wanted, now)}), now),
        tuple(answer for answer in answers if isinstance(answer, str)),
    )


def decided_at(market: Market, now: datetime) -> Market:
    """Return a market of at least one candle for a decision now; what was read for it earlier is older by then."""
    return replace(market, delay=max(0, math.ceil(now.timestamp()) - int(market.own.close_times[-1])))


def _reads(instrument: str, wanted: frozenset[str], source: SideData) -> list[tuple[str, Awaitable[_Told | None]]]:
    at, reads = source.present(), list[tuple[str, Awaitable[_Told | None]]]()
    if source.depth is not None and _BOOK & wanted:
        reads.append(("book", _book(source.depth.depth(instrument, at=at))))
    if source.funding is not None and FUNDING_RATE in wanted:
        reads.append(("funding", _funding(source.funding.funding(instrument, at=at))))
    return reads


async def _book(reading: Awaitable[Depth | None]) -> _Told | None:
    depth = await reading
    return None if depth is None else _Told(book_figures(depth), depth.at)


async def _funding(reading: Awaitable[Funding | None]) -> _Told | None:
    funding = await reading
    return None if funding is None else _Told(funding_figures(funding), funding.at)


async def _patiently(what: str, read: Awaitable[_Told | None], patience: float) -> _Told | str | None:
    """Return what was told, or why it could not be read."""
    try:
        return await asyncio.wait_for(read, patience)
    except TimeoutError:
        return f"{what}: no answer in {patience:g} s"
    except (VenueUnavailable, DataError, OrderRefused) as error:
        return f"{what}: {error}"


def _series(told: Iterable[_Told], wanted: frozenset[str], now: datetime) -> dict[str, Series]:
    """One value each, known since its source says so, though not before now where the source's clock is ahead."""
    return {
        name: Series(np.array([math.ceil(min(one.at, now).timestamp())]), np.array([value]))
        for one in told
        if one.at - now <= AHEAD
        for name, value in one.figures.items()
        if name in wanted
    }
