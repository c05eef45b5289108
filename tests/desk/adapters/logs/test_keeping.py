"""What is logged becomes a line of JSON that says what it is about, and holds no secret."""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from desk.adapters.keys import read_secrets
from desk.adapters.logs.events import EVENTS, about, log
from desk.adapters.logs.file import SharedFile
from desk.adapters.logs.keeping import keep_logs, log_file
from desk.adapters.settings import Settings

CANARY = "canary-4711/with+signs"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    level = logging.getLogger(EVENTS).level
    keep_logs(Settings(home=tmp_path, notify_urls=(SecretStr("json://user:tell-canary@127.0.0.1"),)))
    yield tmp_path
    for logger in (logging.getLogger(), logging.getLogger(EVENTS)):
        logger.handlers = [one for one in logger.handlers if not isinstance(one, SharedFile)]
    logging.getLogger(EVENTS).setLevel(level)


def lines(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log_file(home).read_text().splitlines()]


def test_an_event_says_when_how_grave_and_about_which_cycle(home: Path):
    with about(account="sample", cycle="2026-01-14T15:00:00Z"):
        log.info("stage ended", stage="fetch_candles", seconds=0.5)
    log.info("outside")
    [inside, outside] = lines(home)
    assert (inside["account"], inside["cycle"], inside["stage"]) == ("sample", "2026-01-14T15:00:00Z", "fetch_candles")
    assert (inside["level"], inside["event"], inside["time"][-1]) == ("info", "stage ended", "Z")
    assert "account" not in outside


async def test_scans_side_by_side_do_not_mix(home: Path):
    async def scan(name: str) -> None:
        with about(account=name):
            for _ in range(3):
                await asyncio.sleep(0)
                log.info(name)

    await asyncio.gather(scan("one"), scan("two"))
    assert len(lines(home)) == 6
    assert all(line["event"] == line["account"] for line in lines(home))


def test_warnings_of_every_library_and_tracebacks_are_there(home: Path):
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("some.library").warning("it %s", "failed", exc_info=True)
    [line] = lines(home)
    assert (line["logger"], line["event"]) == ("some.library", "it failed")
    assert "ValueError: broken" in line["exception"]


def test_keeping_a_log_twice_writes_each_line_once(home: Path):
    keep_logs(Settings(home=home))
    log.warning("once")
    assert len(lines(home)) == 1


def test_what_is_less_grave_than_asked_is_left_out(home: Path):
    keep_logs(Settings(home=home, log_level="error"))
    log.info("left out")
    log.error("there")
    assert [line["event"] for line in lines(home)] == ["there"]


@pytest.mark.parametrize(
    "told",
    [
        f"key is {CANARY}",
        "key is canary-4711%2Fwith%2Bsigns",
        "key is Y2FuYXJ5LTQ3MTEvd2l0aCtzaWducw==",
        "Authorization: Bearer tell-canary",
        "postgresql://desk:tell-canary@db/ledger",
        "GET /bot123456:tell-canary-tell-canary-tell/getMe",
    ],
)
def test_no_secret_is_written(home: Path, told: str):
    read_secrets("venue", {"key": "KEY"}, {"KEY": CANARY})
    with about(account=told):
        log.info(told, found=[told], more={"key": told})
        logging.getLogger("library").error("%s", told)
    written = log_file(home).read_text()
    assert "canary" not in written
    assert "Y2FuYXJ5" not in written
    assert "***" in written


def test_what_prefect_says_of_every_run_is_left_out_and_what_went_wrong_is_not(
    home: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, "prefect.flow_runs")
    said = logging.getLogger("prefect.flow_runs")
    said.info("Finished in state Completed()")
    said.info("EUR/USD NO_SIGNAL: nothing")
    said.error("Finished in state Failed('broken')")
    assert [line["event"] for line in lines(home)] == [
        "EUR/USD NO_SIGNAL: nothing",
        "Finished in state Failed('broken')",
    ]
