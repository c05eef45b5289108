"""A person at a browser: finds out why an account traded, changes how it trades, halts the fleet; also on a phone."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from console.api.passwords import hash_password
from console.dashboard.menu import MENU
from desk.adapters.ledger.ledger import Ledger
from desk.model.access import Rights
from desk.model.cycle import CycleState
from desk.model.excursions import Excursion
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.dashboard.browsing import CHROMIUM, serving, unanswered
from tests.console.stories import ended, failed, traded

if TYPE_CHECKING:
    from playwright.sync_api import Page

MARKUP = "<img src=x onerror=document.title=7>"

CONNECTION = """\
connections:
  practice: {kind: oanda, environment: practice, account_id: 101-001-1-001, secrets: {token: SPARE_TOKEN}}
"""
KEY = "canary-55d0e2b91c"
PASSWORD = "correct horse battery"

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on the PATH"),
]


async def story(ledger: Ledger) -> None:
    await traded(ledger)
    opened = CLOSE + timedelta(seconds=2)
    way = Excursion("EUR/USD", opened, Decimal("1.05"), Decimal("1.2"), opened, opened)
    await ledger.record_equity("sample", CLOSE, Decimal("10000.10"), Decimal(10000), seen=[way])
    await ended(ledger, CycleState.HELD, account=f"gone {MARKUP}")
    await failed(ledger, account="fresh", run=str(UUID(int=7)))
    await ledger.set_password("ben", hash_password(PASSWORD), Rights.READ, who="ana")


@pytest.fixture
def served(home: Path, fill: Fill) -> Iterator[dict[str, str]]:
    """The control room in a process of its own; its address, and the link that lets in."""
    fill(story)
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("The account of the builders.", MARKUP) + CONNECTION)
    with serving() as told:
        yield told


def walk_through_every_page(page: "Page") -> None:
    """Every page of the menu shows its name, and is as wide as its window, on a phone too."""
    from playwright.sync_api import expect

    for entry in MENU:
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=entry.name).click()
        expect(page.get_by_role("link", name=entry.name, exact=True)).to_have_class("here")
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator(".live:not(:empty)").first).to_be_visible()
        assert page.title() == f"{entry.name} · Scandesk"
        if entry.name == "Trades":
            expect(page.get_by_role("row", name="EUR/USD")).to_contain_text("at 1.05000at 1.20000")
        for width in (400, 1300):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width, entry


def see_where_the_keyboard_is(page: "Page") -> None:
    """A button that Tab reaches has a ring around it."""
    from playwright.sync_api import expect

    page.get_by_role("link", name="Scandesk").focus()
    page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Log out")
    expect(button).to_be_focused()
    expect(button).not_to_have_css("box-shadow", "none")


def skip_to_the_content(page: "Page") -> None:
    """The first stop of Tab leads past head and menu, and is seen only while it has the focus."""
    from playwright.sync_api import expect

    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    expect(skip).not_to_be_in_viewport()


def look_at_what_a_strategy_saw(page: "Page") -> None:
    """The chart shows what the account's strategy saw, says the values of a candle, and another account has its own."""
    from playwright.sync_api import expect

    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Chart").click()
    expect(page.locator(".live")).to_contain_text("momentum_trading")
    short = page.get_by_role("group", name="What the chart shows").get_by_role("button", name="Short")
    expect(short).to_have_text("▼Short")
    short.click()
    expect(short).to_have_attribute("aria-pressed", "false")
    page.wait_for_function(
        "getElement(Number(document.querySelector('.chart').id.slice(1))).chart.getOption().legend[0].selected.Short"
        " === false"
    )
    page.locator(".chart canvas").hover(position={"x": 300, "y": 150})
    expect(page.locator(".hovered")).to_contain_text("separation_atr")
    page.locator("select[name=account]").select_option("fresh")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("select[name=strategy]")).to_have_value("breakout")
    expect(page.locator(".live")).to_contain_text("judges M5 candles")
    page.locator("select[name=strategy]").select_option("")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".chart canvas")).to_be_visible()
    expect(page.locator(".live")).not_to_contain_text("judges")


def edit_a_parameter(page: "Page", accounts: Path) -> None:
    """What is typed is shown as a difference, and written when that was agreed to."""
    from playwright.sync_api import expect

    before = accounts.read_text()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Strategies").click()
    expect(page.get_by_role("row", name="resting")).to_contain_text("off")
    page.get_by_role("row", name="sample").get_by_role("link", name="Edit").click()
    expect(page.get_by_role("heading", name="sample: momentum_trading")).to_be_visible()
    page.get_by_label("fast_period").fill("900")
    page.get_by_role("button", name="Show the change").click()
    expect(page.get_by_text("Nothing was changed")).to_be_visible()
    page.get_by_label("fast_period").fill("9")
    page.get_by_role("button", name="Show the change").click()
    shown = expect(page.get_by_role("dialog"))
    shown.to_contain_text("momentum_trading, parameters: {fast_period: 9}")
    assert accounts.read_text() == before
    page.get_by_role("dialog").get_by_role("button", name="Write").click()
    # The configuration is read several times before it is written.
    expect(page.get_by_role("row", name="sample")).to_contain_text("fast_period 9")
    assert accounts.read_text() == before.replace(
        "{name: momentum_trading}", "{name: momentum_trading, parameters: {fast_period: 9}}"
    )


def add_and_remove_an_account(page: "Page", accounts: Path) -> None:
    """An account that a form describes, and a copy of it, are shown before they are written; one goes the same way."""
    from playwright.sync_api import expect

    before = accounts.read_text()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Configuration").click()
    page.get_by_role("link", name="Add account").click()
    page.get_by_label("name", exact=True).fill("new")
    for key, text in (("instruments", "GBP/USD"), ("schedule", "every: 15m")):
        page.get_by_label(key).fill(text)
    page.get_by_role("combobox", name="strategies").click()
    page.get_by_role("option", name="breakout", exact=True).click()
    page.get_by_role("button", name="Show the change").click()
    expect(page.get_by_role("dialog")).to_contain_text("strategies: [{name: breakout}]")
    assert accounts.read_text() == before
    page.get_by_role("dialog").get_by_role("button", name="Add account").click()
    page.wait_for_url("**/account/new")
    assert "    schedule: {every: 15m}\n" in accounts.read_text()

    page.get_by_role("button", name="Clone").click()
    page.get_by_label("New name").fill("new")
    page.get_by_role("button", name="Show the change").click()
    expect(page.get_by_text("expected a new name")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog")).to_contain_text("-  new:")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("row", name="sample")).to_contain_text("0.01")
    assert accounts.read_text() == before


def put_a_key(page: "Page", home: Path) -> None:
    """A key is typed, written where keys are kept, and shown by its end only."""
    from playwright.sync_api import expect

    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Configuration").click()
    expect(page.get_by_role("row", name="SPARE_TOKEN")).to_contain_text("missing")
    page.get_by_role("button", name="Update").click()
    page.get_by_label("New key").fill(KEY)
    page.get_by_role("dialog").get_by_role("button", name="Write").click()
    expect(page.get_by_role("row", name="SPARE_TOKEN")).to_contain_text("…b91c")
    assert KEY not in page.content()
    assert (home / ".env").read_text() == f"SPARE_TOKEN={KEY}\n"


def resume_a_run(page: "Page") -> None:
    """A run that failed has a button where it stands; without a Prefect server it is said that nothing was changed."""
    from playwright.sync_api import expect

    page.get_by_role("link", name="fresh").click()
    page.get_by_role("row", name="VenueUnavailable").get_by_role("button", name="Resume run").click()
    expect(page.get_by_text("Nothing was changed: http://127.0.0.1:9/api: expected a Prefect server")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    go_home(page)


def go_home(page: "Page") -> None:
    """To the fleet, until that page is there: one that is being left cannot be measured."""
    with page.expect_navigation():
        page.get_by_role("link", name="Scandesk").click()


def log_in(page: "Page") -> None:
    """The form of the door, as a browser sends it."""
    page.get_by_label("Name").fill("ben")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def halt_elsewhere(page: "Page", address: str) -> None:
    """What somebody else does is seen at once, and the link that has the focus keeps it."""
    from playwright.sync_api import expect

    page.get_by_role("link", name="fresh").focus()
    csrf = page.request.get(f"{address}/api/session").json()["csrf"]
    for word, shown in (("halt", "halted"), ("resume", "active")):
        order = {"scope": "account:fresh", "why": "drill"}
        headers = {"origin": address, "x-csrf-token": csrf}
        assert page.request.post(f"{address}/api/{word}", data=order, headers=headers).ok
        expect(page.get_by_role("row", name="fresh")).to_contain_text(shown)
        expect(page.get_by_role("link", name="fresh")).to_be_focused()


def test_a_person_logs_in_finds_out_why_and_halts_the_fleet(home: Path, served: dict[str, str]):
    from playwright.sync_api import expect, sync_playwright

    # Several pages and a browser share the processors with the rest of the suite.
    expect.set_options(timeout=20_000)
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1300, "height": 900}).new_page()
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("requestfailed", lambda request: wrong.extend(unanswered(request.url, request.failure)))
        page.goto(served["link"])

        skip_to_the_content(page)
        see_where_the_keyboard_is(page)
        expect(page.get_by_role("row")).to_have_count(4)
        expect(page.get_by_role("row", name="fresh")).to_contain_text("VenueUnavailable: oanda: candles failed")
        expect(page.get_by_role("row", name="sample")).to_contain_text("a scan was due at")
        expect(page.get_by_role("alert")).to_contain_text("Prefect server: failing.")
        # What somebody wrote is shown as they wrote it, and not run.
        expect(page.get_by_text(f"gone {MARKUP}")).to_be_visible()

        page.get_by_role("link", name="sample").click()
        expect(page.get_by_text(MARKUP)).to_be_visible()
        expect(page.locator(".chart svg")).to_be_visible()
        expect(page.get_by_role("row", name="EUR/USD").first).to_contain_text("long")

        expect(page.get_by_text("Prefect does not answer: whether the schedule runs is not known.")).to_be_visible()
        expect(page.get_by_role("button", name="Start schedule")).to_be_enabled()
        page.get_by_role("link", name="2026-01-14 15:00").click()
        expect(page.get_by_role("heading", name="Steps")).to_be_visible()
        expect(page.get_by_role("heading", name="XAU/USD")).to_be_visible()
        expect(page.get_by_text("refused").first).to_be_visible()
        assert page.title() == "Cycle · Scandesk"

        walk_through_every_page(page)
        look_at_what_a_strategy_saw(page)
        edit_a_parameter(page, home / "config" / "accounts.yaml")
        add_and_remove_an_account(page, home / "config" / "accounts.yaml")
        put_a_key(page, home)
        page.get_by_role("link", name="Scandesk").click()
        halt_elsewhere(page, served["address"])
        resume_a_run(page)

        page.set_viewport_size({"width": 400, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == 400
        go_home(page)
        expect(page.get_by_role("link", name="sample")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 400

        # Who clicks twice is asked once.
        page.get_by_role("button", name="Halt").dblclick()
        page.get_by_role("dialog").get_by_role("button", name="Halt").click()
        expect(page.get_by_text("A reason is kept in the audit; say one.")).to_be_visible()
        assert page.request.get(f"{served['address']}/api/states").json() == []
        page.get_by_label("Reason").fill("the news of eight")
        page.get_by_role("dialog").get_by_role("button", name="Halt").dblclick()
        expect(page.get_by_text("fleet: halted")).to_be_visible()
        expect(page.get_by_text("trading state is halted until it is lifted: the news of eight")).to_have_count(3)
        newest = page.request.get(f"{served['address']}/api/audit?limit=2").json()["rows"]
        assert [row["subject"] for row in newest] == ["fleet", "account:fresh"]
        [halt] = page.request.get(f"{served['address']}/api/states").json()
        assert (halt["scope"], halt["state"], halt["why"]) == ("fleet", "halted", "the news of eight")

        nowhere = page.request.get(f"{served['address']}/nowhere")
        assert (nowhere.status, "There is no such page." in nowhere.text()) == (404, True)
        page.goto(f"{served['address']}/logs?level=warning")
        expect(page.get_by_text("Nothing was logged of that.")).to_be_visible()
        page.get_by_role("combobox", name="Account").click()
        page.get_by_role("option", name="sample").click()
        page.wait_for_url("**/logs?which=trading&account=sample&level=warning")

        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_label("Password")).to_be_visible()
        page.goto(f"{served['address']}/trades?account=sample")
        log_in(page)
        expect(page).to_have_url(f"{served['address']}/trades?account=sample")
        expect(page.get_by_role("row")).to_contain_text("EUR/USD")
        browser.close()
    assert wrong == []
