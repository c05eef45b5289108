"""The limits on exposure: of one instrument, of everything together, and the second told as leverage."""

from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.instrument import Side
from desk.model.reasons import Reason
from desk.risk.leverage import Leverage
from desk.risk.position_size import PositionSize
from desk.risk.total_exposure import TotalExposure
from tests.builders import position, quote, snapshot
from tests.contracts.samples import proposal, proposals, snapshots, working_order

ONE = PositionSize(multiple=1)
TWO = TotalExposure(multiple=2)
BOTH = pytest.mark.parametrize("rule", [ONE, TWO], ids=["position_size", "total_exposure"])


def test_a_position_within_its_limit_passes_whole():
    finding = ONE.review(proposal(quantity="9000"), snapshot(equity="10000"))
    assert (finding.allowed_quantity, finding.reason) == (9000, None)
    assert (finding.limit, finding.observed, finding.unit) == (10_000, 9_900, "USD")


def test_a_position_is_cut_to_the_room_left():
    books = snapshot(equity="11000", positions=[position("EUR/USD", "4000")])
    finding = ONE.review(proposal(quantity="9000"), books)
    assert (finding.allowed_quantity, finding.reason) == (6000, Reason.POSITION_SIZE)
    assert finding.observed == 14_300


def test_a_position_at_its_limit_is_refused():
    books = snapshot(equity="11000", positions=[position("EUR/USD", "10000")])
    finding = ONE.review(proposal(), books)
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.POSITION_SIZE)


def test_orders_that_may_still_fill_and_approved_trades_count_as_held():
    books = snapshot(equity="11000", open_orders=(working_order(quantity="5000", filled="2000"),))
    books = books.with_pending("EUR/USD", Decimal(1000))
    assert ONE.review(proposal(quantity="9000"), books).allowed_quantity == 6000


def test_an_order_that_can_only_reduce_takes_no_room():
    books = snapshot(equity="11000", open_orders=(working_order(quantity="5000", reduce_only=True),))
    assert ONE.review(proposal(quantity="9000"), books).allowed_quantity == 9000


def test_the_other_side_of_a_position_has_its_own_room_after_it():
    books = snapshot(equity="11000", positions=[position("EUR/USD", "-4000")])
    assert ONE.review(proposal(quantity="20000"), books).allowed_quantity == 14_000


def test_a_short_position_counts_as_much_as_a_long_one():
    books = snapshot(equity="11000", positions=[position("EUR/USD", "-4000")])
    assert ONE.review(proposal(quantity="9000", side=Side.SELL), books).allowed_quantity == 6000


def test_exposure_in_another_currency_is_converted():
    finding = ONE.review(proposal("USD/JPY", "20000"), snapshot(equity="9900"))
    assert finding.allowed_quantity == 10_000
    assert finding.limit == 9900


def test_long_and_short_positions_add_up_in_the_total():
    held = [position("XAU/USD", "4"), position("BTC/USD", "-0.1")]
    finding = TWO.review(proposal(quantity="9000"), snapshot(equity="10000", positions=held))
    assert finding.reason is Reason.TOTAL_EXPOSURE
    assert finding.observed == 8000 + 5000 + 9900
    assert finding.allowed_quantity == Decimal("6363.6363636363636363")


def test_what_is_held_of_the_same_instrument_counts_once_in_the_total():
    finding = TWO.review(proposal(quantity="20000"), snapshot(equity="11000", positions=[position("EUR/USD", "4000")]))
    assert (finding.allowed_quantity, finding.observed) == (16_000, 26_400)


@BOTH
def test_an_account_without_equity_gets_nothing(rule):
    for equity in ("0", "-10"):
        assert rule.review(proposal(), snapshot(equity=equity)).allowed_quantity == 0


@BOTH
def test_an_instrument_without_a_quote_is_refused_as_stale(rule):
    finding = rule.review(proposal(), snapshot(quotes={}))
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.STALE_DATA)


@BOTH
def test_an_instrument_without_a_rate_is_refused(rule):
    books = snapshot()
    books = replace(books, money=replace(books.money, conversion={}))
    finding = rule.review(proposal("USD/JPY"), books)
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.NO_CONVERSION_RATE)


def test_while_a_held_instrument_cannot_be_valued_nothing_is_added_to_the_total():
    books = snapshot(positions=[position("XAU/USD", "1")], quotes={"EUR/USD": quote("EUR/USD")})
    assert TWO.review(proposal(), books).reason is Reason.STALE_DATA
    assert ONE.review(proposal(), books).reason is None


@given(proposal=proposals(), books=snapshots(), multiple=st.decimals("0.0001", "50", places=4))
def test_what_is_allowed_and_is_not_a_reduction_stays_under_the_limit_to_the_last_digit(proposal, books, multiple):
    finding = TotalExposure(multiple=multiple).review(proposal, books)
    allowed, name = finding.allowed_quantity, proposal.instrument
    held = books.quantity(name) * proposal.side.sign
    if allowed == 0 or held < 0:
        return
    after = books.with_pending(name, allowed * proposal.side.sign)
    with localcontext(prec=200):
        exposure = sum(abs(after.quantity(other)) * books.quotes[other].mid * books.rate(other)
                       for other in after.exposed_instruments())  # fmt: skip
        assert exposure <= books.money.equity * multiple


@given(proposal=proposals(), books=snapshots(), multiple=st.decimals("0.1", "50", places=1))
def test_the_total_never_leaves_more_room_than_the_position_at_the_same_multiple(proposal, books, multiple):
    total = TotalExposure(multiple=multiple).review(proposal, books).allowed_quantity
    assert total <= PositionSize(multiple=multiple).review(proposal, books).allowed_quantity


@BOTH
def test_a_refusal_for_want_of_a_price_says_the_limit_and_its_currency(rule):
    finding = rule.review(proposal(), snapshot(equity="10000", quotes={}))
    assert (finding.limit, finding.observed, finding.unit) == (10_000 * rule.multiple, 0, "USD")


def test_a_cut_is_told_in_the_currency_of_the_account():
    finding = ONE.review(proposal("USD/JPY", "20000"), snapshot(equity="9900"))
    assert (finding.reason, finding.unit) == (Reason.POSITION_SIZE, "USD")


@BOTH
def test_a_price_of_nothing_values_nothing_and_a_small_one_does(rule):
    nothing, small = replace(quote("EUR/USD"), bid=Decimal(0), ask=Decimal(0)), Decimal("0.5")
    assert rule.review(proposal(), snapshot(quotes={"EUR/USD": nothing})).reason is Reason.STALE_DATA
    cheap = {"EUR/USD": replace(quote("EUR/USD"), bid=small, ask=small)}
    assert rule.review(proposal(), snapshot(quotes=cheap)).reason is None


@BOTH
def test_a_rate_of_nothing_values_nothing(rule):
    books = snapshot()
    worthless = replace(books, money=replace(books.money, conversion={"JPY": Decimal(0)}))
    assert rule.review(proposal("USD/JPY"), worthless).reason is Reason.NO_CONVERSION_RATE


@pytest.mark.parametrize("equity", ["NaN", "0", "-10"])
@BOTH
def test_an_equity_that_is_none_is_named(rule, equity):
    finding = rule.review(proposal(), snapshot(equity=equity))
    assert (finding.reason, finding.detail) == (
        Reason.NOT_KNOWN, f"expected an equity above 0, found {equity} USD",
    )  # fmt: skip


@given(proposal=proposals(), books=snapshots(), limit=st.decimals("0.1", "50", places=1))
def test_leverage_leaves_what_the_total_leaves_and_tells_it_beside_the_equity(proposal, books, limit):
    told, total = (rule.review(proposal, books) for rule in (Leverage(limit=limit), TotalExposure(multiple=limit)))
    assert told.allowed_quantity == total.allowed_quantity
    assert told.unit == "times equity"
    if books.money.equity > 0:
        assert (told.limit, told.observed) == (limit, total.observed / books.money.equity)
