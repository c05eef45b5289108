"""What a trading state covers: the fleet, a venue, an account, a strategy, an instrument, or several of them."""

import re
from dataclasses import dataclass, fields
from typing import Self

FLEET = "fleet"
"""The scope that covers everything, as it is written."""

ALL = "all"
"""What stands for every account where accounts are named."""

EXPECTED = "fleet, venue:NAME, account:NAME, strategy:NAME, instrument:NAME, or account:NAME/instrument:NAME"
"""The ways to write a scope."""

# The instrument comes last, because its name may have a slash.
_WRITTEN = re.compile(
    r"(?:venue:(?P<venue>[^/:]+)(?:/|$))?(?:account:(?P<account>[^/:]+)(?:/|$))?"
    r"(?:strategy:(?P<strategy>[^/:]+)(?:/|$))?(?:instrument:(?P<instrument>.*[^/]))?"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What has all of these names; an empty one stands for every one, and all empty for the fleet."""

    venue: str = ""
    account: str = ""
    strategy: str = ""
    instrument: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the scope that a text such as `account:sample/instrument:EUR/USD` names.

        Raises:
            ValueError: it names none.
        """
        if text == FLEET:
            return cls()
        found = _WRITTEN.fullmatch(text)
        if not text or text.endswith("/") or found is None:
            raise ValueError(f"expected {EXPECTED}, found '{text}'")
        return cls(**{name: value or "" for name, value in found.groupdict().items()})

    def __str__(self) -> str:
        return "/".join(f"{name}:{value}" for name, value in self.names.items()) or FLEET

    @property
    def names(self) -> dict[str, str]:
        """The names that it has, by kind."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    def covers(self, other: Self) -> bool:
        """Return whether everything of the other scope is in this one."""
        return self.names.items() <= other.names.items()
