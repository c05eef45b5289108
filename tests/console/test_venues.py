"""The venues of the fleet on the command line: where connections lead, and whether what is there answers."""

import json
from collections.abc import Iterator

import pytest

from simulator.server import Addresses, Plan, simulated

TOKEN = "simulator-oanda-token"


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(venues=("oanda",))) as running:
        yield running


@pytest.fixture
def connected(home, addresses, monkeypatch):
    """A fleet with one connection, that of an account, and its key in the environment."""
    written = {
        "connections": {
            "simulated": {
                "kind": "oanda",
                "environment": "simulator",
                "url": addresses.venues["oanda"],
                "account_id": "101-001-0000001-001",
                "secrets": {"token": "TEST_TOKEN"},
            }
        },
        "feeds": {"simulated": {"kind": "venue", "connection": "simulated"}},
        "venues": {"oanda": {"maker_fee_bps": 0, "taker_fee_bps": 0}},
        "accounts": {
            "sample": {
                "venue": "oanda",
                "mode": "live",
                "feed": "simulated",
                "currency": "USD",
                "instruments": ["EUR/USD"],
                "strategies": [{"name": "breakout"}],
                "policy": "balanced",
                "schedule": {"every": "5m"},
            }
        },
    }
    (home / "config" / "accounts.yaml").write_text(json.dumps(written))
    monkeypatch.setenv("TEST_TOKEN", TOKEN)


def test_without_a_connection_it_is_said_what_to_do(desk):
    for words in (["venues"], ["venues", "check"]):
        ended = desk(*words)
        assert ended.code == 0
        assert "no connection in accounts.yaml" in ended.out
        assert "docs/how-to/connect-a-venue.md" in ended.out


def test_a_connection_is_listed_with_who_uses_it(desk, connected):
    [row] = desk("venues", "--json").json
    assert (row["connection"], row["kind"], row["accounts"], row["live"]) == (
        "simulated",
        "oanda",
        ["sample"],
        ["sample"],
    )
    assert (row["variables"], row["missing"]) == (["TEST_TOKEN"], [])


def test_a_missing_key_is_told_by_the_name_of_its_variable(desk, connected, monkeypatch):
    monkeypatch.delenv("TEST_TOKEN")
    assert "missing: TEST_TOKEN" in desk("venues").out
    ended = desk("venues", "check")
    assert ended.code == 3
    assert "connections.simulated: expected TEST_TOKEN in the environment or in .env, found nothing" in ended.err


def test_a_venue_that_answers_everything_is_well(desk, connected):
    ended = desk("venues", "check", "simulated", "--json")
    assert ended.code == 0
    assert {answer["result"] for answer in ended.json["simulated"]} == {"ok", "skipped"}


def test_a_key_that_the_venue_does_not_know_is_a_failure_and_not_shown(desk, connected, monkeypatch):
    monkeypatch.setenv("TEST_TOKEN", "canary-token")
    ended = desk("venues", "check")
    assert ended.code == 1
    assert "[401]" in ended.out
    assert "canary" not in ended.out + ended.err


def test_an_unknown_connection_is_refused_with_the_nearest(desk, connected):
    ended = desk("venues", "check", "simulate")
    assert ended.code == 3
    assert "unknown connection 'simulate'; did you mean 'simulated'?" in ended.err


def test_a_key_is_tried_out_at_the_venue_that_it_is_for(desk, connected, monkeypatch):
    well = desk("credentials", "test", "TEST_TOKEN", "--json")
    assert well.code == 0
    assert {answer["result"] for answer in well.json["simulated"]} == {"ok", "skipped"}
    monkeypatch.setenv("TEST_TOKEN", "canary-token")
    refused = desk("credentials", "test", "TEST_TOKEN")
    assert refused.code == 1
    assert "[401]" in refused.out
    assert "canary" not in refused.out + refused.err
