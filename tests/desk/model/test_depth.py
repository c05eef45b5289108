"""Figures of a book and of funding: worked by hand, and none where a book cannot be believed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.depth import Depth, Funding, Level, book_figures, funding_figures
from tests.builders import CLOSE


def level(price: str, quantity: str) -> Level:
    return Level(Decimal(price), Decimal(quantity))


def book(bids: list[Level], asks: list[Level]) -> Depth:
    return Depth.sorted("BTC/USDT", bids, asks, CLOSE)


def test_the_imbalance_counts_all_levels_and_the_micro_price_leans_to_the_thinner_best():
    figures = book_figures(book([level("99", "3"), level("98", "3")], [level("101", "1"), level("102", "1")]))
    assert figures == {"book_imbalance": 0.5, "micro_price": 100.5}


def test_levels_beyond_the_fifth_do_not_count_so_that_venues_can_be_compared():
    asks = [level(f"{101 + row}", "1") for row in range(5)]
    short, deep = (book([level("99", "5")], [*asks, *more]) for more in ([], [level("106", "1000")]))
    assert (
        book_figures(short) == book_figures(deep) == {"book_imbalance": 0.0, "micro_price": pytest.approx(100 + 2 / 3)}
    )


def test_levels_in_any_order_are_sorted_and_those_without_quantity_are_no_levels():
    sorted_book = book([level("98", "1"), level("99", "2")], [level("102", "1"), level("101", "0")])
    assert [one.price for one in (*sorted_book.bids, *sorted_book.asks)] == [99, 98, 102]


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([], []),
        ([level("99", "1")], []),
        ([], [level("101", "1")]),
        ([level("101", "1")], [level("101", "1")]),
        ([level("102", "1")], [level("101", "1")]),
        ([level("0", "1")], [level("101", "1")]),
        ([level("99", "0")], [level("101", "1")]),
    ],
    ids=["empty", "no asks", "no bids", "locked", "crossed", "a price of nothing", "nothing waits"],
)
def test_a_book_that_is_not_sound_has_no_figures_instead_of_an_extreme_one(bids, asks):
    assert book_figures(book(bids, asks)) == {}


@given(st.lists(st.decimals("0.001", "1e6", places=3), min_size=2, max_size=14))
def test_figures_stay_within_their_range_whatever_waits(quantities):
    half = len(quantities) // 2
    bids = [Level(Decimal(100 - row), quantity) for row, quantity in enumerate(quantities[:half])]
    asks = [Level(Decimal(101 + row), quantity) for row, quantity in enumerate(quantities[half:])]
    figures = book_figures(book(bids, asks))
    assert -1 <= figures["book_imbalance"] <= 1
    assert 100 <= figures["micro_price"] <= 101


@pytest.mark.parametrize(("hours", "rate"), [(8, 0.0001), (4, 0.0002), (1, 0.0008)])
def test_funding_is_told_for_eight_hours_whatever_its_interval(hours, rate):
    funding = Funding("BTC/USDT:USDT", Decimal("0.0001"), timedelta(hours=hours), CLOSE)
    assert funding_figures(funding) == {"funding_rate": pytest.approx(rate)}
