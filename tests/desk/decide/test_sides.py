"""One idea, one market: which of several markets of an asset a position is opened in."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from desk.decide import WeightedStrategy, decide
from desk.decide.sides import LongMarket, ShortMarket, SideRules, market_for
from desk.model.books import Quote
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.market import Market, Series
from desk.model.reasons import Reason
from desk.model.regimes import Conditions
from desk.model.timeframe import Timeframe
from tests.builders import CLOSE, INSTRUMENTS, Constant, FixedQuantity, candles, policy, position, snapshot

GRID = (Decimal("0.1"), Decimal("0.001"), Decimal("0.001"))
SPOT = Instrument("BTC/USDT", InstrumentKind.SPOT, *GRID)
PERPETUAL = Instrument("BTC/USDT:USDT", InstrumentKind.PERPETUAL, *GRID)
BOTH = (SPOT.name, PERPETUAL.name)


@pytest.mark.parametrize(
    ("side", "rules", "funding", "chosen"),
    [
        (Side.BUY, SideRules(), None, SPOT),
        (Side.SELL, SideRules(), None, PERPETUAL),
        (Side.SELL, SideRules(short=ShortMarket.NEVER), None, None),
        (Side.BUY, SideRules(LongMarket.PERPETUAL), None, PERPETUAL),
        (Side.BUY, SideRules(LongMarket.CHEAPEST), None, SPOT),
        (Side.BUY, SideRules(LongMarket.CHEAPEST), -0.0001, PERPETUAL),
        (Side.BUY, SideRules(LongMarket.CHEAPEST), 0.0, PERPETUAL),
        (Side.BUY, SideRules(LongMarket.CHEAPEST), 0.0001, SPOT),
        (Side.BUY, SideRules(LongMarket.CHEAPEST, most_funding=0.0002), 0.0001, PERPETUAL),
    ],
)
def test_the_market_follows_from_the_side_the_rules_and_the_funding(side, rules, funding, chosen):
    conditions = {PERPETUAL.name: Conditions(funding_rate=funding)}
    assert market_for(side, (PERPETUAL, SPOT), rules, conditions) == (chosen.name if chosen else None)


def test_where_there_is_one_kind_alone_a_long_goes_there_and_a_short_only_where_it_can():
    assert market_for(Side.BUY, [PERPETUAL], SideRules(LongMarket.SPOT), {}) == PERPETUAL.name
    assert market_for(Side.BUY, [SPOT], SideRules(LongMarket.PERPETUAL), {}) == SPOT.name
    assert market_for(Side.SELL, [SPOT], SideRules(), {}) is None
    assert market_for(Side.BUY, [], SideRules(), {}) is None


@pytest.mark.parametrize(("score", "opened"), [(0.9, SPOT), (-0.9, PERPETUAL)])
def test_an_account_with_both_markets_buys_spot_and_sells_the_perpetual_and_says_so_of_the_other(score, opened):
    decision = run(score)
    assert [order.instrument for order in decision.intents] == [opened.name]
    (passed,) = decision.no_trades
    assert passed.reason is Reason.OTHER_MARKET
    assert opened.name in passed.detail


def test_without_rules_each_market_is_traded_for_itself():
    assert {order.instrument for order in run(0.9, sides=None).intents} == set(BOTH)


def test_a_long_goes_to_the_perpetual_while_the_shorts_pay_for_it():
    cheapest = SideRules(LongMarket.CHEAPEST)
    assert run(0.9, sides=cheapest, funding=-0.0001).intents[0].instrument == PERPETUAL.name
    assert run(0.9, sides=cheapest, funding=0.0001).intents[0].instrument == SPOT.name


def test_a_market_that_cannot_be_traded_now_leaves_the_idea_to_the_other():
    decision = run(0.9, quotes={PERPETUAL.name: quote(PERPETUAL.name)})
    assert [order.instrument for order in decision.intents] == [PERPETUAL.name]


@pytest.mark.parametrize("held", ["1", "-1"])
def test_nothing_is_opened_beside_a_position_in_another_market_of_the_asset(held):
    there = replace(position("BTC/USD", held), instrument=PERPETUAL.name)
    decision = run(0.9, positions=[there])
    assert SPOT.name not in {order.instrument for order in decision.intents}
    reasons = {passed.instrument: passed.reason for passed in decision.no_trades}
    assert reasons[SPOT.name] is Reason.OTHER_MARKET


def test_of_opposite_ideas_in_two_markets_of_an_asset_one_is_opened():
    class Torn(Constant):
        """Long in spot, short in the perpetual."""

        def evaluate(self, market):
            scores = super().evaluate(market)
            return replace(scores, score=scores.score * (1 if market.instrument == SPOT.name else -1))

    Torn.name = "torn"
    decision = run(0.9, strategy=Torn)
    assert [order.instrument for order in decision.intents] == [SPOT.name]
    assert decision.no_trades[0].detail == "BTC/USDT, of the same asset, is traded by this decision"


def run(score, *, sides=SideRules(), funding=None, strategy=Constant, **changes):  # noqa: B008 - frozen
    account = policy(
        instruments=BOTH,
        sides=sides,
        sizing=FixedQuantity(quantity=Decimal(1)),
        strategies=(WeightedStrategy(strategy(score=score, stop=100.0, target=100.0), 1.0),),
    )
    books = snapshot(
        **{
            "instruments": INSTRUMENTS | {SPOT.name: SPOT, PERPETUAL.name: PERPETUAL},
            "quotes": {name: quote(name) for name in BOTH},
            "money": replace(snapshot().money, conversion={"USDT": Decimal(1)}),
            **changes,
        }
    )
    return decide(account, books, {name: market(name, funding) for name in BOTH}, CLOSE)


def quote(name):
    return Quote(name, Decimal("49999.9"), Decimal("50000.1"), CLOSE)


def market(name, funding):
    own = candles([50_000.0] * 50, instrument=name)
    known = Series(own.close_times[-1:] - 60, np.array([funding], dtype=np.float64)) if funding is not None else None
    return Market(Timeframe.M5, {Timeframe.M5: own}, {"funding_rate": known} if known else {})
