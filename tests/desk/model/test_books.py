"""What an account owns, what it may come to own, and what that is worth."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from desk.model.books import Position, Quote
from desk.model.instrument import Side
from tests.builders import CLOSE, position, quote, snapshot
from tests.contracts.samples import snapshots, working_order

QUOTE = Quote("EUR/USD", Decimal("1.0998"), Decimal("1.1002"), CLOSE)


def test_a_buy_meets_the_ask_and_a_sell_the_bid():
    assert QUOTE.price_for(Side.BUY) == Decimal("1.1002")
    assert QUOTE.price_for(Side.SELL) == Decimal("1.0998")
    assert QUOTE.mid == Decimal("1.1")


@pytest.mark.parametrize(("quantity", "side", "profit"), [("1000", Side.BUY, "99.8"), ("-1000", Side.SELL, "-100.2")])
def test_a_position_is_valued_at_the_price_at_which_it_could_be_closed(quantity, side, profit):
    held = Position("EUR/USD", Decimal(quantity), Decimal(quantity), CLOSE)
    assert held.side is side
    assert held.average_price == 1
    assert held.unrealised_profit(QUOTE) == Decimal(profit)


def test_what_counts_as_held_is_the_position_the_working_orders_and_what_was_approved():
    books = snapshot(
        positions=[position("EUR/USD", "1000")],
        open_orders=(
            working_order(quantity="500", filled="200"),
            working_order(quantity="50", side=Side.SELL),
            working_order(quantity="9999", side=Side.SELL, reduce_only=True),
            working_order("XAU/USD", "7"),
        ),
        pending={"EUR/USD": Decimal(30)},
    )
    assert books.quantity("EUR/USD") == 1000 + 300 - 50 + 30
    assert books.exposed_instruments() == {"EUR/USD", "XAU/USD"}


def test_an_instrument_whose_orders_offset_its_position_is_not_exposed():
    books = snapshot(positions=[position("EUR/USD", "50")], open_orders=(working_order(quantity="50", side=Side.SELL),))
    assert books.exposed_instruments() == frozenset()
    assert books.position("EUR/USD").quantity == 50
    assert books.position("XAU/USD") is None


def test_pending_quantities_add_up_and_leave_the_earlier_snapshot_alone():
    books = snapshot()
    later = books.with_pending("EUR/USD", Decimal(5)).with_pending("EUR/USD", Decimal(-2))
    assert later.quantity("EUR/USD") == 3
    assert books.quantity("EUR/USD") == 0


def test_a_rate_is_1_in_the_accounts_own_currency_and_unknown_where_nobody_told_it():
    books = snapshot()
    assert books.rate("EUR/USD") == 1
    assert books.rate("USD/JPY") == Decimal("0.0066")
    assert replace(books, money=replace(books.money, conversion={})).rate("USD/JPY") is None


def test_exposure_is_the_value_at_the_middle_in_account_currency_without_a_sign():
    held = position("USD/JPY", "-1000")
    assert snapshot(positions=[held]).exposure("USD/JPY") == Decimal(1000) * 150 * Decimal("0.0066")
    assert snapshot().exposure("USD/JPY") == 0


def test_exposure_without_a_quote_or_a_rate_is_unknown_and_not_nothing():
    held = position("USD/JPY", "1000")
    assert snapshot(positions=[held], quotes={"EUR/USD": quote("EUR/USD")}).exposure("USD/JPY") is None
    books = snapshot(positions=[held])
    assert replace(books, money=replace(books.money, conversion={})).exposure("USD/JPY") is None


@given(snapshots())
def test_every_exposed_instrument_has_an_exposure_above_0_or_an_unknown_one(books):
    for name in books.instruments:
        exposure = books.exposure(name)
        assert (name in books.exposed_instruments()) == (exposure is None or exposure > 0)
