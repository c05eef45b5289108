"""Checks what entries refer to: names in other sections, instruments of a feed, plug-ins, files."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from desk.accounts.checking import check_value
from desk.accounts.entry import Entry, unknown
from desk.accounts.plugins import P, misplaced_flags, readable
from desk.accounts.problems import Problem
from desk.accounts.protections import protection_problems
from desk.accounts.reaching import reaching_problems
from desk.accounts.spec import Venue
from desk.errors import ConfigError
from desk.registry import Registry, risk_rules, sizings, strategies

_CANDLE_FILES = (".parquet", ".csv")


@dataclass(frozen=True, slots=True)
class Known:
    """What may be referred to.

    Attributes:
        policies: None where policy.yaml could not be read, and nothing can be said about its names.
        catalogue: the instruments that feeds know; None where any will do.
        is_described: whether a candle file says how an instrument is traded; raises ConfigError for one that is none.
        directory: the folder from which paths are counted.
    """

    connections: Mapping[str, Entry]
    feeds: Mapping[str, Entry]
    venues: Collection[str]
    policies: Collection[str] | None
    catalogue: Collection[str] | None
    is_described: Callable[[str, Path], bool]
    directory: Path


def feed_problems(feed: Entry, known: Known) -> Iterator[Problem]:
    """Yield what is wrong with the files or with the connection of a feed."""
    if connection := feed.child("connection"):
        yield from unknown(connection.value, known.connections, "the name of a connection", connection)
    files, described = (section.children if (section := feed.child(key)) else {} for key in ("files", "instruments"))
    for instrument, entry in files.items():
        if instrument not in described:
            yield from _unknown_problems(instrument, entry, known)
        if isinstance(entry.value, str):
            yield from _file_problems(known.directory / entry.value, entry)
    for instrument, entry in described.items():
        yield from unknown(instrument, files, "an instrument of the feed's files", entry)


def _unknown_problems(instrument: str, file: Entry, known: Known) -> Iterator[Problem]:
    """An instrument of which nothing says how it is traded; a file is asked only about what is in no catalogue."""
    if known.catalogue is None or instrument in known.catalogue:
        return
    try:
        path = known.directory / str(file.value)
        is_described = _exists(path) and known.is_described(instrument, path)
    except ConfigError as error:
        yield file.problem(str(error))
        return
    if not is_described:
        yield from unknown(instrument, known.catalogue, _described(instrument), file)


def _described(instrument: str) -> str:
    return (
        "an instrument of the desk's catalogue, or one whose kind, tick, lot and minimum_quantity stand under "
        f"`instruments` of the feed or in its file, as by `desk data import FILE --instrument {instrument} "
        "--timeframe TIMEFRAME --kind KIND --tick TICK --lot LOT --minimum-quantity QUANTITY`"
    )


def account_problems(account: Entry, known: Known) -> Iterator[Problem]:
    """Yield every reference of an account to something that does not exist, and everything that it names twice."""
    for key, names in (("feed", known.feeds), ("policy", known.policies)):
        entry = account.child(key)
        if entry and names is not None:
            yield from unknown(entry.value, names, f"the name of a {key}", entry)
    yield from _venue_problems(account.child("venue"), known)
    yield from reaching_problems(account, known.feeds, known.connections)
    yield from _instrument_problems(account, known)
    yield from _plugin_list_problems(strategies(), account.child("strategies"))


def policy_problems(policy: Entry) -> Iterator[Problem]:
    """Yield what is wrong with the plug-ins of a policy, or of the changes to one."""
    sizing = policy.child("sizing")
    if sizing:
        yield from _plugin_problems(sizings(), sizing)
    yield from _plugin_list_problems(risk_rules(), policy.child("rules"))
    yield from _vote_problems(policy.child("votes"))
    yield from protection_problems(policy.child("protections"))


def _vote_problems(votes: Entry | None) -> Iterator[Problem]:
    regimes = votes.child("regimes") if votes else None
    for weights in regimes.children.values() if regimes else ():
        for name, entry in weights.children.items():
            yield from unknown(strategies().present_name(name), strategies().discover(), "a strategy", entry)


def _venue_problems(venue: Entry | None, known: Known) -> Iterator[Problem]:
    # A name that is no venue at all is told by the model.
    if venue and venue.value in tuple(Venue) and venue.value not in known.venues:
        yield venue.problem(f"expected paper terms in venues.{venue.value}, found none; add them there")


def _instrument_problems(account: Entry, known: Known) -> Iterator[Problem]:
    instruments = account.child("instruments")
    if instruments is None:
        return
    names = instruments_for(account, known)
    for instrument in instruments.items if names is not None else ():
        yield from unknown(instrument.value, names or (), "an instrument of the account's feed", instrument)
    yield from _repeated(instruments.items)


def instruments_for(account: Entry, known: Known) -> Collection[str] | None:
    """Return the instruments that an account's feed has; None where any will do, or only a venue knows."""
    feed = account.child("feed")
    return _instruments_of(known.feeds.get(str(feed.value)), known) if feed else None


def _instruments_of(feed: Entry | None, known: Known) -> Collection[str] | None:
    if feed is None:
        return None
    files = feed.child("files")
    if files is None and feed.child("connection"):
        return None  # only the venue knows
    return files.children if files else known.catalogue


def _file_problems(path: Path, entry: Entry) -> Iterator[Problem]:
    if path.suffix not in _CANDLE_FILES:
        yield entry.problem(f"expected a candle file ending in {' or '.join(_CANDLE_FILES)}, found '{entry.value}'")
    elif not _exists(path):
        yield entry.problem(
            f"expected a candle file, found none at {path}; paths are counted from the folder of this file"
        )


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # The name is longer than any file's can be.
        return False


def _plugin_list_problems(registry: Registry[P], plugins: Entry | None) -> Iterator[Problem]:
    entries = plugins.items if plugins else ()
    for entry in entries:
        yield from _plugin_problems(registry, entry)
    yield from _repeated([_at_present(registry, name) for entry in entries if (name := entry.child("name"))])


def _plugin_problems(registry: Registry[P], entry: Entry) -> Iterator[Problem]:
    written, plugins = entry.child("name"), registry.discover()
    if written is None or not isinstance(written.value, str):
        return
    name = _at_present(registry, written)
    yield from unknown(name.value, plugins, f"a {registry.kind}", name)
    parameters = _parameters(registry, entry)
    if name.value in plugins and isinstance(parameters.value, Mapping):
        plugin = plugins[str(name.value)]
        values = readable(plugin, {key: child.plain() for key, child in parameters.children.items()})
        for key in misplaced_flags(plugin, values):
            flag = parameters.children[key]
            yield flag.problem(f"expected a number, found {flag.found}; true and false are not numbers")
            del values[key]
        yield from check_value(plugin, values, parameters)[1]


def _at_present(registry: Registry[P], name: Entry) -> Entry:
    """The entry with the name that the plug-in has now, where it was written with an earlier one."""
    return replace(name, value=registry.present_name(name.value)) if isinstance(name.value, str) else name


def _parameters(registry: Registry[P], entry: Entry) -> Entry:
    """The parameters of a plug-in: beside the name for a rule, in a mapping of their own for the others."""
    if registry is risk_rules():
        return replace(entry, value={key: child for key, child in entry.children.items() if key != "name"})
    return entry.child("parameters") or replace(entry, value={}, path=f"{entry.path}.parameters")


def _repeated(entries: Iterable[Entry]) -> Iterator[Problem]:
    first: dict[str, Entry] = {}
    for entry in entries:
        if isinstance(entry.value, str) and entry.value in first:
            yield entry.problem(
                f"expected each name once, found '{entry.value}' on line {first[entry.value].line} already"
            )
        elif isinstance(entry.value, str):
            first[entry.value] = entry
