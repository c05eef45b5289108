from decimal import Decimal

import pytest

from desk.model.records import TrackRecord
from desk.sizing.kelly import Kelly, kelly_fraction
from tests.builders import EUR_USD, snapshot

WHOLE = Kelly(share=1, max_fraction="0.1", max_notional_fraction=50, cost_bps=0)
FAR = Decimal("0.5")


def record(trades=100, wins=55, win=1.0, loss=-1.0):
    return TrackRecord(trades, wins, win, loss, 1.0)


def size(sizing, found, strategy="one"):
    return sizing.size(EUR_USD, Decimal(1), FAR, snapshot(equity="10000", records={"one": found}), strategy)


@pytest.mark.parametrize(
    ("found", "fraction"),
    [
        (record(), "0.1"),
        (record(wins=60, win=2.0), "0.4"),
        (record(wins=40, win=1.0), "0"),
        (record(wins=0, win=0.0), "0"),
        (record(wins=100, loss=0.0), "1"),
        (TrackRecord(0, 0, 0.0, 0.0, 0.0), "0"),
    ],
)
def test_the_fraction_is_edge_over_odds(found, fraction):
    assert kelly_fraction(found) == Decimal(fraction)


def test_the_stop_costs_the_fraction_of_equity():
    assert size(WHOLE, record(wins=54)) * FAR == 800


def test_only_a_share_is_risked_and_never_more_than_the_cap():
    quarter = Kelly(share="0.25", max_fraction="0.1", max_notional_fraction=50, cost_bps=0)
    assert size(quarter, record(wins=54)) * FAR == 200
    capped = Kelly(share=1, max_fraction="0.02", max_notional_fraction=50, cost_bps=0)
    assert size(capped, record(wins=60, win=2.0)) * FAR == 200


def test_too_few_trades_are_no_record_and_it_is_said_how_many_lack():
    few, books = record(trades=49, wins=30), snapshot(records={"one": record(trades=49, wins=30)})
    assert size(WHOLE, few) == 0
    assert WHOLE.lacks(EUR_USD, books, "one") == "50 closed trades of one with a known risk, found 49"
    assert WHOLE.lacks(EUR_USD, books, "another").endswith("found 0")


def test_another_strategy_s_record_does_not_count():
    assert size(WHOLE, record(), strategy="another") == 0


def test_without_an_edge_nothing_is_risked():
    assert size(WHOLE, record(wins=45)) == 0
