"""Fills since a cursor: each once, in base units, under the id of the order that the venue does not tell with them."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from desk.errors import InvalidOrder, VenueUnavailable
from desk.model.instrument import Side
from tests.desk.adapters.venues.coinbase.venue import NOW, Venue, fill, opened, order, stamp


@pytest.fixture
def venue():
    made = Venue()
    made.orders = [order("sd-1", status="FILLED", filled_size="0.5")]
    return made


@pytest.fixture
def trading(venue):
    return opened(venue).trading


def posted(entry, minutes, **changes):
    return fill(entry, "sd-1", "0.1", sequence_timestamp=stamp(NOW - timedelta(minutes=minutes)), **changes)


def names(fills):
    return [one.venue_trade_id for one in fills]


async def test_fills_come_once_and_oldest_first_over_all_pages(venue, trading):
    venue.fills = [posted(f"E{number}", number) for number in range(1, 6)]
    fills, cursor = await trading.fills_since("")
    assert names(fills) == ["E5", "E4", "E3", "E2", "E1"]
    assert {one.client_order_id for one in fills} == {"sd-1"}
    assert await trading.fills_since(cursor) == ((), cursor)


async def test_the_order_behind_several_fills_is_asked_for_once(venue, trading):
    venue.fills = [posted(f"E{number}", number) for number in range(1, 6)]
    await trading.fills_since("")
    assert venue.seen["GET /orders/historical/V-sd-1"] == 1


async def test_a_fill_that_is_written_down_late_is_not_missed(venue, trading):
    venue.fills = [posted("E2", 1)]
    _, cursor = await trading.fills_since("")
    late = {"sequence_timestamp": stamp(NOW - timedelta(minutes=1, seconds=30))}
    venue.fills = [posted("E3", 0), posted("E2", 1), fill("E1", "sd-1", **late)]
    fills, cursor = await trading.fills_since(cursor)
    assert names(fills) == ["E1", "E3"]
    assert await trading.fills_since(cursor) == ((), cursor)


async def test_a_venue_that_repeats_old_fills_gives_none_twice(venue, trading):
    venue.fills = [posted("E1", 1)]
    _, cursor = await trading.fills_since("")
    venue.answers["/orders/historical/fills"] = [httpx.Response(200, json={"fills": [posted("E1", 1)], "cursor": ""})]
    assert await trading.fills_since(cursor) == ((), cursor)


async def test_no_fills_leave_the_cursor_as_it_is(trading):
    assert await trading.fills_since("") == ((), "")


@pytest.mark.parametrize("cursor", ["yesterday", "12 E1"])
async def test_a_cursor_of_somebody_else_is_refused(trading, cursor):
    with pytest.raises(InvalidOrder, match="BAD_CURSOR"):
        await trading.fills_since(cursor)


async def test_a_size_in_quote_currency_becomes_base_units_on_the_lot(venue, trading):
    told = {"size": "1000", "price": "30000", "size_in_quote": True}
    venue.fills = [{**posted("E1", 1), **told}]
    fills, _ = await trading.fills_since("")
    assert fills[0].quantity == Decimal("0.03333333")


async def test_a_trade_that_the_venue_takes_back_counts_the_other_way_round(venue, trading):
    venue.fills = [posted("E2", 1, trade_type="REVERSAL"), posted("E1", 2)]
    (first, back), _ = await trading.fills_since("")
    assert (first.side, first.fee) == (Side.BUY, Decimal("0.12"))
    assert (back.side, back.fee, back.quantity) == (Side.SELL, Decimal("-0.12"), first.quantity)


async def test_fills_in_what_the_account_does_not_trade_are_not_its_own(venue, trading):
    everything = {"fills": [posted("E1", 1, product_id="DOGE-USD")], "cursor": ""}
    venue.answers["/orders/historical/fills"] = [httpx.Response(200, json=everything)]
    assert await trading.fills_since("") == ((), "")


async def test_a_fill_before_its_order_is_shown_is_waited_for(venue, trading):
    venue.fills = [fill("E1", "sd-9")]
    venue.answers["/orders/historical/V-sd-9"] = [httpx.Response(404, json={"error": "NOT_FOUND"})]
    with pytest.raises(VenueUnavailable, match="ORDER_NOT_SHOWN"):
        await trading.fills_since("")


async def test_an_old_fill_whose_order_is_forgotten_is_nobodys(venue, trading):
    venue.fills = [fill("E1", "sd-9", trade_time=stamp(NOW - timedelta(hours=2)))]
    venue.answers["/orders/historical/V-sd-9"] = [httpx.Response(404, json={"error": "NOT_FOUND"})]
    fills, _ = await trading.fills_since("")
    assert fills[0].client_order_id == "V-sd-9"


async def test_a_fill_of_nothing_is_no_answer(venue, trading):
    venue.fills = [fill("E1", "sd-9", size="0")]
    with pytest.raises(VenueUnavailable, match="UNREADABLE"):
        await trading.fills_since("")
