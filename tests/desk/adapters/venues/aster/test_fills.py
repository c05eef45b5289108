"""Fills: every one once, across pages and weeks, with the order behind it and its fee as a cost."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.venues.aster.traded import MARGIN
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


HELD = {"symbol": "ETHUSDT", "positionSide": "BOTH", "positionAmt": "1", "entryPrice": "2000", "updateTime": NOW_MS}


def remembering(told):
    """What the ledger has of the account since a time: when its dealings in each instrument ended, None for not yet."""

    async def recall(since):
        return {name: ended for name, ended in told.items() if ended is None or ended >= since}

    return recall


async def asked_for(told, *, cursor=None, read_to=NOW):
    """The symbols whose fills are asked for, and the marks afterwards; ether was read up to `read_to` before."""
    venue = book()
    cursor = cursor or json.dumps({"ETHUSDT": [5, milliseconds(read_to)]})
    _, after = await venue.open(recall_since=remembering(told)).trading.fills_since(cursor)
    return {asked["symbol"] for asked in venue.asked("userTrades")}, json.loads(after)


async def test_a_symbol_is_let_go_once_its_fills_were_read_beyond_the_end_of_its_last_order():
    for told in ({}, {ETH: NOW - MARGIN - timedelta(seconds=1)}):
        assert (await asked_for(told))[0] == {"BTCUSDT"}


async def test_a_symbol_is_read_on_while_something_in_it_goes_on_or_ended_just_now():
    for told in ({ETH: None}, {ETH: NOW - MARGIN}, {ETH: NOW}):
        assert (await asked_for(told))[0] == {"BTCUSDT", "ETHUSDT"}


async def test_a_symbol_whose_last_fills_were_never_read_is_not_let_go_however_old_they_are():
    wanted, _ = await asked_for({ETH: NOW - timedelta(days=9)}, read_to=NOW - timedelta(days=9))
    assert wanted == {"BTCUSDT", "ETHUSDT"}


async def test_what_trades_is_always_read():
    assert (await asked_for({BTC: NOW - timedelta(days=20)}))[0] == {"BTCUSDT"}


async def test_a_symbol_that_was_let_go_comes_back_with_its_next_order_where_its_reading_ended():
    let_go = NOW - timedelta(days=3)
    _, marks = await asked_for({ETH: let_go - 2 * MARGIN}, read_to=let_go)
    assert marks["ETHUSDT"] == [5, milliseconds(let_go)]
    venue = book(trade(4, symbol="ETHUSDT", at=milliseconds(let_go)), trade(6, symbol="ETHUSDT"))
    back = venue.open(recall_since=remembering({ETH: NOW})).trading
    assert [fill.venue_trade_id for fill in (await back.fills_since(json.dumps(marks)))[0]] == ["ETHUSDT-6"]


async def test_what_another_process_ordered_in_a_new_symbol_is_read_as_well():
    assert (await asked_for({ETH: None}, cursor="{}"))[0] == {"BTCUSDT", "ETHUSDT"}


async def test_the_mark_of_a_symbol_that_was_let_go_is_not_kept_for_longer_than_a_first_look_goes_back():
    _, marks = await asked_for({}, read_to=NOW - timedelta(days=31))
    assert sorted(marks) == ["BTCUSDT"]


async def test_a_symbol_that_is_seen_to_be_held_is_read_whatever_the_ledger_knows():
    venue = book().on("positionRisk", [HELD])
    trading = venue.open(recall_since=remembering({})).trading
    await trading.positions()
    await trading.fills_since(json.dumps({"ETHUSDT": [5, NOW_MS]}))
    assert {asked["symbol"] for asked in venue.asked("userTrades")} == {"BTCUSDT", "ETHUSDT"}


async def test_without_a_memory_no_symbol_is_let_go():
    venue = book()
    await venue.open().trading.fills_since(json.dumps({"ETHUSDT": [5, NOW_MS]}))
    assert {asked["symbol"] for asked in venue.asked("userTrades")} == {"BTCUSDT", "ETHUSDT"}


@pytest.mark.parametrize("cursor", ["7", "{}x", '{"BTCUSDT": 1}'])
async def test_a_cursor_of_somebody_else_is_refused(cursor):
    with pytest.raises(InvalidOrder, match="BAD_CURSOR"):
        await book().open().trading.fills_since(cursor)
