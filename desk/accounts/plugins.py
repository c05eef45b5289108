"""Builds plug-ins from what the operator wrote."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

from pydantic_core import PydanticCustomError

from desk.accounts.values import parse_duration
from desk.plugin import Plugin
from desk.registry import Registry

P = TypeVar("P", bound=Plugin)


def build(registry: Registry[P], name: str, parameters: Mapping[str, object]) -> P:
    """Return a plug-in of a name.

    Raises:
        ConfigError: the name or a parameter is unknown, or a value is out of range.
    """
    return registry.build(name, readable(registry.get(name), parameters))


def readable(plugin: type[Plugin], parameters: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters with durations such as `15m` read, where the plug-in takes a duration."""
    durations = {key for key, field in plugin.model_fields.items() if field.annotation is timedelta}
    return {key: _duration(value) if key in durations else value for key, value in parameters.items()}


def misplaced_flags(plugin: type[Plugin], parameters: Mapping[str, object]) -> list[str]:
    """Return the parameters that are true or false where the plug-in takes neither and would read them as 1 or 0."""
    switches = {key for key, field in plugin.model_fields.items() if field.annotation is bool}
    known = plugin.model_fields.keys() - switches
    return [key for key, value in parameters.items() if isinstance(value, bool) and key in known]


def _duration(value: object) -> object:
    try:
        return parse_duration(value)
    except PydanticCustomError:
        # The plug-in says what it expects; seconds as a number are among it.
        return value
