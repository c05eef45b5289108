"""The official client of freqtrade, unchanged, over real HTTP: what it is told and what it may order."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.clients.venues import PATIENCE, SCRIPTS, python_of, skip_without
from tests.console.api.freqtrade import LOCK, ORDER, PERIOD, RESULT, STATUS, TRADE, holds

pytestmark = pytest.mark.usefixtures("no_server")

Ask = tuple[str, Sequence[object], dict[str, object]]


@pytest.fixture
def bot(served: str) -> str:
    """The address of the account `sample` as a bot."""
    skip_without("current")
    return f"{served}/freqtrade/sample"


def told(bot: str, *asked: Ask, key: str = "key-of-read") -> list[Any]:
    wanted = json.dumps({"url": bot, "password": key, "asked": asked})
    script = [str(python_of("current")), str(SCRIPTS / "freqtrade_asks.py")]
    done = subprocess.run(script, input=wanted, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def look(name: str, *arguments: object, **named: object) -> Ask:
    return (name, arguments, named)


def test_it_is_told_all_that_it_can_look_at(bot: str):
    lists = told(bot, *(look(name) for name in ("status", "performance", "entries", "exits", "mix_tags")))
    [[status], *sums] = lists
    holds(status, TRADE)
    holds(status["orders"][0], ORDER)
    assert sums == [[], [], [], []]
    periods = told(bot, look("daily", 3), look("weekly", 2), look("monthly"))
    assert [len(one["data"]) for one in periods] == [3, 2, 3]
    for one in periods:
        holds(one["data"][0], PERIOD)
    asked = ("ping", "version", "count", "profit", "balance", "show_config", "health", "stats", "whitelist", "locks")
    found = dict(zip(asked, told(bot, *(look(name) for name in asked)), strict=True))
    assert found["ping"] == {"status": "pong"}
    assert (found["show_config"]["state"], found["count"]["current"]) == ("running", 1)
    assert (found["whitelist"]["length"], found["locks"]) == (3, {"lock_count": 0, "locks": []})
    [trade, trades, logs, machine] = told(
        bot, look("trade", 1), look("trades", 5, 0, order_by_id=False), look("logs", 5), look("sysinfo")
    )
    assert trade == status
    assert (trades["trades_count"], logs["log_count"]) == (0, 0)
    assert 0 <= machine["ram_pct"] <= 100


def test_it_pauses_starts_closes_and_stops(bot: str):
    [paused, locks, state, started] = told(
        bot, look("stopbuy"), look("locks"), look("show_config"), look("start"), key="key-of-trade"
    )
    holds(paused, STATUS)
    holds(locks["locks"][0], LOCK)
    assert (state["state"], started) == ("paused", {"status": "starting trader ..."})
    [closing, stopping] = told(bot, look("forceexit", 1), look("stop"), key="key-of-trade")
    holds(closing, RESULT)
    assert (stopping["status"], stopping["detail"]) == (403, "expected the right 'admin', found 'trade' of token trade")
    [stopping, ping, reloading] = told(bot, look("stop"), look("ping"), look("reload_config"), key="key-of-admin")
    assert stopping["status"].startswith("stopping trader")
    assert (ping, reloading["status"][:16]) == ({"status": "not_running"}, "Reloading config")


def test_its_command_line_asks_as_the_documentation_says(bot: str, tmp_path: Path):
    address = urlsplit(bot)
    server = {"listen_ip_address": address.hostname, "listen_port": f"{address.port}{address.path}"}
    config = tmp_path / "sample.json"
    config.write_text(json.dumps({"api_server": {**server, "username": "desk", "password": "key-of-read"}}))
    command = [str(python_of("current").with_name("freqtrade-client")), "--config", str(config), "trade", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    holds(json.loads(done.stdout), TRADE)


def test_what_it_can_ask_and_is_not_answered_is_known(bot: str):
    asked = ("blacklist", "strategies", "plot_config", "pairlists_available", "available_pairs")
    assert {one["status"] for one in told(bot, *(look(name) for name in asked))} == {404}
