"""The table of the fleet: groups have a column where there are any, and one of them can be looked at alone."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from console.dashboard.fleet import of_group, rows_of
from console.services.risk import AccountRisk, LimitUse
from console.services.standings import Standing
from desk.accounts import load_fleet
from desk.execution.breaker import Limit
from desk.model.books import Restriction, TradingState
from tests.builders import CLOSE


def standings(home: Path) -> Sequence[Standing]:
    restriction = Restriction(TradingState.ACTIVE)
    accounts = load_fleet(home / "config").accounts.values()
    return [Standing(spec, None, None, restriction, None) for spec in accounts]


def test_without_groups_nothing_is_said_of_them(home: Path):
    headings, rows = rows_of(standings(home), {})
    assert headings[:2] == ("Account", "Mode")
    assert [row[0].text for row in rows] == ["sample", "fresh", "resting"]
    assert {len(row) for row in rows} == {len(headings)}


def test_a_group_has_a_column_and_leads_to_its_accounts_alone(grouped: Path):
    headings, rows = rows_of(standings(grouped), {})
    assert headings[:3] == ("Account", "Group", "Mode")
    assert [(row[1].text, row[1].link) for row in rows] == [
        ("majors", "/?group=majors"),
        ("", ""),
        ("majors", "/?group=majors"),
    ]
    assert {len(row) for row in rows} == {len(headings)}
    assert [one.spec.name for one in of_group(standings(grouped), "majors")] == ["sample", "resting"]
    assert len(of_group(standings(grouped), "")) == 3
    assert of_group(standings(grouped), "nobody") == []


def test_a_scan_that_is_missing_stands_where_it_is_said_what_is_wrong(home: Path):
    sample, fresh, resting = standings(home)
    headings, rows = rows_of([sample, replace(fresh, overdue=CLOSE), resting], {})
    place = headings.index("What is wrong")
    told = "a scan was due at 2026-01-14 15:00 UTC, and none has begun"
    assert [row[place].text for row in rows] == ["", told, ""]


def test_exposure_and_the_fullest_limit_stand_beside_the_money(home: Path):
    held = {"EUR/USD": Decimal(150), "USD/JPY": Decimal(-50)}
    uses = (
        LimitUse(Limit.DRAWDOWN, Decimal("0.02"), Decimal("0.1")),
        LimitUse(Limit.CONSECUTIVE_LOSSES, Decimal(3), Decimal(4)),
    )
    risks = {
        "sample": AccountRisk("sample", "USD", Decimal(100), held, limits=uses),
        "fresh": AccountRisk("fresh", "USD", Decimal(100), unvalued=("XAU/USD",)),
    }
    headings, rows = rows_of(standings(home), risks)
    shown, bar = headings.index("Exposure"), headings.index("Risk")
    assert [row[shown].text for row in rows] == ["2.00", "unknown", ""]
    assert [row[shown].title for row in rows] == ["200.00 USD", "Without a price: XAU/USD.", ""]
    assert [(row[bar].text, row[bar].part, row[bar].kind, row[bar].title) for row in rows] == [
        ("75%", 0.75, "careful", f"consecutive losses: {uses[1].told}"),
        ("", None, "", ""),
        ("", None, "", ""),
    ]
