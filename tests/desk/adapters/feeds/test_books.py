"""Books and funding of the made market: the same for everyone, around its prices, and only while it is open."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from desk.adapters.feeds.catalogue import CATALOGUE
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.errors import DataError
from desk.model.depth import LEVELS, book_figures

AT = datetime(2025, 3, 12, 14, 7, 30, tzinfo=UTC)
SATURDAY = datetime(2025, 3, 15, 14, 7, 30, tzinfo=UTC)
PERPETUAL = "BTC/USDT:USDT"
FEED = SyntheticFeed(11)


@pytest.mark.parametrize("name", CATALOGUE)
async def test_a_book_stands_around_the_best_prices_on_the_grid_of_its_instrument(name):
    book, quote = await FEED.depth(name, at=AT), (await FEED.quotes([name], at=AT))[name]
    instrument = CATALOGUE[name].instrument
    assert book.is_sound
    assert (book.bids[0].price, book.asks[0].price, book.at) == (quote.bid, quote.ask, AT)
    assert [len(side) for side in (book.bids, book.asks)] == [LEVELS, LEVELS]
    assert [one.price for one in book.bids] == [quote.bid - row * instrument.tick for row in range(LEVELS)]
    assert all(one.quantity == instrument.round_quantity(one.quantity) > 0 for one in (*book.bids, *book.asks))


async def test_every_feed_of_a_seed_has_the_same_book_and_the_next_second_another():
    first = await FEED.depth(PERPETUAL, at=AT)
    assert await SyntheticFeed(11).depth(PERPETUAL, at=AT) == first
    others = [
        await SyntheticFeed(12).depth(PERPETUAL, at=AT),
        await FEED.depth(PERPETUAL, at=AT + timedelta(seconds=1)),
    ]
    assert all(other.bids[0].quantity != first.bids[0].quantity for other in others)


async def test_books_lean_to_both_sides_and_often_hardly():
    books = [await FEED.depth(PERPETUAL, at=AT + timedelta(minutes=row)) for row in range(200)]
    leans = [book_figures(book)["book_imbalance"] for book in books]
    assert abs(sum(leans) / len(leans)) < 0.15
    assert sum(abs(lean) > 0.5 for lean in leans) > 20 < sum(abs(lean) < 0.2 for lean in leans)


async def test_a_closed_market_has_no_book():
    assert await FEED.depth("EUR/USD", at=SATURDAY) is None
    assert await FEED.depth(PERPETUAL, at=SATURDAY) is not None


async def test_funding_is_paid_by_perpetuals_only_and_changes_every_eight_hours():
    rates = [await FEED.funding(PERPETUAL, at=AT + timedelta(hours=hours)) for hours in (0, 1, 8)]
    assert rates[0].rate == rates[1].rate != rates[2].rate
    assert abs(rates[0].rate) < Decimal("0.002")
    assert rates[0].interval == timedelta(hours=8)
    assert await FEED.funding("BTC/USDT", at=AT) is None


async def test_an_instrument_that_is_not_made_has_no_book_to_be_taken_for_an_empty_one():
    for asking in (FEED.depth, FEED.funding):
        with pytest.raises(DataError, match="unknown instrument 'BTC/EUR'"):
            await asking("BTC/EUR", at=AT)
