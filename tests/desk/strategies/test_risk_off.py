from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.contracts.markets import sample_market
from desk.model.trade import Intention
from desk.model.views import Signal
from desk.strategies.risk_off import RiskOff
from tests.builders import CLOSE, EUR_USD, position, snapshot

CRASHED = np.append(ripple(150, size=1.0), 999.0 - 3.0 * np.arange(1, 12))


def last_score(market):
    return RiskOff().evaluate(market).score[-1]


def test_a_wild_fall_is_a_danger_for_who_is_long_and_a_wild_rise_for_who_is_short():
    assert last_score(market_of(CRASHED)) < -0.9
    assert last_score(mirrored(market_of(CRASHED))) > 0.9


def test_a_quiet_range_is_none_and_neither_is_a_fall_in_usual_steps():
    assert last_score(market_of(ripple(200))) == 0
    creeping = 1000 - 1.5 * np.arange(200.0)
    assert last_score(market_of(creeping)) == 0


def test_up_and_down_are_treated_alike():
    market = sample_market(600, price=1000.0)
    score = RiskOff().evaluate(market).score
    np.testing.assert_allclose(RiskOff().evaluate(mirrored(market)).score, -score, atol=0.02)


@pytest.mark.parametrize(
    ("score", "quantity", "closed"),
    [(-0.9, "1000", "1000"), (0.9, "-1000", "1000"), (0.9, "1000", None), (-0.5, "1000", None)],
)
def test_in_danger_the_position_is_closed_and_only_on_the_side_that_is_in_danger(score, quantity, closed):
    wanted = reduce(RiskOff(), score, quantity)
    assert (wanted.quantity if wanted else None) == (Decimal(closed) if closed else None)
    assert wanted is None or (wanted.instrument, wanted.intention) == ("EUR/USD", Intention.CLOSE)


def test_a_part_is_closed_where_a_part_is_asked_for():
    assert reduce(RiskOff(fraction=0.3), -0.9, "1000").quantity == Decimal(300)


@pytest.mark.parametrize(("peak", "closes"), [("10000", False), ("10500", False), ("11200", True), ("20000", True)])
def test_less_danger_is_enough_in_an_account_that_is_below_its_highest_equity(peak, closes):
    wanted = reduce(RiskOff(danger=0.6, full_drawdown=0.1), -0.4, "1000", peak_equity=Decimal(peak))
    assert (wanted is not None) is closes


def test_nothing_is_done_without_a_position_or_about_what_the_desk_did_not_trade():
    assert RiskOff().reduce(signal(-1.0), snapshot(), EUR_USD) is None
    assert reduce(RiskOff(), -1.0, "1000", external={"EUR/USD": Decimal(1000)}) is None


def test_parameters_in_the_wrong_order_are_refused():
    with pytest.raises(ValidationError, match=r"usual_range below full_range, found 2\.0 and 1\.6"):
        RiskOff(usual_range=2)


def reduce(strategy, score, quantity, **changes):
    books = snapshot(positions=[replace(position(quantity=quantity))], **changes)
    return strategy.reduce(signal(score), books, EUR_USD)


def signal(score):
    return Signal("risk_off", "EUR/USD", CLOSE, score, 0.001, 0.002, "it falls")
