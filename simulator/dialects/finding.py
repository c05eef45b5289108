"""Finds the dialects by their file names."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from desk.errors import ConfigError
from desk.registry import nearest
from simulator import dialects
from simulator.dialects.base import Dialect

_SHARED = {"base", "finding", "minutes"}
"""Modules of the package that are no dialects."""


def find_dialects(wanted: Sequence[str] = ()) -> dict[str, Dialect]:
    """Return dialects by name, all without a wish; what is not wanted is not loaded.

    Raises:
        ConfigError: there is none of that name.
    """
    names = sorted({module.name for module in iter_modules(dialects.__path__)} - _SHARED)
    for name in wanted:
        if name not in names:
            raise ConfigError(f"simulator: unknown venue '{name}'; {nearest(name, names)}")
    modules = {name: import_module(f"{dialects.__name__}.{name}") for name in wanted or names}
    return {name: cast(Dialect, module) for name, module in modules.items() if hasattr(module, "VENUE")}
