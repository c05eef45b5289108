"""The rules that look at the other accounts of the fleet."""

from dataclasses import replace
from decimal import Decimal

import pytest

from desk.model.instrument import Side
from desk.model.reasons import Reason
from desk.model.surroundings import OtherAccount, Surroundings
from desk.risk.duplicate_idea import DuplicateIdea
from desk.risk.fleet_exposure import FleetExposure
from desk.risk.fleet_loss import FleetLoss
from tests.builders import position, snapshot
from tests.contracts.samples import proposal

EXPOSURE, LOSS, IDEA = FleetExposure(multiple=1), FleetLoss(fraction="0.05"), DuplicateIdea(accounts=2)
ALL = pytest.mark.parametrize("rule", [EXPOSURE, LOSS, IDEA], ids=lambda rule: rule.name)
MONEY = pytest.mark.parametrize("rule", [EXPOSURE, LOSS], ids=lambda rule: rule.name)
OTHER = OtherAccount(
    "kucoin-two", "kucoin", Decimal(1000), Decimal(1000), {"BTC/USDT": Decimal(-5500)}, {"BTC/USDT": -1}
)


def beside(*others, rate="1", **books):
    return snapshot(**books, surroundings=Surroundings(others=others, rate=Decimal(rate)))


def test_an_account_alone_has_the_limit_for_itself():
    assert EXPOSURE.review(proposal(quantity="9000"), beside()).reason is None
    assert LOSS.review(proposal(), beside()).limit == 500
    assert IDEA.review(proposal(), beside()).observed == 1


def test_what_other_accounts_hold_takes_room_and_what_they_own_makes_room():
    books = beside(OTHER, positions=[position("EUR/USD", "1000")])
    finding = EXPOSURE.review(proposal(quantity="9000"), books)
    assert (finding.limit, finding.observed, finding.allowed_quantity) == (11_000, 5500 + 11_000, 4000)


def test_amounts_of_the_fleet_are_converted_to_the_accounts_currency():
    finding = EXPOSURE.review(proposal(quantity="9000"), beside(OTHER, rate="2"))
    assert (finding.limit, finding.observed) == (10_500, 2750 + 9900)


def test_what_one_account_wins_makes_up_for_what_another_loses():
    winner = replace(OTHER, equity=Decimal(1600))
    books = beside(winner, day_start_equity=Decimal(10_600))
    finding = LOSS.review(proposal(), books)
    assert (finding.observed, finding.limit, finding.reason) == (0, 580, None)
    lost = LOSS.review(proposal(), beside(replace(OTHER, equity=Decimal(400)), day_start_equity=Decimal(10_600)))
    assert (lost.reason, lost.observed) == (Reason.FLEET_LOSS, 1200)


@pytest.mark.parametrize(("ideas", "same"), [
    ({"EUR/USD": 1}, 1), ({"EUR/GBP": 1}, 1), ({"EUR/USD:USD": 1}, 1),
    ({"EUR/USD": -1}, 0), ({"GBP/USD": 1}, 0), ({}, 0),
])  # fmt: skip
def test_an_idea_is_the_same_base_on_the_same_side(ideas, same):
    assert IDEA.review(proposal(), beside(replace(OTHER, ideas=ideas))).observed == same + 1


def test_the_accounts_that_have_the_idea_are_named():
    long = {"EUR/USD": 1}
    others = (replace(OTHER, ideas=long), replace(OTHER, name="aster-one", ideas=long))
    finding = IDEA.review(proposal(), beside(*others))
    assert (finding.reason, finding.detail) == (Reason.DUPLICATE_IDEA, "aster-one, kucoin-two")
    assert IDEA.review(proposal(side=Side.SELL), beside(*others)).reason is None


@ALL
def test_a_fleet_that_is_not_known_lets_nothing_pass(rule):
    finding = rule.review(proposal(), snapshot())
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.NOT_KNOWN)


@MONEY
@pytest.mark.parametrize("rate", ["0", "-1", "NaN"])
def test_without_a_rate_into_the_fleets_currency_nothing_passes(rule, rate):
    assert rule.review(proposal(), beside(OTHER, rate=rate)).reason is Reason.NO_CONVERSION_RATE


@MONEY
@pytest.mark.parametrize("equity", [None, Decimal("NaN"), Decimal(-20_000)])
def test_an_account_whose_equity_is_not_known_or_gone_lets_nothing_pass(rule, equity):
    finding = rule.review(proposal(), beside(replace(OTHER, equity=equity)))
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.NOT_KNOWN)


@pytest.mark.parametrize("exposure", [None, {"BTC/USDT": Decimal("NaN")}])
def test_an_exposure_that_is_not_known_is_named(exposure):
    finding = EXPOSURE.review(proposal(), beside(replace(OTHER, exposure=exposure)))
    assert (finding.reason, finding.detail) == (
        Reason.NOT_KNOWN, "expected the exposure of kucoin-two, found nothing",
    )  # fmt: skip
    assert LOSS.review(proposal(), beside(replace(OTHER, exposure=exposure))).reason is None


@pytest.mark.parametrize("start", [None, Decimal("NaN"), Decimal(-20_000)])
def test_a_morning_that_is_not_known_lets_nothing_pass(start):
    finding = LOSS.review(proposal(), beside(replace(OTHER, day_start_equity=start)))
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.NOT_KNOWN)
