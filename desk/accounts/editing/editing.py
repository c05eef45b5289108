"""Makes one change of a text and nothing else, or refuses to.

Whatever is spliced is read again: it is taken only where it says what the text said, with the one change.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from desk.accounts.editing.locating import Place, locate, require
from desk.accounts.editing.meanings import Change, changed, doubled, extended, reduced, replaced
from desk.accounts.editing.paths import Concrete, KeyPath
from desk.accounts.editing.pieces import Meaning, Piece, ScalarPiece, meaning_of, names_in, read_pieces
from desk.accounts.editing.splicing import copy, put, put_block, remove
from desk.accounts.editing.values import nested, spelled_key, typed
from desk.errors import ConfigError

_NOTHING = ScalarPiece(0, 0, 0, "", "", "tag:yaml.org,2002:null", "")


@dataclass(frozen=True, slots=True)
class Put:
    """Write a value, in place of the one before or as a new one; `value` is as a person types it."""

    path: KeyPath
    value: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a value with its key."""

    path: KeyPath


@dataclass(frozen=True, slots=True)
class Copy:
    """Write an entry of a mapping a second time, under another name."""

    path: KeyPath
    name: str


@dataclass(frozen=True, slots=True)
class Add:
    """Write a new entry of a mapping with a line for each of its keys; the values are as a person types them."""

    path: KeyPath
    keys: Mapping[str, str] = field(default_factory=dict)


Edit = Put | Remove | Copy | Add


def edited(text: str, edit: Edit) -> str:
    """Return a text with one change; everything else of it, comments and blanks too, is as it was.

    Args:
        text: of a whole file; empty for one that is to be written.

    Raises:
        ConfigError: there is nothing to remove or to copy, or there is already what is to be added; or the file is
            written in a way that only a person can change.
    """
    root = read_pieces(text) or _NOTHING
    if isinstance(edit, Put):
        return _put(text, root, edit)
    if isinstance(edit, Remove):
        return _removed(text, root, edit)
    return _copied(text, root, edit) if isinstance(edit, Copy) else _added(text, root, edit)


def piece_at(text: str, path: KeyPath) -> Piece | None:
    """Return what is written for a path, None where nothing is.

    Raises:
        ConfigError: the path leads through a single value or through a reference.
    """
    place = locate(read_pieces(text) or _NOTHING, path)
    return None if place.missing else place.line[-1]


def require_written(text: str, path: KeyPath) -> None:
    """Let a path pass for which something is written.

    Raises:
        ConfigError: nothing is; the message gives the nearest key.
    """
    require(locate(read_pieces(text) or _NOTHING, path), path)


def _put(text: str, root: Piece, edit: Put) -> str:
    place, value = locate(root, edit.path), typed(edit.value)
    if place.missing:
        value = nested(place.missing[1:], value)
        change = extended(place.missing[0], value.meaning)
    else:
        value = value.like(place.line[-1])
        change = replaced(value.meaning)
    wanted = changed(meaning_of(root), place.steps, change)
    return _first_right(edit.path, wanted, lambda spelling: put(text, place, spelling), value.spellings)


def _removed(text: str, root: Piece, edit: Remove) -> str:
    place = require(locate(root, edit.path), edit.path)
    inside, change = place.steps[:-1], reduced(place.steps[-1])
    return _at_once(text, root, edit.path, inside, change, lambda: remove(text, place))


def _copied(text: str, root: Piece, edit: Copy) -> str:
    place = require(locate(root, edit.path), edit.path)
    _require_new(locate(root, KeyPath((*edit.path.steps[:-1], edit.name))), edit.name)
    if names := sorted(set(names_in(place.line[-1]))):
        raise ConfigError(f"{edit.path}: expected an entry without & and *, found {', '.join(names)}; copy it by hand")
    change = doubled(place.steps[-1], edit.name)
    return _at_once(text, root, edit.path, place.steps[:-1], change, lambda: copy(text, place, edit.name))


def _added(text: str, root: Piece, edit: Add) -> str:
    place, name = locate(root, edit.path), edit.path.steps[-1]
    _require_new(place, name)
    if len(place.missing) > 1:
        require(place, edit.path)
    values = {key: typed(value) for key, value in edit.keys.items()}
    lines = [
        f"{name}:",
        *(f"  {spelled_key(key)}: {_alone(value.meaning, value.spellings)}" for key, value in values.items()),
    ]
    meaning: Meaning = ("mapping", "", *((key, value.meaning) for key, value in values.items()))
    change = extended(name, meaning)
    return _at_once(text, root, edit.path, place.steps, change, lambda: put_block(text, place, "\n".join(lines)))


def _require_new(place: Place, name: str) -> None:
    if not place.missing:
        raise ConfigError(f"expected a new name, found '{name}', which there is already")


def _alone(meaning: Meaning, spellings: Iterable[str]) -> str:
    """The first spelling that stands for a value in a line of its own."""
    return next(each for each in spellings if meaning_of(read_pieces(f"key: {each}"))[2:] == (("key", meaning),))


def _at_once(text: str, root: Piece, path: KeyPath, steps: Concrete, change: Change, make: Callable[[], str]) -> str:
    return _first_right(path, changed(meaning_of(root), steps, change), lambda _: make(), ("",))


def _first_right(path: KeyPath, wanted: Meaning, make: Callable[[str], str], spellings: Iterable[str]) -> str:
    """The first text that says what it should."""
    for spelling in spellings:
        text = make(spelling)
        if _says(text, wanted):
            return text
    raise ConfigError(f"{path}: expected a place that can be changed without touching others; change it by hand")


def _says(text: str, wanted: Meaning) -> bool:
    try:
        return meaning_of(read_pieces(text)) == wanted
    except ConfigError:
        return False
