"""A value of a file as it may be told to others: in one line, without comments, and without what may be a secret."""

import hashlib
from collections.abc import Iterator

from desk.accounts.editing.editing import piece_at
from desk.accounts.editing.paths import APPEND, KeyPath
from desk.accounts.editing.pieces import AliasPiece, MappingPiece, Piece, ScalarPiece, SequencePiece, key_of
from desk.accounts.secrecy import SOMETHING_ELSE, may_be_secret, may_be_secret_key

_LONGEST = 300


def told_value(text: str, path: KeyPath) -> str:
    """Return what a text says for a path as others may see it; a long one ends in its SHA-256.

    Returns:
        Empty where it says nothing; for one more item of a list, the whole list.
    """
    whole = KeyPath(path.steps[:-1]) if path.steps[-1] == APPEND else path
    piece = piece_at(text, whole)
    if piece is None:
        return ""
    if any(_suspicions(str(whole), piece)):
        return SOMETHING_ELSE
    line = _line(text, piece)
    digest = hashlib.sha256(line.encode()).hexdigest()
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}… (sha256 {digest})"


def _line(text: str, piece: Piece) -> str:
    if isinstance(piece, AliasPiece):
        return f"*{piece.name}"
    if isinstance(piece, MappingPiece):
        return f"{{{', '.join(f'{key_of(pair)}: {_line(text, pair[1])}' for pair in piece.pairs)}}}"
    if isinstance(piece, SequencePiece):
        return f"[{', '.join(_line(text, item) for item in piece.items)}]"
    return " ".join(text[piece.start : piece.end].split())


def _suspicions(path: str, piece: Piece) -> Iterator[bool]:
    """Whether each value and each key of a piece may be a secret."""
    if isinstance(piece, ScalarPiece):
        yield may_be_secret(path, piece.value)
    for pair in piece.pairs if isinstance(piece, MappingPiece) else ():
        yield may_be_secret_key(path, key_of(pair))
        yield from _suspicions(f"{path}.{key_of(pair)}", pair[1])
    for item in piece.items if isinstance(piece, SequencePiece) else ():
        yield from _suspicions(path, item)
