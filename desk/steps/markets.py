"""Collects what an account's instruments are decided by; one without usable candles drops out with a reason."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from desk.decide import Policy
from desk.errors import DataError, GappedCandles, MalformedCandles, MarketClosed, StaleCandles, VenueUnavailable
from desk.model.market import Market
from desk.model.reasons import Reason
from desk.model.trade import NoTrade
from desk.ports import Feed
from desk.steps.side_data import SideData, add_side_data, decided_at

_REASONS = {
    MalformedCandles: Reason.MALFORMED_DATA,
    StaleCandles: Reason.STALE_DATA,
    GappedCandles: Reason.GAPPED_DATA,
    MarketClosed: Reason.MARKET_CLOSED,
}


@dataclass(frozen=True, slots=True)
class Markets:
    """What could be collected.

    Attributes:
        by_instrument: closed candles, in the order of the policy.
        no_trades: instruments whose data cannot carry a decision.
        failures: instruments whose source did not answer; they may be asked for again.
        unread: why something besides candles could not be read, by instrument; it is decided without.
    """

    by_instrument: Mapping[str, Market]
    no_trades: tuple[NoTrade, ...] = ()
    failures: Mapping[str, VenueUnavailable] = field(default_factory=dict)
    unread: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def given_up(self) -> "Markets":
        """Return the same with every failure turned into a reason."""
        missing = (NoTrade(name, Reason.NO_DATA, str(error)) for name, error in self.failures.items())
        return Markets(self.by_instrument, (*self.no_trades, *missing), unread=self.unread)

    def decided_at(self, now: datetime) -> "Markets":
        """Return the same for a decision now: a run that begins again uses what was read for its first attempt."""
        later = {name: decided_at(one, now) if one.series else one for name, one in self.by_instrument.items()}
        return replace(self, by_instrument=later)


async def fetch_markets(
    feed: Feed, policy: Policy, candle_close: datetime, side_data: SideData | None = None
) -> Markets:
    """Fetch every timeframe of every instrument of the policy, side by side, and then what it reads besides candles.

    Args:
        side_data: where that comes from; None leaves all of it unknown.
    """
    answers = await asyncio.gather(*(_fetch(feed, policy, name, candle_close) for name in policy.instruments))
    named = list(zip(policy.instruments, answers, strict=True))
    fetched = Markets(
        by_instrument={name: answer for name, answer in named if isinstance(answer, Market)},
        no_trades=tuple(answer for _, answer in named if isinstance(answer, NoTrade)),
        failures={name: answer for name, answer in named if isinstance(answer, VenueUnavailable)},
    )
    return await _with_side_data(fetched, policy, side_data) if side_data is not None and policy.series else fetched


async def _with_side_data(markets: Markets, policy: Policy, source: SideData) -> Markets:
    """After the candles, which may have been waited for: a book is read as late as it can be."""
    before = markets.by_instrument
    answers = await asyncio.gather(*(add_side_data(market, policy.series, source) for market in before.values()))
    named = list(zip(before, answers, strict=True))
    return replace(
        markets,
        by_instrument={name: market for name, (market, _) in named},
        unread={name: unread for name, (_, unread) in named if unread},
    )


async def _fetch(feed: Feed, policy: Policy, name: str, candle_close: datetime) -> Market | NoTrade | VenueUnavailable:
    try:
        candles = await asyncio.gather(
            *(
                feed.candles(name, timeframe, until=candle_close, count=policy.lookback)
                for timeframe in policy.timeframes
            )
        )
    except DataError as error:
        return NoTrade(name, _REASONS.get(type(error), Reason.NO_DATA), str(error))
    except VenueUnavailable as error:
        return error
    return Market(policy.timeframe, dict(zip(policy.timeframes, candles, strict=True)))
