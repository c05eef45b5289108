"""Reads the secrets that a configuration names: from the environment, and from `.env` what is missing there."""

from collections.abc import Mapping

from pydantic import SecretStr

from desk.adapters.logs.scrubbing import hide
from desk.adapters.settings import environment
from desk.errors import ConfigError

_PEM = "-----BEGIN "


def read_secrets(
    owner: str, variables: Mapping[str, str], values: Mapping[str, str] | None = None
) -> dict[str, SecretStr]:
    """Return each part's secret, without the blanks and line ends around it.

    Args:
        owner: whose secrets they are, for the message.
        variables: the name of the variable by part.
        values: where to look, in place of the environment and `.env`.

    Raises:
        ConfigError: a variable is not set, or holds what no key has in it; the message names it, never a value.
    """
    found = environment() if values is None else values
    held = {variable: found.get(variable, "").strip() for variable in variables.values()}
    missing = [variable for variable, value in held.items() if not value]
    if missing:
        raise ConfigError(f"{owner}: expected {', '.join(missing)} in the environment or in .env, found nothing")
    spoilt = [variable for variable, value in held.items() if not _is_sendable(value)]
    if spoilt:
        raise ConfigError(
            f"{owner}: expected a key in {', '.join(spoilt)}, found one with a blank, a line end or a character "
            "that cannot be seen in it; copy it once more"
        )
    hide(held.values())
    return {part: SecretStr(held[variable]) for part, variable in variables.items()}


def _is_sendable(value: str) -> bool:
    """Whether it has only characters that can be seen, but for the blanks and line ends that a PEM is made of."""
    seen = "".join(value.split()) if value.startswith(_PEM) else value
    return seen.isprintable() and " " not in seen
