"""A round trip costs fees, spread and slippage twice, what holding and converting cost, in account currency."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.costs import CostTerms, estimate_cost
from desk.model.books import AccountState, Quote
from desk.model.costs import CostEstimate
from desk.model.orders import Barriers
from desk.model.surroundings import Surroundings
from desk.model.trade import Proposal
from tests.builders import CLOSE, snapshot
from tests.contracts.samples import proposal

FREE = CostTerms(
    unknown_slippage_bps=Decimal(0), financing_rate=Decimal(0), funding_rate=Decimal(0), conversion_bps=Decimal(0)
)
AROUND = snapshot()
FLAT = {"EUR/USD": Quote("EUR/USD", Decimal("1.1"), Decimal("1.1"), CLOSE)}


def cost(terms: CostTerms, wish: Proposal | None = None, **changes: object) -> CostEstimate:
    found = estimate_cost(
        terms, wish or proposal("EUR/USD", "10000"), replace(AROUND, **changes), time_limit=timedelta(days=1)
    )
    assert found is not None
    return found


def test_fees_are_paid_at_the_entry_and_at_the_exit() -> None:
    assert cost(replace(FREE, taker_fee_bps=Decimal(10)), quotes=FLAT) == CostEstimate(Decimal(22), *[Decimal(0)] * 2)


def test_the_spread_is_crossed_once_in_two_halves() -> None:
    assert cost(FREE).spread == Decimal("0.2")


def test_half_of_the_spread_is_what_is_usual_at_the_hour() -> None:
    usual = Surroundings(usual_spread={"EUR/USD": 0.0003})
    assert cost(FREE, quotes=FLAT, surroundings=usual).spread == Decimal("1.65")
    assert cost(FREE, surroundings=usual).spread == Decimal("1.75")


def test_a_quote_of_one_price_has_the_spread_of_the_terms() -> None:
    assert cost(replace(FREE, half_spread_bps=Decimal(1)), quotes=FLAT).spread == Decimal("2.2")


def test_both_fills_slip() -> None:
    assert cost(replace(FREE, slippage_bps=Decimal(1)), quotes=FLAT).slippage == Decimal("2.2")


def test_holding_costs_its_part_of_the_yearly_rate_and_only_until_the_time_limit() -> None:
    assert cost(replace(FREE, financing_rate=Decimal("0.0365"))).financing == Decimal("1.1")


def test_only_profit_and_loss_are_converted_and_only_from_another_currency() -> None:
    terms = replace(FREE, conversion_bps=Decimal(50))
    ends = Barriers(stop=Decimal("149.5"), target=Decimal(152))
    wish = replace(proposal("USD/JPY", "10000"), barriers=ends)
    assert cost(terms, wish).conversion == Decimal("0.66")
    assert cost(terms, replace(wish, barriers=Barriers(stop=Decimal("149.5")))).conversion == Decimal("0.165")
    assert cost(terms).conversion == 0


def test_every_part_is_in_account_currency() -> None:
    everything = CostTerms(taker_fee_bps=Decimal(1), slippage_bps=Decimal(1))
    wish = proposal("USD/JPY", "10000")
    dear, money = cost(everything, wish), AROUND.money
    cheap = cost(everything, wish, money=replace(money, conversion={"JPY": Decimal("0.0033")}))
    assert dear.total == pytest.approx(2 * cheap.total, abs=Decimal("0.00000005"))
    assert cheap.total > 0


@pytest.mark.parametrize(
    "changes",
    [
        {"quotes": {}},
        {"quotes": {"USD/JPY": Quote("USD/JPY", Decimal("NaN"), Decimal(150), CLOSE)}},
        {"money": AccountState("USD", Decimal(1), Decimal(1), CLOSE)},
        {"money": AccountState("USD", Decimal(1), Decimal(1), CLOSE, {"JPY": Decimal(0)})},
    ],
)
def test_what_cannot_be_valued_has_no_estimate(changes: dict[str, object]) -> None:
    around = replace(AROUND, **changes)
    assert estimate_cost(FREE, proposal("USD/JPY"), around, time_limit=None) is None


def test_a_part_of_the_quantity_costs_its_part() -> None:
    whole = cost(CostTerms(taker_fee_bps=Decimal(7), slippage_bps=Decimal(3)))
    assert whole.part(Decimal("0.25")).total == whole.total / 4


@given(st.decimals("0.01", "1000000", places=2), st.decimals("0.01", "1000000", places=2))
def test_more_never_costs_less(one: Decimal, other: Decimal) -> None:
    small, large = sorted((one, other))
    around = Surroundings(turnover={"BTC/USD": Decimal(10**9)}, volatility={"BTC/USD": 0.6})
    cheap, dear = (
        cost(CostTerms(taker_fee_bps=Decimal(60)), proposal("BTC/USD", str(size)), surroundings=around).total
        for size in (small, large)
    )
    assert cheap <= dear
