"""Fills: every one once, across pages and weeks, with the order behind it and its fee as a cost."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.errors import InvalidOrder, VenueUnavailable
from desk.model.instrument import Side
from desk.model.orders import FillReason
from tests.desk.adapters.venues.aster.fakes import (
    BTC,
    ETH,
    NO_SUCH_ORDER,
    NOW,
    NOW_MS,
    Aster,
    error,
    milliseconds,
    order,
    trade,
)


def book(*trades):
    """Answers as the venue keeps trades: by number, or by time within seven days; never both, a page at most."""

    def answer(asked):
        assert not ("fromId" in asked and "startTime" in asked)
        mine = sorted((one for one in trades if one["symbol"] == asked["symbol"]), key=lambda one: one["id"])
        if "fromId" in asked:
            found = [one for one in mine if one["id"] >= int(asked["fromId"]) and one["time"] > NOW_MS - 7 * 86_400_000]
        else:
            start, end = int(asked["startTime"]), int(asked["endTime"])
            assert end - start <= 7 * 86_400_000
            found = [one for one in mine if start <= one["time"] <= end]
        return found[: int(asked["limit"])]

    return Aster(userTrades=[answer], order=[order()])


async def test_a_fill_is_read_exactly():
    (fill,), _ = await book(trade(side="SELL")).open().trading.fills_since("")
    assert (fill.venue_trade_id, fill.client_order_id, fill.instrument) == ("BTCUSDT-698759", "sd-1", BTC)
    assert (fill.side, fill.quantity, fill.price) == (Side.SELL, Decimal("0.002"), Decimal("7819.01"))
    assert (fill.realised_profit, fill.fee_currency, fill.at) == (Decimal("-0.91539999"), "USDT", NOW)


@pytest.mark.parametrize("commission", ["-0.07819010", "0.07819010"])
async def test_a_fee_is_a_cost_whatever_its_sign(commission):
    (fill,), _ = await book(trade(commission=commission)).open().trading.fills_since("")
    assert fill.fee == Decimal("0.07819010")


async def test_an_empty_cursor_goes_back_for_weeks_in_windows_of_seven_days():
    old = [trade(number, at=NOW_MS - days * 86_400_000) for number, days in ((1, 29), (2, 15), (3, 0), (9, 31))]
    fills, _ = await book(*old).open().trading.fills_since("")
    assert [fill.venue_trade_id for fill in fills] == ["BTCUSDT-1", "BTCUSDT-2", "BTCUSDT-3"]


async def test_a_cursor_goes_on_where_the_last_look_ended():
    first = trade(1, at=NOW_MS - 1000)
    trading = book(first).open().trading
    fills, cursor = await trading.fills_since("")
    assert len(fills) == 1
    assert await trading.fills_since(cursor) == ((), cursor)
    later, _ = await book(first, trade(2)).open().trading.fills_since(cursor)
    assert [fill.venue_trade_id for fill in later] == ["BTCUSDT-2"]


async def test_a_fill_of_nothing_is_no_answer():
    with pytest.raises(VenueUnavailable, match="UNREADABLE"):
        await book(trade(qty="0")).open().trading.fills_since("")


async def test_a_fill_that_becomes_readable_late_is_not_lost():
    _, cursor = await book().open().trading.fills_since("")
    late, _ = await book(trade(at=NOW_MS - 30_000)).open().trading.fills_since(cursor)
    assert len(late) == 1


async def test_a_cursor_that_is_older_than_the_venue_counts_still_misses_nothing():
    cursor = json.dumps({"BTCUSDT": [5, milliseconds(NOW - timedelta(days=20))]})
    trades = [trade(number, at=NOW_MS - days * 86_400_000) for number, days in ((5, 20), (6, 19), (7, 8), (8, 1))]
    fills, _ = await book(*trades).open().trading.fills_since(cursor)
    assert [fill.venue_trade_id for fill in fills] == ["BTCUSDT-6", "BTCUSDT-7", "BTCUSDT-8"]


@pytest.mark.parametrize("cursor", ["", json.dumps({"BTCUSDT": [1, NOW_MS - 1000]})])
async def test_more_fills_than_a_page_holds_are_all_read_once(cursor):
    # Eight in each millisecond, so that pages end in the middle of one.
    trades = [trade(number, at=NOW_MS - 1000 + number // 8) for number in range(2, 2_302)]
    fills, _ = await book(*trades).open().trading.fills_since(cursor)
    assert [fill.venue_trade_id for fill in fills] == [f"BTCUSDT-{number}" for number in range(2, 2_302)]


async def test_fills_of_several_instruments_come_in_the_order_of_time():
    trades = [trade(7, at=NOW_MS), trade(3, at=NOW_MS - 5, symbol="ETHUSDT")]
    fills, cursor = await book(*trades).open(instruments=(BTC, ETH)).trading.fills_since("")
    assert [fill.instrument for fill in fills] == [ETH, BTC]
    assert sorted(json.loads(cursor)) == ["BTCUSDT", "ETHUSDT"]


async def test_the_order_behind_several_fills_is_asked_for_once():
    venue = book(trade(1), trade(2))
    fills, _ = await venue.open().trading.fills_since("")
    assert len(fills) == 2
    assert [asked["orderId"] for asked in venue.asked("order")] == ["22542179"]


async def test_a_fill_without_an_order_counts_all_the_same():
    venue = book(trade()).on("order", error(*NO_SUCH_ORDER))
    (fill,), _ = await venue.open().trading.fills_since("")
    assert fill.client_order_id == "aster-22542179"


async def test_an_entry_by_stop_is_not_taken_for_an_exit():
    venue = book(trade()).on("order", order(origType="STOP_MARKET", reduceOnly=False))
    (fill,), _ = await venue.open().trading.fills_since("")
    assert fill.reason is FillReason.ORDER


async def test_a_delisted_instrument_of_the_account_still_has_its_name():
    venue = book(trade(symbol="GONEUSDT"))
    (fill,), _ = await venue.open(instruments=("GONE/USDT:USDT",)).trading.fills_since("")
    assert fill.instrument == "GONE/USDT:USDT"


@pytest.mark.parametrize("cursor", ["7", "{}x", '{"BTCUSDT": 1}'])
async def test_a_cursor_of_somebody_else_is_refused(cursor):
    with pytest.raises(InvalidOrder, match="BAD_CURSOR"):
        await book().open().trading.fills_since(cursor)
