"""What accounts are worth together."""

from dataclasses import replace
from decimal import Decimal

from desk.steps.rebalance import equities_of
from desk.steps.surroundings import Company, Seat, Standing
from tests.builders import CLOSE


def test_accounts_are_valued_in_the_currency_of_the_fleet_where_a_rate_is_known() -> None:
    company = Company({"a": Seat("oanda", "USD"), "b": Seat("kucoin", "USDT"), "c": Seat("oanda", "EUR")}, "USD")
    stands = [Standing(name, Decimal(100), Decimal(100)) for name in "abc"]
    company = replace(company, rates={"USDT": Decimal("0.99")})
    assert equities_of(company, stands, CLOSE) == {"a": 100, "b": 99, "c": None}
