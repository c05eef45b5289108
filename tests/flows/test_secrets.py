"""Canaries: a secret of the installation is nowhere in what a scan writes, logs or shows, well or badly."""

import logging
from pathlib import Path

import pytest
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from blocks.ledger import LedgerBlock
from blocks.notifier import NotifierBlock
from desk.adapters.settings import settings

pytestmark = pytest.mark.prefect

CANARY = "canary4f1d9b7e"
NOBODY = "127.0.0.1:9"


def written(*places: Path) -> bytes:
    """Everything in every file below the places, the databases' logs included."""
    files = [path for place in places for path in sorted(place.rglob("*")) if path.is_file()]
    return b"\n".join(path.read_bytes() for path in files)


async def scan_and_collect(desk, prefect_server, caplog) -> str:
    """Scan with every log on and Prefect's log handler at work, and return all that can be seen of it."""
    caplog.set_level(logging.DEBUG)
    run_id = await desk.deployed_run("trader")
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}):
        run = await desk.run(run_id)
        await APILogHandler.aflush()
    told = repr(desk.installation.told)
    files = written(prefect_server.home, desk.installation.home)
    return "\n".join((caplog.text, told, run.model_dump_json(), files.decode("utf-8", "replace")))


# Apprise imports it on Python 3.11 and 3.12.
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
async def test_a_token_in_a_notification_address_is_nowhere_when_the_message_cannot_be_delivered(
    desk, prefect_server, caplog, monkeypatch
):
    monkeypatch.setenv("DESK_NOTIFY_URLS", f'["json://user:{CANARY}@{NOBODY}/{CANARY}"]')
    settings.cache_clear()
    desk.installation.opened.notifier = NotifierBlock().open()

    seen = await scan_and_collect(desk, prefect_server, caplog)

    assert "NotDelivered" in seen
    assert "was not delivered by every one of 1 services" in seen
    assert CANARY not in seen


async def test_the_password_of_the_database_is_nowhere_when_it_cannot_be_reached(
    desk, prefect_server, caplog, monkeypatch
):
    monkeypatch.setenv("DESK_DATABASE_URL", f"postgresql://desk:{CANARY}@{NOBODY}/desk")
    settings.cache_clear()
    desk.installation.opened.ledger = LedgerBlock().open()

    seen = await scan_and_collect(desk, prefect_server, caplog)

    assert "LedgerError" in seen
    assert f"desk:***@{NOBODY}/desk" in seen
    assert CANARY not in seen


async def test_the_search_above_finds_what_is_there(desk, prefect_server, caplog):
    desk.installation.sabotage("trader", task="take_snapshot", error=ConnectionError("leaked c0ffee5eed"))
    await scan_and_collect(desk, prefect_server, caplog)
    assert all(b"c0ffee5eed" in written(place) for place in (prefect_server.home, desk.installation.home))
    assert "c0ffee5eed" in caplog.text
