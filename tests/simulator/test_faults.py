"""Faults happen to real connections, at the place where the script says so."""

import time

import httpx
import pytest
from pydantic import ValidationError

from simulator.faults import Fault, FaultScript


@pytest.mark.parametrize(("kind", "error"), [("reset", httpx.ReadError), ("close", httpx.RemoteProtocolError)])
def test_before_the_venue_accepts_a_lost_connection_leaves_no_order(oanda, steer, kind, error):
    steer.fault("before", kind, method="POST", path="/orders$")
    with pytest.raises(error):
        oanda.buy()
    assert steer.orders("oanda") == []
    assert oanda.buy().status_code == 201
    assert steer.struck() == [1]


@pytest.mark.parametrize(("kind", "error"), [("reset", httpx.ReadError), ("close", httpx.RemoteProtocolError)])
def test_after_the_venue_accepted_a_lost_reply_leaves_an_order(oanda, steer, kind, error):
    steer.fault("after", kind, method="POST")
    with pytest.raises(error):
        oanda.buy(clientExtensions={"id": "sd-1"})
    assert [order["client_id"] for order in steer.orders("oanda")] == ["sd-1"]
    assert oanda.find("@sd-1").json()["order"]["state"] == "FILLED"


def test_a_reply_that_is_cut_in_half_is_a_broken_message(oanda, steer):
    steer.fault("after", "cut")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        oanda.buy()
    assert len(steer.orders("oanda")) == 1


def test_a_garbled_reply_is_no_json_under_the_same_status(oanda, steer):
    steer.fault("after", "garble")
    reply = oanda.buy()
    assert (reply.status_code, reply.text[:6]) == (201, "<html>")
    assert len(steer.orders("oanda")) == 1


@pytest.mark.parametrize(("place", "orders"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("status", [418, 429, 500, 502, 503, 504])
def test_an_http_error_comes_in_the_venues_form_and_says_when_to_come_back(oanda, steer, place, orders, status):
    steer.fault(place, "status", status=status, retry_after=2.5)
    reply = oanda.buy()
    assert (reply.status_code, reply.headers["Retry-After"]) == (status, "2.5")
    assert "errorMessage" in reply.json()
    assert len(steer.orders("oanda")) == orders


def test_a_fill_can_be_seen_before_the_delayed_acknowledgement(oanda, steer, addresses):
    steer.fault("after", "delay", seconds=0.5, method="POST")
    with pytest.raises(httpx.ReadTimeout):
        oanda.http.post(
            f"{oanda.base}/orders",
            json={"order": {"type": "MARKET", "instrument": "EUR_USD", "units": "100"}},
            timeout=0.2,
        )
    assert len(oanda.fills()) == 1


def test_a_delay_before_makes_a_slow_venue(oanda, steer):
    steer.fault("before", "delay", seconds=0.2)
    began = time.monotonic()
    assert oanda.buy().status_code == 201
    assert time.monotonic() - began >= 0.2


def ids(reply: httpx.Response) -> list[str]:
    return [order["id"] for order in reply.json()["orders"]]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("empty", lambda true: []),
        ("duplicate", lambda true: [one for one in true for _ in range(2)]),
    ],
)
def test_a_read_can_be_empty_or_doubled(oanda, steer, kind, expected):
    for _ in range(3):
        oanda.limit()
    true = ids(oanda.get("/orders"))
    steer.fault("read", kind, path="/orders")
    assert ids(oanda.get("/orders")) == expected(true)
    assert ids(oanda.get("/orders")) == true


def test_a_read_can_leave_one_out_or_come_in_another_order(oanda, steer):
    for _ in range(3):
        oanda.limit()
    true = ids(oanda.get("/orders"))
    steer.fault("read", "omit")
    assert len(set(true) - set(ids(oanda.get("/orders")))) == 1
    steer.fault("read", "reorder")
    turned = ids(oanda.get("/orders"))
    assert turned != true
    assert sorted(turned) == sorted(true)


def test_a_stale_read_is_what_was_told_last_time(oanda, steer):
    before = oanda.get("/summary").json()
    oanda.buy()
    steer.fault("read", "stale")
    assert oanda.get("/summary").json() == before
    assert oanda.get("/summary").json() != before


def test_a_lagging_read_hides_what_is_new(oanda, steer):
    oanda.limit()
    steer.fault("read", "lag", seconds=60, times=2)
    assert ids(oanda.get("/orders")) == []
    assert oanda.get("/transactions/sinceid", id=1).json()["transactions"] == []
    assert len(ids(oanda.get("/orders"))) == 1


def test_a_fault_in_reads_leaves_writes_alone(oanda, steer):
    steer.fault("read", "empty")
    assert oanda.buy().json()["relatedTransactionIDs"] == ["2", "3"]
    assert steer.struck() == [0]


def fault(**more) -> Fault:
    return Fault(**{"place": "before", "kind": "reset", "times": 0, **more})


def struck(script: FaultScript, count: int = 1) -> list[bool]:
    return [bool(script.strike("oanda", "POST", "/v3/orders?x=1")) for _ in range(count)]


@pytest.mark.parametrize(
    ("more", "hits"),
    [
        ({}, [True, True, True]),
        ({"times": 2}, [True, True, False]),
        ({"times": 1, "skip": 1}, [False, True, False]),
        ({"method": "GET"}, [False, False, False]),
        ({"venue": "aster"}, [False, False, False]),
        ({"path": "x=1$"}, [True, True, True]),
        ({"path": "^/v1"}, [False, False, False]),
    ],
)
def test_a_fault_strikes_what_it_names_as_often_as_it_says(more, hits):
    script = FaultScript()
    script.add(fault(**more))
    assert struck(script, 3) == hits


def test_the_same_seed_strikes_the_same_requests():
    scripts = [FaultScript(seed) for seed in (1, 1, 2)]
    for script in scripts:
        script.add(fault(share=0.5))
    first, again, other = (struck(script, 50) for script in scripts)
    assert first == again != other
    assert 10 < sum(first) < 40


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"kind": "cut"}, "expected one of close, delay, reset, status, found cut"),
        ({"path": "("}, "expected a regular expression"),
        ({"status": 200}, "greater than or equal to 400"),
        ({"wann": 1}, "Extra inputs are not permitted"),
    ],
)
def test_an_impossible_fault_is_refused(more, problem):
    with pytest.raises(ValidationError, match=problem):
        fault(**more)
