"""`desk orders`, `desk fills`, `desk positions`, `desk reconcile`: ours, beside it the venue's, differences marked."""

from datetime import timedelta

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.model.orders import OrderState
from tests.builders import CLOSE, intent
from tests.console.conftest import Desk, Fill
from tests.desk.adapters.ledger.builders import CONVERSION, answer, fill


async def one_trade(ledger: Ledger) -> None:
    """An order of `sample` that was filled; its venue on paper has never heard of it."""
    lease = await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda", books="paper")
    assert lease is not None
    await ledger.store_intents([intent()])
    assert await ledger.start_sending("sd-1", lease)
    await ledger.record_order("sample", answer(intent(), OrderState.FILLED, fill()))
    await ledger.book_fills("sample", (fill(),), cursor="", conversion=CONVERSION, now=CLOSE)
    await ledger.release_lease(lease)


def test_orders_are_listed_with_what_became_of_them(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    [row] = desk("orders", "--json").json["rows"]
    assert (row["account"], row["order"], row["state"], row["filled"]) == ("sample", "sd-1", "filled", "100")
    assert "at the venue" not in row
    assert "sd-1" in desk("orders", "sample").out


def test_fills_are_listed_with_their_reason(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    [row] = desk("fills", "sample", "--json").json["rows"]
    assert (row["quantity"], row["instrument"], row["reason"], row["fee"]) == ("100", "EUR/USD", "order", "0.01 USD")
    assert row["price"] == "1.1"
    assert "1.10000" in desk("fills", "sample").out
    assert desk("fills", "fresh").out == "no fills\n"


def test_positions_are_those_of_the_ledger_unless_the_venue_is_asked(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    said = desk("positions", "--json")
    assert said.code == 0
    [row] = said.json["rows"]
    assert (row["instrument"], row["quantity"], row["strategy"]) == ("EUR/USD", "100", "constant")


def test_a_position_that_the_venue_does_not_hold_is_marked(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    said = desk("positions", "sample", "--venue", "--json")
    [row] = said.json["rows"]
    assert (row["quantity"], row["at the venue"], row["differs"]) == ("100", "0", "DIFFERS")
    assert (said.code, said.json["silent"]) == (1, {})


def test_an_account_that_trades_nowhere_is_not_asked(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    assert desk("positions", "resting", "--venue").out == "no open positions\n"


def test_a_name_that_is_none_is_answered_with_the_nearest(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    for command in ("orders", "fills", "positions", "reconcile"):
        said = desk(command, "sampel")
        assert (said.code, "did you mean 'sample'" in said.err) == (2, True)


@pytest.mark.prefect
def test_reconciling_lists_what_differs_and_ends_with_one(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    said = desk("reconcile", "sample")
    assert said.code == 1
    assert "too young to be judged: EUR/USD: the desk's fills add up to 100, the venue holds 0" in said.out
    [facts] = desk("reconcile", "sample", "--json").json
    assert (facts["account"], facts["clean"], facts["could_not_be_read"]) == ("sample", False, [])


@pytest.mark.prefect
def test_reconciling_an_account_that_is_in_order_says_so(desk: Desk, fill: Fill) -> None:
    fill(one_trade)
    first, said = desk("reconcile", "fresh"), desk("reconcile", "fresh")
    assert "+10000.10, with which the desk begins to count; booked" in first.out
    cash = "10000.10 USD by what is booked, 10000.10 USD at the venue"
    assert (said.code, said.out) == (0, f"fresh: ledger and venue are of one mind\n  cash: {cash}\n")
