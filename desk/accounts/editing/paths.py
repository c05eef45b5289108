"""Where a value is: the path of its key, as problems of the configuration name it."""

import re
from dataclasses import dataclass

from desk.errors import ConfigError

APPEND = "+"
"""In brackets behind a list it stands for one more item."""

_KEY, _BRACKETED = r"[^.\[\]\s]+", r"\[[^\[\]\s]+\]"
_PATH = re.compile(rf"{_KEY}(\.{_KEY}|{_BRACKETED})*")
_STEP = re.compile(rf"{_KEY}|{_BRACKETED}")

Concrete = tuple[str | int, ...]
"""The steps of a path as they are in a text: keys of mappings, places in lists from 0."""


@dataclass(frozen=True, slots=True)
class KeyPath:
    """A path such as `accounts.oanda-swing.strategies[0].name`, or `policies.crypto.rules[cooldown].period`.

    Attributes:
        steps: a key each; in brackets it may also be the place in a list, or the name of one of its items.
    """

    steps: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "KeyPath":
        """Read a path.

        Raises:
            ConfigError: it is none.
        """
        if not _PATH.fullmatch(text):
            expected = "the path of a key, such as accounts.oanda-swing.timeframe or policies.crypto.rules[0].limit"
            raise ConfigError(f"expected {expected}, found '{text}'")
        return cls(tuple(step.strip("[]") for step in _STEP.findall(text)))

    def __str__(self) -> str:
        first, *rest = self.steps
        return "".join((first, *(f"[{step}]" if _is_bracketed(step) else f".{step}" for step in rest)))


def _is_bracketed(step: str) -> bool:
    return step == APPEND or step.isdigit() or "." in step
