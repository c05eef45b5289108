"""Reading the account's own record on from where it was left, whole or not at all."""

import pytest

from desk.errors import InvalidOrder, VenueUnavailable
from desk.model.instrument import Side
from desk.model.orders import FillReason
from tests.desk.adapters.venues.oanda.fake import (
    AT,
    STAMP,
    D,
    Oanda,
    account_reply,
    create,
    fill,
    recorded,
    transactions,
)

SINCE, RANGE = "/transactions/sinceid", "/transactions/idrange"


def financing(number):
    return {"id": str(number), "type": "DAILY_FINANCING", "time": STAMP, "financing": "-0.5", "accountBalance": "99.5"}


async def test_fills_come_oldest_first_and_each_once_and_the_cursor_is_the_newest_transaction():
    page = transactions(fill(104, 103), create(101), fill(102, 101, price="1.2"), create(103), fill(102, 101), last=104)
    oanda = Oanda(last="104").on("GET", SINCE, page)
    fills, cursor = await oanda.open().trading.fills_since("100")
    assert [one.venue_trade_id for one in fills] == ["102", "104"]
    assert cursor == "104"
    assert oanda.requests[-1].url.params["id"] == "100"


async def test_a_fill_moves_cash_as_the_venues_balance_does():
    closing = fill(
        102,
        101,
        units="-100",
        pl="12.5000",
        financing="-0.2000",
        commission="0.3000",
        guaranteedExecutionFee="0.1000",
        reason="TAKE_PROFIT_ORDER",
        clientOrderID="sd-1-target",
    )
    oanda = Oanda(last="102").on("GET", SINCE, transactions(create(101), closing))
    ((told,), _) = await oanda.open().trading.fills_since("100")
    assert (told.client_order_id, told.reason, told.side) == ("sd-1-target", FillReason.TARGET, Side.SELL)
    assert (told.realised_profit, told.fee, told.fee_currency) == (D("12.5"), D("0.6"), "USD")
    assert (told.price, told.quantity, told.at) == (D("1.10001"), D(100), AT)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("STOP_LOSS_ORDER", FillReason.STOP),
        ("TRAILING_STOP_LOSS_ORDER", FillReason.TRAILING_STOP),
        ("MARKET_ORDER_MARGIN_CLOSEOUT", FillReason.ORDER),
    ],
)
async def test_what_nobody_ordered_has_the_name_of_the_venues_order(word, reason):
    oanda = Oanda(last="102").on("GET", SINCE, transactions(fill(102, 77, client="", reason=word)))
    oanda.on("GET", RANGE, transactions(create(101)))
    ((told,), _) = await oanda.open().trading.fills_since("100")
    assert (told.client_order_id, told.reason) == ("oanda-77", reason)


async def test_a_fill_that_does_not_name_its_order_takes_the_name_from_the_order_beside_it():
    oanda = Oanda(last="102").on("GET", SINCE, transactions(create(101, "sd-9"), fill(102, 101, client="")))
    ((told,), _) = await oanda.open().trading.fills_since("100")
    assert told.client_order_id == "sd-9"


async def test_where_nothing_happened_nothing_more_is_asked():
    oanda = Oanda(last="100")
    assert await oanda.open().trading.fills_since("100") == ((), "100")
    assert oanda.calls() == {"": 1}


async def test_an_empty_cursor_asks_for_everything_since_the_account_was_made():
    oanda = Oanda(last="3").on("GET", SINCE, transactions(create(2), fill(3, 2)))
    fills, cursor = await oanda.open().trading.fills_since("")
    assert (len(fills), cursor) == (1, "3")
    assert oanda.requests[-1].url.params["id"] == "1"
    assert await Oanda(last="1").open().trading.fills_since("") == ((), "1")


async def test_more_than_a_page_is_read_to_the_end():
    first = transactions(*[create(number) for number in range(101, 103)], last=104)
    oanda = Oanda(last="104").on("GET", SINCE, first, transactions(create(103), fill(104, 103)))
    fills, cursor = await oanda.open().trading.fills_since("100")
    assert ([one.venue_trade_id for one in fills], cursor) == (["104"], "104")
    assert [request.url.params["id"] for request in oanda.requests[1:]] == ["100", "102"]


async def test_a_transaction_that_a_page_left_out_is_asked_for_by_its_number():
    oanda = Oanda(last="103").on("GET", SINCE, transactions(create(101), create(103)))
    oanda.on("GET", RANGE, transactions(fill(102, 101), last=103))
    fills, cursor = await oanda.open().trading.fills_since("100")
    assert ([one.venue_trade_id for one in fills], cursor) == (["102"], "103")
    assert dict(oanda.requests[-1].url.params) == {"from": "102", "to": "102"}


async def test_an_empty_page_is_not_taken_for_no_transactions():
    oanda = Oanda(last="102").on("GET", SINCE, transactions(last=102))
    oanda.on("GET", RANGE, transactions(create(101), fill(102, 101)))
    fills, cursor = await oanda.open().trading.fills_since("100")
    assert (len(fills), cursor) == (1, "102")


async def test_a_venue_that_does_not_show_yet_what_there_is_moves_no_cursor():
    oanda = Oanda(last="102").on("GET", SINCE, transactions(last=102)).on("GET", RANGE, transactions(last=102))
    with pytest.raises(VenueUnavailable, match="STALE"):
        await oanda.open().trading.fills_since("100")


async def test_a_cursor_from_another_account_is_no_quiet_account():
    with pytest.raises(VenueUnavailable, match="same account"):
        await Oanda(last="100").open().trading.fills_since("5000")


async def test_a_cursor_that_is_not_ours_is_refused():
    with pytest.raises(InvalidOrder, match="BAD_CURSOR"):
        await Oanda().open().trading.fills_since("yesterday")


@pytest.mark.parametrize(
    "broken", [{"units": None}, {"price": None}, {"price": "NaN"}, {"time": "2026-01-14T15:00:00"}]
)
async def test_a_fill_that_lacks_what_makes_it_one_is_not_half_read(broken):
    oanda = Oanda(last="101").on("GET", SINCE, transactions({**fill(101, 100), **broken}))
    with pytest.raises(VenueUnavailable, match="UNREADABLE"):
        await oanda.open().trading.fills_since("100")


async def test_entries_of_every_type_tell_balance_financing_and_spread():
    oanda = Oanda(last="103").on("GET", SINCE, transactions(create(101), fill(102, 101), financing(103)))
    entries, last = await oanda.open().transactions.since(100)
    assert ([one.type for one in entries], last) == (["MARKET_ORDER", "ORDER_FILL", "DAILY_FINANCING"], 103)
    assert [one.balance for one in entries] == [None, D("10000.0000"), D("99.5")]
    assert (entries[1].half_spread_cost, entries[1].fill.price) == (D("0.0050"), D("1.10001"))
    assert (entries[2].financing, entries[2].fill) == (D("-0.5"), None)


async def test_changes_of_an_account_come_in_one_call():
    changes = recorded("accounts", "_v3_accounts_accountID_account_changes")
    oanda = Oanda().on("GET", "/changes", changes)
    told = await oanda.open().transactions.changes_since(2308)
    assert oanda.requests[-1].url.params["sinceTransactionID"] == "2308"
    assert (told.last_id, told.equity, told.margin_available) == (2309, D("33848.2663"), D("33848.2663"))
    assert (told.orders_created, told.trades_opened) == (("2309",), ())
    assert [one.id for one in told.entries] == [2309]


async def test_the_currency_of_an_account_is_asked_for_once():
    oanda = Oanda(last="101").on("GET", SINCE, transactions(create(101)))
    transactions_of = oanda.open().transactions
    await transactions_of.since(100)
    oanda.on("GET", "", account_reply(currency="EUR"))
    await transactions_of.since(100)
    assert oanda.calls() == {"": 1, SINCE: 2}
