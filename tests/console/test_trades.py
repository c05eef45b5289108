"""`desk trades`: open and closed ones of the whole fleet, filtered, and as a table for a spreadsheet."""

import csv
from io import StringIO

from desk.adapters.ledger.ledger import Ledger
from tests.console.conftest import Desk, Fill
from tests.console.stories import traded, traded_often


async def story(ledger: Ledger) -> None:
    await traded(ledger)
    await traded_often(ledger, ("200", "-50"), account="fresh")


def test_trades_of_every_account_are_listed_the_newest_first(desk: Desk, fill: Fill) -> None:
    fill(story)
    found = desk("trades", "--json").json
    assert [(one["account"], one["profit"], one["multiple"]) for one in found] == [
        ("fresh", "-50", -0.5),
        ("sample", "-0.01", None),
        ("fresh", "200", 2.0),
    ]
    shown = desk("trades", "fresh", "--limit", "1").out
    assert "-50.00 USD" in shown
    assert "-0.50" in shown
    assert "+200.00" not in shown


def test_only_those_that_are_asked_for_are_listed(desk: Desk, fill: Fill) -> None:
    fill(story)
    assert [one["account"] for one in desk("trades", "--outcome", "open", "--json").json] == ["sample"]
    assert desk("trades", "resting").out == "no trades\n"
    refused = desk("trades", "--outcome", "wun")
    assert refused.code == 2
    assert "expected open, won or lost, found 'wun'; did you mean 'won'?" in refused.err


def test_a_spreadsheet_gets_every_trade(desk: Desk, fill: Fill) -> None:
    fill(story)
    rows = list(csv.DictReader(StringIO(desk("trades", "--csv", "--limit", "1").out)))
    assert [(row["account"], row["profit"]) for row in rows] == [
        ("fresh", "-50"),
        ("sample", "-0.01"),
        ("fresh", "200"),
    ]


def test_prices_beside_each_other_have_as_many_digits_as_the_instrument(desk: Desk, fill: Fill) -> None:
    fill(story)
    shown = desk("trades").out
    assert "1.10000" in shown
    assert "3.10000" in shown
    assert {one["entry_price"] for one in desk("trades", "--json").json} == {"1.1"}
