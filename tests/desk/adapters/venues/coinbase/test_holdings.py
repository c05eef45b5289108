"""What a balance cost, for any history of fills."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from desk.adapters.venues.coinbase.holdings import cost_of, explain
from desk.model.instrument import Side
from desk.model.orders import Fill
from tests.desk.adapters.venues.coinbase.venue import NOW

LOT = Decimal("0.01")
cents = st.integers(min_value=1, max_value=10_000).map(lambda number: Decimal(number) / 100)


def made(number, side, quantity, price):
    at = NOW + timedelta(minutes=number)
    return Fill(f"E{number}", "sd-1", "BTC/USD", side, quantity, price, Decimal(0), "USD", at)


@st.composite
def histories(draw):
    """Fills, oldest first, that never sell more than is held, with what is held in the end and what it cost."""
    held, cost, fills = Decimal(0), Decimal(0), []
    for number in range(draw(st.integers(0, 12))):
        quantity, price = draw(cents), draw(cents)
        if held and draw(st.booleans()):
            quantity = min(quantity, held)
            cost -= cost / held * quantity
            held -= quantity
            fills.append(made(number, Side.SELL, quantity, price))
        else:
            cost += quantity * price
            held += quantity
            fills.append(made(number, Side.BUY, quantity, price))
    return fills, held, cost


@given(histories())
def test_a_balance_that_fills_explain_costs_what_counting_them_forward_gives(history):
    fills, held, cost = history
    explained = explain(held, reversed(fills), lot=LOT)
    assert explained.unexplained == 0
    assert abs(cost_of(explained, Decimal(1)) - cost) < Decimal("1e-18")


@given(histories(), cents)
def test_what_was_held_before_is_taken_at_the_first_known_price(history, deposit):
    fills, held, _ = history
    explained = explain(held + deposit, reversed(fills), lot=LOT)
    assert explained.unexplained == deposit
    assert explained.fills == tuple(fills)


def test_a_deposit_alone_is_taken_at_todays_price():
    assert cost_of(explain(Decimal(2), [], lot=LOT), Decimal(7)) == Decimal(14)


def test_a_deposit_before_a_purchase_is_taken_at_the_price_of_the_purchase():
    explained = explain(Decimal(3), [made(1, Side.BUY, Decimal(1), Decimal(10))], lot=LOT)
    assert cost_of(explained, Decimal(99)) == Decimal(30)
