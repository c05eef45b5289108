"""What recorded candles are called, and which file they are in: `binance/BTC-USDT/M5`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from desk.adapters.feeds.catalogue import CATALOGUE
from desk.errors import ConfigError, DataError
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe
from desk.registry import nearest

SUFFIX = ".parquet"
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_INSTRUMENT = re.compile(r"[A-Z0-9]+/[A-Z0-9]+(:[A-Z0-9-]+)?")


@dataclass(frozen=True, slots=True)
class SeriesName:
    """One recording.

    Attributes:
        source: whom the candles are from, in small letters: `oanda`, `binance`, `mt5`.

    Raises:
        ConfigError: the source or the instrument is not written as it has to be.
    """

    source: str
    instrument: str
    timeframe: Timeframe

    def __post_init__(self) -> None:
        if not _SOURCE.fullmatch(self.source):
            raise ConfigError(f"source: expected small letters, digits, '.', '_' and '-', found '{self.source}'")
        if not _INSTRUMENT.fullmatch(self.instrument):
            advice = nearest(self.instrument, CATALOGUE)
            raise ConfigError(f"instrument: expected a name such as EUR/USD, found '{self.instrument}'; {advice}")

    def __str__(self) -> str:
        return f"{self.source}/{file_name(self.instrument)}/{self.timeframe}"

    def path(self, folder: Path) -> Path:
        """Return the file in a folder of recordings."""
        return folder / self.source / file_name(self.instrument) / f"{self.timeframe}{SUFFIX}"


def file_name(instrument: str) -> str:
    """Return an instrument as a folder is named; the name itself is in the file."""
    return instrument.replace("/", "-").replace(":", "-")


def files_in(folder: Path) -> Iterator[Path]:
    """Give the files of a folder of recordings, by name."""
    yield from sorted(folder.glob(f"*/*/*{SUFFIX}"))


def find_file(folder: Path, text: str) -> Path:
    """Return the file that a text means: a whole name, its end where only one has it, or a path.

    Raises:
        DataError: there is none, or there are several.
    """
    wanted = text.removesuffix(SUFFIX)
    known = {_name_of(folder, path): path for path in files_in(folder)}
    found = [name for name in known if f"/{name}".endswith(f"/{_as_name(wanted)}")]
    if len(found) == 1:
        return known[found[0]]
    if found:
        raise DataError(f"{text}: expected the name of one recording, found {', '.join(found)}; write all of the name")
    if Path(text).suffix == SUFFIX and Path(text).is_file():
        return Path(text)
    raise DataError(f"{text}: expected a recording in {folder}, found none; {_advice(text, known)}")


def known_kind(instrument: str) -> InstrumentKind | None:
    """Return the kind of an instrument of the catalogue, and of a contract by its name; None where it is not known."""
    if instrument in CATALOGUE:
        return CATALOGUE[instrument].instrument.kind
    return InstrumentKind.PERPETUAL if ":" in instrument else None


def _name_of(folder: Path, path: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _as_name(text: str) -> str:
    """A name as files have it, where the instrument was written as everywhere else: `binance/BTC/USDT/M5`."""
    return re.sub(r"(^|/)([A-Z0-9]+)/([A-Z0-9]+)(:[A-Z0-9-]+)?(?=/[A-Z]+\d+$)", _folded, text)


def _folded(match: re.Match[str]) -> str:
    return f"{match[1]}{file_name(match[0].removeprefix(match[1]))}"


def _advice(text: str, known: Iterable[str]) -> str:
    names = list(known)
    return nearest(text, names) if names else "`desk data import` and `desk data download` write them"
