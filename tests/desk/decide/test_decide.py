"""The pure middle: every instrument ends with a reason or a proposal, and every proposal with a verdict."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.decide import WeightedStrategy, decide
from desk.model.books import Restriction, TradingState
from desk.model.instrument import Side
from desk.model.orders import OrderState
from desk.model.reasons import Reason
from desk.model.scopes import Scope
from desk.model.trade import Intention, VerdictState
from tests.builders import (
    CLOSE,
    INSTRUMENTS,
    AtMost,
    Constant,
    Failing,
    FixedQuantity,
    intent,
    market,
    policy,
    position,
    quote,
    snapshot,
)
from tests.fakes import order_of


def only_reason(decision):
    assert decision.intents == ()
    (no_trade,) = decision.no_trades
    return no_trade.reason


def run(account_policy, account_snapshot=None, **markets):
    given_markets = markets.get("markets") or {name: market(name) for name in account_policy.instruments}
    return decide(account_policy, account_snapshot or snapshot(), given_markets, CLOSE)


def test_a_long_signal_becomes_a_buy_with_its_stop_below_and_its_target_above():
    decision = run(policy(Constant(score=0.8)))
    (order,) = decision.intents
    assert (order.side, order.quantity, order.reduce_only) == (Side.BUY, Decimal(1000), False)
    assert order.barriers.stop == Decimal("1.09901")
    assert order.barriers.target == Decimal("1.10201")


def test_a_short_signal_becomes_a_sell_with_its_stop_above():
    (order,) = run(policy(Constant(score=-0.8))).intents
    assert order.side is Side.SELL
    assert order.barriers.stop == Decimal("1.10099")
    assert order.barriers.target == Decimal("1.09799")


def test_a_stop_between_two_ticks_is_rounded_towards_the_entry_so_that_the_risk_only_shrinks():
    (order,) = run(policy(Constant(stop=0.0010049))).intents
    assert order.barriers.stop == Decimal("1.09901")


def test_a_signal_explains_itself_with_its_features():
    (signal,) = run(policy(Constant(score=0.8))).signals
    assert signal.reason.startswith("long 0.80: close 1.")


@pytest.mark.parametrize(
    ("account_policy", "account_snapshot", "markets", "reason"),
    [
        (policy(Constant(score=0.0)), snapshot(), None, Reason.NO_SIGNAL),
        (policy(Constant(score=0.4)), snapshot(), None, Reason.BELOW_THRESHOLD),
        (policy(), snapshot(positions=[position()]), None, Reason.POSITION_HELD),
        (policy(Constant(score=-0.2)), snapshot(positions=[position()]), None, Reason.POSITION_HELD),
        (policy(Constant(score=-1.0), instruments=["BTC/USD"]), snapshot(), None, Reason.SHORT_NOT_AVAILABLE),
        (policy(Failing()), snapshot(), None, Reason.STRATEGY_FAILED),
        (policy(Constant(score=3.0)), snapshot(), None, Reason.STRATEGY_FAILED),
        (policy(Constant(stop=0.0)), snapshot(), None, Reason.STRATEGY_FAILED),
        (policy(), snapshot(), {"EUR/USD": market(count=10)}, Reason.WARMING_UP),
        (policy(), snapshot(), {"EUR/USD": market(closed_at=CLOSE - timedelta(minutes=5))}, Reason.STALE_DATA),
        (policy(), snapshot(), {"XAU/USD": market("XAU/USD")}, Reason.NO_DATA),
        (policy(), snapshot(quotes={}), None, Reason.NO_DATA),
        (policy(), snapshot(quotes={"EUR/USD": quote("EUR/USD", tradable=False)}), None, Reason.MARKET_CLOSED),
        (policy(), snapshot(blocked={"EUR/USD": "sd-1"}), None, Reason.UNRESOLVED_ORDER),
        (policy(Constant(stop=2.0)), snapshot(), None, Reason.NO_RISK_BUDGET),
        (policy(sizing=FixedQuantity(quantity=Decimal("0.4"))), snapshot(), None, Reason.NO_RISK_BUDGET),
    ],
)
def test_an_instrument_that_is_not_traded_says_why(account_policy, account_snapshot, markets, reason):
    decision = run(account_policy, account_snapshot, markets=markets)
    assert only_reason(decision) is reason
    assert decision.no_trades[0].detail


def test_an_instrument_that_cannot_be_valued_in_the_accounts_currency_is_not_traded():
    money = replace(snapshot().money, conversion={})
    decision = run(policy(instruments=["USD/JPY"]), snapshot(money=money))
    assert only_reason(decision) is Reason.NO_CONVERSION_RATE


def test_the_failure_of_one_instrument_leaves_the_others_alone():
    account_policy = policy(instruments=["EUR/USD", "XAU/USD"])
    decision = run(account_policy, markets={"EUR/USD": market()})
    assert [order.instrument for order in decision.intents] == ["EUR/USD"]
    assert [no_trade.instrument for no_trade in decision.no_trades] == ["XAU/USD"]


def test_a_signal_against_the_position_closes_it_and_opens_nothing():
    decision = run(policy(Constant(score=-0.9)), snapshot(positions=[position(quantity="700")]))
    (order,) = decision.intents
    assert (order.side, order.quantity, order.reduce_only) == (Side.SELL, Decimal(700), True)
    assert decision.proposals[0].intention is Intention.CLOSE


@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.REDUCE_ONLY])
def test_a_closing_trade_passes_in_every_trading_state_and_an_opening_one_does_not(state):
    closing = run(policy(Constant(score=-1.0)), snapshot(positions=[position()], trading_state=state))
    opening = run(policy(), snapshot(trading_state=state))
    assert len(closing.intents) == 1
    assert opening.verdicts[0].state is VerdictState.REFUSED
    assert opening.verdicts[0].reasons[0] in (Reason.TRADING_HALTED, Reason.REDUCE_ONLY)


@pytest.mark.parametrize(
    ("scope", "refused"),
    [
        ("instrument:EUR/USD", True),
        ("strategy:constant", True),
        ("account:sample/instrument:EUR/USD", True),
        ("instrument:XAU/USD", False),
        ("strategy:other", False),
    ],
)
def test_a_halt_of_an_instrument_or_a_strategy_refuses_its_entries_alone_and_the_finding_says_who_ordered_it(
    scope, refused
):
    halt = Restriction(TradingState.HALTED, "ana", "odd prices", Scope.parse(scope))
    (verdict,) = run(policy(), snapshot(restrictions=(halt,))).verdicts
    finding = verdict.findings[0]
    assert (verdict.state is VerdictState.REFUSED) is refused
    assert finding.reason is (Reason.TRADING_HALTED if refused else None)
    assert finding.detail == (f"{scope} is halted: odd prices (ordered by ana)" if refused else "")


def test_an_unresolved_order_does_not_stand_in_the_way_of_an_exit():
    decision = run(policy(Constant(score=-1.0)), snapshot(positions=[position()], blocked={"EUR/USD": "sd-1"}))
    assert decision.intents[0].reduce_only


def test_a_rule_that_cuts_a_proposal_leaves_its_code_limit_and_observation():
    decision = run(policy(rules=[AtMost(quantity=Decimal("400.7"))]))
    (verdict,) = decision.verdicts
    assert (verdict.state, verdict.quantity) == (VerdictState.REDUCED, Decimal(400))
    finding = next(finding for finding in verdict.findings if finding.rule == "at_most")
    assert (finding.reason, finding.limit, finding.observed) == (Reason.POSITION_SIZE, Decimal("400.7"), Decimal(1000))


def test_what_is_left_below_the_venues_minimum_is_refused():
    decision = run(
        policy(
            instruments=["BTC/USD"],
            sizing=FixedQuantity(quantity=Decimal("0.00001")),
            strategies=(WeightedStrategy(Constant(stop=100.0, target=100.0), 1.0),),
        )
    )
    assert decision.verdicts[0].reasons == (Reason.BELOW_MINIMUM_SIZE,)
    assert decision.intents == ()


def test_every_rule_is_asked_even_after_one_has_refused():
    rules = [AtMost(quantity=Decimal(0)), AtMost(quantity=Decimal(10))]
    (verdict,) = run(policy(rules=rules)).verdicts
    assert [finding.rule for finding in verdict.findings] == ["trading_state", "at_most", "at_most", "venue_minimum"]
    assert verdict.state is VerdictState.REFUSED


def test_an_abstention_does_not_water_down_the_other_strategies():
    decision = run(policy(Constant(score=0.0), Constant(score=0.6)))
    assert len(decision.intents) == 1


def test_opposed_strategies_of_equal_weight_cancel_out():
    assert only_reason(run(policy(Constant(score=0.9), Constant(score=-0.9)))) is Reason.NO_SIGNAL


def test_the_same_inputs_give_the_same_decision_and_ids():
    assert run(policy()) == run(policy())


@given(
    scores=st.dictionaries(st.sampled_from(sorted(INSTRUMENTS)), st.floats(-1, 1), min_size=1),
    limit=st.decimals(0, 2000, places=2),
)
def test_every_instrument_ends_with_one_reason_or_one_verdict_and_rules_only_shrink(scores, limit):
    names = tuple(scores)
    decision = run(policy(Constant(score=max(scores.values())), instruments=names, rules=[AtMost(quantity=limit)]))
    ended = [no_trade.instrument for no_trade in decision.no_trades]
    ended += [verdict.proposal.instrument for verdict in decision.verdicts]
    assert sorted(ended) == sorted(names)
    for verdict in decision.verdicts:
        assert 0 <= verdict.quantity <= min(verdict.proposal.quantity, limit)
        assert verdict.quantity % INSTRUMENTS[verdict.proposal.instrument].lot == 0
        assert (verdict.quantity == 0) == (verdict.state is VerdictState.REFUSED)


@pytest.mark.parametrize("foreign", [1000, 1500])
def test_a_position_that_the_desk_did_not_open_is_neither_closed_nor_added_to(foreign):
    account = snapshot(positions=[position(quantity="1000")], external={"EUR/USD": Decimal(foreign)})
    assert only_reason(run(policy(Constant(score=-1.0)), account)) is Reason.EXTERNAL_POSITION


def test_nothing_is_opened_where_the_venue_lacks_what_the_desk_bought():
    account = snapshot(external={"EUR/USD": Decimal(-1000)})
    decision = run(policy(Constant(score=1.0)), account)
    assert only_reason(decision) is Reason.EXTERNAL_POSITION
    assert decision.no_trades[0].detail == "the venue holds 0, of which the desk traded 1000"


@pytest.mark.parametrize(("foreign", "closed"), [("400", "600"), ("-500", "1000")])
def test_an_exit_closes_what_the_desk_traded_and_no_more(foreign, closed):
    account = snapshot(positions=[position(quantity="1000")], external={"EUR/USD": Decimal(foreign)})
    (order,) = run(policy(Constant(score=-1.0)), account).intents
    assert (order.side, order.quantity, order.reduce_only) == (Side.SELL, Decimal(closed), True)


@pytest.mark.parametrize("score", [0.9, -0.9, 0.0])
def test_nothing_is_opened_in_what_is_only_to_close(score):
    decision = run(replace(policy(Constant(score=score)), only_to_close=frozenset({"EUR/USD"})))
    assert only_reason(decision) is Reason.NOT_IN_UNIVERSE
    assert decision.no_trades[0].detail == "nothing is opened here any more; `desk universe sample` says why"


def test_what_is_only_to_close_is_closed_by_the_vote():
    account = snapshot(positions=[position(quantity="1000")])
    decision = run(replace(policy(Constant(score=-0.9)), only_to_close=frozenset({"EUR/USD"})), account)
    (order,) = decision.intents
    assert (order.side, order.quantity, order.reduce_only) == (Side.SELL, Decimal(1000), True)


def test_a_position_that_is_not_configured_any_more_is_said_to_be_held_by_its_stop_alone():
    account = snapshot(positions=[position("XAU/USD", "2")])
    decision = run(policy(Constant(score=0.0)), account)
    reasons = {no_trade.instrument: no_trade.reason for no_trade in decision.no_trades}
    assert reasons == {"EUR/USD": Reason.NO_SIGNAL, "XAU/USD": Reason.NOT_CONFIGURED}


GONE = replace(position(quantity="-7"), instrument="GONE/USD")


def test_what_is_held_and_not_listed_any_more_is_told_and_the_others_are_judged_and_closed():
    account = snapshot(positions=[position(quantity="1000"), GONE])
    decision = run(policy(Constant(score=-0.9)), account)
    (order,) = decision.intents
    assert (order.instrument, order.side, order.reduce_only) == ("EUR/USD", Side.SELL, True)
    (told,) = decision.no_trades
    assert (told.instrument, told.reason) == ("GONE/USD", Reason.DELISTED)
    assert told.detail.startswith("-7 is held or ordered")


class Unasked(AtMost):
    """A rule that counts on the specification of everything that is held."""

    def review(self, proposal, snapshot):
        raise KeyError("GONE/USD")


def test_beside_what_has_no_value_nothing_is_opened_and_no_rule_is_asked():
    decision = run(policy(Constant(score=0.9), rules=[Unasked(quantity=1)]), snapshot(positions=[GONE]))
    assert decision.intents == ()
    (verdict,) = decision.verdicts
    assert (verdict.state, verdict.reasons) == (VerdictState.REFUSED, (Reason.DELISTED,))
    assert "GONE/USD" in verdict.findings[1].detail


def test_that_it_is_not_listed_comes_before_every_other_reason_not_to_trade_it():
    wants = policy(Constant(score=0.9), instruments=("EUR/USD", "GONE/USD"))
    markets = {"EUR/USD": market("EUR/USD"), "GONE/USD": market("EUR/USD")}
    decision = run(wants, snapshot(positions=[GONE]), markets=markets)
    assert [(told.instrument, told.reason) for told in decision.no_trades] == [("GONE/USD", Reason.DELISTED)]


def test_a_stop_that_is_left_of_what_is_not_listed_any_more_keeps_nothing_closed():
    left = replace(order_of(intent("w", instrument="GONE/USD"), OrderState.ACKED), reduce_only=True)
    assert len(run(policy(Constant(score=0.9)), snapshot(open_orders=(left,))).intents) == 1


def test_the_finding_of_the_venues_smallest_order_says_that_its_limit_is_the_least():
    finding = run(policy()).verdicts[0].findings[-1]
    assert (finding.rule, finding.limit, finding.observed) == ("venue_minimum", 1, 1000)
    assert finding.detail == "what the other rules leave, where the limit is the least"
