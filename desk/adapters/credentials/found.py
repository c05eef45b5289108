"""A key that was found, where it was found, and what of it may be shown."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr

_SHOWN, _LONG_ENOUGH = 4, 12
_HIDDEN = "…"
_FOOTER = "-----END "


class Origin(StrEnum):
    """Where a key may be, in the order in which it is looked for."""

    SECRET_MANAGER = "Secret Manager"  # noqa: S105 - the name of a place
    ENVIRONMENT = "environment"
    ENV_FILE = ".env"
    DEFAULTS = "deployment defaults"


@dataclass(frozen=True, slots=True)
class Credential:
    """A key under its name.

    Attributes:
        version: of Secret Manager, empty elsewhere.
    """

    name: str
    value: SecretStr
    origin: Origin
    version: str = ""

    @property
    def masked(self) -> str:
        """The last four characters behind dots; the dots alone of what is so short that four would tell much of it."""
        told = self.value.get_secret_value().partition(_FOOTER)[0].strip()
        return f"{_HIDDEN}{told[-_SHOWN:]}" if len(told) >= _LONG_ENOUGH else _HIDDEN
