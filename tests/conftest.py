"""Keeps Prefect's settings of this machine out of the tests, and gives them a server of their own."""

import gc
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import certifi
import pytest
from hypothesis import settings

_MEMORY = Path("/dev/shm")
_ROOM = 2 * 2**30
"""Bytes, of which the suite needs half at most, since the folders of tests that have passed are removed."""


def _work_in_memory() -> None:
    """Let temporary files be in memory, where there is room for them and TMPDIR does not say where they are to be.

    Every transaction of a ledger waits for the disk, 2 ms and more, and the suite makes tens of thousands. What a
    process had committed that was killed is there in memory, too.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    # Some tests run what they have written there.
    may_run = not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
    if may_run and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


_work_in_memory()

# Before anything imports Prefect: it reads its settings on import, and those of the checkout lead to the real desk.
for _name in [name for name in os.environ if name.startswith("PREFECT_")]:
    del os.environ[_name]
_home = tempfile.TemporaryDirectory(prefix="scandesk-prefect-", ignore_cleanup_errors=True)
os.environ.update(
    PREFECT_HOME=_home.name,
    PREFECT_PROFILES_PATH=str(Path(_home.name) / "profiles.toml"),
    PREFECT_API_URL="http://127.0.0.1:9/api",  # nothing listens there: a test without the fixture fails at once
    PREFECT_SERVER_EPHEMERAL_ENABLED="false",
    PREFECT_LOGGING_TO_API_ENABLED="false",
    DO_NOT_TRACK="1",
)


def _trusted(folder: Path) -> Path:
    """A file with one of the certificates that are trusted.

    Each HTTP client, Prefect's too, reads the file when it is made, though no test speaks TLS: 25 ms for all of them.
    """
    first, end, _ = Path(certifi.where()).read_text(encoding="utf-8").partition("-----END CERTIFICATE-----")
    path = folder / "trusted.pem"
    path.write_text(f"{first}{end}\n", encoding="utf-8")
    return path


os.environ["SSL_CERT_FILE"] = str(_trusted(Path(_home.name)))


_SHARED = "tests/end_to_end/"
"""A folder whose tests share an installation: one process runs them all, and no other has to start a second one."""
_LONGEST = (
    # When these two are over, the schedules have fired by themselves.
    *("tests/end_to_end/test_after_a_kill.py", "tests/end_to_end/test_kill_drill.py"),
    *("tests/end_to_end/test_schedule.py", _SHARED),
    *("tests/test_docs.py", "tests/contracts/", "tests/deployments/test_worker.py", "tests/drill/", "tests/model/"),
)
"""What comes first, in this order, so that no process is left alone with it in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; all others stay in their order."""
    items.sort(key=lambda item: _turn(item.nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from looking again and again at thousands of tests that live until the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()  # without collecting first, which takes more than a second and finds next to nothing
        gc.enable()


def _turn(test: str) -> int:
    return next((turn for turn, long in enumerate(_LONGEST) if test.startswith(long)), len(_LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Deal out whole files, and the tests that share an installation as if they were one file."""
    from xdist.scheduler import LoadFileScheduling

    class Shared(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _SHARED if nodeid.startswith(_SHARED) else super()._split_scope(nodeid)

    return Shared(config, log) if config.getvalue("dist") == "loadfile" else None


# How long an example takes says how busy the machine is.
settings.register_profile("scandesk", deadline=None)
settings.load_profile("scandesk")


@pytest.fixture(scope="session", autouse=True)
def no_secret_is_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail the session where a key of a simulated venue was logged, or is in a database, a result or a log file."""
    from tests.canaries import Watch

    watch = Watch()
    logging.getLogger().addHandler(watch)
    yield
    logging.getLogger().removeHandler(watch)
    watch.search(tmp_path_factory.getbasetemp())
    watch.search(Path(_home.name))
    assert not watch.leaks, "\n".join(watch.leaks)


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Run a Prefect server for the whole session; see `deployments.server.LocalServer`."""
    from tests.prefect_server import run_server

    with run_server(tmp_path_factory.mktemp("prefect")) as server:
        yield server


@pytest.fixture
def prefect_api(prefect_server) -> Iterator[str]:
    """Point Prefect inside the test's own process at the session's server, and give its address."""
    from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

    with temporary_settings({PREFECT_API_URL: prefect_server.api_url, PREFECT_HOME: prefect_server.home}):
        yield prefect_server.api_url


@pytest.fixture
async def prefect_client(prefect_api: str) -> AsyncIterator[object]:
    """A client of the session's server."""
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        yield client
