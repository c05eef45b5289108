"""Which pairs convert currencies, what their quotes make one unit worth, and the spread around quotes of a feed."""

from datetime import UTC, datetime
from decimal import Decimal

from desk.adapters.feeds.catalogue import CATALOGUE
from desk.matching.conversion import conversion_pairs, rates_from
from desk.matching.valuation import market_now
from desk.model.books import Quote

NOW = datetime(2025, 1, 13, 12, 0, tzinfo=UTC)
INSTRUMENTS = {name: CATALOGUE[name].instrument for name in ("EUR/USD", "USD/JPY", "BTC/USDT")}


def quote(name: str, bid: str, ask: str) -> Quote:
    return Quote(name, Decimal(bid), Decimal(ask), NOW)


def test_a_currency_is_converted_by_its_pair_either_way_round_and_left_out_where_it_needs_or_has_none() -> None:
    pairs = conversion_pairs(["USD", "EUR", "JPY", "USDT", "EUR"], "USD", INSTRUMENTS)
    assert pairs == {"EUR": "EUR/USD", "JPY": "USD/JPY"}


def test_one_unit_is_worth_the_middle_of_its_pair_and_nothing_known_without_a_quote() -> None:
    quotes = {"EUR/USD": quote("EUR/USD", "1.1", "1.2"), "USD/JPY": quote("USD/JPY", "150", "170")}
    assert rates_from({"EUR": "EUR/USD", "JPY": "USD/JPY"}, quotes) == {"EUR": Decimal("1.15"), "JPY": 1 / Decimal(160)}
    assert rates_from({"EUR": "EUR/USD"}, {}) == {}


def test_a_spread_is_put_around_a_single_price_only_and_moves_no_rate() -> None:
    quotes = {"EUR/USD": quote("EUR/USD", "1", "1"), "USD/JPY": quote("USD/JPY", "150", "170")}
    pairs = {"EUR": "EUR/USD"}
    now = market_now(NOW, INSTRUMENTS, quotes, pairs, currency="USD", half_spread_bps=Decimal(10), volumes={})
    assert now.quotes == {"EUR/USD": quote("EUR/USD", "0.999", "1.001"), "USD/JPY": quotes["USD/JPY"]}
    assert now.rates == {"EUR": Decimal(1), "USD": Decimal(1)}
