"""A value as a person types it: what it stands for, and how it may be written in a file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from desk.accounts.editing.pieces import Meaning, Piece, ScalarPiece, meaning_of, names_in, read_pieces
from desk.errors import ConfigError

_TEXT = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Typed:
    """A value that is to be written.

    Attributes:
        spellings: texts that may stand for it, the nearest to what was typed first; which of them do, depends on where.
    """

    meaning: Meaning
    spellings: tuple[str, ...]

    def like(self, old: Piece | None) -> "Typed":
        """Return it quoted as what it takes the place of, where both are texts."""
        is_text = self.meaning[2] == _TEXT if self.meaning[0] == "scalar" else False
        if not is_text or not isinstance(old, ScalarPiece) or old.quote not in ("'", '"'):
            return self
        return Typed(self.meaning, (_quoted(str(self.meaning[3]), old.quote), *self.spellings))


def typed(text: str) -> Typed:
    """Return what a text stands for: what YAML makes of it where that is one value, else the text itself.

    Raises:
        ConfigError: a bracket or brace is opened, and it is no list or mapping that stands for itself.
    """
    stripped = text.strip()
    piece = _whole(stripped)
    if piece is not None:
        quoted = [_quoted(piece.value, '"')] if isinstance(piece, ScalarPiece) and piece.tag == _TEXT else []
        return Typed(meaning_of(piece), (stripped, *quoted))
    if stripped[:1] in ("{", "["):
        expected = "a list or mapping in one line, such as [EUR/USD, GBP/USD] or {every: 5m}"
        raise ConfigError(f"expected {expected}, found what YAML cannot read as one")
    return Typed(("scalar", "", _TEXT, text), (_quoted(text, '"'),))


def nested(keys: Sequence[str], value: Typed) -> Typed:
    """Return a value below keys, the outermost first, each alone in its mapping."""
    meaning, spellings = value.meaning, value.spellings
    for key in reversed(keys):
        name = spelled_key(key)
        meaning, spellings = ("mapping", "", (key, meaning)), tuple(f"{{{name}: {each}}}" for each in spellings)
    return Typed(meaning, spellings)


def spelled_key(key: str) -> str:
    """Return a key as it is written."""
    piece = _whole(key)
    is_plain = isinstance(piece, ScalarPiece) and piece.tag == _TEXT and not piece.quote and "," not in key
    return key if is_plain else _quoted(key, '"')


def _whole(text: str) -> Piece | None:
    """What a text is where it is one value in one line, without names for it, comments or keys outside of braces."""
    try:
        piece = None if "\n" in text else read_pieces(text)
    except ConfigError:
        return None
    is_whole = piece is not None and (piece.start, piece.end) == (0, len(text)) and not [*names_in(piece)]
    is_block = text[:1] not in ("{", "[") if not isinstance(piece, ScalarPiece) else piece.quote in ("|", ">")
    return piece if is_whole and not is_block else None


def _quoted(text: str, quote: str) -> str:
    if quote == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)
