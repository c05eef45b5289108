"""The rules that compare prices and markets: price_collar, liquidity, spread, unusual_spread."""

from dataclasses import replace
from decimal import Decimal

import pytest

from desk.model.reasons import Reason
from desk.model.surroundings import Surroundings
from desk.risk.liquidity import Liquidity
from desk.risk.price_collar import PriceCollar
from desk.risk.spread import Spread
from desk.risk.unusual_spread import UnusualSpread
from tests.builders import quote, snapshot
from tests.contracts.samples import proposal

COLLAR, MARKET = PriceCollar(close_bps=100, mid_bps=20), Liquidity(fraction="0.001", turnover=1_000_000)
SPREAD, UNUSUAL = Spread(limit_bps=5), UnusualSpread(multiple=3)
BROKEN = ["0", "-1", "NaN", "Infinity"]


def around(**facts):
    return snapshot(surroundings=Surroundings(**facts))


def collar(price, close="1.1"):
    wish = replace(proposal(), reference_price=Decimal(price))
    return COLLAR.review(wish, around(last_closes={"EUR/USD": Decimal(close)}))


@pytest.mark.parametrize("price", ["1.1022", "1.0978"])
def test_a_price_within_both_limits_passes(price):
    assert collar(price).reason is None


@pytest.mark.parametrize("price", ["1.1023", "1.0977"])
def test_a_price_too_far_from_the_middle_is_refused_in_both_directions(price):
    finding = collar(price)
    assert (finding.reason, finding.limit) == (Reason.PRICE_COLLAR, 20)
    assert finding.detail == "from the middle of the quote, 1.10000"


def test_the_comparison_that_is_further_beyond_its_limit_is_told():
    finding = collar("1.1023", close="1.0")
    assert (finding.limit, finding.observed) == (100, 1023)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_close_or_a_price_that_cannot_be_is_not_known(broken):
    assert collar("1.1", close=broken).reason is Reason.NOT_KNOWN
    assert collar(broken).reason is Reason.NOT_KNOWN


def test_an_order_is_cut_to_its_share_of_the_turnover():
    finding = MARKET.review(proposal("USD/JPY", "9000"), around(turnover={"USD/JPY": Decimal(750_000_000)}))
    assert (finding.limit, finding.allowed_quantity) == (4950, 5000)


def test_a_thin_market_is_refused_whatever_the_size():
    finding = MARKET.review(proposal(quantity="1"), around(turnover={"EUR/USD": Decimal(999_999)}))
    assert (finding.allowed_quantity, finding.reason, finding.observed) == (0, Reason.LIQUIDITY, 999_999)


@pytest.mark.parametrize("broken", [*BROKEN, None])
def test_a_turnover_that_cannot_be_is_not_known(broken):
    known = {} if broken is None else {"EUR/USD": Decimal(broken)}
    assert MARKET.review(proposal(), around(turnover=known)).reason is Reason.NOT_KNOWN


def spread(bid, ask, rule=SPREAD, **facts):
    asked = replace(quote("EUR/USD"), bid=Decimal(bid), ask=Decimal(ask))
    return rule.review(proposal(), snapshot(quotes={"EUR/USD": asked}, surroundings=Surroundings(**facts)))


def test_a_spread_at_its_limit_passes_and_a_wider_one_does_not():
    assert spread("0.99975", "1.00025").reason is None
    wide = spread("0.99974", "1.00026")
    assert (wide.reason, wide.observed, wide.limit) == (Reason.SPREAD, Decimal("5.2"), 5)


@pytest.mark.parametrize(("bid", "ask"), [("1.2", "1.1"), ("0", "1.1"), ("NaN", "1.1"), ("1.1", "NaN")])
@pytest.mark.parametrize("rule", [SPREAD, UNUSUAL], ids=lambda rule: rule.name)
def test_a_quote_that_cannot_be_is_refused(rule, bid, ask):
    finding = spread(bid, ask, rule, usual_spread={"EUR/USD": 0.01})
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.STALE_DATA)


def test_a_spread_is_compared_with_the_usual_one_of_the_hour():
    assert spread("0.999", "1.001", UNUSUAL, usual_spread={"EUR/USD": 0.001}).reason is None
    finding = spread("0.999", "1.001", UNUSUAL, usual_spread={"EUR/USD": 0.0005})
    assert (finding.reason, finding.observed, finding.limit) == (Reason.UNUSUAL_SPREAD, 20, 15)


@pytest.mark.parametrize("usual", [None, 0.0, -0.1, float("nan"), float("inf")])
def test_a_usual_spread_that_cannot_be_is_not_known(usual):
    known = {} if usual is None else {"EUR/USD": usual}
    assert spread("0.999", "1.001", UNUSUAL, usual_spread=known).reason is Reason.NOT_KNOWN
