"""What the page of an account leads to; without a browser."""

from nicegui import ui
from nicegui.client import Client

from console.dashboard.account import _cycles
from console.services.paging import Page
from desk.adapters.ledger.facts import CycleSummary


def links(page: Page[CycleSummary]) -> list[object]:
    with Client(ui.page("")) as client:
        _cycles("sample", page, lambda _one: None)
        return [one.props["href"] for one in client.elements.values() if "href" in one.props]


def test_cycles_before_those_that_are_shown_are_a_click_away():
    assert links(Page((), "2026-01-14T15:00:00Z~")) == ["/account/sample?after=2026-01-14T15%3A00%3A00Z~#cycles"]
    assert links(Page(())) == []
