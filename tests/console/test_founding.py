"""A first fleet by answers and by options; every one of them is a configuration that can be used."""

from io import StringIO
from itertools import product
from pathlib import Path

import pytest

from console.first_fleet import PLACES, Way
from tests.console.conftest import Desk

ACCOUNT_ID = "101-001-1234567-001"


@pytest.fixture
def nowhere(home: Path) -> Path:
    """The folder of the configuration, which is not there."""
    folder = home / "config"
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return folder


def test_the_answers_of_a_person_become_a_fleet(desk: Desk, nowhere: Path, monkeypatch: pytest.MonkeyPatch):
    typed = ("ocean", "oanda", "paper", ACCOUNT_ID, "EUR/USD, XAU/USD", "swing_trading", "", "mine", "y")
    monkeypatch.setattr("sys.stdin", StringIO("\n".join(typed) + "\n"))
    said = desk("init")
    assert said.code == 0, said
    assert "found 'ocean'" in said.out
    assert "made: a made market and paper money: no key, no network" in said.out
    for step in ("desk credentials set OANDA_TOKEN", "desk venues check oanda", "desk up"):
        assert f"  {step}" in said.out.splitlines()
    checked = desk("config", "check")
    assert (checked.code, checked.out) == (0, "1 account, nothing to correct\n")
    shown = desk("config", "show", "mine", "--json").json
    assert shown["instruments"] == ["EUR/USD", "XAU/USD"]
    assert (shown["mode"], shown["feed"]["name"], shown["timeframe"]) == ("paper", "oanda", "H1")
    assert (nowhere / "accounts.yaml").read_text().startswith("# The fleet")


@pytest.mark.parametrize(("venue", "way"), list(product(PLACES, Way)))
def test_every_venue_and_way_is_a_configuration_that_can_be_used(desk: Desk, nowhere: Path, venue: str, way: Way):
    given = ("--account-id", ACCOUNT_ID) if PLACES[venue].needs_account_id else ()
    said = desk("init", "--venue", venue, "--trade", way, *given, "--yes", "--json")
    assert said.code == 0, said
    assert said.json["keys"] == ([] if way is Way.MADE else list(PLACES[venue].secrets.values()))
    checked = desk("config", "check", "--json").json
    assert (checked["problems"], checked["warnings"]) == ([], [])
    assert list(desk("config", "show", said.json["account"], "--json").json["instruments"]) == list(
        PLACES[venue].instruments
    )


def test_without_a_word_it_is_a_fleet_that_needs_no_key(desk: Desk, nowhere: Path):
    assert desk("init", "--yes").code == 0
    [account] = desk("accounts", "--json").json
    assert (account["account"], account["mode"], account["feed"]) == ("oanda-first", "paper", "made")


def test_what_is_there_is_never_touched(desk: Desk, home: Path):
    before = {path.name: path.read_bytes() for path in (home / "config").iterdir()}
    (home / "config" / "policy.yaml").unlink()
    del before["policy.yaml"]
    said = desk("init", "--yes")
    assert said.code == 3
    assert "expected a folder without a configuration, found config/accounts.yaml; `desk accounts add`" in said.err
    assert {path.name: path.read_bytes() for path in (home / "config").iterdir()} == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--venue", "oana", "--yes"), 2, "'oana' is not one of"),
        (("--strategy", "brekout", "--yes"), 2, "did you mean 'breakout'?"),
        (("--every", "7m", "--yes"), 2, "expected a length"),
        (("--instrument", "EUR/USX", "--yes"), 3, "EUR/USX"),
        (("--account", "My Account", "--yes"), 3, "My Account"),
        (("--trade", "live", "--yes"), 3, "account_id"),
        (("--json",), 2, "expected --yes with it"),
    ],
)
def test_what_could_not_be_used_is_refused_and_nothing_is_written(desk: Desk, nowhere: Path, words, code, told):
    said = desk("init", *words)
    assert (said.code, said.out) == (code, "")
    assert told in said.err
    assert not nowhere.exists()


def test_without_consent_nothing_is_written(desk: Desk, nowhere: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", StringIO("\n\n\n\n\n\nn\n"))
    said = desk("init")
    assert (said.code, said.out.splitlines()[-1]) == (1, "Write that? [y/N]: nothing was written")
    assert not nowhere.exists()
