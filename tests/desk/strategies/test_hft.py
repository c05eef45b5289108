from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, ripple
from desk.model.market import Series
from desk.model.timeframe import Timeframe
from desk.strategies.hft import Hft


def book(imbalance, distance, *, age=0, missing=()):
    """A quiet market whose book was seen `age` seconds before its last candle closed."""
    market = market_of(ripple(120), timeframe=Timeframe.M1)
    known_at = market.own.close_times[-1:] - age
    series = {
        "book_imbalance": Series(known_at, np.array([imbalance])),
        "micro_price": Series(known_at, market.own.close[-1:] + distance),
    }
    return replace(market, series={name: found for name, found in series.items() if name not in missing})


def last_score(market, **parameters):
    return Hft(**parameters).evaluate(market).score[-1]


def test_more_bids_than_offers_and_a_micro_price_above_are_a_reason_to_buy():
    assert last_score(book(0.8, 0.1)) == 1


def test_more_offers_than_bids_and_a_micro_price_below_are_a_reason_to_sell():
    assert last_score(book(-0.8, -0.1)) == -1


def test_an_even_book_is_no_opinion():
    assert last_score(book(0.2, 0.1)) == 0


def test_a_micro_price_on_the_other_side_is_no_opinion():
    assert last_score(book(0.8, -0.1)) == 0


@pytest.mark.parametrize("missing", ["book_imbalance", "micro_price"])
def test_without_one_of_the_two_there_is_no_opinion(missing):
    assert last_score(book(0.8, 0.1, missing=(missing,))) == 0


def test_a_book_that_was_seen_too_long_ago_is_not_believed():
    assert last_score(book(0.8, 0.1, age=20)) == 1
    assert last_score(book(0.8, 0.1, age=21)) == 0
    assert last_score(book(0.8, 0.1, age=21), oldest=30) == 1


def test_a_book_that_is_seen_after_the_close_is_not_known_yet():
    assert last_score(book(0.8, 0.1, age=-1)) == 0


def test_parameters_in_the_wrong_order_are_refused():
    with pytest.raises(ValidationError, match=r"entry_imbalance below full_imbalance, found 0\.8 and 0\.7"):
        Hft(entry_imbalance=0.8)
