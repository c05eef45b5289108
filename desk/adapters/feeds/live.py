"""How a live feed is shared by every account of a process."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from desk.adapters.feeds.growing import GrowingFeed
from desk.adapters.feeds.latest import LatestCandles
from desk.adapters.feeds.patience import PatientFeed, Sleep
from desk.adapters.feeds.prices import SharedQuotes
from desk.adapters.feeds.series import SharedDepth, SharedFunding
from desk.adapters.feeds.shared import SharedFeed
from desk.ports import Clock, DepthFeed, Feed, FundingFeed

_WATCHED_FOR = timedelta(seconds=1)
"""Shorter than the pause between two looks of a watch: a stop that is crossed must be seen by the next one."""


@dataclass(frozen=True, slots=True)
class LiveFeed:
    """A live feed as its kinds of users want it; all share candles.

    Attributes:
        deciding: its quotes serve several accounts for some seconds.
        matching: its quotes are always fresh.
        watching: its quotes serve those who look at the same moment.
        choosing: its quotes serve those who look at a listing at the same moment, and are asked for nobody else: what
            was a candidate for a universe once is no price that the next decision needs. None where quotes cost no
            calls, and those of `deciding` serve.
        depth, funding: what it tells besides, for decisions; None where it does not.
    """

    deciding: Feed
    matching: Feed
    watching: Feed
    choosing: Feed | None = None
    depth: DepthFeed | None = None
    funding: FundingFeed | None = None


def share(market: Feed, clock: Clock, *, sleep: Sleep = asyncio.sleep) -> LiveFeed:
    """Return a venue's feed so that one fetch serves every account; for one event loop."""
    if isinstance(market, LatestCandles):
        matching = SharedFeed(GrowingFeed(market, clock, sleep=sleep))
    else:
        matching = SharedFeed(PatientFeed(market, clock, sleep=sleep))
    return LiveFeed(
        SharedQuotes(matching, clock),
        matching,
        SharedQuotes(matching, clock, kept=_WATCHED_FOR),
        SharedQuotes(matching, clock, in_use=timedelta(0)),
        depth=SharedDepth(market, clock) if isinstance(market, DepthFeed) else None,
        funding=SharedFunding(market, clock) if isinstance(market, FundingFeed) else None,
    )
