"""The simulated book: of now, the same for whoever asks in the same second, and none where there is no price."""

from datetime import timedelta

from desk.adapters.feeds.synthetic import SyntheticFeed
from simulator.books import book_of
from simulator.clock import SteeredClock
from simulator.exchange import Exchange
from tests.simulator.conftest import START

NAME = "EUR/USD"


async def test_a_book_is_of_now_although_its_price_is_that_of_the_minute():
    exchange = Exchange(SyntheticFeed(7), SteeredClock(START, speed=0), [])
    book, quote = await book_of(exchange, NAME, 7), (await exchange.quotes([NAME]))[NAME]
    assert (book.bids[0].price, book.asks[0].price, len(book.bids), len(book.asks)) == (quote.bid, quote.ask, 7, 7)
    assert (book.at, quote.at) == (START, START.replace(second=0))
    assert await book_of(exchange, NAME, 7) == book
    exchange.clock.jump(START + timedelta(seconds=1))
    assert (await book_of(exchange, NAME, 7)).bids[0].quantity != book.bids[0].quantity


async def test_what_has_no_price_has_no_book():
    exchange = Exchange(SyntheticFeed(7), SteeredClock(START.replace(year=2019), speed=0), [])
    assert await book_of(exchange, NAME, 7) is None
