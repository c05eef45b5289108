"""What messages may quote of a venue's words: a beginning, without anything that looks like a key to something."""

import re

_NAMED = re.compile(
    r"((?:token|listen_?key|signature|api_?key|secret|passphrase)\\?[\"']?\s*[:=]\s*\\?[\"']?|bearer\s+)"
    r"[^\s\"'\\&,;}<]+",
    re.IGNORECASE,
)
_LONG = re.compile(r"[A-Za-z0-9_-]{40,}")
"""Longer than any id that venues or we give to things, and not shorter than tokens are."""


def quoted(body: bytes, most: int = 200) -> str:
    """Return the beginning of an answer that is no content."""
    return masked(body.decode(errors="replace"))[:most]


def masked(text: str) -> str:
    """Return the text with `…` in place of whatever looks like a key, a token or a signature."""
    return _LONG.sub("…", _NAMED.sub(r"\1…", text))
