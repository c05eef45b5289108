"""Recorded replies parse to the exact decimals and times that they hold."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from desk.adapters.venues.kucoin import futures_wire, spot_wire, wire
from desk.model.instrument import Side
from desk.model.orders import OrderState
from tests.desk.adapters.venues.kucoin.venue import recorded

CASES = {
    "spot.get_all_symbols": spot_wire.SYMBOLS,
    "spot.get_all_tickers": spot_wire.TICKERS,
    "spot.get_service_status": wire.SERVICE_STATUS,
    "spot.add_order": wire.ACCEPTED,
    "spot.get_order_by_order_id": spot_wire.ORDER,
    "spot.get_order_by_client_oid": spot_wire.ORDER,
    "spot.get_open_orders": spot_wire.ORDERS,
    "spot.get_closed_orders": spot_wire.DONE_ORDERS,
    "spot.get_symbols_with_open_order": spot_wire.ACTIVE_SYMBOLS,
    "spot.get_trade_history": spot_wire.FILLS,
    "account.get_spot_account_list": spot_wire.BALANCES,
    "account.get_futures_account": futures_wire.OVERVIEW,
    "account.flex_transfer": wire.ACCEPTED,
    "futures.get_all_symbols": futures_wire.CONTRACTS,
    "futures.get_all_tickers": futures_wire.FUTURES_TICKERS,
    "futures.get_service_status": wire.SERVICE_STATUS,
    "futures.add_order": wire.ACCEPTED,
    "futures.add_tpsl_order": wire.ACCEPTED,
    "futures.get_order_by_order_id": futures_wire.ORDER,
    "futures.get_order_by_client_oid": futures_wire.ORDER,
    "futures.get_order_list": futures_wire.ORDER_PAGE,
    "futures.get_stop_order_list": futures_wire.ORDER_PAGE,
    "futures.get_trade_history": futures_wire.FILL_PAGE,
    "futures.get_position_list": futures_wire.POSITIONS,
}


@pytest.mark.parametrize("name", CASES)
def test_a_recorded_reply_parses(name):
    assert CASES[name].validate_python(recorded(name)) is not None


def test_decimals_keep_every_digit():
    overview = futures_wire.OVERVIEW.validate_python(recorded("account.get_futures_account"))
    assert str(overview.account_equity) == "394.439280806"
    (fill,) = spot_wire.FILLS.validate_python(recorded("spot.get_trade_history")).items
    assert (str(fill.price), str(fill.fee)) == ("67717.6", "0.000677176")
    assert fill.trade_id == "11029373945659392"


def test_times_are_read_in_the_unit_that_each_field_has():
    (spot,) = spot_wire.FILLS.validate_python(recorded("spot.get_trade_history")).items
    assert spot.created_at == datetime(2024, 10, 22, 6, 11, 55, 473_000, tzinfo=UTC)
    (futures,) = futures_wire.FILL_PAGE.validate_python(recorded("futures.get_trade_history")).items
    assert futures.created_at - futures.trade_time == timedelta(milliseconds=183)
    assert wire.from_nanoseconds(1729236185885647952).microsecond == 885_647


def test_a_recorded_order_is_told_as_the_desks():
    order = spot_wire.ORDER.validate_python(recorded("spot.get_order_by_client_oid")).order()
    assert (order.instrument, order.side, order.state) == ("BTC/USDT", Side.BUY, OrderState.FILLED)
    assert (order.price, order.quantity, order.filled_quantity) == (Decimal(70000), Decimal("0.00001"), order.quantity)


@pytest.mark.parametrize(
    ("active", "cancelled", "quantity", "filled", "state"),
    [
        (True, False, 2, 0, OrderState.ACKED),
        (True, False, 2, 1, OrderState.PARTIAL),
        (False, False, 2, 2, OrderState.FILLED),
        (False, True, 2, 2, OrderState.FILLED),
        (False, True, 2, 1, OrderState.CANCELLED),
        (False, True, 2, 0, OrderState.CANCELLED),
        (False, False, 2, 1, OrderState.CANCELLED),
        (False, False, 2, 0, OrderState.ACKED),
        (False, False, 0, 1, OrderState.FILLED),
        (False, True, 0, 0, OrderState.CANCELLED),
    ],
)
def test_the_state_follows_from_flags_and_quantities(active, cancelled, quantity, filled, state):
    assert state is wire.state_of(
        active=active, cancelled=cancelled, quantity=Decimal(quantity), filled=Decimal(filled)
    )


@pytest.mark.parametrize(
    ("value", "text"), [("10.50", "10.5"), ("1E+2", "100"), ("100", "100"), ("1E-8", "0.00000001"), ("0.10", "0.1")]
)
def test_decimals_are_written_without_exponent(value, text):
    assert wire.plain(Decimal(value)) == text
