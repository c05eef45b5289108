"""Strategies that act on the book close or offset, and no net exposure in an asset grows by it, whatever they say."""

from dataclasses import replace
from decimal import Decimal
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.decide import WeightedStrategy, decide, propose_trades
from desk.model.books import Position, Quote, Restriction, TradingState
from desk.model.cycle import Decision
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.market import Market
from desk.model.reasons import Reason
from desk.model.timeframe import Timeframe
from desk.model.trade import Finding, Intention, Reduction, VerdictState
from desk.model.views import Signal
from desk.plugin import BookStrategy, RiskRule
from tests.builders import CLOSE, Constant, FixedQuantity, candles, policy, snapshot
from tests.contracts.samples import working_order

GRID = (Decimal("0.1"), Decimal("0.001"), Decimal("0.01"))
SPOT = Instrument("BTC/USDT", InstrumentKind.SPOT, *GRID)
PERPETUAL = Instrument("BTC/USDT:USDT", InstrumentKind.PERPETUAL, *GRID)
IN_EUROS = Instrument("BTC/EUR", InstrumentKind.SPOT, *GRID)
OTHER = Instrument("ETH/USDT:USDT", InstrumentKind.PERPETUAL, *GRID)
KNOWN = {one.name: one for one in (SPOT, PERPETUAL, IN_EUROS, OTHER)}


class Scripted(BookStrategy, Constant):
    """Asks for what it is told to."""

    wishes: Any = None

    def reduce(self, signal, snapshot, instrument):
        return (self.wishes or {}).get(instrument.name)


Scripted.name = "scripted"


class Broken(Scripted):
    """Fails."""

    def reduce(self, signal, snapshot, instrument):
        raise ZeroDivisionError("no book")


Broken.name = "broken"


def close(instrument=SPOT, quantity="1"):
    return Reduction(instrument.name, Intention.CLOSE, Decimal(quantity), "it falls")


def offset(instrument=PERPETUAL, quantity="1"):
    return Reduction(instrument.name, Intention.OPEN, Decimal(quantity), "it falls")


def held(instrument=SPOT, quantity="1", strategy="constant"):
    return Position(instrument.name, Decimal(quantity), Decimal(quantity) * 50_000, CLOSE, strategy=strategy)


def books(*positions, **changes):
    return snapshot(
        positions=positions,
        **{
            "instruments": KNOWN,
            "quotes": {name: Quote(name, Decimal("49999.9"), Decimal("50000.1"), CLOSE) for name in KNOWN},
            "money": replace(snapshot().money, conversion={"USDT": Decimal(1), "EUR": Decimal(1)}),
            **changes,
        },
    )


def run(wish, account=None, *, judged=SPOT, score=0.0, strategy=Scripted, rules=(), **changes):
    book = strategy(wishes={judged.name: wish}, stop=100.0, target=100.0)
    voting = Constant(score=score, stop=100.0, target=100.0)
    account_policy = policy(
        instruments=tuple(KNOWN),
        strategies=(WeightedStrategy(voting, 1.0), WeightedStrategy(book, 1.0)),
        sizing=FixedQuantity(quantity=Decimal(1)),
        rules=rules,
        **changes,
    )
    markets = {name: market(name) for name in KNOWN}
    return decide(account_policy, account or books(held()), markets, CLOSE)


def market(name):
    return Market(Timeframe.M5, {Timeframe.M5: candles([50_000.0] * 50, instrument=name)})


def test_a_closing_reduction_sells_a_part_of_what_is_held_and_carries_its_reason():
    decision = run(close(quantity="0.4"))
    (order,) = decision.intents
    assert (order.instrument, order.side, order.quantity, order.reduce_only) == (
        SPOT.name,
        Side.SELL,
        Decimal("0.4"),
        True,
    )
    assert (decision.proposals[0].strategy, decision.proposals[0].trigger) == ("scripted", "it falls")
    assert SPOT.name not in {passed.instrument for passed in decision.no_trades}


def test_an_offset_opens_the_opposite_position_in_another_market_with_a_stop():
    decision = run(offset(quantity="5"))
    (order,) = decision.intents
    assert (order.instrument, order.side, order.quantity) == (PERPETUAL.name, Side.SELL, Decimal(1))
    assert order.barriers.stop > Decimal(50_000)
    assert decision.proposals[0].offsets == "BTC"


def test_nothing_is_offset_in_what_is_only_to_close_while_what_is_held_there_is_reduced():
    decision = run(offset(), only_to_close=frozenset({PERPETUAL.name}))
    assert decision.intents == ()
    told = {passed.instrument: passed for passed in decision.no_trades}
    assert f"scripted: {Reason.NOT_IN_UNIVERSE}: nothing is opened in {PERPETUAL.name}" in told[SPOT.name].detail
    assert told[PERPETUAL.name].reason is Reason.NOT_IN_UNIVERSE
    (order,) = run(close(quantity="0.4"), only_to_close=frozenset({SPOT.name})).intents
    assert (order.instrument, order.reduce_only) == (SPOT.name, True)


def test_a_short_position_is_offset_by_buying():
    (order,) = run(offset(SPOT), books(held(PERPETUAL, "-1")), judged=PERPETUAL).intents
    assert (order.instrument, order.side, order.quantity) == (SPOT.name, Side.BUY, Decimal(1))


@pytest.mark.parametrize(
    ("wish", "account", "told"),
    [
        (close(), books(held(quantity="1"), held(PERPETUAL, "-1")), "no net exposure in BTC is left to take back"),
        (close(), books(held(quantity="1"), held(PERPETUAL, "-2")), "nothing of BTC/USDT is held that would"),
        (close(PERPETUAL), books(held()), "nothing of BTC/USDT:USDT is held that would take it back"),
        (offset(SPOT), books(held()), "BTC/USDT cannot be sold short"),
        (offset(), books(held(PERPETUAL)), "BTC/USDT:USDT itself is what is held"),
        (offset(OTHER), books(held()), "expected a market of BTC/USDT, found ETH/USDT:USDT"),
        (offset(IN_EUROS), books(held()), "expected a market of BTC/USDT, found BTC/EUR"),
        (offset(), books(held(), blocked={PERPETUAL.name: "sd-1"}), "has an order without a known outcome"),
        (offset(), books(held(), external={PERPETUAL.name: Decimal(1)}), "holds what the desk did not trade"),
        (offset(quantity="NaN"), books(held()), "expected a quantity above 0, found NaN"),
        (close(quantity="-1"), books(held()), "expected a quantity above 0, found -1"),
        (close(quantity="0.001"), books(held()), "less than the smallest order"),
        (offset(), books(held(), quotes={SPOT.name: books().quotes[SPOT.name]}), "BTC/USDT:USDT cannot be traded now"),
        (offset(), books(), "no net exposure in BTC is left to take back"),
    ],
)  # fmt: skip
def test_what_would_not_take_anything_back_is_not_done_and_the_reason_not_to_trade_says_so(wish, account, told):
    decision = run(wish, account)
    assert decision.intents == ()
    assert any("; scripted: " in one.detail and told in one.detail for one in decision.no_trades), decision.no_trades


def test_an_exit_of_the_vote_stays_whole_whatever_is_to_be_taken_back():
    (order,) = run(close(quantity="0.4"), score=-0.9).intents[:1]
    assert (order.instrument, order.strategy, order.quantity) == (SPOT.name, "constant", Decimal(1))


def test_an_offset_comes_before_an_entry_of_the_vote_in_the_same_market():
    decision = run(offset(), score=0.9)
    told = {proposal.instrument: proposal for proposal in decision.proposals}
    assert (told[PERPETUAL.name].strategy, told[PERPETUAL.name].side) == ("scripted", Side.SELL)
    assert told[PERPETUAL.name].quantity == Decimal(1)


def test_what_would_be_left_below_the_smallest_order_is_closed_as_well():
    (order,) = run(close(quantity="0.995")).intents
    assert order.quantity == Decimal(1)


def test_no_more_is_closed_than_the_net_exposure_of_the_asset_leaves():
    account = books(held(quantity="2"), held(PERPETUAL, "-1.5"))
    assert [order.quantity for order in run(close(quantity="2"), account).intents] == [Decimal("0.5")]


def test_an_order_that_still_works_leaves_less_to_be_offset():
    working = replace(working_order(PERPETUAL.name, "0.7", side=Side.SELL), client_order_id="sd-2")
    assert run(offset(), books(held(), open_orders=(working,))).proposals[0].quantity == Decimal("0.3")


def test_what_the_desk_did_not_trade_is_neither_closed_nor_offset():
    account = books(held(quantity="3"), external={SPOT.name: Decimal(2)})
    assert run(close(quantity="3"), account).intents[0].quantity == Decimal(1)
    assert run(offset(quantity="3"), account).proposals[0].quantity == Decimal(1)


def test_a_strategy_that_fails_at_the_book_costs_its_reduction_alone_and_is_named():
    decision = run(close(), strategy=Broken)
    assert "broken: STRATEGY_FAILED: ZeroDivisionError: no book" in decision.no_trades[0].detail


def test_a_strategy_that_acts_on_the_book_has_no_voice_in_the_vote():
    book = policy(Scripted(score=1.0), instruments=(SPOT.name,))
    decision = decide(book, books(), {SPOT.name: market(SPOT.name)}, CLOSE)
    assert decision.no_trades[0].reason is Reason.NO_SIGNAL
    assert decision.no_trades[0].detail == "no strategy of the account forecasts"


@pytest.mark.parametrize("state", [TradingState.REDUCE_ONLY, TradingState.HALTED])
def test_an_offset_opens_a_position_and_waits_where_only_exits_are_allowed(state):
    account = books(held(), trading_state=state, restrictions=(Restriction(state),))
    assert run(offset(), account).verdicts[0].state is VerdictState.REFUSED
    assert run(close(), account).verdicts[0].state is VerdictState.APPROVED


class Refusing(RiskRule):
    """Lets nothing pass."""

    def review(self, proposal, snapshot):
        nothing = Decimal(0)
        return Finding(self.name, nothing, nothing, proposal.quantity, "units", Reason.POSITION_SIZE)


class Sparing(Refusing):
    """Lets nothing pass but offsets."""

    spares_offsets = True


Refusing.name, Sparing.name = "refusing", "sparing"


def test_every_rule_is_asked_about_an_offset_but_those_that_spare_it():
    assert run(offset(), rules=(Refusing(),)).intents == ()
    assert len(run(offset(), rules=(Sparing(),)).intents) == 1
    assert run(None, books(), score=0.9, rules=(Sparing(),)).intents == ()


QUANTITIES = st.sampled_from(["-3", "-1.5", "-0.004", "0.5", "1", "2.0071", "40"])
BASE = (SPOT, PERPETUAL, IN_EUROS)


@st.composite
def accounts(draw):
    """Books with any holdings, working orders and foreign holdings in the markets of one asset."""
    quantities = {one: draw(QUANTITIES) for one in BASE if draw(st.booleans())}
    orders = tuple(
        replace(
            working_order(one.name, draw(QUANTITIES).strip("-"), side=draw(st.sampled_from(Side))),
            client_order_id=one.name,
        )
        for one in BASE
        if draw(st.integers(0, 3)) == 0
    )
    external = {one.name: Decimal(draw(QUANTITIES)) for one in BASE if draw(st.integers(0, 5)) == 0}
    return books(*(held(one, quantity) for one, quantity in quantities.items()), open_orders=orders, external=external)


@st.composite
def wishes(draw):
    quantity = draw(st.one_of(QUANTITIES, st.just("NaN"), st.just("Infinity"), st.just("0.0000001")))
    return Reduction(draw(st.sampled_from(sorted(KNOWN))), draw(st.sampled_from(Intention)), Decimal(quantity), "")


@settings(max_examples=400, deadline=None)
@given(
    account=accounts(),
    asked=st.dictionaries(st.sampled_from(sorted(KNOWN)), wishes(), min_size=1),
    scores=st.fixed_dictionaries({one.name: st.sampled_from([-1.0, 0.0, 1.0]) for one in BASE}),
)
def test_no_net_exposure_grows_by_a_reduction_whatever_is_asked_held_working_and_filled(account, asked, scores):
    """Also when any of the orders that work, and any of the decision's other trades, are filled or not."""
    book, voting = Scripted(wishes=asked), Constant()
    account_policy = policy(book, voting, instruments=tuple(KNOWN), sizing=FixedQuantity(quantity=Decimal(1)))
    opinions = {name: {"scripted": 0.5, "constant": scores.get(name, 0.0)} for name in KNOWN}
    signals = tuple(
        Signal(strategy, name, CLOSE, score, 100.0, 100.0, "")
        for name, said in opinions.items()
        for strategy, score in said.items()
    )
    decision = propose_trades(account_policy, account, Decision(signals=signals))
    trades = [trade for trade in decision.proposals if KNOWN[trade.instrument].base == "BTC"]
    for reduction in (trade for trade in trades if trade.strategy == "scripted"):
        others = [trade.quantity * trade.side.sign for trade in trades if trade is not reduction]
        others += [order.quantity * order.side.sign for order in account.open_orders]
        start = sum((position.quantity for position in account.positions), Decimal(0))
        change = reduction.quantity * reduction.side.sign
        for filled in subsets(others):
            net = start + sum(filled, Decimal(0))
            assert abs(net + change) <= abs(net), (net, change)
            assert (net + change) * net >= 0
    for trade in trades:
        if trade.intention is Intention.CLOSE:
            own = account.own_position(trade.instrument)
            assert own.side is not trade.side
            assert trade.quantity <= abs(own.quantity)


def subsets(values):
    return chain.from_iterable(combinations(values, count) for count in range(len(values) + 1))
