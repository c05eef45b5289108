"""Starting and stopping the simulator, its admin port, and the command that runs it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterable

import httpx
import pytest

from desk.errors import ConfigError
from simulator.server import Plan, simulated
from tests.prefect_server import PROJECT, process_environment


def test_a_simulator_ends_with_its_context():
    with simulated(Plan(venues=("oanda",), speed=0)) as running:
        assert set(running.venues) == {"oanda"}
        assert httpx.get(f"{running.venues['oanda']}/v3/accounts").status_code == 401
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.venues['oanda']}/v3/accounts")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.admin}/truth")


def test_an_unknown_venue_is_named_with_the_nearest():
    with pytest.raises(ConfigError, match="unknown venue 'oandaa'"), simulated(Plan(venues=("oandaa",))):
        pass


def test_a_port_that_is_taken_is_an_error_of_the_caller(addresses):
    taken = int(addresses.admin.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"), simulated(Plan(port=taken)):
        pass


@pytest.mark.parametrize(
    ("path", "form", "problem"),
    [
        ("/prices", {"instrument": "EUR/XXX", "bid": "1", "ask": "1"}, "there is no instrument EUR/XXX"),
        ("/prices", {"instrument": "EUR/USD"}, "the body is not what was expected"),
        ("/clock", {"at": "2020-01-01T00:00:00Z"}, "expected a later time"),
        ("/clock", {"speed": -1}, "speed: expected a finite number"),
        ("/faults", [{"place": "read", "kind": "cut"}], "the body is not what was expected"),
        ("/accounts", {"venue": "nowhere", "name": "x", "secrets": {}}, "there is no venue nowhere"),
    ],
)
def test_the_admin_port_says_what_it_does_not_understand(steer, path, form, problem):
    reply = steer.http.post(path, json=form)
    assert reply.status_code == 400
    assert problem in reply.json()["error"]


def test_the_truth_has_orders_fills_and_balances(steer, oanda):
    oanda.buy()
    truth = steer.truth("oanda")
    assert [event["kind"] for event in truth["events"]] == ["funded", "created", "filled"]
    assert truth["events"][-1]["booked"]["fill"]["quantity"] == "1000"
    assert truth["positions"][0]["instrument"] == "EUR/USD"
    assert steer.http.get("/truth", params={"account": "nobody"}).json() == {"accounts": []}


def test_the_clock_is_shown_with_its_skew(steer):
    steer.post("/clock", advance=60, skew=5)
    shown = steer.http.get("/clock").json()
    assert (shown["now"][11:19], shown["told"][11:19]) == ("15:03:20", "15:03:25")


def first_object(lines: Iterable[str]) -> str:
    told = ""
    for line in lines:
        told += line
        if told.count("{") == told.count("}"):
            break
    return told


def test_desk_simulate_prints_addresses_and_keys_and_ends_on_a_signal():
    options = "venues=['oanda'], port=0, seed=1, speed=1.0, feed=None, as_json=True"
    run = f"from console.simulating import run_simulate; raise SystemExit(run_simulate({options}))"
    process = subprocess.Popen(
        [sys.executable, "-c", run], cwd=PROJECT, env=process_environment(), stdout=subprocess.PIPE, text=True
    )
    with process:
        oanda = json.loads(first_object(process.stdout))["venues"]["oanda"]
        reply = httpx.get(
            f"{oanda['url']}/v3/accounts/{oanda['account']}/summary",
            headers={"Authorization": f"Bearer {oanda['secrets']['token']}"},
        )
        process.send_signal(signal.SIGTERM)
        assert (reply.status_code, process.wait(20)) == (200, 0)
