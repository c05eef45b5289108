"""Replies about all accounts together, and the writes that change the configuration."""

from pathlib import Path

import pytest

from console.services.backtests import REPORT
from desk.adapters.backtests.runs import RUN
from desk.model.access import Rights
from tests.console.api.conftest import Calls, token

READ, ADMIN = token(Rights.READ), token(Rights.ADMIN)
PATHS = (
    "/api/positions",
    "/api/portfolio",
    "/api/trades",
    "/api/strategies",
    "/api/performance",
    "/api/compare?first=sample&second=fresh",
    "/api/risk",
    "/api/accounts/sample/rules",
    "/api/accounts/sample/chart",
    "/api/usage",
    "/api/audit",
    "/api/audit/verified",
    "/api/backtests",
)
FAST = "accounts.sample.strategies[0].parameters.fast_period"


async def test_everything_is_told_to_who_may_read_and_to_nobody_else(calls: Calls):
    for path in PATHS:
        reply = await calls.client.get(path, headers=READ)
        assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json"), reply.text
        assert (await calls.client.get(path)).status_code == 401
    document = (await calls.client.get("/api/openapi.json", headers=READ)).json()
    described = {path.replace("{name}", "sample") for path in document["paths"]}
    assert described >= {"/api/trades.csv", *(path.partition("?")[0] for path in PATHS)}


async def test_the_fleet_is_told_as_its_services_have_it(calls: Calls):
    async def told(path: str) -> object:
        return (await calls.client.get(path, headers=READ)).json()

    [position, *_], trades = await told("/api/positions"), await told("/api/trades?outcome=open")
    assert (position["account"], position["quantity"], trades["rows"][0]["entry_price"]) == ("sample", "100", "1.1")
    assert (await told("/api/trades?account=fresh")) == {"rows": [], "next": ""}
    chart = await told("/api/accounts/sample/chart?count=7")
    assert (len(chart["bars"]["close"]), chart["marks"][0]["kind"], chart["seen"]) == (7, "entry", None)
    seen = (await told("/api/accounts/sample/chart?count=7&strategy=momentum_trading"))["seen"]
    assert (len(seen["score"]), [one["name"] for one in seen["beside"]][:2]) == (7, ["separation_atr", "rsi"])
    verified = await told("/api/audit/verified")
    assert (verified["rows"], verified["first_bad"]) == (3, None)
    assert [row["sequence"] for row in (await told("/api/audit?limit=2"))["rows"]] == [3, 2]
    assert [row["sequence"] for row in (await told("/api/audit?limit=2&after=2"))["rows"]] == [1]


async def test_the_portfolio_has_amounts_to_the_last_digit_and_proposes_only(calls: Calls):
    found = (await calls.client.get("/api/portfolio", headers=READ)).json()
    [sample, fresh] = found["worlds"][0]["accounts"]
    assert (sample["equity"], fresh["equity"], found["is_planned"]) == ("10012.345", None, False)
    for write in (calls.client.post, calls.client.put, calls.client.delete):
        assert (await write("/api/portfolio", headers=ADMIN)).status_code == 405


async def test_trades_are_downloaded_as_a_table(calls: Calls):
    reply = await calls.client.get("/api/trades.csv", headers=READ)
    assert reply.headers["content-type"].startswith("text/csv")
    assert reply.headers["content-disposition"] == 'attachment; filename="trades.csv"'
    assert reply.text.splitlines()[1].startswith("sample,EUR/USD,constant,buy,2026-01-14T15:00")
    wrong = await calls.client.get("/api/trades.csv?outcome=winning", headers=READ)
    assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/problem+json")


async def test_what_is_not_there_is_a_problem_that_says_so(calls: Calls):
    wrong = (
        ("/api/trades?account=sampel", 422, "sample"),
        ("/api/trades?since=soon", 422, "expected a time"),
        ("/api/compare?first=sample&second=sample", 422, "twice"),
        ("/api/audit?after=none", 422, "the number of a row"),
        ("/api/accounts/sample/chart?timeframe=M7", 422, "M5"),
        ("/api/accounts/sample/chart?strategy=momentum", 422, "did you mean 'momentum_trading'"),
        ("/api/usage?since=ever", 422, "length of time"),
        ("/api/backtests/compare?run=a&run=b", 422, "backtest"),
        ("/backtests/nothing/report", 422, "backtest"),
        ("/backtests/..%2F..%2Fdesk.db/report", 404, ""),
    )
    for path, status, said in wrong:
        reply = await calls.client.get(path, headers=READ)
        assert reply.status_code == status, (path, reply.text)
        assert said in reply.text


@pytest.fixture
def report(home: Path) -> str:
    """The address of a report that is kept."""
    folder = home / "backtests" / "20260114T150000000Z-sample-abcdef"
    folder.mkdir(parents=True)
    (folder / RUN).write_text("{}")
    (folder / REPORT).write_text("<script>document.cookie</script>")
    return f"/backtests/{folder.name}/report"


async def test_a_report_runs_as_of_another_site(report: str, calls: Calls):
    assert (await calls.client.get(report)).status_code == 401
    reply = await calls.client.get(report, headers=READ)
    assert (reply.status_code, reply.text) == (200, "<script>document.cookie</script>")
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts allow-downloads; default-src 'none'")
    assert "allow-same-origin" not in policy


async def test_the_configuration_is_changed_by_who_may_do_everything_as_it_was_shown(calls: Calls):
    wanted = {"values": {FAST: "9"}}
    for rights in (Rights.READ, Rights.TRADE):
        for path, body in (("propose", wanted), ("change", {**wanted, "digest": ""})):
            refused = await calls.client.post(f"/api/configuration/{path}", json=body, headers=token(rights))
            assert refused.status_code == 403
    shown = (await calls.client.post("/api/configuration/propose", json=wanted, headers=ADMIN)).json()
    assert (shown["affected"], shown["to_deploy"]) == (["sample"], False)
    stale = await calls.client.post("/api/configuration/change", json={**wanted, "digest": "0"}, headers=ADMIN)
    assert (stale.status_code, calls.room.files.current().account("sample").strategies[0].parameters) == (422, {})
    agreed = {**wanted, "digest": shown["digest"], "why": "slow"}
    for _ in range(2):
        written = await calls.client.post(
            "/api/configuration/change", json=agreed, headers={**ADMIN, "idempotency-key": "once"}
        )
        assert (written.status_code, written.json()) == (200, shown)
    assert calls.room.files.current().account("sample").strategies[0].parameters == {"fast_period": 9}
    [newest, *_] = (await calls.client.get("/api/audit", headers=READ)).json()["rows"]
    assert (newest["who"], newest["subject"], newest["detail"]["why"]) == ("token admin", FAST, "slow")


async def test_a_change_that_cannot_be_used_is_refused_with_the_place(calls: Calls):
    for values in ({FAST: "-1"}, {"accounts.sample.tymeframe": "M5"}, {"nonsense": "1"}):
        reply = await calls.client.post("/api/configuration/propose", json={"values": values}, headers=ADMIN)
        assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json"), reply.text
