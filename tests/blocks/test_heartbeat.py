"""A sign of life is given once a round of scans is complete, and never where the operator wants none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from blocks.heartbeat import is_round_complete, tell_alive
from blocks.resources import resources
from desk.adapters.settings import settings
from desk.model.cycle import CycleKey, CycleState, Mode
from tests.flows.installation import CLOSE

SCANNED = CLOSE + timedelta(seconds=6)
IN_TIME, TOO_LATE = CLOSE + timedelta(minutes=7), CLOSE + timedelta(minutes=9)


@pytest.fixture
def signs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Who notices: the paths that were asked for."""
    asked: list[str] = []

    class Notices(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Notices) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("DESK_PING_URL", f"http://127.0.0.1:{server.server_port}/desk")
        settings.cache_clear()
        yield asked
        server.shutdown()
        thread.join()
    monkeypatch.undo()
    settings.cache_clear()


async def scanned(installation, *names: str) -> None:
    for name in names:
        key = CycleKey(name, CLOSE)
        await installation.ledger.record_run_end(key, CycleState.FAILED, "broken", SCANNED, mode=Mode.PAPER)


async def test_a_sign_is_given_while_no_scan_is_missing(installation, signs):
    assert await tell_alive(IN_TIME) is False  # nothing was ever scanned
    await scanned(installation, "trader", "holder")
    assert await tell_alive(IN_TIME) is True
    assert await tell_alive(TOO_LATE) is False
    assert signs == ["/desk"]


async def test_one_account_that_is_missed_keeps_the_sign_back(installation):
    await scanned(installation, "trader", "holder")
    accounts = resources().fleet().accounts.values()
    [holder, trader] = await installation.ledger.summaries()
    later = replace(trader.last_cycle, started_at=SCANNED + timedelta(minutes=5))
    assert is_round_complete(accounts, [replace(trader, last_cycle=later)], TOO_LATE)
    assert not is_round_complete(accounts, [replace(trader, last_cycle=later), holder], TOO_LATE)
    off = [spec.model_copy(update={"active": spec.name != "holder"}) for spec in accounts]
    assert is_round_complete(off, [replace(trader, last_cycle=later), holder], TOO_LATE)


async def test_without_an_address_nobody_is_told(installation):
    await scanned(installation, "trader")
    assert await tell_alive(IN_TIME) is False
