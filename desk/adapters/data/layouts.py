"""Which column of a file is what: the names that exports of platforms, venues and libraries have in common use.

Known are freqtrade and ccxt (`date` or `timestamp`, then `open` …; or rows without names in that order), MetaTrader
(`<DATE>` `<TIME>` … `<TICKVOL>`), OANDA (`bid_o` … `ask_c`), Dukascopy (`Gmt time`, `Open` …) and our own. Names are
compared without case, spaces and signs.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desk.candle_checks.columns import PRICES, SIDES, TIME, VOLUME, names_of
from desk.errors import ConfigError

DATE: Final = "date"
"""The day, where the time of day is in a column of its own."""
BY_PLACE: Final = (TIME, *PRICES, VOLUME)
"""What rows without names are, which is how ccxt tells candles."""
SKIPPED: Final = "-"

_PLACES_OF_METATRADER: Final = (DATE, *BY_PLACE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_TIMES = (
    *("time", "timestamp", "datetime", "date", "opentime", "starttime", "candletime", "gmttime", "localtime"),
    *("timeutc", "datetimeutc", "dateutc", "utc", "unix", "unixtime", "ts", "indexlevel0"),
)
_VOLUMES = ("volume", "tickvolume", "tickvol", "vol", "v", "basevolume", "realvolume")


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns of a file are read.

    Attributes:
        columns: by our name, that of the file; `date` besides `time` where they are two columns.
        others: columns that are left alone.
        by_place: whether the file has no header.
    """

    columns: Mapping[str, str]
    others: Sequence[str]
    by_place: bool = False


def detect(path: Path, names: Sequence[str]) -> Layout:
    """Return the layout of a file with these column names.

    Raises:
        ConfigError: a column is missing or there twice; the message says what was understood.
    """
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(_plain(name), name)
    found = _times(plain) | _prices(plain)
    for candidate in _VOLUMES:
        if candidate in plain:
            found[VOLUME] = plain[candidate]
            break
    return _checked(path, found, names)


def stated(path: Path, text: str, names: Sequence[str]) -> Layout:
    """Return the layout that somebody wrote: `time=Zeit,open=Erster`, for columns that are not detected as they should.

    Raises:
        ConfigError: there is no such column, here or in the file.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        ours, _, theirs = (piece.strip() for piece in part.partition("="))
        if ours not in _ours() or theirs not in names:
            raise ConfigError(
                f"--columns: expected one of {', '.join(_ours())}, '=', and a column of it, found '{part.strip()}'; "
                f"{path} has {', '.join(names)}"
            )
        found[ours] = theirs
    return _checked(path, found, names)


def stated_places(text: str) -> tuple[str, ...]:
    """Return our names in the order of the columns of a file without a header: `time,open,high,low,close,-`.

    Raises:
        ConfigError: one of them is no name of ours.
    """
    names = tuple(part.strip() for part in text.split(","))
    unknown = [name for name in names if name not in (*_ours(), SKIPPED)]
    if unknown:
        raise ConfigError(f"--columns: expected {', '.join(_ours())} or '{SKIPPED}', found '{', '.join(unknown)}'")
    return tuple(f"{SKIPPED}{place}" if name == SKIPPED else name for place, name in enumerate(names))


def places_of(cells: Sequence[str]) -> tuple[str, ...]:
    """Return what the columns are of a file whose first line has these cells; nothing where the line is a header."""
    if any(_plain(cell) in (*_TIMES, *PRICES) for cell in cells) or not any(cell[:1].isdigit() for cell in cells):
        return ()
    known = _PLACES_OF_METATRADER if len(cells) > 1 and _CLOCK.fullmatch(cells[1].strip()) else BY_PLACE
    if len(cells) < len(known) - 1:
        return ()
    return tuple([*known, *(f"{SKIPPED}{place}" for place in range(len(known), len(cells)))][: len(cells)])


def _checked(path: Path, found: Mapping[str, str], names: Sequence[str]) -> Layout:
    sides = [name for side in SIDES for name in names_of(side)]
    has_sides = any(name in found for name in sides)
    missing = [name for name in (TIME, *(sides if has_sides else PRICES)) if name not in found]
    if missing:
        understood = ", ".join(f"{ours}={theirs}" for ours, theirs in found.items()) or "nothing"
        raise ConfigError(
            f"{path}: expected columns for {', '.join(missing)}, found {', '.join(names)} (understood: {understood}); "
            "say which is what with --columns time=…,open=…"
        )
    kept = {name: theirs for name, theirs in found.items() if not (has_sides and name in PRICES)}
    return Layout(kept, [name for name in names if name not in kept.values()])


def _times(plain: Mapping[str, str]) -> dict[str, str]:
    if "date" in plain and "time" in plain:
        return {DATE: plain["date"], TIME: plain["time"]}
    return next(({TIME: plain[name]} for name in _TIMES if name in plain), {})


def _prices(plain: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for ours, spellings in _spellings():
        for spelling in spellings:
            if spelling in plain:
                found[ours] = plain[spelling]
                break
    return found


def _spellings() -> Iterable[tuple[str, tuple[str, ...]]]:
    for price in PRICES:
        yield price, (price, price[0])
        for side in SIDES:
            yield f"{side}_{price}", (f"{side}{price}", f"{side}{price[0]}", f"{price}{side}", f"{price[0]}{side}")


def _ours() -> tuple[str, ...]:
    return (DATE, TIME, *PRICES, VOLUME, *(name for side in SIDES for name in names_of(side)))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
