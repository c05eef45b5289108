"""Money and positions of a spot account: balances, what they are worth, and what they cost."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from desk.errors import VenueUnavailable
from tests.desk.adapters.venues.coinbase.venue import NOW, Venue, book, fill, opened, product, stamp, wallet


@pytest.fixture
def venue():
    return Venue()


@pytest.fixture
def trading(venue):
    return opened(venue).trading


def at(minutes):
    return stamp(NOW - timedelta(minutes=minutes))


def bought(entry, size, price, minutes, **changes):
    return fill(entry, entry, size, price, trade_time=at(minutes), sequence_timestamp=at(minutes), **changes)


async def test_equity_is_cash_and_what_is_held_at_the_bid(venue, trading):
    venue.wallets = [wallet("USD", "900", hold="100"), wallet("BTC", "0.1"), wallet("ETH", "0"), wallet("USDC", "0")]
    money = await trading.account()
    assert (money.currency, money.cash, money.equity) == ("USD", Decimal(1000), Decimal(6000))
    assert money.balances == {"USD": Decimal(1000), "BTC": Decimal("0.1")}
    assert money.at == NOW
    assert venue.seen["GET /accounts"] == 2


async def test_what_the_account_does_not_trade_is_shown_and_not_counted(venue, trading):
    venue.wallets = [wallet("USD", "1000"), wallet("DOGE", "5000")]
    money = await trading.account()
    assert (money.equity, money.balances["DOGE"]) == (Decimal(1000), Decimal(5000))


async def test_a_holding_without_a_price_is_not_valued_as_nothing(venue, trading):
    venue.wallets = [wallet("USD", "1000"), wallet("BTC", "0.1")]
    venue.books = []
    with pytest.raises(VenueUnavailable, match="NO_PRICE"):
        await trading.account()


async def test_a_dollar_and_its_stablecoin_are_worth_the_same(venue):
    venue.products = [product("BTC-USDC")]
    venue.books = [book("BTC-USDC", "50000", "50010")]
    venue.wallets = [wallet("USDC", "500"), wallet("USD", "7"), wallet("BTC", "0.1")]
    money = await opened(venue, instruments=("BTC/USDC",)).trading.account()
    assert (money.cash, money.equity) == (Decimal(7), Decimal(5507))
    assert money.conversion == {"USD": 1, "USDC": 1, "BTC": Decimal(50000)}


async def test_a_foreign_quote_currency_is_converted_through_its_market(venue):
    venue.products = [product("BTC-EUR"), product("EUR-USD")]
    venue.books = [book("BTC-EUR", "40000", "40010"), book("EUR-USD", "1.25", "1.26")]
    venue.wallets = [wallet("USD", "0"), wallet("EUR", "100"), wallet("BTC", "0.1")]
    money = await opened(venue, instruments=("BTC/EUR",)).trading.account()
    assert money.equity == Decimal(5125)


async def test_a_conversion_through_the_inverse_market_costs_its_ask(venue):
    venue.products = [product("BTC-EUR"), product("USD-EUR")]
    venue.books = [book("BTC-EUR", "40000", "40010"), book("USD-EUR", "0.79", "0.80")]
    money = await opened(venue, instruments=("BTC/EUR",)).trading.account()
    assert money.conversion["EUR"] == Decimal("1.25")


async def test_a_position_costs_what_its_fills_cost_since_it_was_opened(venue, trading):
    venue.wallets = [wallet("BTC", "0.2", hold="0.1"), wallet("USD", "1")]
    venue.fills = [
        bought("E5", "0.2", "53000", 1),
        bought("E4", "0.1", "54000", 2, side="SELL"),
        bought("E3", "0.2", "50000", 3),
        bought("E2", "1", "10000", 4, side="SELL"),
        bought("E1", "1", "10000", 5),
    ]
    position = (await trading.positions())[0]
    assert (position.instrument, position.quantity) == ("BTC/USD", Decimal("0.3"))
    assert position.cost == Decimal("0.1") * 50000 + Decimal("0.2") * 53000
    assert position.opened_at == NOW - timedelta(minutes=3)
    assert venue.seen["GET /orders/historical/E1"] == 0


async def test_only_as_many_fills_are_read_as_explain_what_is_held(venue, trading):
    venue.wallets = [wallet("BTC", "0.2")]
    venue.fills = [bought("E9", "0.2", "53000", 1), *(bought(f"X{n}", "1", "1", 9 + n) for n in range(8))]
    await trading.positions()
    assert venue.seen["GET /orders/historical/fills"] == 1


async def test_a_venue_that_gives_the_oldest_fills_first_is_read_to_the_end(venue, trading):
    venue.wallets = [wallet("BTC", "0.2")]
    venue.fills = [
        bought("E1", "0.1", "10", 9),
        bought("E2", "0.1", "20", 8),
        bought("E3", "0.2", "20", 7, side="SELL"),
        bought("E4", "0.2", "30", 6),
    ]
    assert (await trading.positions())[0].cost == Decimal(6)


async def test_what_no_fill_explains_is_taken_at_todays_price_and_shows_no_profit(venue, trading):
    venue.wallets = [wallet("BTC", "0.2")]
    position = (await trading.positions())[0]
    assert position.average_price == Decimal(50000)
    assert position.opened_at.isoformat() == "2026-01-02T00:00:00.500000+00:00"


async def test_a_holding_with_neither_fills_nor_a_price_is_not_given_a_made_up_cost(venue, trading):
    venue.wallets, venue.books = [wallet("BTC", "0.2")], []
    with pytest.raises(VenueUnavailable, match="NO_PRICE"):
        await trading.positions()


async def test_a_rest_that_is_too_small_to_be_sold_is_no_position(venue, trading):
    venue.wallets = [wallet("BTC", "0.00000999"), wallet("USD", "5")]
    assert await trading.positions() == ()


async def test_balances_that_cannot_be_read_are_not_taken_for_flat(venue, trading):
    venue.answers["/accounts"] = [httpx.Response(200, json={"accounts": [{"uuid": "x"}]})]
    with pytest.raises(VenueUnavailable, match="UNREADABLE"):
        await trading.positions()
