"""Which texts of a configuration may be a secret in the wrong place, so that no message repeats them."""

import re

SOMETHING_ELSE = "something else"

_CONNECTIONS = "connections"
_CHOICES = frozenset({"kind", "environment", "market", "key_kind", "key_version", "stream", "read_only"})
"""Keys of a connection that take one of a few words, beside which a typing mistake is worth showing."""

_WORD = re.compile(r"[A-Za-z0-9_]{1,12}")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,19}")
_NUMBER = re.compile(r"-?[0-9.]{1,12}")
_PLAIN_ADDRESS = re.compile(r"https?://[a-z0-9.-]{1,60}(:[0-9]{1,5})?/?")


def may_be_secret(path: str, text: str) -> bool:
    """Whether a text that failed its check may be one.

    Args:
        path: of its key, from the top of the file.
    """
    key = path.rpartition(".")[2]
    if not _is_in_connections(path):
        return key in ("connection", "account_id") and not _NAME.fullmatch(text)
    if key in _CHOICES:
        return not _WORD.fullmatch(text)
    if key == "url":
        return not _PLAIN_ADDRESS.fullmatch(text)
    return ".budget." not in path or not _NUMBER.fullmatch(text)


def may_be_secret_key(path: str, key: str) -> bool:
    """Whether a key that should not be there, below a path, may be one: `token:VALUE`, without a blank, is a key."""
    return _is_in_connections(path) and not _NAME.fullmatch(key)


def _is_in_connections(path: str) -> bool:
    return path.partition(".")[0] == _CONNECTIONS
