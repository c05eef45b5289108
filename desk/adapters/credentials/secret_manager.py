"""Google's Secret Manager: the newest version of a secret, kept for a short time, and a new version of one.

It is spoken to through Google's own client, over REST: gRPC keeps threads, which a process that forks does not survive.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pydantic import SecretStr

from desk.adapters.credentials.found import Credential, Origin
from desk.errors import ConfigError, WrittenOrNot

if TYPE_CHECKING:  # it is an extra, and takes half a second
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient

KEPT_SECONDS = 60.0
"""For how long a version is taken for the newest."""
_PATIENCE_SECONDS = 8.0
_LOG = logging.getLogger("scandesk.credentials")


@dataclass(frozen=True, slots=True)
class _Kept:
    found: Credential | None
    until: float


class SecretManager:
    """The secrets of one project, each under the name of its variable; may be asked from any thread.

    Args:
        project: of Google Cloud, by its id.
        endpoint: see `Settings.secret_manager_endpoint`.
        now: seconds that only ever grow.
    """

    def __init__(self, project: str, endpoint: str = "", *, now: Callable[[], float] = time.monotonic) -> None:
        self._project, self._endpoint, self._now = project, endpoint, now
        self._client: SecretManagerServiceClient | None = None
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def find(self, name: str) -> Credential | None:
        """Return a secret, None where the project has none of the name; the network is asked at most once a minute.

        One that was read before stays in force while nothing answers, and while somebody else is asking: who scans does
        not wait for that.

        Raises:
            ConfigError: it cannot be read, and never was; or the extra `google` is not installed.
        """
        kept = self._fresh(name)
        if kept is None:
            old = self._kept.get(name)
            if not self._lock.acquire(blocking=old is None):
                assert old is not None, name
                return old.found
            try:
                kept = self._fresh(name) or self._reread(name)
            finally:
                self._lock.release()
        return kept.found

    def put(self, name: str, value: str) -> None:
        """Write a new version, of a new secret where there is none of the name; versions before it stay.

        Raises:
            ConfigError: it cannot be written; the message does not repeat the value.
            WrittenOrNot: the reply is missing, and the version is not seen there either.
        """
        with self._lock:
            try:
                with self._told("write", name):
                    self._add(name, value.encode())
            except ConfigError as error:
                self._look_after(name, value, error)
            self._kept.pop(name, None)

    def _look_after(self, name: str, value: str, error: ConfigError) -> None:
        """Return where a version was taken though its reply is missing."""
        from google.api_core.exceptions import ClientError
        from google.auth.exceptions import GoogleAuthError

        if isinstance(error.__cause__, ClientError | GoogleAuthError | ImportError):
            raise error
        unknown = WrittenOrNot(f"{error}; whether it has the new version is not known: look, and write it again if not")
        try:
            found = self._read(name)
        except ConfigError:
            raise unknown from error
        if found is None or found.value.get_secret_value() != value:
            raise unknown from error

    def refresh(self) -> None:
        """Read every secret again that was asked for, so that nobody has to wait for the network who asks next."""
        with self._lock:
            for name in tuple(self._kept):
                self._reread(name)

    def _fresh(self, name: str) -> _Kept | None:
        kept = self._kept.get(name)
        return kept if kept is not None and self._now() < kept.until else None

    def _reread(self, name: str) -> _Kept:
        kept = self._kept[name] = _Kept(self._read_or(name, self._kept.get(name)), self._now() + KEPT_SECONDS)
        return kept

    def _read_or(self, name: str, kept: _Kept | None) -> Credential | None:
        try:
            return self._read(name)
        except ConfigError as error:
            if kept is None or kept.found is None:
                raise
            _LOG.warning("%s; the version that was read before stays in force", error)
            return kept.found

    def _read(self, name: str) -> Credential | None:
        from google.api_core.exceptions import NotFound

        with self._told("read", name):
            try:
                path = f"{self._secret(name)}/versions/latest"
                found = self._service().access_secret_version(name=path, retry=None, timeout=_PATIENCE_SECONDS)
            except NotFound:
                return None
        value, version = _checked(name, found.payload.data, found.payload.data_crc32c), found.name.rpartition("/")[2]
        return Credential(name, SecretStr(value), Origin.SECRET_MANAGER, version)

    def _add(self, name: str, data: bytes) -> None:
        from google.api_core.exceptions import NotFound
        from google.cloud.secretmanager_v1 import Replication, Secret, SecretPayload
        from google_crc32c import value as checksum

        payload, service = SecretPayload(data=data, data_crc32c=checksum(data)), self._service()
        try:
            service.add_secret_version(parent=self._secret(name), payload=payload, timeout=_PATIENCE_SECONDS)
        except NotFound:
            service.create_secret(
                parent=f"projects/{self._project}",
                secret_id=name,
                secret=Secret(replication=Replication(automatic=Replication.Automatic())),
                timeout=_PATIENCE_SECONDS,
            )
            service.add_secret_version(parent=self._secret(name), payload=payload, timeout=_PATIENCE_SECONDS)

    def _secret(self, name: str) -> str:
        return f"projects/{self._project}/secrets/{name}"

    def _service(self) -> "SecretManagerServiceClient":
        if self._client is None:
            self._client = _client(self._endpoint)
        return self._client

    @contextmanager
    def _told(self, what: str, name: str) -> Iterator[None]:
        """Tell every error of the network, the key and the service as one that names project and secret."""
        expected = f"Secret Manager of {self._project}: expected to {what} {name}"
        try:
            from google.api_core.exceptions import GoogleAPIError
            from google.auth.exceptions import GoogleAuthError
            from requests.exceptions import RequestException
        except ImportError as error:
            raise ConfigError(f"{expected}, found no client; install the extra: pip install '.[google]'") from error
        try:
            yield
        except (GoogleAPIError, GoogleAuthError, RequestException) as error:
            words = str(error).partition("\n")[0][:200]
            raise ConfigError(f"{expected}, found {type(error).__name__}: {words}") from error


@cache
def secret_manager(project: str, endpoint: str) -> SecretManager:
    """Return the one of a project that this process asks, so that what was read is kept for everybody."""
    return SecretManager(project, endpoint)


def _checked(name: str, data: bytes, expected: int) -> str:
    """The text of a secret that came over whole."""
    from google_crc32c import value as checksum

    if expected and checksum(data) != expected:
        raise ConfigError(f"Secret Manager: expected {name} as it was written, found it damaged on the way; try again")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"Secret Manager: expected a text in {name}, found bytes that are none") from None


def _client(endpoint: str) -> "SecretManagerServiceClient":
    from google.api_core.client_options import ClientOptions
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient

    # Its log of requests and replies has the values of the secrets in it.
    logging.getLogger("google.cloud.secretmanager_v1").setLevel(logging.INFO)
    is_stand_in = endpoint.startswith("http://")
    return SecretManagerServiceClient(
        credentials=AnonymousCredentials() if is_stand_in else None,  # type: ignore[no-untyped-call]
        transport="rest",
        client_options=ClientOptions(api_endpoint=endpoint or None),
    )
