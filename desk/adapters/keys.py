"""Reads the secrets that a configuration names: from the environment, and from `.env` what is missing there."""

from collections.abc import Mapping

from pydantic import SecretStr

from desk.adapters.settings import environment
from desk.errors import ConfigError


def read_secrets(
    owner: str, variables: Mapping[str, str], values: Mapping[str, str] | None = None
) -> dict[str, SecretStr]:
    """Return each part's secret.

    Args:
        owner: whose secrets they are, for the message.
        variables: the name of the variable by part.
        values: where to look, in place of the environment and `.env`.

    Raises:
        ConfigError: a variable is not set; the message names it, never a value.
    """
    found = environment() if values is None else values
    missing = [variable for variable in variables.values() if not found.get(variable)]
    if missing:
        raise ConfigError(f"{owner}: expected {', '.join(missing)} in the environment or in .env, found nothing")
    return {part: SecretStr(found[variable]) for part, variable in variables.items()}
