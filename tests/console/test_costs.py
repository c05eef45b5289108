"""`desk costs`: estimates beside what was paid, by account, strategy and instrument."""

from dataclasses import replace
from decimal import Decimal

import pytest

from desk.adapters.ledger.ledger import Ledger
from tests.console.conftest import Desk, Fill
from tests.desk.adapters.ledger.test_costs import EXPECTED, proposing, trade


async def one_trade(ledger: Ledger) -> None:
    await trade(ledger, proposing(EXPECTED), price="1.102")


async def one_without_an_estimate(ledger: Ledger) -> None:
    await trade(ledger, proposing(None))


def test_estimates_stand_beside_what_was_paid(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    [row] = desk("costs", "--json").json
    assert (row["account"], row["strategy"], row["instrument"]) == ("sample", "constant", "EUR/USD")
    assert (row["trades"], row["estimated"], row["currency"]) == (1, 1, "USD")
    figures = {key: Decimal(value) for key, value in row.items() if key.endswith(("expected", "paid"))}
    assert figures == {
        "fees expected": 2,
        "fees paid": Decimal("0.02"),
        "entry slippage expected": Decimal("0.25"),
        "entry slippage paid": Decimal("0.2"),
        "spread expected": 1,
        "financing expected": Decimal("0.25"),
        "financing paid": 0,
        "conversion expected": 0,
    }


def test_the_table_is_for_people(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    said = desk("costs", "sample")
    assert said.code == 0
    assert all(word in said.out for word in ("constant", "EUR/USD", "0.20", "2.00"))


def test_a_trade_without_an_estimate_is_counted_and_not_compared(desk: Desk, fill: Fill) -> None:
    fill(one_without_an_estimate)
    [row] = desk("costs", "--json").json
    assert (row["trades"], row["estimated"], Decimal(row["fees paid"])) == (1, 0, 0)


@pytest.mark.parametrize("words", [("fresh",), ("--since", "2026-02-01"), ("--since", "1m")])
def test_without_closed_trades_it_says_so(desk: Desk, fill: Fill, words: tuple[str, ...]) -> None:
    fill(one_trade)
    assert desk("costs", *words).out == "no closed trades\n"
    assert desk("costs", *words, "--json").json == []


def test_a_time_before_the_trade_leaves_it_in(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    assert len(desk("costs", "sample", "--since", "2026-01-14", "--json").json) == 1


def test_words_that_are_not_understood_are_answered_with_what_is_expected(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    said = desk("costs", "sampel")
    assert (said.code, "did you mean 'sample'" in said.err) == (2, True)
    assert (desk("costs", "--since", "yesterday").code) == 2


@pytest.mark.parametrize(("slippage", "shown"), [("0.0008", "0.0002"), ("0.00001", "0.00"), ("4000", "1,000.00")])
def test_small_amounts_keep_two_digits(desk: Desk, fill: Fill, slippage: str, shown: str) -> None:
    async def cheap(ledger: Ledger) -> None:
        await trade(ledger, proposing(replace(EXPECTED, slippage=Decimal(slippage))))

    fill(cheap)
    assert shown in desk("costs", "sample").out
