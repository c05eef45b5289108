"""Chooses the instruments of a cycle where an account trades a universe, from facts that are cheap to ask for."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from desk.decide import Policy
from desk.decide.market_facts import turnover
from desk.errors import AccessDenied, DataError, VenueError, VenueUnavailable
from desk.model.books import Position
from desk.model.candles import Candles
from desk.model.cycle import CycleKey
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.timeframe import Timeframe
from desk.ports import Feed, Lease
from desk.universe.choosing import Choice, Chosen, Facts, Place, Standing, candidates, choose, looked_at, shortlist
from desk.universe.rules import UniverseRules

CHOSEN_WITHIN = timedelta(seconds=30)
"""How long choosing may take: less than a scan has, so that with a choice before there is time left to go by it."""
_LOG = logging.getLogger("scandesk.universe")
_COUNTED_IN_TICKS = frozenset({InstrumentKind.FX, InstrumentKind.METAL})


class ChoiceLog(Protocol):
    """Where choices are kept, and what the account holds by its fills."""

    async def chosen_instruments(self, account: str, at: datetime) -> Chosen | None:
        """Return what was chosen for the newest candle that closed at or before `at`."""
        ...

    async def store_universe_choice(self, choice: Choice, *, lease: Lease | None = None) -> None:
        """Commit a choice while `lease` is the newest; the same cycle's again replaces it."""
        ...

    async def positions(self, account: str) -> tuple[Position, ...]:
        """Return what the account holds by its fills."""
        ...


async def enter_universe(
    policy: Policy,
    key: CycleKey,
    *,
    config_version: str,
    feed: Feed,
    log: ChoiceLog,
    at: datetime,
    lease: Lease | None = None,
    within: timedelta = CHOSEN_WITHIN,
) -> Policy:
    """Return the policy with the instruments of the cycle; one without a universe is returned as it is.

    A choice holds until it is as old as the universe says, or the account's configuration changes; it is committed
    before anything is decided by it. What the account holds stays among its instruments until it is closed, and where
    it was not chosen it is only to close. What its source has no more is left out, unless it is held. Where nothing can
    be chosen now, the choice before goes on.

    Args:
        policy: how the account decides.
        key: the cycle.
        config_version: what it decides with.
        feed: gives instruments, quotes and daily candles.
        log: where choices are kept.
        at: the account's time.
        lease: of the run that scans.
        within: how long choosing may take before its source counts as one that does not answer.

    Raises:
        AccessDenied: the credentials are not accepted.
        VenueUnavailable: a source did not answer, or nothing can be traded now, and there is no choice to go on with.
        VenueError, DataError: the same of another failure.
    """
    if policy.universe is None:
        return policy
    known = await log.chosen_instruments(key.account, key.candle_close)
    usable = known if known is not None and known.config_version == config_version else None
    if usable is None or key.candle_close - usable.candle_close >= policy.universe.refresh:
        try:
            choice = await _in_time(_chosen(policy.universe, key, config_version, feed, at), policy.universe, within)
            await log.store_universe_choice(choice, lease=lease)
            usable = choice.chosen
        except (VenueError, DataError) as error:
            if usable is None or isinstance(error, AccessDenied):
                raise
            _LOG.warning("%s: the choice of %s UTC goes on: %s", key.account, f"{usable.candle_close:%F %R}", error)
    held = frozenset(position.instrument for position in await log.positions(key.account))
    listed = (*await feed.instruments(), *held)
    names = tuple(name for name in looked_at(usable.instruments, held) if name in listed)
    return replace(policy, instruments=names, only_to_close=held.difference(usable.instruments))


async def _in_time(choosing: Awaitable[Choice], rules: UniverseRules, within: timedelta) -> Choice:
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await choosing
    except TimeoutError as error:
        raise _unavailable(rules, f"no answer within {within}") from error


def _unavailable(rules: UniverseRules, why: str) -> VenueUnavailable:
    return VenueUnavailable(f"universe {rules.name}", "choosing", message=why)


async def _chosen(rules: UniverseRules, key: CycleKey, config_version: str, feed: Feed, at: datetime) -> Choice:
    instruments = await feed.instruments()
    named = [name for name, one in instruments.items() if rules.may_hold(one) and not rules.pattern_against(name)]
    listed = shortlist(rules, instruments, await feed.quotes(named, at=at))
    if not instruments or (rules.dynamic is not None and _is_closed(listed)):
        raise _unavailable(rules, "nothing can be traded now")
    facts = await _facts(rules, (instruments[name] for name in candidates(listed)), feed, key.candle_close)
    return Choice(key.account, key.candle_close, rules.name, config_version, choose(rules, listed, facts))


def _is_closed(listed: Iterable[Standing]) -> bool:
    """Whether what could be ranked has no price at all: that says something of the hour, and nothing of the market."""
    settled = (Place.TIER, Place.EXCLUDED, Place.NOT_LISTED)
    places = {one.place for one in listed if one.place not in settled}
    return places == {Place.NO_QUOTE}


async def _facts(
    rules: UniverseRules, instruments: Iterable[Instrument], feed: Feed, until: datetime
) -> dict[str, Facts]:
    """One call for each: daily candles say how long it has been traded, and what was traded on the last day.

    Raises:
        VenueUnavailable: half of them or more did not come, or all came without the last day.
    """
    count = max(2, (rules.dynamic.minimum_age_days if rules.dynamic else 0) + 1)
    wanted = tuple(instruments)
    found = await asyncio.gather(*(_fact(one, feed, until, count) for one in wanted))
    silent = [one for one in found if isinstance(one, VenueUnavailable)]
    if silent and 2 * len(silent) >= len(found):
        raise silent[0]
    if found and all(_is_late(*one) for one in zip(wanted, found, strict=True)):
        raise _unavailable(rules, "the last day of every candidate is missing")
    return {
        instrument.name: Facts(why=str(one)) if isinstance(one, VenueUnavailable) else one
        for instrument, one in zip(wanted, found, strict=True)
    }


def _is_late(instrument: Instrument, found: Facts | VenueUnavailable) -> bool:
    countable = instrument.kind not in _COUNTED_IN_TICKS
    return countable and isinstance(found, Facts) and found.age_days is not None and found.turnover is None


async def _fact(instrument: Instrument, feed: Feed, until: datetime, count: int) -> Facts | VenueUnavailable:
    """What is refused for one instrument says nothing of the others; credentials that are not accepted do."""
    midnight = Timeframe.D1.floor(until)
    try:
        candles = await feed.candles(instrument.name, Timeframe.D1, until=midnight, count=count)
    except AccessDenied:
        raise
    except VenueUnavailable as error:
        return error
    except (DataError, VenueError) as error:
        return Facts(why=str(error))
    if len(candles) == 0:
        return Facts()
    age = int((midnight.timestamp() - candles.time[0]) // Timeframe.D1.seconds)
    return Facts(_turnover(instrument, candles, midnight), age)


def _turnover(instrument: Instrument, candles: Candles, midnight: datetime) -> Decimal | None:
    """Volumes that count ticks say nothing of what was traded; days without a candle had no trade.

    Where the last one alone is missing, it may be on its way.
    """
    if instrument.kind in _COUNTED_IN_TICKS:
        return None
    missing = midnight - candles.closed_at
    if missing == timedelta(days=1) and candles.volume[-1] > 0:
        return None
    return Decimal(0) if missing else turnover(candles)
