"""Market data through ccxt over real HTTP: the exchange's grid, closed candles only, best prices."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from desk.adapters.venues.ccxt.catalogue import listing_of, step_of
from desk.errors import DataError, VenueUnavailable
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.timeframe import Timeframe
from tests.desk.adapters.venues.ccxt.samples import BTC, ETH

ccxt = pytest.importorskip("ccxt", reason="ccxt is not installed")


async def test_instruments_have_the_grid_of_the_exchange(venue):
    found = await venue.market.instruments()
    assert found[BTC] == Instrument(
        BTC, InstrumentKind.PERPETUAL, Decimal("0.1"), Decimal("0.001"), Decimal("0.001"), Decimal(5)
    )


async def test_candles_are_closed_without_holes_and_come_in_pages(venue):
    now = datetime.now(UTC)
    found = await venue.market.candles(BTC, Timeframe.M1, until=now, count=700)
    assert len(found) == 700
    assert found.closed_at == Timeframe.M1.floor(now)
    assert set(found.time[1:] - found.time[:-1]) == {60}
    assert (found.volume > 0).all()


async def test_a_candle_that_is_forming_is_left_out_where_the_exchange_sends_more_than_it_was_asked_for(venue):
    now = datetime.now(UTC)
    newest = int(Timeframe.M1.floor(now).timestamp()) * 1_000

    async def generous(*_asked: object) -> list[list]:
        return [[newest - 60_000 * back, "1", "2", "1", "1.5", "3"] for back in (3, 2, 1, 0)]

    venue.calls.exchange.fetch_ohlcv = generous
    found = await venue.market.candles(BTC, Timeframe.M1, until=now, count=3)
    assert (len(found), found.closed_at) == (3, Timeframe.M1.floor(now))


async def test_candles_of_something_else_are_an_error_of_the_data(venue):
    with pytest.raises(DataError, match="DOGE"):
        await venue.market.candles("DOGE/USDT:USDT", Timeframe.M1, until=datetime.now(UTC), count=1)


async def test_best_prices_come_exactly_and_unknown_instruments_are_missing(venue):
    quotes = await venue.market.quotes([BTC, ETH, "DOGE/USDT:USDT"], at=datetime.now(UTC))
    assert set(quotes) == {BTC, ETH}
    assert (quotes[BTC].bid, quotes[BTC].ask, quotes[BTC].tradable) == (Decimal(100_000), Decimal(100_001), True)
    assert await venue.market.quotes([], at=datetime.now(UTC)) == {}


async def test_a_question_is_asked_again_and_given_up_in_the_end(venue, steer):
    await venue.market.instruments()
    steer.fault("before", "status", path="bookTicker")
    assert BTC in await venue.market.quotes([BTC], at=datetime.now(UTC))
    steer.fault("before", "status", path="bookTicker", times=0)
    with pytest.raises(VenueUnavailable):
        await venue.market.quotes([BTC], at=datetime.now(UTC))


@pytest.mark.parametrize(
    ("precision", "mode", "step"),
    [
        ("0.01", ccxt.TICK_SIZE, "0.01"),
        ("1e-8", ccxt.TICK_SIZE, "0.00000001"),
        ("2", ccxt.DECIMAL_PLACES, "0.01"),
        ("0", ccxt.DECIMAL_PLACES, "1"),
        ("-1", ccxt.DECIMAL_PLACES, "10"),
        ("5", ccxt.SIGNIFICANT_DIGITS, None),
        (None, ccxt.TICK_SIZE, None),
        ("0", ccxt.TICK_SIZE, None),
    ],
)
def test_a_precision_is_a_step_where_it_is_one_at_every_price(precision, mode, step):
    assert step_of(precision, mode) == (None if step is None else Decimal(step))


MARKET = {
    "symbol": BTC,
    "swap": True,
    "linear": True,
    "contractSize": "0.01",
    "precision": {"price": "0.1", "amount": "1"},
    "limits": {"amount": {"min": "2"}, "cost": {"min": None}},
}


def test_contracts_are_counted_in_base_units():
    found = listing_of(MARKET, ccxt.TICK_SIZE)
    assert (found.unit, found.instrument.lot, found.instrument.minimum_quantity) == (
        Decimal("0.01"),
        Decimal("0.01"),
        Decimal("0.02"),
    )


@pytest.mark.parametrize("changes", [{"swap": False}, {"linear": False}, {"precision": {"price": None, "amount": "1"}}])
def test_what_is_no_spot_market_and_no_linear_perpetual_or_has_no_grid_is_left_out(changes):
    assert listing_of({**MARKET, **changes}, ccxt.TICK_SIZE) is None
