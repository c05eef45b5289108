"""`desk performance`: what closed trades came to."""

from decimal import Decimal

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.model.instrument import Side
from desk.model.orders import FillReason
from tests.console.conftest import Desk, Fill
from tests.desk.adapters.ledger.builders import CONVERSION, fill
from tests.desk.adapters.ledger.test_records import book, order


async def three_trades(ledger: Ledger) -> None:
    """Of a strategy two, of which one was stopped, and one that nobody knows."""
    for number, (price, reason) in enumerate([("1.12", FillReason.TARGET), ("1.09", FillReason.STOP)]):
        await order(ledger, f"sd-{number}")
        bought = fill(f"B{number}", order=f"sd-{number}", after=10 * number, fee="0")
        sold = fill(f"S{number}", order="x", side=Side.SELL, price=price, after=10 * number + 1, fee="0", reason=reason)
        await book(ledger, bought, sold)
    gold = fill("G1", order="y", instrument="XAU/USD", price="2000", after=50)
    await book(ledger, gold, fill("G2", order="z", instrument="XAU/USD", side=Side.SELL, price="2000", after=51))
    await ledger.book_fills(
        "fresh", (fill("F1"), fill("F2", side=Side.SELL, after=1)), cursor="", conversion=CONVERSION, now=fill().at
    )


def test_the_trades_of_each_account_and_strategy_are_added_up(desk: Desk, fill: Fill) -> None:
    fill(three_trades)
    unknown, known, other = desk("performance", "--json").json
    assert [row["account"] for row in (unknown, known, other)] == ["sample", "sample", "fresh"]
    assert (unknown["strategy"], unknown["trades"], unknown["expectancy_r"]) == (None, 1, None)
    assert (known["strategy"], known["trades"], known["wins"], known["currency"]) == ("constant", 2, 1, "USD")
    assert [Decimal(known[name]) for name in ("profit", "expectancy", "profit_factor")] == [1, Decimal("0.5"), 2]
    assert known["expectancy_r"]["value"] == pytest.approx(0.5)
    assert known["win_rate"]["low"] < 0.5 < known["win_rate"]["high"]
    assert (Decimal(known["max_drawdown"]), Decimal(known["max_drawdown_r"])) == (1, 1)


def test_the_table_is_for_people(desk: Desk, fill: Fill) -> None:
    fill(three_trades)
    said = desk("performance", "sample").out
    assert all(word in said for word in ("not known", "constant", "0.50 (0.09-0.91)", "+0.50 ± 19.06", "1.00 (1.0 R)"))


async def an_adjusted_trade(ledger: Ledger) -> None:
    """Besides the three, one that a reconciliation has closed, of the same strategy."""
    await three_trades(ledger)
    await order(ledger, "sd-9")
    gone = fill("adj-9", order="x", side=Side.SELL, price="1.10", after=91, fee="0", reason=FillReason.ADJUSTMENT)
    await book(ledger, fill("B9", order="sd-9", after=90, fee="0"), gone)


def test_trades_that_were_adjusted_are_left_out_and_counted(desk: Desk, fill: Fill) -> None:
    fill(an_adjusted_trade)
    rows = desk("performance", "sample", "--json").json
    assert [(row["strategy"], row["trades"], row["adjusted"]) for row in rows] == [(None, 1, 0), ("constant", 2, 1)]
    told = "Left out: 1 closed trades that were adjusted; `--by reason` shows them."
    assert told in desk("performance", "sample").out
    assert "Left out" not in desk("performance", "sample", "--by", "reason").out


def test_trades_are_told_apart_as_asked(desk: Desk, fill: Fill) -> None:
    fill(three_trades)
    rows = desk("performance", "sample", "--by", "reason", "--json").json
    assert [(row["reason"], row["trades"]) for row in rows] == [("order", 1), ("stop", 1), ("target", 1)]
    assert desk("performance", "--by", "moon").code == 2


@pytest.mark.parametrize("words", [("resting",), ("sample", "--since", "2026-02-01"), ("--since", "1m")])
def test_without_closed_trades_it_says_so(desk: Desk, fill: Fill, words: tuple[str, ...]) -> None:
    fill(three_trades)
    assert desk("performance", *words).out == "no closed trades\n"
    assert desk("performance", *words, "--json").json == []


def test_words_that_are_not_understood_are_answered_with_what_is_expected(desk: Desk, fill: Fill) -> None:
    fill(three_trades)
    said = desk("performance", "sampel")
    assert (said.code, "did you mean 'sample'" in said.err) == (2, True)
    assert desk("performance", "--since", "yesterday").code == 2
