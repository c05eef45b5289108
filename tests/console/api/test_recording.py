"""What is asked of the server is logged with who asked and how it ended, and never with a key."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from desk.adapters.logs.events import EVENTS
from desk.adapters.logs.file import SharedFile
from desk.adapters.logs.keeping import DASHBOARD, keep_logs, log_file
from desk.model.access import Rights
from tests.console.api.conftest import LINK, Calls, token

HALT = {"scope": "fleet", "why": "drill"}


@pytest.fixture
def logged(calls: Calls) -> Iterator[Any]:
    chosen = calls.room.chosen
    keep_logs(chosen, DASHBOARD)
    path = log_file(chosen.home, DASHBOARD)
    yield lambda: [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    for logger in (logging.getLogger(), logging.getLogger(EVENTS)):
        logger.handlers = [one for one in logger.handlers if not isinstance(one, SharedFile)]


async def test_a_write_is_logged_with_who_did_it(calls: Calls, logged: Any):
    await calls.client.post("/api/halt", json=HALT, headers=token(Rights.TRADE))
    [line] = [line for line in logged() if line["logger"] == EVENTS]
    assert (line["event"], line["who"], line["level"]) == ("POST /api/halt", "token trade", "info")


async def test_who_is_turned_away_is_logged_and_a_read_is_not(calls: Calls, logged: Any):
    await calls.client.get("/api/accounts", headers=token(Rights.READ))
    assert logged() == []
    await calls.client.get("/api/accounts", headers={"authorization": "Bearer another-key"})
    [line] = logged()
    assert (line["event"], line["status"], line["level"]) == ("GET /api/accounts", 401, "warning")


async def test_no_key_is_logged(calls: Calls, logged: Any):
    await calls.client.get("/login", params={"key": f"{LINK} wrong"})
    await calls.client.post("/api/halt", json=HALT, headers={"authorization": "Bearer another-key"})
    told = json.dumps(logged())
    assert "POST /api/halt" in told
    assert LINK not in told
    assert "another-key" not in told
