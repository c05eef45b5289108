"""The client of users' scripts, asking the app itself, whose fixtures it shares here."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from pydantic import SecretStr

from console import client as under_test
from console.client import Desk, PartlyPut, Refused
from console.services.states import states_in_force
from desk.errors import LedgerError
from desk.model.access import Rights
from desk.model.books import TradingState
from desk.model.messages import MessageKind
from desk.ports import Message
from tests.builders import CLOSE
from tests.console.api.conftest import ADDRESS, Calls
from tests.console.api.test_acting import resist
from tests.console.test_arming import PRACTICE, write
from tests.test_docs import ROOT, blocks

T = TypeVar("T")
pytestmark = pytest.mark.usefixtures("no_server")


class Across(httpx.BaseTransport):
    """Carries the requests of a thread to an app in the loop of the test."""

    def __init__(self, calls: Calls) -> None:
        self._app, self._loop = httpx.ASGITransport(calls.app), asyncio.get_running_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        return asyncio.run_coroutine_threadsafe(self._answer(asked), self._loop).result(10)

    async def _answer(self, asked: httpx.Request) -> httpx.Response:
        reply = await self._app.handle_async_request(asked)
        return httpx.Response(reply.status_code, headers=reply.headers, content=await reply.aread())


@dataclass
class Script:
    """What a user's script has, run beside the app."""

    calls: Calls

    async def run(self, act: Callable[[Desk], T], rights: Rights = Rights.ADMIN) -> T:
        carried = Across(self.calls)

        def script() -> T:
            with Desk(ADDRESS, SecretStr(f"key-of-{rights}"), transport=carried) as desk:
                return act(desk)

        return await asyncio.to_thread(script)


@pytest.fixture
def script(calls: Calls) -> Script:
    return Script(calls)


async def test_what_the_desk_shows_comes_as_its_own_values(script: Script):
    def look(desk: Desk) -> list[object]:
        account, detail = desk.accounts()[0], desk.account("sample")
        [cycle] = desk.cycles("sample")
        why = desk.why("sample", cycle.key.candle_close)
        assert (detail.standing.account, detail.standing.equity) == (account.account, account.equity)
        assert (cycle.key.candle_close, why.fills[0].price, bool(why.meanings)) == (CLOSE, Decimal("1.1"), True)
        [trade], [held] = desk.trades(account="sample", outcome="open"), desk.held("sample")
        assert (trade.instrument, held.position.instrument) == ("EUR/USD", "EUR/USD")
        assert [one.intent.account for one in desk.orders("sample")] == ["sample"]
        assert list(desk.trades(account="fresh")) == desk.states() == []
        fleet = (desk.positions()[0].account, desk.risk().accounts[0].account, desk.strategies()[0].uses[0].account)
        chart = desk.chart("sample", timeframe="M1", until=CLOSE, count=9, strategy="momentum_trading")
        assert desk.portfolio().worlds[0].accounts[0].equity == account.equity
        assert (chart.instrument, len(chart.bars.close), chart.until) == ("EUR/USD", 9, CLOSE)
        assert chart.seen is not None
        assert (len(chart.seen.score), chart.seen.timeframe, desk.chart("sample").seen) == (9, "M5", None)
        return [account.equity, *fleet, bool(desk.health().components), desk.performance("sample").adjusted]

    found = await script.run(look, Rights.READ)
    assert found == [Decimal("10012.345"), "sample", "sample", "fresh", True, 0]


async def test_messages_come_with_what_became_of_them(script: Script):
    ledger = script.calls.room.ledger
    await ledger.post(Message("gold: 1 order", "bought", kind=MessageKind.ENTRY), ["log"], CLOSE)
    found = await script.run(lambda desk: list(desk.messages(kind="entry", state="waiting")), Rights.READ)
    assert [(one.title, one.deliveries[0].target) for one in found] == [("gold: 1 order", "log")]
    assert (await script.run(lambda desk: desk.undelivered(), Rights.READ)).waiting == 0


async def test_arms_are_listed_and_taken_back_and_a_universe_says_why_there_is_none(script: Script, home: Path):
    write(home, PRACTICE)
    assert [one.why_not for one in await script.run(lambda desk: desk.arms(), Rights.READ)] == [
        "not armed: run `desk arm sample`"
    ]
    assert not (await script.run(lambda desk: desk.disarm("sample", "holiday"), Rights.TRADE)).was_armed
    with pytest.raises(Refused, match="trades a fixed list of instruments: EUR/USD"):
        await script.run(lambda desk: desk.universe("sample", CLOSE))


async def test_a_list_is_read_page_by_page(script: Script, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(under_test, "_ROWS", 1)
    points = await script.run(lambda desk: list(desk.equity("sample")))
    assert [point.equity for point in points] == [Decimal("10012.345"), Decimal("10000.1")]


async def test_a_halt_under_one_key_is_done_once_and_lifted_again(script: Script):
    def act(desk: Desk) -> list[object]:
        first = desk.halt("fleet", "news", key="one")
        again = desk.halt("fleet", "news", key="one")
        in_force = [(one.scope, one.state, one.why) for one in desk.states()]
        lifted = desk.resume("fleet", "over")
        return [first == again, in_force, [one.state for one in lifted], desk.states()]

    found = await script.run(act, Rights.TRADE)
    assert found == [True, [("fleet", TradingState.HALTED, "news")], [TradingState.ACTIVE], []]
    newest = await script.calls.room.ledger.audit_entries(newest=3)
    assert [entry.action for entry in newest if entry.who == "token trade"] == ["halted", "active"]


async def test_a_group_is_halted_account_by_account(script: Script, grouped: Path):
    halted = await script.run(lambda desk: desk.halt("@majors", state=TradingState.REDUCE_ONLY), Rights.TRADE)
    assert [(one.scope, one.state) for one in halted] == [
        ("account:sample", TradingState.REDUCE_ONLY),
        ("account:resting", TradingState.REDUCE_ONLY),
    ]


async def test_a_script_hears_of_an_account_that_is_not_halted_with_its_group(script: Script, grouped: Path):
    resist(script.calls, sample=LedgerError("the connection is gone"))
    with pytest.raises(
        PartlyPut, match=r"^207: account:sample: NOT KNOWN to be halted: the connection is gone$"
    ) as told:
        await script.run(lambda desk: desk.halt("majors"), Rights.TRADE)
    assert [one.scope for one in told.value.done.put] == ["account:resting"]
    assert [one.scope for one in told.value.done.not_put] == ["account:sample"]


async def test_an_account_is_stopped_and_one_that_runs_is_started_without_a_change(script: Script, home: Path):
    def act(desk: Desk) -> list[int]:
        return [len(desk.start("fresh").changed), len(desk.stop("fresh", "holiday").changed)]

    assert await script.run(act) == [0, 1]
    assert (home / "config" / "accounts.yaml").read_text(encoding="utf-8").count("active: false") == 2


@pytest.mark.parametrize(
    ("act", "rights", "status", "said"),
    [
        (lambda desk: desk.account("sampel"), Rights.READ, 422, "sample"),
        (lambda desk: desk.account("sample?limit=1"), Rights.READ, 422, "sample?limit=1"),
        (lambda desk: desk.why("sample", datetime(2020, 1, 1, tzinfo=UTC)), Rights.READ, 404, "sample"),
        (lambda desk: desk.load("sample", "breakout", {"chanel": "3"}), Rights.ADMIN, 422, "channel"),
        (lambda desk: desk.halt("fleet"), Rights.READ, 403, "expected the right 'trade'"),
    ],
)
async def test_a_no_of_the_desk_says_what_was_expected(script: Script, act, rights, status, said):
    with pytest.raises(Refused, match=f"^{status}: ") as refused:
        await script.run(act, rights)
    assert refused.value.status == status
    assert said in refused.value.detail


def test_who_is_no_desk_is_told_from_one_that_says_no():
    proxy = httpx.MockTransport(lambda _asked: httpx.Response(502, text="<h1>Bad gateway</h1>"))
    with Desk(ADDRESS, SecretStr("key"), transport=proxy) as desk, pytest.raises(Refused, match="Bad Gateway"):
        desk.accounts()


async def test_the_example_of_the_documents_runs(script: Script, capsys: pytest.CaptureFixture[str]):
    page = ROOT / "docs" / "how-to" / "use-the-dashboard.md"
    [example] = [one.text for one in blocks(page) if one.language == "python"]
    known: dict[str, Any] = {"__name__": "example"}
    exec(compile(example, page.name, "exec"), known)
    await script.run(known["report"], Rights.TRADE)
    assert capsys.readouterr().out == "sample EUR/USD 2026-01-14 15:00:02+00:00\n"
    assert [one.scope for one in await states_in_force(script.calls.room.ledger)] == ["account:sample"]


async def test_an_account_is_added_as_it_was_planned_cloned_and_removed(script: Script, home: Path):
    keys = {"instruments": "[GBP/USD]", "strategies": "[{name: breakout}]", "schedule": "{every: 15m}"}
    planned = await script.run(lambda desk: desk.add("new", keys, dry_run=True))
    file = home / "config" / "accounts.yaml"
    before = file.read_text(encoding="utf-8")
    assert "+  new:" in planned.changed[0].difference
    done = await script.run(lambda desk: desk.add("new", keys, digest=planned.digest, why="more pounds"))
    assert done == planned
    await script.run(lambda desk: desk.add("newer", {"timeframe": "M15"}, like="new"))
    assert (await script.run(lambda desk: desk.reload("newer"))).changed == ()
    gone = await script.run(lambda desk: desk.remove("newer", dry_run=True))
    await script.run(lambda desk: desk.remove("newer", digest=gone.digest))
    await script.run(lambda desk: desk.remove("new", "no more pounds"))
    assert file.read_text(encoding="utf-8") == before
