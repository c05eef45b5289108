"""The kinds of value that a configuration holds: exact decimals, durations, moments, zones, names."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from desk.accounts.problems import suggestion

DURATION = "a duration such as 30s, 5m, 1h, 1h30m, 2d or PT5M"
DURATION_ABOVE_ZERO = DURATION.replace("duration", "duration above zero")

SHORTEST_INTERVAL = timedelta(seconds=10)
INTERVAL = "a duration from 10s on such as 30s, or off"

_SHORT = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.IGNORECASE)
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE)


def unusable(expected: str, *, found: str = "", hint: str = "") -> PydanticCustomError:
    """Build the error of a validator; `found` replaces the value as it was written, `hint` follows it."""
    context = {"expected": expected, "found": found, "hint": hint}
    return PydanticCustomError("unusable", "expected {expected}{hint}", context)


def parse_duration(value: object) -> object:
    """Turn a text into a duration of whole seconds; leave a duration alone.

    Raises:
        PydanticCustomError: it is neither.
    """
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        raise unusable(DURATION, hint=f"; which unit? {value} seconds are '{value}s'")
    text = value.strip() if isinstance(value, str) else ""
    match = _SHORT.fullmatch(text) or _ISO.fullmatch(text)
    if match is None or not any(match.groups()):
        raise unusable(DURATION)
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise unusable(DURATION, hint="; that is longer than time itself") from None


def format_duration(duration: timedelta) -> str:
    """Write a duration as it is configured, `1h30m`; parts of a second, which only plug-ins take, in ISO 8601."""
    if duration.microseconds:
        return f"PT{duration.total_seconds()}S"
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def _interval(value: object) -> object:
    # A parser of the older YAML reads `off` as false.
    if value is False or (isinstance(value, str) and value.strip() == "off"):
        return timedelta(0)
    if isinstance(value, timedelta):  # of an entry that was checked, and is completed
        return value
    interval = parse_duration(value)
    if isinstance(interval, timedelta) and interval < SHORTEST_INTERVAL:
        raise unusable(INTERVAL)
    return interval


def _written_interval(interval: timedelta) -> str:
    return format_duration(interval) if interval else "off"


def _not_a_flag(value: object) -> object:
    if isinstance(value, bool):
        raise unusable("a number", hint="; true and false are not numbers")
    return value


def _written_out(value: object) -> object:
    if isinstance(value, str | datetime):
        return value
    raise unusable("a time with its zone, such as 2014-05-05T00:00:00Z")


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    # An unknown name is a KeyError; one that leaves the folder of zones a ValueError; a folder of zones an OSError.
    except (KeyError, ValueError, OSError):
        raise unusable("an IANA time zone", hint=suggestion(name, _zones())) from None
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


Number = Annotated[Decimal, BeforeValidator(_not_a_flag), Field(allow_inf_nan=False)]
Ratio = Annotated[float, BeforeValidator(_not_a_flag), Field(allow_inf_nan=False)]
Whole = Annotated[int, BeforeValidator(_not_a_flag)]
BasisPoints = Annotated[Number, Field(ge=0, le=1000)]
Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["30s", "5m", "1h30m", "PT5M"]}),
]
Interval = Annotated[
    timedelta,
    BeforeValidator(_interval),
    PlainSerializer(_written_interval, return_type=str, when_used="json"),
    WithJsonSchema({"type": ["string", "boolean"], "examples": ["30s", "2m", "off"]}),
]
"""How often something is done; no time at all stands for never, and is written `off`."""
DurationAboveZero = Annotated[Duration, Field(gt=timedelta(0))]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Name = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="a name in small letters, digits, - and _")
]
AccountName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9-]{1,39}$",
        description="a name of 2 to 40 small letters, digits and hyphens, not beginning with a hyphen",
    ),
]
InstrumentName = Annotated[
    str,
    Field(
        pattern=r"^[A-Z0-9]{2,12}/[A-Z0-9]{2,8}(:[A-Z0-9]{2,8})?$",
        description="an instrument such as EUR/USD, BTC/USDT or BTC/USDT:USDT",
    ),
]
