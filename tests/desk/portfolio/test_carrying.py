"""Ids of moves, and limits that let nothing pass of which something is not known."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.books import AccountState
from desk.model.moves import Move
from desk.portfolio.carrying import CarryingLimits, free_of, plan_move, why_not_from, why_not_within
from tests.builders import CLOSE

DAY = date(2026, 1, 14)
LIMITS = CarryingLimits(Decimal(100), Decimal(5000), Decimal(6000), {"sample"})
RICH = AccountState("USD", Decimal(9000), Decimal(9500), CLOSE, margin_used=Decimal(1000))


def move(worth: str = "1000", /, **changes: object) -> Move:
    planned = plan_move(DAY, "sample", "fresh", Decimal(worth), currency="USD", rate=Decimal(1))
    return replace(planned, **changes)


def test_the_same_plan_of_a_day_has_the_same_id_and_any_other_has_another() -> None:
    ids = {
        plan_move(day, source, target, Decimal(worth), currency=currency, rate=Decimal(1), into=into).move_id
        for day, source, target, worth, currency, into in (
            (DAY, "sample", "fresh", "1000", "USD", None),
            (DAY, "sample", "fresh", "1000.00", "USD", "USD"),
            (date(2026, 1, 15), "sample", "fresh", "1000", "USD", None),
            (DAY, "fresh", "sample", "1000", "USD", None),
            (DAY, "sample", "fresh", "1000.01", "USD", None),
            (DAY, "sample", "fresh", "1000", "EUR", None),
            (DAY, "sample", "fresh", "1000", "USD", "USDC"),
        )
    }
    assert len(ids) == 6
    assert all(len(one) == 27 for one in ids)


def test_an_amount_is_in_the_currency_of_the_giver_and_rounded_down() -> None:
    planned = plan_move(DAY, "sample", "fresh", Decimal(1000), currency="EUR", rate=Decimal("1.07"))
    assert (planned.amount, planned.worth, planned.into) == (Decimal("934.57"), Decimal(1000), "EUR")


@pytest.mark.parametrize(
    ("worth", "changes", "carried", "told"),
    [
        ("1000", {"source": "other"}, "0", "other is not among the `givers`"),
        ("99.99", {}, "0", "less than the `minimum` of 100.00"),
        ("5000.01", {}, "0", "more than the `maximum` of 5,000.00"),
        ("1000", {}, "5000.01", "5,000.01 were sent today: more than 6,000.00 `a_day`"),
        ("1000", {"amount": Decimal("NaN")}, "0", "expected an amount above 0, found NaN"),
        ("1000", {"worth": Decimal("NaN")}, "0", "expected an amount above 0"),
        ("1000", {"amount": Decimal(0)}, "0", "expected an amount above 0, found 0"),
    ],
)
def test_each_limit_says_what_stands_in_the_way(
    worth: str, changes: dict[str, object], carried: str, told: str
) -> None:
    assert told in why_not_within(LIMITS, move(worth, **changes), Decimal(carried))


@given(st.decimals(1, 10_000, places=2), st.decimals(0, 10_000, places=2))
def test_what_passes_keeps_every_limit(worth: Decimal, carried: Decimal) -> None:
    planned = plan_move(DAY, "sample", "fresh", worth, currency="USD", rate=Decimal(1))
    keeps = LIMITS.minimum <= worth <= LIMITS.maximum and carried + worth <= LIMITS.a_day
    assert (why_not_within(LIMITS, planned, carried) == "") is keeps


@pytest.mark.parametrize(
    ("money", "day_start", "told"),
    [
        (replace(RICH, currency="EUR"), "9500", "counts in EUR, not in USD"),
        (RICH, None, "it was never valued"),
        (RICH, "9550", "has lost 50.00 USD today"),
        (replace(RICH, margin_used=None), "9500", "does not tell how much"),
        (replace(RICH, margin_used=Decimal("8000.01")), "9500", "999.99 USD that is free"),
        (replace(RICH, balances={"USD": Decimal(1999)}), "9500", "999.00 USD that is free"),
        (replace(RICH, balances={"EUR": Decimal(1)}), "9500", "0.00 USD that is free"),
    ],
)
def test_an_account_gives_only_what_it_is_known_to_have(money: AccountState, day_start: str | None, told: str) -> None:
    assert told in why_not_from(move(), money, None if day_start is None else Decimal(day_start))


@pytest.mark.parametrize("day_start", ["9000", "9500", "9542.50"])
def test_an_account_that_has_lost_little_gives(day_start: str) -> None:
    assert why_not_from(move(), RICH, Decimal(day_start)) == ""


def test_open_profit_cannot_leave_and_open_loss_stays_covered() -> None:
    assert free_of(RICH) == 8000
    assert free_of(replace(RICH, equity=Decimal(8500))) == 7500
    assert free_of(replace(RICH, equity=Decimal(-1))) == 0
