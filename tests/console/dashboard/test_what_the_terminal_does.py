"""A person at a browser: reads messages, finds out what was chosen and what the fleet is worth, takes an arm back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from console.api.passwords import hash_password
from desk.accounts import load_fleet
from desk.adapters.ledger.ledger import Ledger
from desk.model.access import Rights
from desk.model.arming import Arm, ArmCheck, CheckResult
from desk.model.messages import DeliveryState, MessageKind
from desk.ports import Message
from desk.universe.choosing import Choice, Place, Standing
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.dashboard.browsing import CHROMIUM, serving
from tests.console.test_portfolio import two_valued

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CANARY = "canary-4c81ad"
MARKUP = "<img src=x onerror=document.title=7>"
PASSWORD = "correct horse battery"
ACCOUNTS = """\
  coins:
    universe: coins
    strategies: [{name: breakout}]
    schedule: {every: 5m}
  euro:
    mode: live
    feed: venue
    instruments: [EUR/USD]
    strategies: [{name: breakout}]
    schedule: {every: 5m}
connections:
  practice: {kind: oanda, environment: practice, account_id: 101-001-0000001-001, secrets: {token: SPARE_TOKEN}}
"""
PORTFOLIO = """\
targets:
  sample: {weight: 0.3}
  fresh: {weight: 0.7, band: 0.1}
transfers: {minimum: 50, maximum: 1000, together: 1000}
"""
MANY = 130
"""How many instruments are left out because they are too new: more than one page has."""
LOOKS = [(width, scheme) for width in (1300, 400) for scheme in ("light", "dark")]

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on the PATH"),
]


async def told(ledger: Ledger) -> None:
    """An entry that arrived, and a failure that quotes an address and was given up."""
    await ledger.post(Message("sample: 1 order", "bought", kind=MessageKind.ENTRY), ["log"], CLOSE)
    body = f"no answer of https://ana:{CANARY}@example.org, {MARKUP}"
    await ledger.post(Message("sample: scan failed", body, "error", MessageKind.FAILURE), ["mail 3fa9c1"], CLOSE)
    for due, _ in await ledger.due_deliveries(CLOSE):
        is_log = due.target == "log"
        await ledger.claim_delivery(due, CLOSE, CLOSE + timedelta(minutes=2))
        became = DeliveryState.SENT if is_log else DeliveryState.DEAD
        await ledger.end_attempt(due, became, CLOSE, detail="" if is_log else "no route")


async def chosen(ledger: Ledger) -> None:
    new = Standing("N000/USD", Place.AGE, "traded for 3 days, below 30", age_days=3)
    standings = (
        Standing("BTC/USD", Place.TIER, "tier majors"),
        Standing("WIDE/USD", Place.SPREAD, "a spread of 40.00 bps, above 15"),
        *(replace(new, instrument=f"N{number:03}/USD") for number in range(MANY)),
    )
    await ledger.store_universe_choice(Choice("coins", CLOSE, "coins", "c0ffee", standings))


@pytest.fixture
def served(home: Path, fill: Fill) -> Iterator[dict[str, str]]:
    config = home / "config"
    accounts = config / "accounts.yaml"
    text = accounts.read_text().replace("feeds:\n", "feeds:\n  venue: {kind: venue, connection: practice}\n")
    accounts.write_text(text + ACCOUNTS)
    (config / "portfolio.yaml").write_text(PORTFOLIO)
    (config / "universe.yaml").write_text("universes:\n  coins:\n    quote: USD\n    dynamic: {count: 2}\n")
    version = load_fleet(config).account("euro").config_version
    check = ArmCheck("right to withdraw", CheckResult.NOT_TOLD, "no", "not told by the venue")

    async def story(ledger: Ledger) -> None:
        await two_valued(ledger)
        await told(ledger)
        await chosen(ledger)
        await ledger.arm(Arm("euro", version, "practice", "101-001-0000001-001", "ana", datetime.now(UTC), (check,)))
        await ledger.set_password("ben", hash_password(PASSWORD), Rights.READ, who="ana")

    fill(story)
    with serving() as found:
        yield found


def tile(page: "Page", name: str) -> "Locator":
    """The figure of that name."""
    return page.locator(".tile").filter(has=page.get_by_text(name, exact=True)).locator(".value")


def read_messages(page: "Page") -> None:
    """From the logs to what was given up, with the keyboard alone."""
    from playwright.sync_api import expect

    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Logs").click()
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(tile(page, "Tried again")).to_have_text("0")
    expect(tile(page, "Given up")).to_have_text("1")
    expect(page.get_by_role("row").filter(has_text="sample: 1 order")).to_contain_text("sent")
    page.locator("select[name=state]").select_option("dead")
    page.get_by_role("button", name="Show").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/messages?*state=dead")
    failed = page.get_by_role("row").filter(has_text="sample: scan failed")
    expect(failed).to_contain_text("given up")
    expect(failed).to_contain_text("no route")
    expect(failed.locator("td[data-label='Next attempt']")).to_have_text("")
    expect(page.locator(".more")).to_be_hidden()
    page.locator("td summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".more")).to_have_text(f"no answer of https://***@example.org, {MARKUP}")
    assert CANARY not in page.content()
    page.locator("select[name=kind]").select_option("digest")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No message fits.")).to_be_visible()


def see_what_was_chosen(page: "Page", address: str) -> None:
    """From the page of the account to those that were left out for one reason, page by page."""
    from playwright.sync_api import expect

    page.goto(f"{address}/account/coins")
    expect(
        page.get_by_text("coins: 1 of 132 instruments, chosen at the candle of 2026-01-14 15:00 UTC.")
    ).to_be_visible()
    expect(page.get_by_role("row", name="BTC/USD")).to_contain_text("tier majors")
    page.get_by_role("link", name="too new (130)").click()
    expect(page.get_by_role("row", name="N000/USD")).to_contain_text("traded for 3 days, below 30")
    expect(page.get_by_role("row", name="WIDE/USD")).to_have_count(0)
    page.get_by_role("link", name="The next of 130").click()
    expect(page.get_by_role("row", name="N129/USD")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(31)
    page.locator("input[name=instrument]").fill("wide")
    page.locator("select[name=why]").select_option("")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row", name="WIDE/USD")).to_contain_text("a spread of 40.00 bps, above 15")
    page.goto(f"{address}/account/sample/universe")
    expect(page.locator(".empty")).to_contain_text("sample trades a fixed list of instruments: EUR/USD")
    expect(page.get_by_role("alert")).to_have_count(0)


def see_what_the_fleet_is_worth(page: "Page") -> None:
    from playwright.sync_api import expect

    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Portfolio").click()
    share = page.get_by_role("row", name="sample 6,000.00 USD").get_by_text("60.0%")
    expect(share).to_have_class("loss")
    expect(tile(page, "Outside their band")).to_have_text("2")
    expect(tile(page, "Proposed")).to_have_text("2")
    planned = page.get_by_role("row", name="Move 1,000.00 USD from sample to fresh")
    expect(planned).to_contain_text("wanted 0.7 within 0.1")
    expect(page.get_by_text("The desk moves no money unless portfolio.yaml says so.")).to_be_visible()


def disarm(page: "Page", address: str) -> None:
    """The arm and what was checked are shown; it is taken back with a reason, and the way to arm is said."""
    from playwright.sync_api import expect

    page.goto(f"{address}/account/euro")
    expect(page.get_by_text("by ana")).to_be_visible()
    since = str(page.request.get(f"{address}/api/arms").json()[0]["since"])
    expect(tile(page, "Since")).to_have_text(since[:16].replace("T", " "))
    expect(tile(page, "Armed")).to_have_text("yes")
    page.get_by_text("What was checked when it was armed").click()
    expect(page.get_by_role("row", name="right to withdraw")).to_contain_text("not told")
    page.get_by_role("button", name="Disarm").click()
    expect(page.get_by_role("dialog")).to_contain_text("until it is armed in the terminal")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Disarm euro?")).to_have_count(0)
    assert page.request.get(f"{address}/api/arms").json()[0]["may_open"] is True
    page.get_by_role("button", name="Disarm").dblclick()
    page.get_by_label("Reason").fill("holiday")
    page.get_by_label("Reason").press("Enter")
    expect(page.get_by_text("euro: disarmed")).to_be_visible()
    expect(page.get_by_text("not armed: run `desk arm euro`.", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Disarm")).to_have_count(0)
    newest = page.request.get(f"{address}/api/audit?limit=1").json()["rows"][0]
    assert (newest["action"], newest["detail"]["why"]) == ("disarmed", "holiday")


def see_no_button(browser: "Browser", address: str) -> None:
    """Who may only look is shown the arm, and nothing to take it back with."""
    from playwright.sync_api import expect

    page = browser.new_context().new_page()
    page.goto(f"{address}/account/euro")
    page.get_by_label("Name").fill("ben")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("by ana")).to_be_visible()
    expect(page.get_by_role("button", name="Disarm")).to_have_count(0)
    page.context.close()


def test_a_person_does_in_a_browser_what_was_the_terminals(served: dict[str, str]):
    from playwright.sync_api import expect, sync_playwright

    # Several pages and a browser share the processors with the rest of the suite.
    expect.set_options(timeout=20_000)
    address = served["address"]
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1300, "height": 900}).new_page()
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(served["link"])
        read_messages(page)
        see_what_was_chosen(page, address)
        see_what_the_fleet_is_worth(page)
        for path in ("/messages", "/portfolio", "/account/coins", "/account/coins/universe", "/account/euro"):
            page.goto(f"{address}{path}")
            expect(page.locator(".live:not(:empty)").first).to_be_visible()
            for width, scheme in LOOKS:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                assert page.evaluate("document.documentElement.scrollWidth") == width, (path, scheme)
        page.set_viewport_size({"width": 1300, "height": 900})
        see_no_button(browser, address)
        disarm(page, address)
        browser.close()
    assert wrong == []
