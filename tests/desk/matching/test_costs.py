"""Fees, slippage and spread: each of them always costs."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.matching.fees import NO_FEES, FeeSchedule, Liquidity
from desk.matching.slippage import NO_SLIPPAGE, Slippage
from desk.matching.spread import bar_at, range_met, widen
from desk.matching.terms import Terms
from desk.model.books import Quote
from desk.model.instrument import Side
from tests.desk.matching.markets import COIN, GOLD, candles

PRICES = st.decimals("0.02", "100000", places=2)
BPS = st.decimals("0", "500", places=2)


def test_fee_is_a_share_of_the_notional_by_liquidity() -> None:
    schedule = FeeSchedule(maker_bps=Decimal(2), taker_bps=Decimal(5))
    assert schedule.fee(Decimal(10_000), Liquidity.MAKER) == 2
    assert schedule.fee(Decimal(10_000), Liquidity.TAKER) == 5


def test_fee_is_rounded_up_at_eight_decimals() -> None:
    schedule = FeeSchedule(maker_bps=Decimal(-1), taker_bps=Decimal(1))
    assert schedule.fee(Decimal("0.00000001"), Liquidity.TAKER) == Decimal("0.00000001")
    assert schedule.fee(Decimal("0.00019999"), Liquidity.MAKER) == Decimal("-0.00000001")


def test_no_fees_cost_nothing() -> None:
    assert NO_FEES.fee(Decimal(10_000), Liquidity.TAKER) == 0


@given(price=PRICES, fixed=BPS, impact=BPS, quantity=st.integers(1, 1000), volume=st.none() | st.integers(0, 1000))
def test_slippage_never_helps_the_taker_and_stays_on_the_tick(
    price: Decimal, fixed: Decimal, impact: Decimal, quantity: int, volume: int | None
) -> None:
    slippage = Slippage(fixed, impact)
    traded = None if volume is None else Decimal(volume)
    paid, received = (slippage.worsen(price, side, Decimal(quantity), traded, GOLD) for side in (Side.BUY, Side.SELL))
    assert 0 < received <= price <= paid
    assert paid % GOLD.tick == received % GOLD.tick == 0


@pytest.mark.parametrize(
    ("quantity", "volume", "expected"),
    [(50, 100, "100.15"), (100, 100, "100.25"), (500, 100, "100.25"), (50, 0, "100.25"), (50, None, "100.05")],
)
def test_impact_grows_with_the_share_of_the_volume(quantity: int, volume: int | None, expected: str) -> None:
    slippage = Slippage(fixed_bps=Decimal(5), impact_bps=Decimal(20))
    traded = None if volume is None else Decimal(volume)
    assert slippage.worsen(Decimal(100), Side.BUY, Decimal(quantity), traded, GOLD) == Decimal(expected)


def test_slippage_rounds_to_the_worse_tick() -> None:
    slippage = Slippage(fixed_bps=Decimal(1))
    assert slippage.worsen(Decimal("100.01"), Side.BUY, Decimal(1), None, GOLD) == Decimal("100.03")
    assert slippage.worsen(Decimal("100.01"), Side.SELL, Decimal(1), None, GOLD) == Decimal("99.99")
    assert NO_SLIPPAGE.worsen(Decimal("100.01"), Side.BUY, Decimal(1), None, GOLD) == Decimal("100.01")


@pytest.mark.parametrize("values", [("-1", "0"), ("0", "-1"), ("6000", "4000")])
def test_slippage_that_could_help_or_leave_no_price_is_not_built(values: tuple[str, str]) -> None:
    with pytest.raises(AssertionError):
        Slippage(*map(Decimal, values))


def test_a_candle_with_both_sides_keeps_them() -> None:
    bar = bar_at(candles([(100, 101, 99, 100.5)], spread=0.04), 0, GOLD, half_spread_bps=Decimal(100))
    assert (bar.bid.high, bar.ask.high) == (Decimal(101), Decimal("101.04"))
    assert (bar.bid.open, bar.ask.close) == (Decimal(100), Decimal("100.54"))


def test_a_candle_of_trades_is_spread_apart() -> None:
    bar = bar_at(candles([(100, 101, 99, 100.5)]), 0, GOLD, half_spread_bps=Decimal(1))
    assert (bar.bid.open, bar.ask.open) == (Decimal("99.99"), Decimal("100.01"))
    assert (bar.bid.high, bar.ask.high) == (Decimal("100.98"), Decimal("101.02"))


def test_binary_noise_does_not_move_a_price_by_a_tick() -> None:
    noisy = 0.1 + 0.2
    bar = bar_at(candles([(noisy, noisy, noisy, noisy)]), 0, COIN, half_spread_bps=Decimal(0))
    assert (bar.bid.open, bar.ask.open) == (Decimal("0.30"), Decimal("0.30"))


@pytest.mark.parametrize("spread", [0.04, 0])
@pytest.mark.parametrize("side", Side)
def test_what_a_side_met_in_candles_is_what_it_met_in_each(side: Side, spread: float) -> None:
    past = candles([(100, 101, 99, 100.5), (100, 100.2, 98.7, 99), (103, 103, 103, 103)], spread=spread)
    bars = [bar_at(past, row, GOLD, half_spread_bps=Decimal(3)).prices_for(side) for row in (0, 1)]
    met = range_met(past, slice(0, 2), side, GOLD, half_spread_bps=Decimal(3))
    assert met == (min(bar.low for bar in bars), max(bar.high for bar in bars))


def test_only_a_quote_without_a_spread_is_widened() -> None:
    at = datetime(2026, 1, 14, tzinfo=UTC)
    trades = widen(Quote("XAU/USD", Decimal(100), Decimal(100), at), GOLD, Decimal(1))
    sides = widen(Quote("XAU/USD", Decimal(100), Decimal("100.03"), at), GOLD, Decimal(1))
    assert (trades.bid, trades.ask) == (Decimal("99.99"), Decimal("100.01"))
    assert (sides.bid, sides.ask) == (Decimal(100), Decimal("100.03"))


def test_participation_limits_what_may_be_taken_of_a_volume() -> None:
    assert Terms().capacity(Decimal(40)) is None
    assert Terms(participation=Decimal("0.25")).capacity(Decimal(40)) == 10
    assert Terms(participation=Decimal("0.25")).capacity(None) == 0
