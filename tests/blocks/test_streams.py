"""Streams of a connection: quotes come by themselves, REST carries on where they do not, and both is said."""

import asyncio
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from blocks.account import AccountBlock
from blocks.resources import resources
from desk.adapters.settings import settings
from simulator.dialects.finding import find_dialects
from simulator.server import Addresses, Plan, simulated
from tests.flows.installation import Installation
from tests.flows.test_live_scan import VENUES, Venue
from tests.rising import RisingFeed


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(feed=RisingFeed(datetime.now(UTC) - timedelta(days=1)))) as running:
        yield running


@pytest.fixture(params=VENUES, ids=[venue.dialect for venue in VENUES])
def venue(
    request: pytest.FixtureRequest,
    installation: Installation,
    addresses: Addresses,
    monkeypatch: pytest.MonkeyPatch,
) -> Venue:
    """A live account at a venue whose streams are listened to."""
    chosen = request.param
    written = chosen.configuration(addresses.venues[chosen.dialect])
    written["connections"]["simulated"]["stream"] = True
    (installation.config / "accounts.yaml").write_text(json.dumps(written))
    published = find_dialects((chosen.dialect,))[chosen.dialect].VENUE.secrets
    for part, name in chosen.keys.items():
        monkeypatch.setenv(f"TEST_{part.upper()}", published[name])
    settings.cache_clear()
    httpx.post(f"{addresses.admin}/reset").raise_for_status()
    return chosen


async def said(caplog: pytest.LogCaptureFixture, *words: str) -> None:
    """Wait until all of it has been said."""
    deadline = asyncio.get_running_loop().time() + 15
    while not all(any(word in record.getMessage() for record in caplog.records) for word in words):
        assert asyncio.get_running_loop().time() < deadline, [record.getMessage() for record in caplog.records]
        await asyncio.sleep(0.05)


async def test_prices_and_news_are_listened_to_each_by_itself_and_that_is_said(venue, caplog):
    caplog.set_level(logging.INFO)
    opened = AccountBlock(name="trader").open(run="run")
    await said(caplog, "prices of simulated live", "news of trader live")
    assert opened.choosing is resources().feed("trader").choosing
    quotes = await opened.feed.quotes([venue.instrument], at=datetime.now(UTC))
    assert quotes[venue.instrument].ask > quotes[venue.instrument].bid > 0
    book = await opened.side_data.depth.depth(venue.instrument, at=datetime.now(UTC))
    assert book.is_sound


@pytest.fixture
def broken(venue: Venue, addresses: Addresses) -> Venue:
    """The same, and every stream of the venue breaks with its first message."""
    fault = {"place": "stream", "kind": "reset", "venue": venue.dialect, "times": 0}
    httpx.post(f"{addresses.admin}/faults", json=[fault]).raise_for_status()
    return venue


async def test_a_stream_that_breaks_is_said_and_quotes_are_asked_for(broken, caplog):
    caplog.set_level(logging.INFO)
    opened = AccountBlock(name="trader").open(run="run")
    await said(caplog, "quotes are asked for")
    quotes = await opened.feed.quotes([broken.instrument], at=datetime.now(UTC))
    assert broken.instrument in quotes


async def test_nothing_goes_on_once_the_resources_are_closed(venue):
    AccountBlock(name="trader").open(run="run")
    await asyncio.sleep(0.1)
    await resources().close()
    assert {task.get_name() for task in asyncio.all_tasks()} & {"prices of simulated", "news of trader"} == set()


async def test_a_scan_after_the_first_opens_no_stream_again(venue):
    AccountBlock(name="trader").open(run="first")
    before = {task for task in asyncio.all_tasks() if task.get_name() in ("prices of simulated", "news of trader")}
    AccountBlock(name="trader").open(run="second")
    after = {task for task in asyncio.all_tasks() if task.get_name() in ("prices of simulated", "news of trader")}
    assert before == after
    assert len(before) == 2
