"""A person at a browser and a user of Prefect change one account of a running desk, and see what its scans do then.

First at a desk in the light, then on a phone in the dark.
"""

import re
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.states import Crashed

from deployments.child import start_child
from deployments.plan import POOL
from desk.accounts import load_fleet
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.model.cycle import CycleKey, CycleRecord, CycleState, Mode
from desk.model.reasons import Reason
from desk.model.trade import VerdictState
from tests.console.dashboard.browsing import unanswered
from tests.end_to_end.fleet import AT, SPARE_TOKEN
from tests.end_to_end.installation import Site, eventually, finished, pool_exists
from tests.end_to_end.truth import compare

if TYPE_CHECKING:
    from playwright.async_api import Page

CHROMIUM = shutil.which("chromium")
SERVE = "from console.main import main; main(['serve', '--port', '0', '--json'])"
ACCOUNT = "fx-room"
ENV_FILE = "room.env"
KEY = "canary-8c41f7d2e6"
BEFORE, LATER = AT - timedelta(hours=1), AT + timedelta(hours=4)
"""Candles at which the first strategy waits, and at which the second would open what it does not hold yet."""
LAST = AT + timedelta(hours=5)
"""A candle whose run crashes."""

_LONGEST = 60.0
"""Seconds that a process may take to start, or a first scan, beside the rest of the suite."""

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on the PATH"),
]


@dataclass
class Person:
    """Who sits at the browser.

    Attributes:
        wrong: what the browser complained of.
    """

    page: "Page"
    address: str
    wrong: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Go to a page, which is as wide as its window."""
        await self.page.goto(f"{self.address}{path}")
        await self.look()

    async def look(self) -> None:
        """Wait until the values are there; nothing is wider than the window."""
        from playwright.async_api import expect

        # Where every part works, the one that would say otherwise stays empty.
        await expect(self.page.locator(".live:not(:empty)").first).to_be_visible()
        assert self.page.viewport_size is not None
        assert await self.page.evaluate("document.documentElement.scrollWidth") == self.page.viewport_size["width"]

    async def press(self, name: str) -> None:
        """Press a button of the page."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def agree(self, name: str, *shown: str, why: str = "drill") -> None:
        """Press a button of the dialog, when that has shown what will be, and a reason is given."""
        from playwright.async_api import expect

        dialog = self.page.get_by_role("dialog")
        for words in shown:
            await expect(dialog).to_contain_text(words)
        await dialog.get_by_label("Reason").fill(why)
        await dialog.get_by_role("button", name=name, exact=True).click()
        await expect(dialog).to_have_count(0)

    async def see(self, *texts: str) -> None:
        """Wait until the page says each of these."""
        from playwright.async_api import expect

        for text in texts:
            await expect(self.page.get_by_text(text).first).to_be_visible()

    async def see_row(self, name: str, text: str) -> None:
        """Wait until a row of a table says that."""
        from playwright.async_api import expect

        await expect(self.page.get_by_role("row", name=name)).to_contain_text(text)

    async def see_cycle(self, at: datetime, *texts: str) -> None:
        """Come to a cycle by the page of the account, and read there."""
        await self.open(f"/account/{ACCOUNT}")
        await self.page.get_by_role("link", name=f"{at:%Y-%m-%d %H:%M}").click()
        await self.see("Decisions", *texts)
        await self.look()

    async def take_the_phone(self) -> None:
        """Go on at the width of a phone, in the dark."""
        from playwright.async_api import expect

        body = expect(self.page.locator("body"))
        await body.to_have_class(re.compile("body--light"))
        await self.page.set_viewport_size({"width": 400, "height": 800})
        await self.page.emulate_media(color_scheme="dark")
        await body.to_have_class(re.compile("body--dark"))


@pytest.fixture
async def link(site: Site, client: PrefectClient) -> AsyncIterator[str]:
    """Let in to the control room, which is a process of its own; what the folder shares is put back afterwards."""
    accounts, log = site.config / "accounts.yaml", site.home / "served.log"
    written = accounts.read_text()
    worker = site.worker(POOL, "room")
    command = [sys.executable, "-c", SERVE]
    environment = {**site.environment, "DESK_ENV_FILE": str(site.home / ENV_FILE)}
    with start_child(command, environment=environment, directory=site.home, log=log) as serving:

        async def told() -> str:
            assert serving.is_running(), serving.log_tail()
            return "".join(re.findall(r'"link": "(.+)"', log.read_text()))

        try:
            found = await eventually(told, _LONGEST)
            await pool_exists(client, POOL)
            yield found
        finally:
            _put_in_place(accounts, written)
            await _remove_deployment(client)
            assert worker.stop() == 0, worker.log_tail()


@pytest.fixture
async def person(link: str) -> AsyncIterator[Person]:
    """Somebody who is let in, at a desk in the light; their browser has nothing to complain of."""
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=20_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1300, "height": 900}, color_scheme="light")
        person = Person(page, link.partition("/login")[0])
        page.on("console", lambda said: person.wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: person.wrong.append(str(error)))
        page.on("requestfailed", lambda request: person.wrong.extend(unanswered(request.url, request.failure)))
        await page.goto(link)
        yield person
        await browser.close()


async def test_what_a_person_changes_is_what_the_next_scan_does(site: Site, client: PrefectClient, person: Person):
    await _start_the_account(client, person)
    waited = await _scan(site, client, BEFORE)
    await _load_a_strategy(person)
    await _edit_a_parameter(person)
    traded = await _scan(site, client, AT)
    version = load_fleet(site.config).account(ACCOUNT).config_version
    await person.see_cycle(AT, "trend_following", f"configuration {version},", "filled")
    await person.open(f"/trades?account={ACCOUNT}")
    await person.see_row("USD/JPY", "trend_following")
    before = await compare(site.ledger_url, ACCOUNT)
    await _stop_and_start_the_account(client, person)

    await person.take_the_phone()
    await _halt_the_account(person)
    halted = await _scan(site, client, LATER)
    await person.see_cycle(LATER, "refused", Reason.TRADING_HALTED, "the news of eight")
    after = await compare(site.ledger_url, ACCOUNT)
    await person.open("/")
    await person.see(ACCOUNT)
    await _lift_the_halt(person)
    await _update_a_credential(person)
    await _resume_a_run(site, client, person)

    assert (site.home / ENV_FILE).read_text() == f"{SPARE_TOKEN}={KEY}\n"
    assert waited.config_version != traded.config_version == halted.config_version == version
    assert [{signal.strategy for signal in one.decision.signals} for one in (waited, traded, halted)] == [
        {"mean_reversion"},
        {"trend_following"},
        {"trend_following"},
    ]
    assert {intent.instrument for intent in traded.decision.intents} == {"USD/JPY", "XAU/USD"}
    assert before.orders == 2
    assert [verdict.state for verdict in halted.decision.verdicts] == [VerdictState.REFUSED]
    assert halted.decision.intents == ()
    assert before.is_clean
    assert after == before
    assert person.wrong == []


async def _start_the_account(client: PrefectClient, person: Person) -> None:
    """An account that was never scanned is given its deployment, which nobody has paused."""
    await person.open("/")
    await person.page.get_by_role("link", name=ACCOUNT).click()
    await person.press("Start schedule")
    await person.agree("Start schedule", f"scan/{ACCOUNT}: create")
    await person.see(f"{ACCOUNT}: written")
    assert await _is_paused(client) is False


async def _load_a_strategy(person: Person) -> None:
    from playwright.async_api import expect

    await person.open("/strategies")
    await person.page.get_by_role("row", name=ACCOUNT).get_by_role("link", name="Edit").click()
    await person.see(f"{ACCOUNT}: mean_reversion")
    await person.page.get_by_role("combobox", name="Strategy").click()
    await person.page.get_by_role("option", name="trend_following").click()
    await expect(person.page.get_by_label("entry_adx")).to_be_visible()
    await person.press("Show the change")
    await person.agree("Write", "trend_following")


async def _edit_a_parameter(person: Person) -> None:
    """Without it the third instrument would be traded, too."""
    await person.page.get_by_role("row", name=ACCOUNT).get_by_role("link", name="Edit").click()
    await person.see(f"{ACCOUNT}: trend_following")
    await person.page.get_by_label("entry_adx").fill("26")
    await person.press("Show the change")
    await person.agree("Write", "entry_adx")
    await person.see_row(ACCOUNT, "entry_adx 26")


async def _stop_and_start_the_account(client: PrefectClient, person: Person) -> None:
    for button, change, paused in (
        ("Stop schedule", "paused: False → True", True),
        ("Start schedule", "paused: True → False", False),
    ):
        await person.open(f"/account/{ACCOUNT}")
        await person.press(button)
        await person.agree(button, change)
        await person.see(f"scan/{ACCOUNT}: update")
        assert await _is_paused(client) is paused


async def _halt_the_account(person: Person) -> None:
    await person.open(f"/account/{ACCOUNT}")
    await person.press("Halt")
    await person.agree("Halt", "No order that opens a position leaves", why="the news of eight")
    await person.see(f"account:{ACCOUNT}: halted", "trading halted")


async def _lift_the_halt(person: Person) -> None:
    await person.open(f"/account/{ACCOUNT}")
    await person.press("Resume")
    await person.agree("Resume")
    await person.see("trading active")


async def _update_a_credential(person: Person) -> None:
    """What was typed is on no page afterwards, but for its end."""
    await person.open("/configuration")
    await person.see_row(SPARE_TOKEN, "missing")
    await person.press("Update")
    await person.page.get_by_label("New key").fill(KEY)
    await person.page.get_by_role("dialog").get_by_role("button", name="Write").click()
    await person.see_row(SPARE_TOKEN, f"…{KEY[-4:]}")
    assert KEY not in await person.page.content()


async def _resume_a_run(site: Site, client: PrefectClient, person: Person) -> None:
    """A run that crashed is run again by the worker, and the page shows how it ends then."""
    from playwright.async_api import expect

    run = await _crashed(site, client, LAST)
    await person.see_cycle(LAST, "crashed")
    await person.press("Resume run")
    await person.see("Its run is Crashed. It decides now, and trades by that.")
    await person.page.get_by_role("dialog").get_by_label("Reason").fill("the machine is back")
    await person.page.keyboard.press("Enter")
    await person.see("AwaitingRetry")
    [again] = await finished(client, [run], within=_LONGEST)
    assert again.state is not None
    assert again.state.is_completed(), again.state
    badges = expect(person.page.locator(".badges"))
    await badges.to_contain_text(str(again.state.name).lower())
    await badges.not_to_contain_text("Resume run")


async def _crashed(site: Site, client: PrefectClient, at: datetime) -> UUID:
    """What a process leaves that was killed before it had decided anything, once a worker has found that."""
    deployment = await client.read_deployment_by_name(f"scan/{ACCOUNT}")
    run = await site.start(client, deployment.id, at, state=Crashed())
    ledger = Ledger(Database.open(site.ledger_url))
    key = CycleKey(ACCOUNT, at)
    try:
        await ledger.record_run_end(key, CycleState.CRASHED, "killed", at, mode=Mode.PAPER, flow_run_id=str(run))
    finally:
        await ledger.close()
    return run


async def _scan(site: Site, client: PrefectClient, at: datetime) -> CycleRecord:
    """Run the deployment as a user of Prefect does, and return what the ledger knows of it."""
    deployment = await client.read_deployment_by_name(f"scan/{ACCOUNT}")
    [run] = await finished(client, [await site.start(client, deployment.id, at)], within=_LONGEST)
    assert run.state is not None
    assert run.state.is_completed(), run.state
    ledger = Ledger(Database.open(site.ledger_url))
    try:
        record = await ledger.cycle(CycleKey(ACCOUNT, at))
    finally:
        await ledger.close()
    assert record is not None
    return record


async def _is_paused(client: PrefectClient) -> bool:
    return (await client.read_deployment_by_name(f"scan/{ACCOUNT}")).paused


async def _remove_deployment(client: PrefectClient) -> None:
    for deployment in await client.read_deployments():
        if deployment.name == ACCOUNT:
            await client.delete_deployment(deployment.id)


def _put_in_place(path: Path, text: str) -> None:
    """Whole at once: scans of the other accounts read it all the time."""
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    partial.replace(path)
