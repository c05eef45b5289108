from dataclasses import replace
from decimal import Decimal

from desk.model.instrument import Side
from desk.model.reasons import Reason
from desk.risk.currency_exposure import CurrencyExposure
from tests.builders import position, quote, snapshot
from tests.contracts.samples import proposal

RULE = CurrencyExposure(multiple=1)


def review(held, wish=None, **books):
    return RULE.review(wish or proposal(quantity="9000"), snapshot(equity="11000", positions=held, **books))


def test_the_base_of_a_long_position_is_held_and_its_quote_is_owed():
    assert review([position("EUR/USD", "5000")]).allowed_quantity == 5000
    assert review([position("EUR/USD", "5000")], proposal("XAU/USD", "9")).allowed_quantity == 2.75


def test_pairs_against_the_same_currency_are_one_bet_against_it():
    short_dollar = review([position("USD/JPY", "-5000")])
    assert (short_dollar.reason, short_dollar.detail) == (Reason.CURRENCY_EXPOSURE, "USD owed")
    assert short_dollar.allowed_quantity == 5500


def test_what_is_held_of_a_currency_makes_room_to_owe_it():
    finding = review([position("USD/JPY", "5000")])
    assert (finding.reason, finding.detail) == (None, "EUR held")


def test_the_side_of_the_trade_decides_which_leg_is_owed():
    wish = proposal(quantity="20000", side=Side.SELL)
    assert review([], wish).detail in ("EUR owed", "USD held")
    assert review([position("USD/JPY", "5000")], wish).detail == "USD held"


def test_a_trade_that_makes_up_for_what_is_over_the_limit_passes():
    finding = review([position("EUR/USD", "-20000")])
    assert (finding.reason, finding.observed) == (None, -12_100)


def test_positions_without_a_currency_in_common_do_not_count():
    assert review([position("USD/JPY", "-9000")], proposal("XAU/USD", "1")).reason is None
    quotes = {"EUR/USD": quote("EUR/USD")}
    books = snapshot(equity="11000", positions=[position("USD/JPY", "1")], quotes=quotes)
    euro_pound = replace(books.instruments["EUR/USD"], name="EUR/GBP")
    apart = replace(books, instruments={**books.instruments, "EUR/USD": euro_pound})
    apart = replace(apart, money=replace(apart.money, conversion={"GBP": Decimal(1), "JPY": Decimal(1)}))
    assert RULE.review(proposal(), books).reason is Reason.STALE_DATA
    assert RULE.review(proposal(), apart).reason is None


def test_an_account_without_equity_gets_nothing_even_where_a_trade_would_offset():
    books = snapshot(equity="0", positions=[position("EUR/USD", "-20000")])
    assert RULE.review(proposal(), books).allowed_quantity == 0
