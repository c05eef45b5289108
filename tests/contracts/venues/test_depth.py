"""Books and funding of every venue: around the price at which orders are matched, of now, and never made up."""

from datetime import timedelta

import pytest

from desk.errors import DataError, VenueUnavailable
from desk.model.depth import LEVELS, book_figures, funding_figures
from desk.ports import DepthFeed, FundingFeed
from tests.contracts.venues.bench import Bench, VenueCase
from tests.contracts.venues.venues import ASTER_HMAC, ASTER_WALLET, KUCOIN_FUTURES, OANDA, WIRED

WITH_FUNDING = (ASTER_HMAC, ASTER_WALLET, KUCOIN_FUTURES)
A_MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize("case", WIRED, ids=str)
async def test_a_book_is_that_of_now_around_the_price_at_which_orders_are_matched(
    case: VenueCase, bench: Bench
) -> None:
    assert isinstance(bench.market, DepthFeed)
    book = await bench.market.depth(case.instrument, at=bench.clock.now())
    assert book is not None
    assert (book.instrument, book.bids[0].price, book.asks[0].price) == (case.instrument, bench.bid, bench.ask)
    figures = book_figures(book)
    assert bench.bid < figures["micro_price"] < bench.ask
    if case is OANDA:
        assert figures["book_imbalance"] == 0
        return
    assert abs(book.at - bench.clock.now()) < A_MOMENT
    assert min(len(book.bids), len(book.asks)) >= LEVELS
    assert 0 < abs(figures["book_imbalance"]) < 1


@pytest.mark.parametrize("case", [case for case in WIRED if case is not OANDA], ids=str)
async def test_all_venues_tell_the_same_book_in_base_units_whatever_they_count_in(
    case: VenueCase, bench: Bench
) -> None:
    book = await bench.market.depth(case.instrument, at=bench.clock.now())
    worth = [level.quantity * level.price for level in (*book.bids, *book.asks)]
    assert 50_000 / 8 < min(worth) <= max(worth) < 50_000 * 16


@pytest.mark.parametrize("case", WITH_FUNDING, ids=str)
async def test_funding_is_told_for_eight_hours(case: VenueCase, bench: Bench) -> None:
    assert isinstance(bench.market, FundingFeed)
    funding = await bench.market.funding(case.instrument, at=bench.clock.now())
    assert funding is not None
    assert funding.interval == timedelta(hours=4)
    assert funding_figures(funding) == {"funding_rate": pytest.approx(0.0002)}
    assert abs(funding.at - bench.clock.now()) < A_MOMENT


@pytest.mark.parametrize("case", WIRED, ids=str)
async def test_a_venue_that_is_down_raises_and_one_that_comes_back_is_asked_again(
    case: VenueCase, bench: Bench
) -> None:
    await bench.market.instruments()
    bench.fault("before", "status", status=503, times=1)
    assert await bench.market.depth(case.instrument, at=bench.clock.now()) is not None
    bench.fault("before", "status", status=503, times=0)
    with pytest.raises(VenueUnavailable):
        await bench.market.depth(case.instrument, at=bench.clock.now())


@pytest.mark.parametrize("case", WIRED, ids=str)
async def test_an_instrument_that_the_venue_does_not_have_is_no_empty_book(case: VenueCase, bench: Bench) -> None:
    with pytest.raises(DataError):
        await bench.market.depth(case.instrument.replace("/", "X/", 1), at=bench.clock.now())
