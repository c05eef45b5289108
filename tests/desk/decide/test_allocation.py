"""An account sizes its trades on the part of its money that is allocated to it, and holds no more than that."""

from dataclasses import replace
from decimal import Decimal

import pytest

from desk.decide.entries import size_of
from desk.decide.policy import Policy
from desk.decide.reviewing import review, risk_check
from desk.model.books import Position, Snapshot
from desk.model.cycle import Decision
from desk.model.instrument import InstrumentKind
from desk.model.reasons import Reason
from desk.model.trade import NoTrade, Proposal
from desk.registry import sizings
from desk.sizing.fixed_fraction import FixedFraction
from desk.sizing.fixed_notional import FixedNotional
from tests.builders import BTC_USD, CLOSE, EUR_USD, PRICES, policy, snapshot
from tests.contracts.samples import proposal

SIZINGS = ["fixed_fraction", "fixed_notional"]
GREEDY = [FixedNotional(fraction=Decimal(1), max_risk_fraction=Decimal(1)), FixedFraction(fraction=Decimal("0.1"))]
PRICE = Decimal(PRICES["BTC/USD"])


def half_of(sizing: object) -> Policy:
    return replace(policy(), sizing=sizing, allocation=Decimal("0.5"))


def sized(made: Policy, around: Snapshot | None = None, name: str = "EUR/USD") -> Decimal:
    around = around or snapshot()
    price = Decimal(PRICES[name])
    found = size_of(made, around, around.instruments[name], price, price / 100, "constant")
    return Decimal(0) if isinstance(found, NoTrade) else found


def wish(quantity: Decimal, name: str = "BTC/USD") -> Proposal:
    return replace(proposal(name), quantity=quantity, reference_price=Decimal(PRICES[name]))


def after_buying(around: Snapshot, quantity: Decimal) -> Snapshot:
    """The books of a spot account once a coin was bought: the cash is spent, the equity is not."""
    before = around.position("BTC/USD")
    held = quantity + (before.quantity if before else 0)
    money = replace(around.money, cash=around.money.cash - quantity * PRICE)
    return replace(around, money=money, positions=(Position("BTC/USD", held, held * PRICE, CLOSE),))


@pytest.mark.parametrize("name", SIZINGS)
def test_half_of_the_money_makes_half_of_the_trade(name: str) -> None:
    whole = replace(policy(), sizing=sizings().discover()[name]())
    assert sized(replace(whole, allocation=Decimal("0.5"))) == pytest.approx(sized(whole) / 2)


@pytest.mark.parametrize("sizing", GREEDY, ids=SIZINGS[::-1])
def test_one_purchase_after_the_other_spends_no_more_than_the_part(sizing: object) -> None:
    around, made = snapshot(equity="1000"), half_of(sizing)
    for _ in range(8):
        quantity = sized(made, around, "BTC/USD")
        around = after_buying(around, review(made, around, wish(quantity)).quantity if quantity else quantity)
    spent = 1000 - around.money.cash
    assert 499 < spent <= 500


def test_what_is_free_is_what_is_left_of_the_part_and_not_a_part_of_what_is_left() -> None:
    around = after_buying(snapshot(equity="1000"), 400 / PRICE)
    assert sized(half_of(GREEDY[0]), around, "BTC/USD") * PRICE == 100
    assert sized(half_of(GREEDY[0]), after_buying(around, 150 / PRICE), "BTC/USD") == 0


def test_several_purchases_of_one_decision_share_the_part() -> None:
    coin = replace(BTC_USD, name="LTC/USD")
    around = snapshot(equity="1000", instruments={one.name: one for one in (BTC_USD, coin)})
    around = replace(around, quotes={n: replace(around.quotes["BTC/USD"], instrument=n) for n in around.instruments})
    wishes = tuple(replace(wish(400 / PRICE), instrument=name) for name in around.instruments)
    decided = risk_check(half_of(GREEDY[0]), around, Decision(proposals=wishes))
    first, second = decided.verdicts
    assert (first.quantity * PRICE, 99 < second.quantity * PRICE <= 100) == (400, True)
    assert Reason.ALLOCATION in [finding.reason for finding in second.findings]


def test_on_a_margin_venue_positions_are_worth_more_and_only_what_they_tie_up_counts() -> None:
    around = snapshot(equity="1000")
    around = replace(around, money=replace(around.money, margin_used=Decimal(200)))
    assert sized(half_of(GREEDY[0]), around) * Decimal(PRICES["EUR/USD"]) == pytest.approx(300)
    assert EUR_USD.kind is not InstrumentKind.SPOT
    assert review(half_of(GREEDY[0]), around, wish(Decimal(5000), "EUR/USD")).quantity == 5000
