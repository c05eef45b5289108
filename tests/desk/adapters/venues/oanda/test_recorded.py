"""Recorded replies of OANDA parse to the exact numbers and times they hold."""

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from desk.adapters.venues.oanda.instruments import instrument_of
from desk.adapters.venues.oanda.market import depth_of
from desk.adapters.venues.oanda.names import from_wire
from desk.adapters.venues.oanda.reading import asked_by_transaction, fill_of, fills_of, order_of, positions_of
from desk.adapters.venues.oanda.wire.account import AccountDetails, PositionReply, TradeReply, TradesReply
from desk.adapters.venues.oanda.wire.candles import read_page
from desk.adapters.venues.oanda.wire.market import InstrumentsReply, PricingReply
from desk.adapters.venues.oanda.wire.orders import OrderReply, OrdersReply
from desk.adapters.venues.oanda.wire.transactions import (
    ChangesReply,
    OrderCancelled,
    OrderPlaced,
    PositionClosed,
    TransactionReply,
    TransactionsReply,
)
from desk.model.depth import book_figures
from desk.model.instrument import InstrumentKind, Side
from desk.model.orders import FillReason, OrderState
from tests.desk.adapters.venues.oanda.fake import D, recorded


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_an_account_with_two_trades_of_one_instrument_is_one_position():
    details = AccountDetails.model_validate(recorded("accounts", "_v3_account_by_accountID"))
    account = details.account
    assert (details.last_transaction_id, account.currency) == (833, "EUR")
    assert (str(account.balance), str(account.nav)) == ("48695.6580", "49377.6580")
    (position,) = positions_of(account)
    assert (position.instrument, position.quantity, position.cost) == ("DE30/EUR", D(-20), D("-199694.0"))
    assert position.average_price == D("9984.7")
    assert position.opened_at == utc(2016, 7, 12, 9, 32, 18, 62823)
    (order,) = account.orders
    assert (order.id, order.price, order.units, order.client_extensions.id) == ("204", D("0.87000"), D(-50000), "myID")


def test_instruments_have_the_grid_that_the_venue_tells():
    reply = InstrumentsReply.model_validate(recorded("accounts", "_v3_account_by_accountID_instruments"))
    found = {one.name: one for one in map(instrument_of, reply.instruments)}
    euro, wall_street = found["EUR/USD"], found["US30/USD"]
    assert (euro.kind, euro.tick, euro.lot, euro.minimum_quantity) == (InstrumentKind.FX, D("0.00001"), D(1), D(1))
    assert (wall_street.tick, wall_street.can_short) == (D("0.1"), True)


def test_prices_of_before_the_tradeable_flag_say_it_in_their_status():
    reply = PricingReply.model_validate(recorded("pricing", "_v3_accounts_accountID_pricing"))
    euro, yen = reply.prices
    assert (euro.bids[0].price, euro.asks[0].price) == (D("1.12157"), D("1.12170"))
    assert str(yen.asks[-1].price) == "115.350"
    assert euro.time == utc(2016, 10, 5, 5, 28, 16, 729643)
    assert euro.is_tradable
    assert yen.is_tradable


def test_a_broker_offers_as_much_as_it_bids_so_that_its_book_does_not_lean():
    reply = PricingReply.model_validate(recorded("pricing", "_v3_accounts_accountID_pricing"))
    yen = depth_of(reply.prices[1])
    assert [one.quantity for one in yen.bids] == [1_000_000, 2_000_000, 5_000_000, 10_000_000]
    assert book_figures(yen) == {"book_imbalance": 0, "micro_price": 115.3375}


def test_candles_are_read_with_their_times_and_update_counts():
    body = recorded("instruments", "_v3_instruments_instrument_candles")
    for row in body["candles"]:
        row["bid"] = row["ask"] = row["mid"]
    page = read_page(body)
    assert page.time.tolist() == [int(utc(2016, 10, 17, 19, minute).timestamp()) for minute in (35, 40, 45, 50, 55)]
    assert page.bid.high.tolist() == [10508.0, 10507.0, 10509.8, 10510.1, 10509.8]
    assert page.ask.close.tolist() == [10506.0, 10504.9, 10505.0, 10509.0, 10507.8]
    assert page.volume.tolist() == [132, 162, 196, 153, 172]
    assert page.time.dtype == np.int64


def test_orders_in_every_recorded_place_are_the_same_order():
    created = OrderPlaced.model_validate(recorded("orders", "_v3_accounts_accountID_orders_create"))
    order = order_of(asked_by_transaction(created.order_create_transaction), currency="EUR")
    assert (order.venue_order_id, order.client_order_id) == ("2304", "oanda-2304")
    assert (order.side, order.quantity, order.price) == (Side.SELL, D(100), D("1.20000"))
    assert (order.state, order.at) == (OrderState.ACKED, utc(2016, 10, 24, 21, 48, 18, 593753))
    (pending,) = OrdersReply.model_validate(recorded("orders", "_v3_accounts_accountID_orders_pending")).orders
    assert (pending.id, pending.client_extensions.id, pending.units) == ("2304", "myID", D(-100))
    assert OrdersReply.model_validate(recorded("orders", "_v3_accounts_accountID_orders_list")).orders[0].id == "2125"
    assert OrderReply.model_validate(recorded("orders", "_v3_accounts_accountID_order_details")).order.id == "2309"
    cancelled = OrderCancelled.model_validate(recorded("orders", "_v3_accounts_accountID_order_cancel"))
    assert cancelled.order_cancel_transaction.reason == "CLIENT_REQUEST"
    replaced = OrderPlaced.model_validate(recorded("orders", "_v3_accounts_accountID_order_replace"))
    assert replaced.order_create_transaction.client_extensions.id == "myID"


def test_the_fill_of_a_closed_trade_has_the_venues_profit():
    closed = OrderPlaced.model_validate(recorded("trades", "_v3_account_accountID_trades_close"))
    fill = fill_of(closed.order_fill_transaction, "EUR")
    assert (fill.venue_trade_id, fill.client_order_id) == ("2317", "oanda-2316")
    assert (fill.side, fill.quantity, fill.price) == (Side.SELL, D(100), D("1.09289"))
    assert (fill.realised_profit, fill.fee, fill.fee_currency) == (D("-0.1455"), D(0), "EUR")
    assert (fill.at, fill.reason) == (utc(2016, 10, 28, 15, 11, 58, 23004), FillReason.ORDER)


def test_a_closed_position_has_its_fill():
    closed = PositionClosed.model_validate(recorded("positions", "_v3_accounts_accountID_position_close"))
    fill = fill_of(closed.long_order_fill_transaction, "USD")
    assert (fill.quantity, fill.realised_profit) == (D(251), D("-0.03370"))
    assert closed.long_order_fill_transaction.account_balance == Decimal("43650.69807")


def test_positions_and_trades_are_read():
    position = PositionReply.model_validate(recorded("positions", "_v3_accounts_accountID_positiondetails")).position
    assert (from_wire(position.instrument), position.short.units, position.long.units) == ("EUR/USD", D(-100), D(0))
    listed = TradesReply.model_validate(recorded("trades", "_v3_accounts_accountID_trades")).trades
    assert [(one.id, one.unrealized_pl) for one in listed] == [("2315", D("25.0000")), ("2313", D("-0.0933"))]
    details = TradeReply.model_validate(recorded("trades", "_v3_account_accountID_trades_details"))
    assert (details.trade.unrealized_pl, details.last_transaction_id) == (D("226.0000"), 2317)


def test_transactions_are_read_whatever_their_type():
    since = TransactionsReply.model_validate(recorded("transactions", "_v3_accounts_transaction_sinceid"))
    assert [(one.id, one.type) for one in since.transactions] == [
        (2307, "LIMIT_ORDER"),
        (2308, "ORDER_CANCEL"),
        (2309, "LIMIT_ORDER"),
        (2310, "CLIENT_CONFIGURE"),
        (2311, "CLIENT_CONFIGURE"),
    ]
    assert fills_of(since.transactions, "EUR") == ()
    assert since.transactions[-1].time == utc(2016, 10, 26, 13, 28, 13, 597103)
    spread = TransactionsReply.model_validate(recorded("transactions", "_v3_accounts_transaction_idrange"))
    assert spread.transactions[2].client_order_id == "myID"
    one = TransactionReply.model_validate(recorded("transactions", "_v3_accounts_transaction_details"))
    assert str(one.transaction.price) == "1.20000"


def test_changes_are_read_with_the_state_that_depends_on_prices():
    reply = ChangesReply.model_validate(recorded("accounts", "_v3_accounts_accountID_account_changes"))
    assert (reply.last_transaction_id, str(reply.state.nav)) == (2309, "33848.2663")
    assert [order.id for order in reply.changes.orders_created] == ["2309"]
