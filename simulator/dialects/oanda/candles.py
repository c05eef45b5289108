"""OANDA's candles: many lengths, aligned to a day that ends at 17:00 in New York, the last one still forming."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from desk.model.candles import Candles, IntArray, PriceBars
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from simulator.dialects.minutes import merged, minutes_to
from simulator.dialects.oanda.asking import invalid
from simulator.dialects.oanda.spelling import precision, read_time, time
from simulator.exchange import Exchange

MOST = 5_000
_USUAL = 500
_MINUTES = {"M1": 1, "M2": 2, "M4": 4, "M5": 5, "M10": 10, "M15": 15, "M30": 30, "H1": 60}
_HOURS = {"H2": 2, "H3": 3, "H4": 4, "H6": 6, "H8": 8, "H12": 12, "D": 24, "W": 168, "M": 744}
_DAYS = ("D", "W", "M")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ALIGNMENT = ("dailyAlignment", "alignmentTimezone", "weeklyAlignment")
_SLACK = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants of the candles."""

    granularity: str
    sides: str
    count: int | None
    begin: datetime | None
    end: datetime | None
    first: bool
    hour: int
    zone: ZoneInfo
    weekday: int

    @property
    def length(self) -> timedelta:
        """Of one candle, the longest where they differ."""
        if self.granularity in _MINUTES:
            return timedelta(minutes=_MINUTES[self.granularity])
        return timedelta(hours=_HOURS[self.granularity])

    @property
    def base(self) -> Timeframe:
        """The feed's candles that these are made of."""
        if self.granularity in _HOURS:
            return Timeframe.H1
        minutes = _MINUTES[self.granularity]
        fitting = (one for one in Timeframe if one.seconds <= 3_600 and minutes * 60 % one.seconds == 0)
        return max(fitting, key=lambda one: one.seconds)


def read_specifications(query: Mapping[str, str]) -> list[tuple[str, Asked]]:
    """Return the instruments, as OANDA spells them, whose last two candles a query asks for.

    Raises:
        Refused: there is none, or a specification is not instrument, granularity and sides.
    """
    written = [one.split(":") for one in query.get("candleSpecifications", "").split(",")]
    if any(len(one) != 3 for one in written):
        raise invalid("candleSpecifications")
    alignment = {name: query[name] for name in _ALIGNMENT if name in query}
    return [
        (name, read_asked({**alignment, "granularity": granularity, "price": sides, "count": "2"}))
        for name, granularity, sides in written
    ]


def read_asked(query: Mapping[str, str]) -> Asked:
    """Return what a query asks for.

    Raises:
        Refused: a value is not one of OANDA's.
    """
    granularity = query.get("granularity", "S5")
    if granularity not in _MINUTES and granularity not in _HOURS:
        raise invalid("granularity")
    sides = query.get("price", "M")
    if not sides or set(sides) - set("MBA"):
        raise invalid("price")
    asked = Asked(
        granularity,
        sides,
        _count(query),
        _moment(query, "from"),
        _moment(query, "to"),
        query.get("includeFirst", "true").lower() != "false",
        _hour(query),
        _zone(query),
        _weekday(query),
    )
    _check(asked)
    return asked


async def read_candles(exchange: Exchange, instrument: Instrument, asked: Asked) -> list[dict[str, object]]:
    """Return the candles as OANDA tells them, oldest first."""
    now = exchange.clock.now()
    minutes = await _minutes(exchange, instrument, asked, now)
    if minutes is None:
        return []
    begun = _starts(minutes.time, asked)
    firsts = np.flatnonzero(np.diff(begun, prepend=begun[:1] - 1))
    starts = [int(start) for start in begun[firsts]]
    rows = _rows(minutes, instrument, asked, firsts, starts, now)
    wanted = [row for start, row in zip(starts, rows, strict=True) if _is_wanted(start, asked)]
    if asked.begin and asked.count:
        return wanted[: asked.count]
    return wanted if asked.begin else wanted[-(asked.count or _USUAL) :]


def _is_wanted(start: int, asked: Asked) -> bool:
    """Whether a candle is in the range, which begins with the candle that covers `from`."""
    if asked.end and start >= asked.end.timestamp():
        return False
    if asked.begin is None:
        return True
    begin = asked.begin.timestamp()
    return _closes(start, asked) > begin if asked.first else start > begin


def _count(query: Mapping[str, str]) -> int | None:
    text = query.get("count")
    if text is None:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise invalid("count")
    return int(text)


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        return read_time(query[name])
    except ValueError as error:
        raise invalid(name) from error


def _hour(query: Mapping[str, str]) -> int:
    text = query.get("dailyAlignment", "17")
    if not text.isdecimal() or int(text) > 23:
        raise invalid("dailyAlignment")
    return int(text)


def _zone(query: Mapping[str, str]) -> ZoneInfo:
    try:
        return ZoneInfo(query.get("alignmentTimezone", "America/New_York"))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise invalid("alignmentTimezone") from error


def _weekday(query: Mapping[str, str]) -> int:
    name = query.get("weeklyAlignment", "Friday")
    if name not in _WEEKDAYS:
        raise invalid("weeklyAlignment")
    return _WEEKDAYS.index(name)


def _check(asked: Asked) -> None:
    if asked.begin and asked.end and asked.count:
        raise invalid("count")
    if asked.begin and asked.end and (asked.end - asked.begin) / asked.length > MOST:
        raise invalid("to")


async def _minutes(exchange: Exchange, instrument: Instrument, asked: Asked, now: datetime) -> Candles | None:
    """Return everything the candles are made of, as if they were minutes, and the present price as the last one."""
    count = asked.count or _USUAL
    ahead = asked.begin + count * asked.length * 2 + _SLACK if asked.begin else now
    end = asked.end + asked.length if asked.end else ahead
    span = (end - asked.begin) if asked.begin else asked.length * count
    per_base = int((span + asked.length) / asked.base.duration) + 2
    return await minutes_to(exchange, instrument.name, asked.base, end=end, count=per_base)


def _starts(times: IntArray, asked: Asked) -> IntArray:
    """Return when the candle began that each time belongs to."""
    if asked.granularity in _MINUTES:
        length = _MINUTES[asked.granularity] * 60
        return times // length * length
    return np.array([_aligned(int(at), asked) for at in times], dtype=np.int64)


def _aligned(at: int, asked: Asked) -> int:
    local = datetime.fromtimestamp(at, tz=asked.zone)
    day = local.date() if local.hour >= asked.hour else local.date() - timedelta(days=1)
    if asked.granularity == "W":
        day -= timedelta(days=(day.weekday() - asked.weekday) % 7)
    if asked.granularity == "M":
        day = day.replace(day=1)
    begin = _opening(day, asked)
    if asked.granularity in _DAYS:
        return begin
    length = _HOURS[asked.granularity] * 3_600
    return begin + (at - begin) // length * length


def _opening(day: date, asked: Asked) -> int:
    return int(datetime.combine(day, day_time(asked.hour), tzinfo=asked.zone).astimezone(UTC).timestamp())


def _rows(
    minutes: Candles, instrument: Instrument, asked: Asked, firsts: IntArray, starts: Sequence[int], now: datetime
) -> list[dict[str, object]]:
    decimals = precision(instrument)
    sides = {
        "M": ("mid", PriceBars(minutes.open, minutes.high, minutes.low, minutes.close)),
        "B": ("bid", minutes.bid),
        "A": ("ask", minutes.ask),
    }
    volumes = np.add.reduceat(minutes.volume, firsts)
    rows: list[dict[str, object]] = [
        {
            "complete": _closes(start, asked) <= now.timestamp(),
            "volume": max(1, round(float(volume))),
            "time": time(datetime.fromtimestamp(start, tz=UTC)),
        }
        for start, volume in zip(starts, volumes, strict=True)
    ]
    for side in asked.sides:
        name, bars = sides[side]
        if bars is not None:
            for row, told in zip(rows, _told(bars, firsts, decimals), strict=True):
                row[name] = told
    return rows


def _closes(start: int, asked: Asked) -> int:
    """Return when a candle ends: at the next boundary, which daylight saving moves."""
    length = int(asked.length.total_seconds())
    # Two hours into the next one, whatever the clocks do.
    return _aligned(start + length + 7_200, asked) if asked.granularity in _DAYS else start + length


def _told(bars: PriceBars, firsts: IntArray, decimals: int) -> list[dict[str, str]]:
    bars = merged(bars, firsts)
    return [
        {name: f"{value:.{decimals}f}" for name, value in zip("ohlc", row, strict=True)}
        for row in zip(bars.open, bars.high, bars.low, bars.close, strict=True)
    ]
