"""Finds plug-ins by file name, fails loudly, and builds them from names and parameters."""

import importlib
import pkgutil
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from types import ModuleType
from typing import Generic, TypeVar

from pydantic import ValidationError

from desk.errors import ConfigError
from desk.plugin import Plugin, RiskRule, Sizing, Strategy

P = TypeVar("P", bound=Plugin)


class Registry(Generic[P]):
    """The plug-ins of one kind: every public module of a package holds exactly one."""

    def __init__(self, kind: str, package: str, base: type[P]) -> None:
        self.kind = kind
        self._package = package
        self._base = base

    def discover(self) -> dict[str, type[P]]:
        """Return every plug-in by name, in alphabetical order.

        Raises:
            ConfigError: a module of the package holds none or more than one; whatever a broken module raises on
                import is passed on.
        """
        package = importlib.import_module(self._package)
        names = sorted(info.name for info in pkgutil.iter_modules(package.__path__) if not info.name.startswith("_"))
        return {name: self._only_plugin(importlib.import_module(f"{self._package}.{name}")) for name in names}

    def get(self, name: str) -> type[P]:
        """Return one plug-in class.

        Raises:
            ConfigError: there is none of that name; the message gives the nearest.
        """
        found = self.discover()
        if name in found:
            return found[name]
        raise ConfigError(f"unknown {self.kind} '{name}'; {nearest(name, found)}")

    def build(self, name: str, parameters: Mapping[str, object]) -> P:
        """Return a plug-in with its parameters checked.

        Raises:
            ConfigError: the name or a parameter is unknown, or a value is out of range.
        """
        plugin = self.get(name)
        try:
            return plugin.model_validate(dict(parameters))
        except ValidationError as error:
            problems = "; ".join(_problem(plugin, detail["loc"], detail["msg"]) for detail in error.errors())
            raise ConfigError(f"{self.kind} {name}: {problems}") from error

    def _only_plugin(self, module: ModuleType) -> type[P]:
        found = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, self._base) and value.__module__ == module.__name__
        ]
        if len(found) != 1:
            names = ", ".join(plugin.__name__ for plugin in found) or "none"
            raise ConfigError(f"{module.__name__}: expected one {self._base.__name__} in the file, found {names}")
        found[0].name = module.__name__.rpartition(".")[2]
        return found[0]


def nearest(name: str, known: Mapping[str, object] | list[str]) -> str:
    """Return a hint: the known name that `name` probably stands for, or all known names."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known are {', '.join(sorted(known))}"


def _problem(plugin: type[Plugin], location: tuple[int | str, ...], message: str) -> str:
    key = ".".join(str(part) for part in location)
    if location and location[0] not in plugin.model_fields:
        return f"unknown parameter '{key}'; {nearest(key, plugin.model_fields)}"
    return f"{key}: {message}"


# mypy wants a concrete class where a type is passed; the bases are only looked up, never instantiated.
@cache
def strategies() -> Registry[Strategy]:
    """The strategies in `desk/strategies/`."""
    return Registry("strategy", "desk.strategies", Strategy)  # type: ignore[type-abstract]


@cache
def sizings() -> Registry[Sizing]:
    """The sizing methods in `desk/sizing/`."""
    return Registry("sizing", "desk.sizing", Sizing)  # type: ignore[type-abstract]


@cache
def risk_rules() -> Registry[RiskRule]:
    """The risk rules in `desk/risk/`."""
    return Registry("risk rule", "desk.risk", RiskRule)  # type: ignore[type-abstract]
