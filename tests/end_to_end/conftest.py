"""One server, one fleet, one ledger and two workers for all tests of this folder, which end with the last of them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient

from desk.adapters.ledger.schema import upgrade
from tests.desk.adapters.conftest import (  # noqa: F401 - fixtures of ours as well
    new_postgres,
    postgres_databases,
    postgres_server,
    postgres_template,
)
from tests.end_to_end.drilling import ACCOUNT, Drill, Mortal, Undisturbed, start_mortal
from tests.end_to_end.fleet import write_fleet
from tests.end_to_end.installation import Site
from tests.end_to_end.post import Post, open_post
from tests.prefect_server import run_server

POOL = "trading"


@pytest.fixture(scope="package")
def post() -> Iterator[Post]:
    """Where the desk's messages go."""
    with open_post() as opened:
        yield opened


@pytest.fixture(scope="package")
def site(post: Post, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation with an empty ledger; its two accounts with a schedule are scanned from now on."""
    home = tmp_path_factory.mktemp("desk")
    config = write_fleet(home / "config")
    asyncio.run(upgrade(f"sqlite:///{home / 'desk.db'}"))
    with run_server(tmp_path_factory.mktemp("fresh-server")) as server:
        installed = Site(server, home, config, post)
        try:
            asyncio.run(_begin_schedules(installed))
            # They are there for all tests and few need them: asking twice a second, both and the server would take a
            # fifth of a core.
            installed.worker(POOL, "one", asks_every=2)
            installed.worker(POOL, "two", asks_every=2)
            yield installed
        finally:
            for child in installed.started:
                child.kill()


@pytest.fixture
async def client(site: Site) -> AsyncIterator[PrefectClient]:
    """A client of the server."""
    async with site.client() as opened:
        yield opened


@pytest.fixture(scope="package")
def mortal(site: Site) -> Iterator[Mortal]:
    with start_mortal(site) as started:
        yield started


@pytest.fixture(scope="package")
def new_drill(
    site: Site, mortal: Mortal, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[PrefectClient], Awaitable[Drill]]:
    """Make drills on empty ledgers."""
    empty = tmp_path_factory.mktemp("empty") / "desk.db"
    asyncio.run(upgrade(f"sqlite:///{empty}"))
    deployment = asyncio.run(_deploy_drilled(site))

    async def make(client: PrefectClient) -> Drill:
        folder = tmp_path_factory.mktemp("drill")
        ledger = shutil.copy(empty, folder)
        return Drill(mortal, client, deployment, f"sqlite:///{ledger}", folder / "journal")

    return make


@pytest.fixture
async def drill(new_drill, client: PrefectClient) -> Drill:
    return await new_drill(client)


@pytest.fixture(scope="package")
def undisturbed(site: Site, new_drill) -> Undisturbed:
    async def scan() -> Undisturbed:
        async with site.client() as client:
            drill = await new_drill(client)
            assert not await drill.scan()
            calls = drill.journal.read_text().splitlines()
            return Undisturbed(calls, await drill.compared(), await drill.books())

    return asyncio.run(scan())


async def _deploy_drilled(site: Site) -> UUID:
    async with site.client() as client:
        return await site.deploy(client, ACCOUNT, "nobody")


async def _begin_schedules(site: Site) -> None:
    async with site.client() as client:
        await site.deploy(client, "coins-cron", POOL, active=True)
        await site.deploy(client, "coins-often", POOL, active=True)
