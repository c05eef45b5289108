"""The page that rehearses live trading: its commands, its fleet, its fault, and a ledger that venues agree with."""

import asyncio
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from desk.adapters.configuration import read_fleet
from tests.drilled import drilled
from tests.end_to_end.markets import seed_that_trades
from tests.prefect_server import migrated_database

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "rehearse-live.md").read_text(encoding="utf-8")
DESK = (sys.executable, "-c", "from console.main import main; main()")
_TAKEN = """select client_order_id from "order" where venue_order_id <> ''"""
SCANNED = drilled(("kucoin-spot", "aster-perpetuals"), usually=("kucoin-spot",))
"""Of which the page scans the first."""
DIALECTS = ("aster", "coinbase", "kucoin", "kucoin_futures", "oanda")


class Rehearsal:
    """A folder with the rehearsal's fleet, its simulated venues, and a terminal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DESK_"))}
        self.environment = {
            **kept,
            "PYTHONPATH": str(ROOT),
            "DESK_CONFIG": str(folder / "config"),
            "DESK_HOME": str(folder / "var"),
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = (*DESK, *words)
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            (*DESK, *words), cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True
        )

    def orders(self) -> list[str]:
        """Client ids of every order of the ledger that a venue has taken, by what the ledger knows."""
        with sqlite3.connect(self.folder / "var" / "desk.db") as ledger:
            return [row[0] for row in ledger.execute(_TAKEN)]


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[tuple[Rehearsal, httpx.Client]]:
    made = Rehearsal(tmp_path)
    (tmp_path / "var" / "prefect").mkdir(parents=True)
    shutil.copy(migrated_database(), tmp_path / "var" / "prefect" / "prefect.db")
    fleet = read_fleet(ROOT / "config" / "rehearsal")
    seed = asyncio.run(seed_that_trades(fleet, "kucoin-spot", at=datetime.now(UTC), candles=3))
    simulator = made.start("simulate", "--port", "0", "--seed", str(seed), "--json")
    try:
        addresses = _addresses(simulator)
        _write_configuration(tmp_path / "config", {name: addresses["venues"][name]["url"] for name in DIALECTS})
        (tmp_path / ".env").write_text(made.run("simulate", "--keys").stdout)
        with httpx.Client(base_url=addresses["admin"]) as admin:
            yield made, admin
    finally:
        simulator.terminate()
        simulator.communicate(timeout=30)


def _addresses(simulator: subprocess.Popen[str]) -> dict:
    assert simulator.stdout is not None, "it was started with a pipe"
    text = ""
    for line in simulator.stdout:
        text += line
        if line.startswith("}"):
            break
    return json.loads(text)


def _write_configuration(folder: Path, urls: dict[str, str]) -> None:
    """The fleet of the page at the addresses that are free here; ports follow the names, as the file says."""
    folder.mkdir()
    accounts = (ROOT / "config" / "rehearsal" / "accounts.yaml").read_text(encoding="utf-8")
    for port, name in enumerate(DIALECTS, start=8701):
        assert accounts.count(f"http://127.0.0.1:{port}") == 1, name
        accounts = accounts.replace(f"http://127.0.0.1:{port}", urls[name])
    (folder / "accounts.yaml").write_text(accounts, encoding="utf-8")
    policy = (ROOT / "config" / "rehearsal" / "policy.yaml").read_text(encoding="utf-8")
    # So that an account trades on whatever opinion it has when the test runs.
    (folder / "policy.yaml").write_text(policy.replace("entry_score: 0.05", "entry_score: 0.0001"), encoding="utf-8")


def test_the_rehearsal_goes_as_the_page_says(rehearsal):
    desk, admin = rehearsal
    checked = desk.run("venues", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr

    [fault] = re.findall(r"faults -H 'content-type: application/json' -d '(.*)'", PAGE)
    admin.post("/faults", json=[{**json.loads(fault)[0], "share": 1.0}]).raise_for_status()
    for name in SCANNED:
        scanned = desk.run("scan", name)
        assert scanned.returncode == 0, scanned.stdout + scanned.stderr

    at_venues = [
        placed
        for name in DIALECTS
        for account in admin.get("/truth", params={"venue": name}).json()["accounts"]
        for placed in account["orders"]
        if placed["role"] == "plain"
    ]
    ids = [placed["client_id"] for placed in at_venues]
    assert len(set(ids)) == len(ids)
    assert admin.get("/faults").json()["faults"][0]["struck"] >= len(ids) > 0
    # Aster's stops and targets are orders of their own there, and in no ledger.
    entries = [placed["client_id"] for placed in at_venues if not placed["intent"]["reduce_only"]]
    assert sorted(entries) == sorted(desk.orders())
    assert desk.run("status").returncode == 0
