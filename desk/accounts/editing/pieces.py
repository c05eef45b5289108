"""A YAML text taken apart into pieces that know from where to where they are written."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

from desk.errors import ConfigError


@dataclass(frozen=True, slots=True)
class _Written:
    """What every piece knows.

    Attributes:
        start: of the value, counted in characters, behind its anchor.
        end: behind its last character that is not blank; comments that follow are not in it.
        column: of `start` in its line, from 0.
        anchor: the name that others may refer to it by; empty without.
    """

    start: int
    end: int
    column: int
    anchor: str


@dataclass(frozen=True, slots=True)
class ScalarPiece(_Written):
    """A single value.

    Attributes:
        tag: what kind of value the text stands for.
        quote: the sign that it begins with: of a quoted text or a block; empty for plain ones.
    """

    value: str
    tag: str
    quote: str

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is written."""
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class AliasPiece(_Written):
    """A reference to what is written elsewhere."""

    name: str


@dataclass(frozen=True, slots=True)
class MappingPiece(_Written):
    """Keys and values; `is_flow` says whether in braces, and not in lines of their own."""

    pairs: "tuple[tuple[Piece, Piece], ...]"
    is_flow: bool


@dataclass(frozen=True, slots=True)
class SequencePiece(_Written):
    """Values in order; `is_flow` says whether in brackets, and not in lines of their own."""

    items: "tuple[Piece, ...]"
    is_flow: bool


Piece = ScalarPiece | AliasPiece | MappingPiece | SequencePiece
Meaning = tuple[object, ...]
"""What is written, however it is written; references are by name."""


def read_pieces(text: str) -> Piece | None:
    """Return what a text is made of, None where it says nothing.

    Raises:
        ConfigError: it is no YAML, or more than one document.
    """
    try:
        events = iter([event for event in YAML(typ="safe", pure=True).parse(text) if _is_part(event)])
    except YAMLError as error:
        raise ConfigError(f"expected valid YAML, found: {' '.join(str(error).split())}") from None
    reader = _Reader(text)
    pieces = [reader.piece(event, events) for event in events]
    if len(pieces) > 1:
        raise ConfigError(f"expected one document, found {len(pieces)}")
    return pieces[0] if pieces else None


def meaning_of(piece: Piece | None) -> Meaning:
    """Return what a piece says; two texts that differ in nothing but comments, blanks and quotes say the same."""
    if isinstance(piece, ScalarPiece):
        return ("scalar", piece.anchor, piece.tag, piece.value)
    if isinstance(piece, AliasPiece):
        return ("alias", piece.name)
    if isinstance(piece, MappingPiece):
        return ("mapping", piece.anchor, *((key_of(pair), meaning_of(pair[1])) for pair in piece.pairs))
    if isinstance(piece, SequencePiece):
        return ("sequence", piece.anchor, *(meaning_of(item) for item in piece.items))
    return ("nothing",)


def names_in(piece: Piece | None) -> Iterator[str]:
    """Yield every anchor and alias of a piece and of what is in it."""
    if isinstance(piece, AliasPiece):
        yield piece.name
    elif piece is not None and piece.anchor:
        yield piece.anchor
    inner = chain.from_iterable(piece.pairs) if isinstance(piece, MappingPiece) else ()
    for part in piece.items if isinstance(piece, SequencePiece) else inner:
        yield from names_in(part)


def key_of(pair: tuple[Piece, Piece]) -> str:
    """Return the key of a pair; one that is no text is told by the reader of the configuration."""
    key = pair[0]
    return key.value if isinstance(key, ScalarPiece) else f"?{meaning_of(key)}"


def line_start(text: str, place: int) -> int:
    """Return where the line of a place begins."""
    return text.rfind("\n", 0, place) + 1


def line_end(text: str, place: int) -> int:
    """Return where the line of a place ends, behind its line break where it has one."""
    end = text.find("\n", place)
    return len(text) if end < 0 else end + 1


def _is_part(event: Event) -> bool:
    return isinstance(event, NodeEvent | MappingEndEvent | SequenceEndEvent)


class _Reader:
    """Makes pieces of the events of a parser, which give where each begins and ends, but for the ends of blocks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def piece(self, event: Event, events: Iterator[Event]) -> Piece:
        """The piece that begins with an event; takes the events that belong to it."""
        assert isinstance(event, NodeEvent), event
        anchor = str(event.anchor or "")
        if isinstance(event, AliasEvent):
            start: int = event.start_mark.index
            return AliasPiece(start, event.end_mark.index, self._column(start), "", anchor)
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, events, anchor)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(event, events, anchor)
        assert isinstance(event, ScalarEvent), event
        return self._scalar(event, anchor)

    def _mapping(self, event: CollectionStartEvent, events: Iterator[Event], anchor: str) -> MappingPiece:
        pairs = list[tuple[Piece, Piece]]()
        ended: Event = event
        for ended in events:
            if isinstance(ended, MappingEndEvent):
                break
            key = self.piece(ended, events)
            pairs.append((key, self._placed(key, self.piece(next(events), events))))
        start = self._behind(event, anchor) if event.flow_style else pairs[0][0].start
        end = ended.end_mark.index if event.flow_style else pairs[-1][1].end
        return MappingPiece(start, end, self._column(start), anchor, tuple(pairs), bool(event.flow_style))

    def _sequence(self, event: CollectionStartEvent, events: Iterator[Event], anchor: str) -> SequencePiece:
        items = list[Piece]()
        ended: Event = event
        for ended in events:
            if isinstance(ended, SequenceEndEvent):
                break
            items.append(self.piece(ended, events))
        start = self._behind(event, anchor)
        end = ended.end_mark.index if event.flow_style else items[-1].end
        return SequencePiece(start, end, self._column(start), anchor, tuple(items), bool(event.flow_style))

    def _scalar(self, event: ScalarEvent, anchor: str) -> ScalarPiece:
        start, quote = self._behind(event, anchor), event.style or ""
        written = self._text[start : event.end_mark.index]
        # A block goes on to the line after it, and so do the blank lines behind it.
        end = start + len(written.rstrip() if quote in ("|", ">") else written)
        tag = event.ctag or _kind_of(event.value, is_plain=not quote)
        return ScalarPiece(start, end, self._column(start), anchor, event.value, str(tag), quote)

    def _placed(self, key: Piece, value: Piece) -> Piece:
        """A value; one that is not written is behind the colon of its key, where it has one."""
        if not isinstance(value, ScalarPiece) or not value.is_nothing or value.anchor:
            return value
        rest = self._text[key.end :]
        blanks = len(rest) - len(rest.lstrip(" "))
        place = key.end + (blanks + 1 if rest[blanks : blanks + 1] == ":" else 0)
        return replace(value, start=place, end=place, column=self._column(place))

    def _behind(self, event: Event, anchor: str) -> int:
        """Where the value of an event begins, behind its anchor."""
        start: int = event.start_mark.index
        if not anchor:
            return start
        start += len(f"&{anchor}")
        rest = self._text[start:]
        return start if isinstance(event, ScalarEvent) and not event.value else start + len(rest) - len(rest.lstrip())

    def _column(self, place: int) -> int:
        return place - line_start(self._text, place)


def _kind_of(value: str, *, is_plain: bool) -> str:
    return str(_resolver().resolve(ScalarNode, value, (is_plain, not is_plain)))


@cache
def _resolver() -> VersionedResolver:
    found: VersionedResolver = YAML(typ="safe", pure=True).resolver
    return found
