"""Finds plug-ins by file name, fails loudly, and builds them from names and parameters."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar

from pydantic import ValidationError

from desk.errors import ConfigError
from desk.plugin import Plugin, RiskRule, Sizing, Strategy

P = TypeVar("P", bound=Plugin)


class Registry(Generic[P]):
    """The plug-ins of one kind: every public module of a package, or of a folder of the operator's, holds one."""

    def __init__(self, kind: str, package: str, base: type[P], folders: Sequence[Path] = ()) -> None:
        self.kind = kind
        self._package = package
        self._base = base
        self._folders = tuple(folders)
        self._found: dict[str, type[P]] = {}
        self._renamed: dict[str, str] = {}
        self._built: dict[tuple[str, str], P] = {}
        self._versions: dict[Path, int] = {}

    def discover(self) -> dict[str, type[P]]:
        """Return every plug-in by name, in alphabetical order.

        Raises:
            ConfigError: a file cannot be imported, holds none or more than one, or has the name of another; the
                message names the file.
        """
        if not self._found:
            found = {name: self._only_plugin(self._load(name, path), path) for name, path in self._files()}
            self._renamed = _present_names(self.kind, found)
            self._found = found
        return dict(self._found)

    def look_in(self, *folders: Path) -> None:
        """Let these be the operator's folders from now on; what is in them is looked for when it is next asked for."""
        if folders != self._folders:
            self._folders = folders
            self._found = {}
            self._built.clear()

    def present_name(self, name: str) -> str:
        """Return what the plug-in of an earlier name is called now; any other name is returned as it is.

        Raises:
            ConfigError: as `discover`.
        """
        self.discover()
        return self._renamed.get(name, name)

    def get(self, name: str) -> type[P]:
        """Return one plug-in class, by its name or one that it had before.

        Raises:
            ConfigError: there is none of that name; the message gives the nearest.
        """
        found, present = self.discover(), self.present_name(name)
        if present in found:
            return found[present]
        raise ConfigError(f"unknown {self.kind} '{name}'; {nearest(name, found)}")

    def build(self, name: str, parameters: Mapping[str, object]) -> P:
        """Return a plug-in with its parameters checked; the same name and parameters give the same object.

        Raises:
            ConfigError: the name or a parameter is unknown, or a value is out of range.
        """
        key = (self.present_name(name), repr(sorted(parameters.items(), key=str)))
        if key not in self._built:
            self._built[key] = self._validated(name, parameters)
        return self._built[key]

    def reload(self) -> None:
        """Look again: import files that are new or have changed, forget those that are gone, and build anew.

        Raises:
            ConfigError: as `discover`; the plug-ins are then as they were before.
        """
        before = self._found
        self._found = {}
        try:
            self.discover()
        except ConfigError:
            self._found = before
            raise
        self._built.clear()

    def _files(self) -> list[tuple[str, Path]]:
        """Every plug-in file by name; two of one name are refused, or one would silently stand for the other."""
        files: dict[str, Path] = {}
        for path in self._paths():
            if path.stem in files:
                raise ConfigError(f"{path}: {files[path.stem]} has the same name; rename one of the two files")
            files[path.stem] = path
        return sorted(files.items())

    def _paths(self) -> Iterator[Path]:
        package = importlib.import_module(self._package)
        for folder in (*map(Path, package.__path__), *self._folders):
            if not folder.is_dir():
                raise ConfigError(f"{folder}: expected a folder with a {self.kind} in each file, found none")
            yield from (path for path in folder.glob("*.py") if not path.name.startswith("_"))

    def _load(self, name: str, path: Path) -> ModuleType:
        module_name, version = f"{self._package}.{name}", path.stat().st_mtime_ns
        module = sys.modules.get(module_name)
        is_same = module is not None and module.__file__ == str(path)
        if module is not None and is_same and self._versions.get(path, version) == version:
            self._versions[path] = version
            return module
        module = _execute(module_name, path)
        self._versions[path] = version
        return module

    def _only_plugin(self, module: ModuleType, path: Path) -> type[P]:
        found = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, self._base) and value.__module__ == module.__name__
        ]
        if len(found) != 1:
            names = ", ".join(plugin.__name__ for plugin in found) or "none"
            raise ConfigError(f"{path}: expected one {self._base.__name__} in the file, found {names}")
        found[0].name = path.stem
        return found[0]

    def _validated(self, name: str, parameters: Mapping[str, object]) -> P:
        plugin = self.get(name)
        _refuse_booleans(f"{self.kind} {name}", plugin, parameters)
        try:
            return plugin.model_validate(dict(parameters))
        except ValidationError as error:
            problems = "; ".join(_problem(plugin, detail["loc"], detail["msg"]) for detail in error.errors())
            raise ConfigError(f"{self.kind} {name}: {problems}") from error


def _present_names(kind: str, found: Mapping[str, type[Plugin]]) -> dict[str, str]:
    """Every earlier name with the present one; a name that stands for two plug-ins is refused."""
    present: dict[str, str] = {}
    for name, plugin in found.items():
        for alias in plugin.aliases:
            other = alias if alias in found else present.get(alias)
            if other is not None:
                raise ConfigError(f"{kind} {name}: its earlier name '{alias}' is that of {other} as well; drop one")
            present[alias] = name
    return present


def nearest(name: str, known: Mapping[str, object] | list[str]) -> str:
    """Return a hint: the known name that `name` probably stands for, or all known names."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known are {', '.join(sorted(known))}"


def _execute(module_name: str, path: Path) -> ModuleType:
    """Import a file into a module of its own, so that nothing of an earlier version of the file is left in it."""
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None, path
    assert spec.loader is not None, path
    module, before = importlib.util.module_from_spec(spec), sys.modules.get(module_name)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[module_name]
        if before is not None:
            sys.modules[module_name] = before
        raise ConfigError(f"{path}: cannot be imported: {type(error).__name__}: {error}") from error
    package, _, name = module_name.rpartition(".")
    setattr(sys.modules[package], name, module)  # as the import statement does
    return module


def _refuse_booleans(label: str, plugin: type[Plugin], parameters: Mapping[str, object]) -> None:
    """Pydantic reads `true` as the number 1, and YAML reads `yes` and `on` as `true`: neither is a limit."""
    for key, value in parameters.items():
        field = plugin.model_fields.get(key)
        if isinstance(value, bool) and field is not None and field.annotation is not bool:
            expected = getattr(field.annotation, "__name__", str(field.annotation))
            raise ConfigError(f"{label}: {key}: expected {expected}, found {value}")


def _problem(plugin: type[Plugin], location: tuple[int | str, ...], message: str) -> str:
    key = ".".join(str(part) for part in location)
    if location and location[0] not in plugin.model_fields:
        return f"unknown parameter '{key}'; {nearest(key, plugin.model_fields)}"
    message = message.removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


# mypy wants a concrete class where a type is passed; the bases are only looked up, never instantiated.
@cache
def strategies(*folders: Path) -> Registry[Strategy]:
    """The strategies in `desk/strategies/`, and in folders of the operator's own.

    Those of the process are asked for without folders; where else they look is said with `look_in`, from the settings.
    """
    return Registry("strategy", "desk.strategies", Strategy, folders)  # type: ignore[type-abstract]


@cache
def sizings() -> Registry[Sizing]:
    """The sizing methods in `desk/sizing/`."""
    return Registry("sizing", "desk.sizing", Sizing)  # type: ignore[type-abstract]


@cache
def risk_rules() -> Registry[RiskRule]:
    """The risk rules in `desk/risk/`."""
    return Registry("risk rule", "desk.risk", RiskRule)  # type: ignore[type-abstract]
