"""From an account's name to its past: how it decides, what it begins with, and the candles that there are."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from desk.accounts import AccountSpec, FeedSpec, Fleet, SyntheticFeed, VenueFeed, policy_of
from desk.accounts import RecordedFeed as FeedOfFiles
from desk.adapters.calendars.listed import ListedCalendar
from desk.adapters.feeds.opening import open_feed
from desk.adapters.feeds.recorded import RecordedFeed
from desk.adapters.venues.paper_terms import paper_terms
from desk.backtest.history import History
from desk.backtest.scanning import Setting
from desk.backtest.venue import Opening
from desk.decide import Policy
from desk.errors import ConfigError
from desk.matching.conversion import conversion_pair
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.ports import Feed

_EVERYTHING = 1_000_000_000
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Past:
    """Everything that a backtest of an account is called with.

    Attributes:
        config_version: of the account as it is configured now.
        left_out: instruments of the account of which there are no candles.
        files: where the candles come from, by instrument; empty for a market that is made up.
        seed: of a market that is made up.
    """

    policy: Policy
    history: History
    opening: Opening
    setting: Setting
    config_version: str
    left_out: tuple[str, ...] = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    seed: int | None = None


async def open_past(
    fleet: Fleet,
    name: str,
    *,
    files: Mapping[str, Path] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    cash: Decimal | None = None,
) -> Past:
    """Return the past of an account, from its own feed or from files.

    Args:
        fleet: as it is configured.
        name: of the account.
        files: the candle file of each instrument, instead of the account's feed; it trades those of its instruments
            that have one.
        start, end: what of a market that is made up is wanted; recorded candles are all read.
        cash: what the account begins with, above 0, instead of what is configured.

    Raises:
        ConfigError: there is no such account, it has no candles, it chooses its instruments by itself, or it would
            begin with nothing.
        DataError: a file holds candles that cannot be right.
    """
    spec = fleet.account(name)
    if cash is not None and not (cash.is_finite() and cash > 0):
        raise ConfigError(f"{name}: expected cash above 0 to begin with, found {cash}")
    if spec.universe is not None:
        raise ConfigError(
            f"{name}: expected an account with a fixed list of instruments, found one of universe '{spec.universe}'; "
            "give a copy of it the instruments that it is to be tested with"
        )
    feed = _feed_from(files, fleet.feed_of(name)) if files else _feed_of(fleet, spec)
    specifications = await feed.instruments()
    wanted = tuple(one for one in spec.instruments if one in specifications)
    if not wanted:
        raise ConfigError(
            f"{name}: expected candles of {', '.join(spec.instruments)}, found those of "
            f"{', '.join(sorted(specifications))}"
        )
    policy = replace(policy_of(fleet, name), instruments=wanted)
    candles = await _candles(feed, policy, _needed(wanted, spec.currency, fleet.currency, specifications), start, end)
    history = History(specifications, candles)
    terms = paper_terms(fleet, spec, history.timeframe)
    calendar = ListedCalendar(fleet.events).between if fleet.events else Setting().events
    return Past(
        policy=policy,
        history=history,
        opening=Opening(spec.currency, spec.cash if cash is None else cash, terms.matching),
        setting=Setting(fleet.currency, fleet.rates, calendar),
        config_version=spec.config_version,
        left_out=tuple(one for one in spec.instruments if one not in wanted),
        files=_files_of(fleet, spec, files, candles),
        seed=source.seed if files is None and isinstance(source := fleet.feed_of(name), SyntheticFeed) else None,
    )


def _files_of(
    fleet: Fleet, spec: AccountSpec, given: Mapping[str, Path] | None, candles: Iterable[str]
) -> Mapping[str, Path]:
    """The files of the candles that are used."""
    source = fleet.feed_of(spec.name)
    files = given or (source.paths(fleet.directory) if isinstance(source, FeedOfFiles) else {})
    return {name: files[name] for name in candles if name in files}


def _feed_from(files: Mapping[str, Path], own: FeedSpec) -> Feed:
    """The given files, traded as the account's own feed says where it says anything."""
    return RecordedFeed(files, instruments=own.specifications if isinstance(own, FeedOfFiles) else None)


def _feed_of(fleet: Fleet, spec: AccountSpec) -> Feed:
    feed = fleet.feed_of(spec.name)
    if isinstance(feed, VenueFeed):
        raise ConfigError(
            f"{spec.name}: expected recorded candles, found a feed of {feed.connection}, which has those of now; get "
            f"them with `desk data download` and name them with `--file {spec.instruments[0]}=candles.parquet`"
        )
    return open_feed(feed, fleet.directory)


def _needed(
    wanted: Iterable[str], currency: str, fleets: str, specifications: Mapping[str, Instrument]
) -> tuple[str, ...]:
    """The instruments, and the pairs that say what they are worth."""
    names = dict.fromkeys(wanted)
    quoted = {specifications[name].quote for name in names} | {fleets}
    pairs = (conversion_pair(one, currency, specifications) for one in sorted(quoted - {currency}))
    return (*names, *(pair for pair in dict.fromkeys(pairs) if pair is not None and pair not in names))


async def _candles(
    feed: Feed, policy: Policy, names: Iterable[str], start: datetime | None, end: datetime | None
) -> dict[str, Candles]:
    """All that a recorded feed has; of one that is made up, from what strategies look back at to the end."""
    timeframe = await asyncio.to_thread(lambda: feed.base_timeframe)
    if isinstance(feed, RecordedFeed):
        until, count = _NEVER, _EVERYTHING
    elif start is None or end is None:
        raise ConfigError(f"{policy.account}: expected --from and --to, because its market is made up without an end")
    else:
        longest = max(one.seconds for one in policy.timeframes)
        # A market that closes for two days a week has fewer candles than the time has room for.
        back = timedelta(seconds=policy.lookback * longest * 7 / 5) + timedelta(days=4)
        until, count = end + timeframe.duration, int((end - start + back) / timeframe.duration) + 2
    found = {name: await feed.candles(name, timeframe, until=until, count=count) for name in names}
    return {name: one for name, one in found.items() if len(one)}
