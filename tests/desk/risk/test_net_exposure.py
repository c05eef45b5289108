from desk.model.instrument import Side
from desk.model.reasons import Reason
from desk.risk.net_exposure import NetExposure
from tests.builders import position, quote, snapshot
from tests.contracts.samples import proposal, working_order

RULE = NetExposure(multiple=1)


def review(held, *, side=Side.BUY, **books):
    return RULE.review(proposal(quantity="9000", side=side), snapshot(equity="11000", positions=held, **books))


def test_what_leans_the_same_way_takes_room():
    assert review([position("XAU/USD", "2.75")]).allowed_quantity == 5000
    assert review([position("XAU/USD", "-2.75")], side=Side.SELL).allowed_quantity == 5000


def test_what_leans_the_other_way_makes_room():
    finding = review([position("XAU/USD", "-2.75")])
    assert (finding.reason, finding.observed) == (None, 4400)


def test_an_account_that_leans_too_far_may_trade_back():
    finding = review([position("XAU/USD", "-20")])
    assert (finding.reason, finding.observed) == (None, -30_100)


def test_orders_that_may_still_fill_count():
    working = (working_order("XAU/USD", "5.5"),)
    assert review([], open_orders=working).allowed_quantity == 0


def test_while_anything_held_cannot_be_valued_nothing_is_opened():
    finding = review([position("XAU/USD", "-1")], quotes={"EUR/USD": quote("EUR/USD")})
    assert (finding.reason, finding.detail) == (Reason.STALE_DATA, "expected a quote of XAU/USD, found none")
