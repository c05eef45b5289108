from dataclasses import replace
from decimal import Decimal

import pytest

from desk.model.costs import CostEstimate
from desk.model.instrument import Side
from desk.model.reasons import Reason
from desk.model.records import TrackRecord
from desk.risk.expected_value import ExpectedValue
from tests.builders import snapshot
from tests.contracts.samples import proposal

# 1000 units with a stop 0.01 away risk 10 dollars.
WISH = replace(proposal(stop="1.09"), cost=CostEstimate(Decimal("0.5"), spread=Decimal("0.3"), slippage=Decimal("0.2")))
RECORD = TrackRecord(70, 35, 1.5, -1.0, 1.2, mean_cost=0.05)
"""Brings 0.25 R after costs, of which 0.05 R came off: 0.30 R before."""
GATE = ExpectedValue(prior_trades=30)


def judged(wish=WISH, record=RECORD, rule=GATE):
    return rule.review(wish, snapshot(records={"sample": record} if record else {}))


def test_the_record_is_shrunk_towards_the_prior_and_the_cost_of_this_trade_comes_off():
    # Of 100 trades 70 bring 0.30 R and 30 nothing; the cost is 0.1 R.
    assert judged().observed == Decimal("0.11")
    assert judged(rule=ExpectedValue(prior_trades=30, prior_mean=0.5)).observed == Decimal("0.26")


def test_what_past_trades_cost_is_not_taken_off_a_second_time():
    as_dear_as_ever = replace(WISH, cost=CostEstimate(Decimal("0.5"), Decimal(0), Decimal(0)))
    long_record = replace(RECORD, trades=7_000_000, wins=3_500_000)
    assert float(judged(as_dear_as_ever, long_record).observed) == pytest.approx(long_record.mean, abs=1e-5)


def test_a_trade_that_does_not_earn_its_costs_is_refused_with_the_arithmetic():
    dear = replace(WISH, cost=CostEstimate(Decimal(3), Decimal(0), Decimal(0)))
    found = judged(dear)
    assert (found.allowed_quantity, found.reason) == (0, Reason.NEGATIVE_EXPECTED_VALUE)
    assert (found.limit, found.observed, found.unit) == (0, Decimal("-0.09"), "R")
    assert found.detail == (
        "n 70, p 0.500, mean win +1.500 R, mean loss -1.000 R, mean cost 0.050 R; "
        "with 30 of mean +0.000 R before costs +0.210 R, cost 0.300 R"
    )


def test_the_threshold_itself_is_enough():
    assert judged(rule=ExpectedValue(prior_trades=30, threshold=0.11)).reason is None
    assert judged(rule=ExpectedValue(prior_trades=30, threshold=0.111)).reason is Reason.NEGATIVE_EXPECTED_VALUE


def test_a_strategy_without_a_record_is_judged_by_the_prior_alone():
    assert judged(record=None).reason is Reason.NEGATIVE_EXPECTED_VALUE
    hopeful = judged(record=None, rule=ExpectedValue(prior_mean=0.2))
    assert (hopeful.reason, hopeful.observed) == (None, Decimal("0.1"))


def test_doubt_makes_a_gain_smaller_and_a_loss_no_better():
    doubtful = replace(WISH, conviction=0.5)
    assert judged(doubtful).observed == Decimal("0.005")
    assert judged(doubtful).detail.endswith("conviction 0.50")
    losing = replace(RECORD, wins=0, mean_win=0.0)
    assert judged(doubtful, losing).observed == judged(WISH, losing).observed


def test_a_short_trade_counts_its_risk_upwards():
    short = replace(WISH, side=Side.SELL, barriers=replace(WISH.barriers, stop=Decimal("1.11")))
    assert judged(short).observed == judged().observed


def test_the_risk_is_counted_in_account_currency():
    wish = replace(proposal("USD/JPY", stop="149"), cost=CostEstimate(Decimal("0.66"), Decimal(0), Decimal(0)))
    assert "cost 0.100 R" in judged(wish).detail


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (replace(WISH, cost=None), "an estimate of the costs"),
        (replace(proposal(), cost=WISH.cost), "a stop, from which the risk is counted"),
        (replace(proposal(stop="1.2"), cost=WISH.cost), "a stop beyond 1.10000, found 1.2"),
        (replace(WISH, cost=CostEstimate(Decimal("NaN"), Decimal(0), Decimal(0))), "a cost of nan R"),
    ],
)
def test_what_it_does_not_know_it_refuses_and_names(wish, words):
    found = judged(wish)
    assert (found.allowed_quantity, found.reason) == (0, Reason.NOT_KNOWN)
    assert words in found.detail


def test_without_a_rate_it_refuses():
    books = snapshot(records={"sample": RECORD})
    books = replace(books, money=replace(books.money, conversion={}))
    wish = replace(proposal("USD/JPY", stop="149"), cost=WISH.cost)
    assert GATE.review(wish, books).detail.startswith("expected a conversion rate")
