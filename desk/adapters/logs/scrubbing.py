"""Keeps secrets out of logs: those that were read, and what looks like one."""

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

HIDDEN = "***"
_SHORTEST = 6
"""Characters of the shortest text that is taken for a secret: a shorter one would blot out half of what is said."""

_LONG_LINE = 16
_known: set[str] = set()
_LOOKS = (
    re.compile(r"(?i)(?<=bearer )[^\s\"',]+"),
    re.compile(r"(?i)(?<=basic )[a-z0-9+/=]{8,}"),
    # The user and the password of an address, and the token of a Telegram bot in one.
    re.compile(r"(?<=://)[^\s/@\"']+(?=@)"),
    re.compile(r"(?<=/bot)\d+:[\w-]{20,}"),
)


def hide(secrets: Iterable[str]) -> None:
    """Let no log of this process have these texts from now on."""
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            _known.update(_forms(secret))


def scrubbed(text: str) -> str:
    """Return a text without the secrets that are known, and without what looks like one."""
    for secret in _known:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    for look in _LOOKS:
        text = look.sub(HIDDEN, text)
    return text


def _forms(secret: str) -> set[str]:
    """As it is, as it stands in an address and in a header; of a key over several lines, each line of its middle."""
    coded = base64.b64encode(secret.encode()).decode().rstrip("=")
    lines = [line for line in secret.splitlines()[1:] if len(line) >= _LONG_LINE and not line.startswith("-")]
    return {secret, quote(secret, safe=""), coded, *lines}


def scrub(value: Any) -> Any:
    """Return what an event has, keys and lists included, without secrets."""
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, Mapping):
        return {scrub(key): scrub(one) for key, one in value.items()}
    return [scrub(one) for one in value] if isinstance(value, list | tuple | set | frozenset) else value
