"""Which characters of a text are replaced to put a value, to remove one, or to copy one; what they say is not judged.

Lines are taken and inserted whole where values have lines of their own. A comment goes with a value only where it is in
the value, or behind it in its last line.
"""

from dataclasses import dataclass

from desk.accounts.editing.locating import Place
from desk.accounts.editing.pieces import (
    MappingPiece,
    ScalarPiece,
    SequencePiece,
    key_of,
    line_end,
    line_start,
)
from desk.accounts.editing.values import spelled_key
from desk.errors import ConfigError

_INDENT = 2


@dataclass(frozen=True, slots=True)
class Cut:
    """Characters that another text takes the place of; none where `start` is `end`."""

    start: int
    end: int
    text: str = ""


def spliced(text: str, *cuts: Cut) -> str:
    """Return a text with all cuts made; they do not touch each other."""
    for cut in sorted(cuts, key=lambda each: each.start, reverse=True):
        text = text[: cut.start] + cut.text + text[cut.end :]
    return text


def put(text: str, place: Place, spelling: str) -> str:
    """Return a text in which a value is written at a place, behind everything else where it was not there.

    Args:
        spelling: of the value; for something that is missing, of what goes below the first key that is.
    """
    if not place.missing:
        return spliced(text, _replacing(text, place, spelling))
    container, entry = place.container, f"{spelled_key(place.missing[0])}: {spelling}"
    if isinstance(container, MappingPiece):
        return spliced(text, _adding(text, container, entry, "{"))
    if isinstance(container, SequencePiece):
        return spliced(text, _adding(text, container, spelling, "["))
    return spliced(text, _beginning(text, place, entry))


def put_block(text: str, place: Place, lines: str) -> str:
    """Return a text with one more entry in a mapping that has lines of its own, apart from others as they are.

    Args:
        lines: of the entry, its key first, indented as if the mapping began in column 0.
    """
    container = place.container
    if not isinstance(container, MappingPiece) or container.is_flow:
        raise ConfigError("expected a mapping with a line for each key, found another; write it by hand")
    indent, end = " " * container.column, line_break(text)
    body = "".join(f"{indent}{line}{end}" if line else end for line in lines.splitlines())
    return spliced(text, _behind(text, container.end, body, apart=_are_apart(text, container)))


def remove(text: str, place: Place) -> str:
    """Return a text without what is written at a place."""
    container = place.container
    assert isinstance(container, MappingPiece | SequencePiece), container
    spans = _spans(container)
    own = spans[_number(container, place)]
    if container.is_flow:
        return spliced(text, *_out_of_brackets(text, spans, own))
    if len(spans) > 1:
        return spliced(text, _out_of_lines(text, container, own))
    nothing = "{}" if isinstance(container, MappingPiece) else "[]"
    inside = Place(place.line[:-1], place.steps[:-1], ())
    return spliced(text, Cut(container.start, own[1], f"{_deeper(inside)}{nothing}"))


def copy(text: str, place: Place, name: str) -> str:
    """Return a text in which an entry of a mapping stands a second time, behind itself, under another key."""
    container, (key, value) = place.container, place.pair()
    assert isinstance(container, MappingPiece), container
    if container.is_flow:
        return spliced(text, Cut(value.end, value.end, f", {name}{text[key.end : value.end]}"))
    lines = " " * key.column + name + text[key.end : line_end(text, value.end)]
    return spliced(text, _behind(text, value.end, lines, apart=_are_apart(text, container)))


def line_break(text: str) -> str:
    """Return what ends the lines of a text."""
    return "\r\n" if "\r\n" in text else "\n"


def _replacing(text: str, place: Place, spelling: str) -> Cut:
    old = place.line[-1]
    if not (isinstance(old, ScalarPiece) and old.is_nothing):
        return Cut(old.start, old.end, f"{_deeper(place)}{spelling}")
    if not isinstance(place.container, MappingPiece):
        raise ConfigError("expected an item that is written out, found nothing; write it by hand")
    colon = "" if old.anchor or text[old.start - 1] == ":" else ":"
    return Cut(old.start, old.start, f"{colon} {spelling}")


def _deeper(place: Place) -> str:
    """What sets a value off from its key; only the dashes of a list may stand right below that."""
    value, is_keyed = place.line[-1], len(place.line) > 1 and isinstance(place.container, MappingPiece)
    is_below = isinstance(value, SequencePiece) and not value.is_flow and is_keyed
    return " " * _INDENT if is_below and value.column == place.pair()[0].column else ""


def _adding(text: str, container: MappingPiece | SequencePiece, entry: str, bracket: str) -> Cut:
    if not container.is_flow:
        dash = "- " if isinstance(container, SequencePiece) else ""
        return _behind(text, container.end, f"{' ' * container.column}{dash}{entry}{line_break(text)}")
    if text[container.start] != bracket:
        raise ConfigError("expected braces around the keys, found none; write it by hand")
    spans = _spans(container)
    if not spans:
        return Cut(container.start + 1, container.start + 1, entry)
    return Cut(spans[-1][1], spans[-1][1], f", {entry}")


def _beginning(text: str, place: Place, entry: str) -> Cut:
    """The first key of what has none yet."""
    old = place.container
    if len(place.line) == 1:
        return _behind(text, len(text), f"{entry}{line_break(text)}")
    parent = place.line[-2]
    if isinstance(old, ScalarPiece) and old.is_nothing and isinstance(parent, MappingPiece) and not parent.is_flow:
        key = next(pair[0] for pair in parent.pairs if key_of(pair) == place.steps[-1])
        return _behind(text, key.end, f"{' ' * (key.column + _INDENT)}{entry}{line_break(text)}")
    return Cut(old.start, old.end, f"{{{entry}}}")


def _behind(text: str, place: int, lines: str, *, apart: bool = False) -> Cut:
    """Whole lines after the line of a place, with a blank one between where values are apart."""
    end = line_end(text, place)
    is_ended = end == 0 or text[end - 1] == "\n"
    before = ("" if is_ended else line_break(text)) + (line_break(text) if apart else "")
    return Cut(end, end, before + lines)


def _are_apart(text: str, container: MappingPiece) -> bool:
    """Whether blank lines stand between the entries of a mapping."""
    key = container.pairs[-1][0]
    before = text[: line_start(text, key.start)]
    return len(container.pairs) > 1 and before.rstrip(" ").replace("\r", "").endswith("\n\n")


def _spans(container: MappingPiece | SequencePiece) -> list[tuple[int, int]]:
    """From where to where each value is written, with its key where it has one."""
    if isinstance(container, MappingPiece):
        return [(pair[0].start, pair[1].end) for pair in container.pairs]
    return [(item.start, item.end) for item in container.items]


def _number(container: MappingPiece | SequencePiece, place: Place) -> int:
    """Which of the values in a container a place is."""
    if isinstance(container, MappingPiece):
        return [key_of(pair) for pair in container.pairs].index(str(place.steps[-1]))
    return int(place.steps[-1])


def _out_of_lines(text: str, container: MappingPiece | SequencePiece, own: tuple[int, int]) -> Cut:
    start, end = line_start(text, own[0]), line_end(text, own[1])
    lead = text[start : own[0]].strip()
    if lead not in ("", "-") or (lead == "-" and isinstance(container, MappingPiece)):
        raise ConfigError("expected a key in a line of its own, found one behind a dash; remove it by hand")
    if text[:start].replace("\r", "").endswith("\n\n"):
        # Of the blank lines before and behind, those before stay.
        while end < len(text) and not text[end : line_end(text, end)].strip():
            end = line_end(text, end)
    return Cut(start, end)


def _out_of_brackets(text: str, spans: list[tuple[int, int]], own: tuple[int, int]) -> list[Cut]:
    """The cuts that take a value out of brackets or braces, with one comma and no comment."""
    place = spans.index(own)
    end = own[1]
    if len(spans) == 1:
        return [Cut(own[0], end)]
    if place + 1 < len(spans):
        comma = _comma(text, end)
        return [Cut(own[0], end), Cut(comma, comma + 1 + _blanks(text, comma + 1))]
    between = text[spans[place - 1][1] : own[0]]
    if not between.strip().strip(",:").strip():
        return [Cut(spans[place - 1][1] + between.find(","), end)]
    comma = _comma(text, spans[place - 1][1])
    return [Cut(comma, comma + 1), Cut(own[0], end)]


def _blanks(text: str, place: int) -> int:
    """How many blanks there are to leave out; a comment needs those before it."""
    rest = text[place:].lstrip(" ")
    return 0 if rest.startswith("#") else len(text) - place - len(rest)


def _comma(text: str, place: int) -> int:
    """Where the next comma is that is not in a comment."""
    while text[place] != ",":
        place = line_end(text, place) if text[place] == "#" else place + 1
    return place
