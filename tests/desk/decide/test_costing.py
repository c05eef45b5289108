"""Every proposal that opens a position says what it is expected to cost, before a rule is asked."""

from dataclasses import replace
from decimal import Decimal

import numpy as np

from desk.costs import CostTerms
from desk.decide import decide
from desk.decide.costing import estimate_costs
from desk.model.cycle import Decision
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.market import Market, Series
from desk.model.reasons import Reason
from desk.model.trade import Intention
from desk.registry import sizings
from desk.risk.expected_value import ExpectedValue
from tests.builders import CLOSE, Constant, market, policy, position, quote, snapshot
from tests.contracts.samples import proposal

PERPETUAL = Instrument("BTC/USD", InstrumentKind.PERPETUAL, Decimal("0.01"), Decimal("0.001"), Decimal("0.001"))
INVERSE = Instrument("BTC/USD:BTC", InstrumentKind.PERPETUAL, Decimal("0.1"), Decimal(1), Decimal(1))
FEES = CostTerms(taker_fee_bps=Decimal(10))


def test_a_proposal_has_its_costs_when_rules_are_asked() -> None:
    decision = decide(policy(costs=FEES, rules=[ExpectedValue(prior_mean=5)]), snapshot(), {"EUR/USD": market()}, CLOSE)
    (verdict,) = decision.verdicts
    assert verdict.proposal.cost is not None
    assert verdict.proposal.cost.fees == Decimal("2.20002")
    assert decision.proposals == (verdict.proposal,)
    assert verdict.findings[1].reason is None


def test_a_trade_that_closes_a_position_has_no_costs_to_weigh() -> None:
    books = snapshot(positions=[position()])
    decision = decide(policy(Constant(score=-1.0), costs=FEES), books, {"EUR/USD": market()}, CLOSE)
    (verdict,) = decision.verdicts
    assert (verdict.proposal.intention, verdict.proposal.cost) == (Intention.CLOSE, None)


def test_what_cannot_be_valued_keeps_no_estimate_and_is_refused_by_the_gate() -> None:
    books = snapshot(quotes={})
    (priced,) = estimate_costs(policy(costs=FEES), books, Decision(proposals=(proposal(stop="1.09"),)))
    assert priced.cost is None
    assert ExpectedValue(prior_mean=5).review(priced, books).reason is Reason.NOT_KNOWN


def test_the_funding_rate_of_a_perpetual_is_the_newest_that_was_known() -> None:
    closes = market("BTC/USD").own.close_times
    rates = Series(closes[-3:] - 1, np.array([0.01, 0.02, 0.0003]))
    markets = {"BTC/USD": replace(market("BTC/USD"), series={"funding_rate": rates})}
    books = snapshot(instruments={"BTC/USD": PERPETUAL}, quotes={"BTC/USD": quote("BTC/USD")})
    asked = policy(Constant(stop=100.0, target=200.0), instruments=["BTC/USD"], costs=FEES)
    (told,) = decide(asked, books, markets, CLOSE).proposals
    (unknown,) = decide(asked, books, {"BTC/USD": market("BTC/USD")}, CLOSE).proposals
    assert told.cost is not None
    assert unknown.cost is not None
    # One day has three intervals; what is not known costs 0.0001 of each.
    assert told.cost.financing == 3 * unknown.cost.financing == Decimal("0.0009") * 1000 * told.reference_price


def test_a_sizing_that_lacks_something_says_what() -> None:
    decision = decide(
        policy(sizing=sizings().build("volatility_target", {})), snapshot(), {"EUR/USD": market(count=20)}, CLOSE
    )
    (no_trade,) = decision.no_trades
    assert no_trade.reason is Reason.NOT_KNOWN
    assert no_trade.detail == "volatility_target needs the volatility of EUR/USD"


def test_a_contract_that_settles_in_its_base_is_not_traded() -> None:
    name = INVERSE.name
    held = market("BTC/USD").own
    markets = {name: Market(held.timeframe, {held.timeframe: replace(held, instrument=name)})}
    books = snapshot(instruments={name: INVERSE}, quotes={name: replace(quote("BTC/USD"), instrument=name)})
    decision = decide(policy(Constant(stop=100.0), instruments=[name]), books, markets, CLOSE)
    (no_trade,) = decision.no_trades
    assert no_trade.reason is Reason.UNSUPPORTED_CONTRACT
    assert no_trade.detail == "it is quoted in USD and settles in BTC"
