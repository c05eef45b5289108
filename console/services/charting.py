"""Candles of an instrument of an account, with everything that the account did and refused to do there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import isnan

from console.failures import NotUnderstood
from console.naming import account_of
from console.services.markets import Markets
from console.services.opening import OpenDesk
from console.services.paging import Turn
from console.services.seeing import Judge, Seen, judge_of, seen_by
from console.services.trades import FleetTrade, TradeFilter, fleet_trades
from desk.accounts import AccountSpec
from desk.adapters.ledger.fleet_views import Refusal
from desk.indicators.trend import ema
from desk.model.candles import Candles
from desk.model.instrument import Side
from desk.model.timeframe import Timeframe
from desk.universe.choosing import members

MOST_CANDLES = 1000
_MOST_TRADES = 200
_NOT_KEPT = (
    "Candles of a venue are read by the scans and not kept, and no venue is asked for a page. "
    "What is marked is all that is known here."
)
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)
_BEHIND = 5
"""Candles after the last cycle of an account that is not scanned any more."""


class MarkKind(StrEnum):
    """What happened at a candle."""

    ENTRY = "entry"
    EXIT = "exit"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that the account did, or refused to do.

    Attributes:
        at: when; of a refusal the close of its candle.
        price: in quote currency.
        side: of the order, or of the one that would have been sent.
        told: why it was refused, or what closed the trade, in a few words.
        candle_close: of the cycle that decided it; None where no cycle did.
    """

    kind: MarkKind
    at: datetime
    price: float
    side: Side
    told: str
    candle_close: datetime | None


@dataclass(frozen=True, slots=True)
class StopLine:
    """Where a position that is open ends by itself, in quote currency; None where it does not."""

    name: str
    price: float


@dataclass(frozen=True, slots=True)
class ChartWanted:
    """Which chart: what is empty is that of the account, and the newest.

    Attributes:
        until: shows the candles that had closed then.
        averages: the periods of exponential moving averages of the closes.
        strategy: one of the account's, to show what it saw; empty for none.
    """

    account: str
    instrument: str = ""
    timeframe: str = ""
    until: datetime | None = None
    count: int = 200
    averages: tuple[int, ...] = ()
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Candles as a chart takes them, oldest first; `opened_at` in seconds since the epoch."""

    opened_at: tuple[int, ...] = ()
    open: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    close: tuple[float, ...] = ()
    volume: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Average:
    """An exponential moving average of the closes; a value for each candle, None while it warms up."""

    period: int
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Candles and marks of the same time.

    Attributes:
        lacking: why there are no candles; empty where there are some.
        lines: of the position that is open.
        seen: what the strategy saw that was asked for; None where none was.
    """

    account: str
    instrument: str
    timeframe: str
    since: datetime
    until: datetime
    bars: Bars = field(default_factory=Bars)
    lacking: str = ""
    marks: tuple[Mark, ...] = ()
    lines: tuple[StopLine, ...] = ()
    averages: tuple[Average, ...] = ()
    seen: Seen | None = None


async def chart(desk: OpenDesk, markets: Markets, wanted: ChartWanted) -> Chart:
    """Return a chart.

    Raises:
        NotUnderstood: there is no such account, timeframe or strategy of the account, too many candles are wanted, or
            too long averages.
    """
    asked = await _asked(desk, markets, wanted)
    candles, lacking = await _candles(desk, markets, asked)
    length = timedelta(seconds=asked.timeframe.seconds)
    since = asked.until - asked.count * length
    if candles is not None:
        since = datetime.fromtimestamp(int(candles.time[0]), tz=UTC)
    account, instrument = asked.account.name, asked.instrument
    return Chart(
        account,
        instrument,
        str(asked.timeframe),
        since,
        asked.until,
        _bars(candles),
        lacking,
        await _marks(desk, account, instrument, since, asked.until + length),
        await _lines(desk, account, instrument),
        await asyncio.to_thread(_averages, candles, wanted.averages),
        await seen_by(asked.judge, markets.feed(desk.fleet, account), candles) if asked.judge else None,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    account: AccountSpec
    instrument: str
    timeframe: Timeframe
    until: datetime
    count: int
    judge: Judge | None


async def _asked(desk: OpenDesk, markets: Markets, wanted: ChartWanted) -> _Asked:
    spec = account_of(desk.fleet, wanted.account)
    if not 1 <= wanted.count <= MOST_CANDLES:
        raise NotUnderstood(f"expected 1 to {MOST_CANDLES} candles, found {wanted.count}")
    if any(not 2 <= period <= MOST_CANDLES for period in wanted.averages):
        raise NotUnderstood(f"expected averages of 2 to {MOST_CANDLES} candles, found {wanted.averages}")
    return _Asked(
        spec,
        wanted.instrument or await _first_instrument(desk, spec),
        _timeframe(wanted.timeframe) if wanted.timeframe else spec.timeframe,
        await _until(desk, markets, spec, wanted.until),
        wanted.count,
        judge_of(desk.fleet, spec.name, wanted.strategy) if wanted.strategy else None,
    )


async def _first_instrument(desk: OpenDesk, spec: AccountSpec) -> str:
    """What the account traded last, or else the first that it may trade."""
    traded = await desk.ledger.trade_page(spec.name, before=None, limit=1)
    known = [*(trade.instrument for trade in traded), *spec.instruments]
    if known:
        return known[0]
    choice = await desk.ledger.universe_choice(spec.name, None)
    chosen = members(choice.standings) if choice else ()
    if not chosen:
        raise NotUnderstood(f"{spec.name}: expected an instrument, found none: it has not chosen any yet")
    return chosen[0]


async def _until(desk: OpenDesk, markets: Markets, spec: AccountSpec, wanted: datetime | None) -> datetime:
    """A time that there are candles of; without a wish the present, or shortly after a last cycle of long ago."""
    now = markets.now(desk.fleet, spec.name)
    if wanted is not None:
        if wanted < _FIRST:
            raise NotUnderstood(f"expected a time since {_FIRST:%Y-%m-%d}, found {wanted.isoformat()}")
        return min(wanted, now)
    last = await desk.ledger.last_cycle(spec.name)
    length = timedelta(seconds=spec.timeframe.seconds)
    return now if last is None else min(now, last.key.candle_close + _BEHIND * length)


async def _candles(desk: OpenDesk, markets: Markets, asked: _Asked) -> tuple[Candles | None, str]:
    feed = markets.feed(desk.fleet, asked.account.name)
    if feed is None:
        return None, _NOT_KEPT
    found = await feed.candles(asked.instrument, asked.timeframe, until=asked.until, count=asked.count)
    return (found, "") if len(found) else (None, "There are no candles of that time.")


def _timeframe(text: str) -> Timeframe:
    try:
        return Timeframe(text)
    except ValueError:
        raise NotUnderstood(f"expected one of {', '.join(Timeframe)}, found '{text}'") from None


def _bars(candles: Candles | None) -> Bars:
    if candles is None:
        return Bars()
    columns = (candles.open, candles.high, candles.low, candles.close, candles.volume)
    return Bars(tuple(candles.time.tolist()), *(tuple(column.tolist()) for column in columns))


def _averages(candles: Candles | None, periods: Sequence[int]) -> tuple[Average, ...]:
    return () if candles is None else tuple(_average(candles, period) for period in periods)


def _average(candles: Candles, period: int) -> Average:
    found = ema(candles.close, period).tolist()
    return Average(period, tuple(None if isnan(value) else value for value in found))


async def _marks(desk: OpenDesk, account: str, instrument: str, since: datetime, until: datetime) -> tuple[Mark, ...]:
    refusals = await desk.ledger.refusals(account, instrument, since=since, until=until)
    wanted = TradeFilter(account, instrument, until=until.isoformat())
    trades = (await fleet_trades(desk, wanted, Turn(limit=_MOST_TRADES))).rows
    marks = (*_traded(trades), *map(_refused, refusals))
    return tuple(sorted((mark for mark in marks if since <= mark.at <= until), key=lambda mark: mark.at))


def _traded(trades: Sequence[FleetTrade]) -> list[Mark]:
    found = []
    for trade in trades:
        entry = float(trade.entry_price)
        found.append(Mark(MarkKind.ENTRY, trade.opened_at, entry, trade.side, trade.strategy, trade.entry_candle_close))
        if trade.closed_at is not None and trade.exit_price is not None:
            told = f"{trade.exit_reason.replace('_', ' ')}, {trade.profit:+,.2f} {trade.currency}"
            price, side = float(trade.exit_price), trade.side.opposite
            found.append(Mark(MarkKind.EXIT, trade.closed_at, price, side, told, None))
    return found


def _refused(one: Refusal) -> Mark:
    told = ", ".join(reason.meaning for reason in one.reasons)
    return Mark(MarkKind.REFUSED, one.candle_close, float(one.price), one.side, told, one.candle_close)


async def _lines(desk: OpenDesk, account: str, instrument: str) -> tuple[StopLine, ...]:
    held = (await desk.ledger.fleet_positions([account])).get(account, ())
    position = next((one for one in held if one.instrument == instrument), None)
    if position is None:
        return ()
    barriers = position.barriers
    named = {"entry": position.average_price, "stop": barriers.stop, "target": barriers.target}
    return tuple(StopLine(name, float(price)) for name, price in named.items() if price is not None)
