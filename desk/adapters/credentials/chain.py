"""Keys by name: looked for in Secret Manager, the environment, `.env` and the deployment's defaults, in this order."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from desk.adapters.credentials.env_file import read_env_file, write_env_file
from desk.adapters.credentials.found import Credential, Origin
from desk.adapters.credentials.secret_manager import secret_manager
from desk.adapters.settings import Settings, env_file, settings
from desk.errors import ConfigError


class SecretStore(Protocol):
    """A place elsewhere that keeps secrets, such as Secret Manager."""

    def find(self, name: str) -> Credential | None:
        """Return a secret, None where there is none of the name."""
        ...

    def put(self, name: str, value: str) -> None:
        """Write a secret, in place of one of the name."""
        ...

    def refresh(self) -> None:
        """Read anew what was asked for before."""
        ...


@dataclass(frozen=True, slots=True)
class Chain:
    """The places of an installation; whatever comes first has the say.

    Attributes:
        store: asked first; None where there is none.
        defaults: a file in the form of `.env` that a deployment brings along.
    """

    store: SecretStore | None
    environment: Mapping[str, str]
    env_file: Path
    defaults: Path | None = None

    def find(self, name: str) -> Credential | None:
        """Return the key of a name, None where no place has one that is not empty.

        Raises:
            ConfigError: a place cannot be asked; another's key may be an old one, and is not taken instead.
        """
        kept = self.store.find(name) if self.store else None
        if kept is not None and kept.value.get_secret_value().strip():
            return kept
        places = (
            (Origin.ENVIRONMENT, self.environment.get),
            (Origin.ENV_FILE, partial(_in_file, self.env_file)),
            (Origin.DEFAULTS, partial(_in_file, self.defaults)),
        )
        told = ((origin, look(name)) for origin, look in places)
        return next((Credential(name, SecretStr(text), origin) for origin, text in told if text and text.strip()), None)

    @property
    def in_force(self) -> Origin:
        """Where a new key is written."""
        return Origin.SECRET_MANAGER if self.store else Origin.ENV_FILE

    def put(self, name: str, value: str) -> Origin:
        """Write a key to the store in force, and return which one that is; the same key again changes nothing.

        Raises:
            ConfigError: it cannot be written, or would not be found there because another place has the say.
        """
        found = self.find(name)
        if found is not None and found.origin is self.in_force and found.value.get_secret_value() == value:
            return self.in_force
        if self.store:
            self.store.put(name, value)
            return Origin.SECRET_MANAGER
        if self.environment.get(name, "").strip():
            raise ConfigError(
                f"{name}: expected a key that is kept in {self.env_file}, found one in the environment, which has the "
                "say; change it where the process is started, or take it away there"
            )
        write_env_file(self.env_file, name, value)
        return Origin.ENV_FILE

    def refresh(self) -> None:
        """Read anew what was asked for before, so that nobody has to wait who asks next."""
        if self.store:
            self.store.refresh()


def credentials(chosen: Settings | None = None) -> Chain:
    """Return the places of an installation, of this process's without settings.

    Raises:
        ConfigError: the settings cannot be understood.
    """
    found = chosen or settings()
    project = found.secret_manager_project
    store = secret_manager(project, found.secret_manager_endpoint) if project else None
    return Chain(store, os.environ, env_file(), found.credential_defaults)


def _in_file(path: Path | None, name: str) -> str | None:
    return None if path is None else read_env_file(path).get(name)
