"""`desk compare`: two accounts side by side."""

from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.ledger.ledger import Ledger
from tests.builders import CLOSE
from tests.console.conftest import Desk, Fill
from tests.console.stories import traded_often


async def two_records(ledger: Ledger) -> None:
    """The first account gains about half an R a trade and a percent a day, the second loses as much."""
    await traded_often(ledger, ("60", "40", "70", "30") * 3)
    await traded_often(ledger, ("-60", "-40", "-70", "-30") * 2, account="fresh", strategy="breakout")
    for day, (up, down) in enumerate([("100", "100"), ("101", "99"), ("102.02", "98"), ("103", "97.1")]):
        for account, equity in (("sample", up), ("fresh", down)):
            await ledger.record_equity(account, CLOSE + timedelta(days=day), Decimal(equity), Decimal(equity))


def test_trades_and_days_are_compared_with_their_significance(desk: Desk, fill: Fill) -> None:
    fill(two_records)
    found = desk("compare", "sample", "fresh", "--json").json
    trades, days = found["r_a_trade"], found["daily_return"]
    assert found["accounts"] == ["sample", "fresh"]
    assert found["differ_in"] == ["instruments", "strategies"]
    assert (trades["counts"], trades["means"]) == ([12, 8], [0.5, -0.5])
    assert (trades["p_student"] < 0.001, trades["p_permutation"] < 0.001) == (True, True)
    assert trades["difference"]["low"] > 0.8
    assert (trades["permutations"], days["permutations"]) == (9_999, 9_999)
    assert trades["p_error"] < 0.001 < days["p_error"] < 0.01
    assert (days["counts"], days["p_permutation"]) == ([3, 3], pytest.approx(0.25, abs=0.01))


def test_the_table_is_for_people_and_says_what_follows(desk: Desk, fill: Fill) -> None:
    fill(two_records)
    said = desk("compare", "sample", "fresh").out
    assert said.startswith("sample and fresh differ in: instruments, strategies\n")
    assert all(word in said for word in ("+0.500 (12)", "-0.500 (8)", "+1.000 ±", "9,999"))
    assert "R a trade: chance alone seldom makes such a difference" in said
    assert "daily return: chance alone may explain the difference" in said


def test_accounts_without_trades_cannot_be_compared_and_it_says_so(desk: Desk, fill: Fill) -> None:
    fill(two_records)
    said = desk("compare", "sample", "fresh", "--since", "2027-01-01")
    assert (said.code, said.out.count("too few to compare")) == (0, 2)
    assert desk("compare", "sample", "fresh", "--since", "2027-01-01", "--json").json["r_a_trade"] is None


def test_an_account_is_not_compared_with_itself_nor_with_one_that_is_not_there(desk: Desk, fill: Fill) -> None:
    fill(two_records)
    assert desk("compare", "sample", "sample").code == 2
    assert "did you mean 'fresh'" in desk("compare", "sample", "frehs").err
