"""Reads the secrets that a configuration names, wherever the installation keeps them."""

from collections.abc import Iterable, Mapping

from pydantic import SecretStr

from desk.adapters.credentials.chain import credentials
from desk.adapters.logs.scrubbing import hide
from desk.errors import ConfigError

_PEM = "-----BEGIN "


def read_secrets(
    owner: str, variables: Mapping[str, str], values: Mapping[str, str] | None = None
) -> dict[str, SecretStr]:
    """Return each part's secret, without the blanks and line ends around it.

    Args:
        owner: whose secrets they are, for the message.
        variables: the name of the variable by part.
        values: where to look, in place of the installation's own places.

    Raises:
        ConfigError: a variable is not set, or holds what no key has in it, or its place cannot be asked; the message
            names it, never a value.
    """
    held = _held(variables.values()) if values is None else {name: values.get(name, "") for name in variables.values()}
    held = {variable: value.strip() for variable, value in held.items()}
    missing = [variable for variable, value in held.items() if not value]
    if missing:
        raise ConfigError(f"{owner}: expected {', '.join(missing)} in the environment or in .env, found nothing")
    spoilt = [variable for variable, value in held.items() if not is_sendable(value)]
    if spoilt:
        raise ConfigError(
            f"{owner}: expected a key in {', '.join(spoilt)}, found one with a blank, a line end or a character "
            "that cannot be seen in it; copy it once more"
        )
    hide(held.values())
    return {part: SecretStr(held[variable]) for part, variable in variables.items()}


def _held(names: Iterable[str]) -> dict[str, str]:
    chain = credentials()
    found = {name: chain.find(name) for name in names}
    return {name: "" if one is None else one.value.get_secret_value() for name, one in found.items()}


def is_sendable(value: str) -> bool:
    """Whether a key has only characters that can be seen, but for the blanks and line ends that a PEM is made of."""
    seen = "".join(value.split()) if value.startswith(_PEM) else value
    return seen.isprintable() and " " not in seen
