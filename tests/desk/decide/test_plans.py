"""What a rule says of an entry besides its score: how much of the size, how sure, and what set it off."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from desk.decide import decide
from desk.model.cycle import Decision
from desk.model.market import Market
from desk.model.reasons import Reason
from desk.model.scores import Scores
from desk.model.trade import Intention
from desk.model.views import Plan
from tests.builders import CLOSE, Constant, market, policy, position, snapshot


class Ruled(Constant):
    """Scores like the builders' strategy, by one of two rules on the newest candle."""

    row: int = 1
    size: float = 0.25

    def evaluate(self, market: Market) -> Scores:
        followed = np.full(len(market.own), -1)
        followed[-1] = self.row
        return replace(super().evaluate(market), plans=(Plan("other"), Plan("jump", self.size)), followed=followed)


Ruled.name = "ruled"


def decided(*strategies: Constant, **changes: object) -> Decision:
    return decide(policy(*strategies), snapshot(**changes), {"EUR/USD": market()}, CLOSE)


def test_a_rule_takes_its_part_of_the_size_and_leaves_its_name_and_conviction():
    [proposal] = decided(Ruled(score=0.75)).proposals
    assert (proposal.quantity, proposal.conviction, proposal.trigger) == (Decimal(250), 0.75, "jump")


def test_a_strategy_without_rules_trades_the_whole_size():
    [proposal] = decided(Constant(score=0.75)).proposals
    assert (proposal.quantity, proposal.conviction, proposal.trigger) == (1000, 1, "")


def test_a_candle_on_which_no_rule_fired_has_no_plan():
    [proposal] = decided(Ruled(row=-1)).proposals
    assert (proposal.quantity, proposal.trigger) == (1000, "")


def test_the_plan_is_that_of_the_strategy_that_leads():
    [proposal] = decided(Ruled(score=0.6), Constant(score=0.9)).proposals
    assert (proposal.strategy, proposal.quantity, proposal.trigger) == ("constant", 1000, "")


def test_a_rule_that_points_against_a_position_closes_all_of_it():
    [proposal] = decided(Ruled(score=-0.9), positions=[position()]).proposals
    assert (proposal.intention, proposal.quantity) == (Intention.CLOSE, 1000)


def test_a_part_of_the_size_that_is_no_step_is_no_trade():
    [no_trade] = decided(Ruled(size=0.0005)).no_trades
    assert no_trade.reason is Reason.NO_RISK_BUDGET


@pytest.mark.parametrize("size", [0.0, -0.5, 1.01])
def test_a_size_that_is_no_part_costs_the_instrument(size):
    [no_trade] = decided(Ruled(size=size)).no_trades
    assert no_trade.reason is Reason.STRATEGY_FAILED
    assert "expected a size above 0, up to 1" in no_trade.detail
