from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.books import AccountState
from desk.model.instrument import Instrument, InstrumentKind
from desk.sizing.fixed_fraction import FixedFraction
from tests.builders import CLOSE, EUR_USD, USD_JPY, snapshot

FREE = FixedFraction(fraction="0.01", max_notional_fraction=50, cost_bps=0)


def test_the_stop_costs_the_fraction_of_equity():
    size = FREE.size(EUR_USD, Decimal("1.1"), Decimal("0.005"), snapshot(equity="10000"))
    assert size * Decimal("0.005") == 100


def test_fees_and_slippage_are_part_of_the_loss():
    sizing = FixedFraction(fraction="0.01", max_notional_fraction=50, cost_bps=10)
    size = sizing.size(EUR_USD, Decimal("1.0"), Decimal("0.004"), snapshot(equity="10000"))
    assert size == 20_000


def test_a_loss_in_another_currency_is_converted():
    size = FREE.size(USD_JPY, Decimal(150), Decimal("0.5"), snapshot(equity="10000"))
    assert size * Decimal("0.5") * Decimal("0.0066") == pytest.approx(Decimal(100), rel=Decimal("1e-15"))


def test_a_tight_stop_does_not_make_a_trade_larger_than_the_cap():
    sizing = FixedFraction(fraction="0.01", max_notional_fraction=2, cost_bps=0)
    size = sizing.size(EUR_USD, Decimal("1.25"), Decimal("0.0001"), snapshot(equity="10000"))
    assert size * Decimal("1.25") == 20_000


def test_the_cap_is_converted_too():
    sizing = FixedFraction(fraction="0.1", max_notional_fraction=1, cost_bps=0)
    size = sizing.size(USD_JPY, Decimal(150), Decimal("0.001"), snapshot(equity="9900"))
    assert size == 10_000


@pytest.mark.parametrize("equity", ["0", "-50"])
def test_without_equity_there_is_no_size(equity):
    assert FREE.size(EUR_USD, Decimal("1.1"), Decimal("0.005"), snapshot(equity=equity)) == 0


@pytest.mark.parametrize("conversion", [{}, {"JPY": Decimal(0)}])
def test_without_a_usable_rate_there_is_no_size(conversion):
    money = AccountState("USD", Decimal(10_000), Decimal(10_000), CLOSE, conversion)
    assert FREE.size(USD_JPY, Decimal(150), Decimal("0.5"), snapshot(money=money)) == 0


@given(
    equity=st.decimals("0.01", "10000000", places=2),
    fraction=st.decimals("0.0001", "0.1", places=6),
    cap=st.decimals("0.01", "50", places=4),
    price=st.decimals("0.00001", "100000", places=5),
    stop_distance=st.floats(1e-6, 1e4).map(repr).map(Decimal),
    rate=st.integers(1, 10**9).map(lambda number: Decimal(10**4) / number),
    lot=st.sampled_from(["1", "0.01", "0.00000001", "0.003", "1000"]),
)
def test_neither_the_loss_nor_the_value_is_above_its_limit_to_the_last_digit(
    equity, fraction, cap, price, stop_distance, rate, lot
):
    instrument = Instrument("SAMPLE/JPY", InstrumentKind.FX, Decimal("0.00001"), Decimal(lot), Decimal(lot))
    books = snapshot(equity=str(equity), instruments={instrument.name: instrument})
    books = replace(books, money=replace(books.money, conversion={"JPY": rate}))
    sizing = FixedFraction(fraction=fraction, max_notional_fraction=cap)
    size = sizing.size(instrument, price, stop_distance, books)
    for quantity in (size, instrument.round_quantity(size)):
        with localcontext(prec=200):
            assert quantity * (stop_distance + price * sizing.cost_bps / 10_000) * rate <= equity * fraction
            assert quantity * price * rate <= equity * cap
