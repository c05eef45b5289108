"""Finds the dialects by their file names."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import cast

from desk.errors import ConfigError
from desk.registry import nearest
from simulator import dialects
from simulator.dialects.base import Dialect


def find_dialects(wanted: Sequence[str] = ()) -> dict[str, Dialect]:
    """Return dialects by name, all without a wish.

    Raises:
        ConfigError: there is none of that name.
    """
    found = {name: cast(Dialect, module) for name, module in _modules().items() if hasattr(module, "VENUE")}
    for name in wanted:
        if name not in found:
            raise ConfigError(f"simulator: unknown venue '{name}'; {nearest(name, found)}")
    return {name: found[name] for name in wanted or found}


def _modules() -> dict[str, ModuleType]:
    names = sorted(module.name for module in iter_modules(dialects.__path__))
    return {name: import_module(f"{dialects.__name__}.{name}") for name in names}
