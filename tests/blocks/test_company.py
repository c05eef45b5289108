"""Whom a scan has around its account: those of its own world, as they are configured."""

import pytest

from blocks.account import AccountBlock
from desk.steps.surroundings import Company, Seat
from tests.flows.installation import AT

pytestmark = pytest.mark.usefixtures("installation")


async def test_a_scan_knows_the_accounts_of_its_mode_and_clock_with_their_currencies():
    around = AccountBlock(name="trader").open(run="run-1", at=AT).company
    assert around == Company({"holder": Seat("oanda", "USD")})
    assert AccountBlock(name="planner").open(run="run-1", at=AT).company == Company({})


async def test_the_operators_calendar_comes_along_where_there_is_one(installation):
    opened = AccountBlock(name="trader").open(run="run-1", at=AT)
    assert opened.company.calendar is None
    listed = "complete_until: 2026-02-01T00:00:00Z\nevents: [{at: 2026-01-14T16:00:00Z, title: A summit}]\n"
    (installation.config / "events.yaml").write_text(listed)
    calendar = AccountBlock(name="trader").open(run="run-1", at=AT).company.calendar
    assert [event.title for event in await calendar.events(AT, AT.replace(hour=17))] == ["A summit"]
