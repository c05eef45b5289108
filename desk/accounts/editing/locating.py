"""Finds what a path stands for in a text: what is written there, or from where on nothing is."""

from dataclasses import dataclass

from desk.accounts.editing.paths import APPEND, Concrete, KeyPath
from desk.accounts.editing.pieces import AliasPiece, MappingPiece, Piece, ScalarPiece, SequencePiece, key_of
from desk.accounts.problems import suggestion
from desk.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Place:
    """What a path stands for.

    Attributes:
        line: what the path leads through, the whole text first and what it stands for last, where that is written.
        steps: the steps that lead from each of the line to the next.
        missing: the steps of the path that nothing is written for; empty where the last of the line is what it means.
    """

    line: tuple[Piece, ...]
    steps: Concrete
    missing: tuple[str, ...]

    @property
    def container(self) -> Piece:
        """Where what is missing would be; for what is written, what it is written in."""
        return self.line[-1] if self.missing else self.line[-2]

    def pair(self) -> tuple[Piece, Piece]:
        """Return key and value of what is written in a mapping."""
        assert isinstance(self.container, MappingPiece), self.container
        return next(pair for pair in self.container.pairs if key_of(pair) == self.steps[-1])


def locate(root: Piece, path: KeyPath) -> Place:
    """Return what a path stands for.

    Raises:
        ConfigError: it leads through a single value, through a reference, or to an item that a list does not have.
    """
    line, steps = [root], list[str | int]()
    for place, step in enumerate(path.steps):
        found = _step(line[-1], step, KeyPath(path.steps[: place + 1]))
        if found is None:
            return Place(tuple(line), tuple(steps), path.steps[place:])
        line.append(found[1])
        steps.append(found[0])
    return Place(tuple(line), tuple(steps), ())


def require(place: Place, path: KeyPath) -> Place:
    """Return a place where something is written.

    Raises:
        ConfigError: nothing is; the message gives the nearest key.
    """
    if not place.missing:
        return place
    inside = KeyPath(path.steps[: -len(place.missing)]) if len(place.missing) < len(path.steps) else "the file"
    known = [key_of(pair) for pair in place.container.pairs] if isinstance(place.container, MappingPiece) else []
    raise ConfigError(
        f"{path}: expected a key that is written in {inside}, found '{place.missing[0]}'"
        f"{suggestion(place.missing[0], known)}"
    )


def _step(piece: Piece, step: str, path: KeyPath) -> tuple[str | int, Piece] | None:
    """The next piece on the way and the step to it, None where it is not written."""
    if isinstance(piece, MappingPiece):
        return next(((step, pair[1]) for pair in piece.pairs if key_of(pair) == step), None)
    if isinstance(piece, SequencePiece):
        return _item(piece, step, path)
    if isinstance(piece, ScalarPiece) and piece.tag.endswith(":null"):
        return None
    found = "a single value"
    if isinstance(piece, AliasPiece):
        found = f"*{piece.name}, which is written where &{piece.name} is; change it there, or give this key its own"
    raise ConfigError(f"{path}: expected keys below '{KeyPath(path.steps[:-1])}', found {found}")


def _item(piece: SequencePiece, step: str, path: KeyPath) -> tuple[int, Piece] | None:
    if step == APPEND:
        return None
    if step.isdigit() and int(step) < len(piece.items):
        return int(step), piece.items[int(step)]
    names = {name: place for place, item in enumerate(piece.items) if (name := _name_of(item))}
    if step in names:
        return names[step], piece.items[names[step]]
    expected = f"a place from 0 to {len(piece.items) - 1}" if piece.items else "[+], since the list is empty"
    named = "the name of an item, or " if names else ""
    raise ConfigError(f"{path}: expected {named}{expected}, found '{step}'{suggestion(step, names) if names else ''}")


def _name_of(item: Piece) -> str:
    named = [pair[1] for pair in item.pairs if key_of(pair) == "name"] if isinstance(item, MappingPiece) else []
    return named[0].value if named and isinstance(named[0], ScalarPiece) else ""
