from dataclasses import replace
from decimal import Decimal

import pytest

from desk.model.books import AccountState
from desk.sizing.fixed_notional import FixedNotional
from tests.builders import CLOSE, EUR_USD, USD_JPY, snapshot

FREE = FixedNotional(fraction="0.05", max_risk_fraction=1, cost_bps=0)


def money(equity: str, cash: str, margin: str | None = None) -> AccountState:
    used = None if margin is None else Decimal(margin)
    return AccountState("USD", Decimal(cash), Decimal(equity), CLOSE, {"JPY": Decimal("0.0066")}, margin_used=used)


def test_a_trade_is_worth_its_fraction_of_the_balance():
    assert FREE.size(EUR_USD, Decimal("1.25"), Decimal("0.001"), snapshot(equity="10000")) == 400


def test_the_price_is_converted_to_the_account_s_currency():
    size = FREE.size(USD_JPY, Decimal(150), Decimal("0.1"), snapshot(equity="9900"))
    assert size == 500


@pytest.mark.parametrize(
    ("state", "value"),
    [
        (money("10000", "8000"), 400),
        (money("8000", "10000"), 400),
        (money("10000", "10000", "4000"), 300),
        (money("10000", "10000", "10001"), 0),
        (money("10000", "10000", "-1"), 500),
        (money("10000", "10000", "NaN"), 0),
    ],
)
def test_only_what_is_free_counts(state, value):
    assert FREE.size(EUR_USD, Decimal(1), Decimal("0.001"), snapshot(money=state)) == value


def test_an_amount_stands_instead_of_the_fraction_and_never_above_what_is_free():
    sizing = FixedNotional(amount=1500, max_risk_fraction=1, cost_bps=0)
    assert sizing.size(EUR_USD, Decimal("1.25"), Decimal("0.001"), snapshot(equity="10000")) == 1200
    assert sizing.size(EUR_USD, Decimal("1.25"), Decimal("0.001"), snapshot(equity="1000")) == 800


def test_a_far_stop_makes_it_smaller():
    sizing = FixedNotional(fraction=1, max_risk_fraction="0.01", cost_bps=0)
    assert sizing.size(EUR_USD, Decimal(1), Decimal("0.5"), snapshot(equity="10000")) == 200


def test_without_equity_or_a_rate_there_is_no_size():
    assert FREE.size(EUR_USD, Decimal(1), Decimal("0.1"), snapshot(equity="-5")) == 0
    unknown = replace(money("100", "100"), conversion={})
    assert FREE.size(USD_JPY, Decimal(150), Decimal("0.1"), snapshot(money=unknown)) == 0
