"""The desk's own adapter trades at the simulated Coinbase over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import SecretStr

from desk.adapters.clocks import FixedClock
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.coinbase.auth import CoinbaseCredentials, KeyKind
from desk.adapters.venues.coinbase.open import Coinbase, open_coinbase, open_market
from desk.adapters.venues.coinbase.terms import CoinbaseTerms, Looks
from desk.errors import AccessDenied, InsufficientFunds, InvalidOrder
from desk.model.instrument import Side
from desk.model.orders import Barriers, FillReason, OrderIntent, OrderState, OrderType, TimeInForce
from desk.model.timeframe import Timeframe
from simulator.dialects.coinbase import VENUE
from tests.simulator.conftest import START

BTC = "BTC/USD"


async def at_once(_: float) -> None:
    return None


def credentials(kind: str) -> CoinbaseCredentials:
    key, secret = (SecretStr(VENUE.secrets[f"{kind}_{part}"]) for part in ("key", "secret"))
    return CoinbaseCredentials(key, secret, KeyKind.LEGACY if kind == "legacy" else KeyKind.CDP)


@pytest.fixture(params=["legacy", "es256", "ed25519"])
def kind(request) -> str:
    return request.param


@pytest.fixture
def coinbase(addresses, steer):
    """Opens the account that is always there."""
    steer.price(BTC, "60000", "60001")

    @asynccontextmanager
    async def opened(kind: str = "legacy", **terms: object) -> AsyncIterator[Coinbase]:
        account = open_coinbase(
            credentials(kind),
            "simulator",
            CoinbaseTerms(**{"currency": "USD", "instruments": (BTC, "ETH/USD"), **terms}),
            clock=FixedClock(START),
            base_url=addresses.venues["coinbase"],
            retries=Retries(attempts=1),
            looks=Looks(sleep=at_once),
        )
        async with account.session:
            yield account

    return opened


def intent(client_order_id: str, **changes: object) -> OrderIntent:
    values = {
        "client_order_id": client_order_id,
        "account": "main",
        "strategy": "momentum",
        "instrument": BTC,
        "candle_close": START,
        "side": Side.BUY,
        "type": OrderType.MARKET,
        "quantity": Decimal("0.1"),
        **changes,
    }
    return OrderIntent(**values)


def limit(client_order_id: str, price: str = "50000", **changes: object) -> OrderIntent:
    waiting = {"type": OrderType.LIMIT, "price": Decimal(price), "time_in_force": TimeInForce.GTC}
    return intent(client_order_id, **waiting | changes)


async def test_every_kind_of_key_is_let_in_to_trade(coinbase, kind):
    async with coinbase(kind) as account:
        rights = await account.trading.rights()
        order = await account.trading.submit(intent("sd-1"))
        assert (rights.can_trade, rights.can_withdraw) == (True, False)
        assert (order.state, order.filled_quantity, order.fills[0].price) == (OrderState.FILLED, Decimal("0.1"), 60001)


async def test_a_wrong_secret_of_any_kind_of_key_is_turned_away(addresses, coinbase, kind):
    wrong = {"legacy": "legacy_key", "es256": "ed25519_secret", "ed25519": "es256_secret"}[kind]
    keys = replace(credentials(kind), secret=SecretStr(VENUE.secrets[wrong]))
    account = open_coinbase(
        keys, "simulator", CoinbaseTerms("USD", (BTC,)), clock=FixedClock(START), base_url=addresses.venues["coinbase"]
    )
    async with account.session:
        with pytest.raises(AccessDenied):
            await account.trading.account()


async def test_instruments_quotes_and_candles_are_read_page_by_page(coinbase, addresses):
    async with coinbase() as account:
        instruments = await account.market.instruments()
        assert {BTC, "BTC/USDC", "ETH/USD"} <= instruments.keys()
        assert (instruments[BTC].tick, instruments[BTC].lot) == (Decimal("0.01"), Decimal("0.00000001"))
        quotes = await account.market.quotes([BTC, "ETH/USD"], at=START)
        assert (quotes[BTC].bid, quotes[BTC].ask, quotes[BTC].tradable) == (60000, 60001, True)
        candles = await account.market.candles("ETH/USD", Timeframe.M5, until=START, count=800)
    assert len(candles) == 800
    assert candles.closed_at == Timeframe.M5.floor(START)
    market, session = open_market("simulator", clock=FixedClock(START), base_url=addresses.venues["coinbase"])
    async with session:
        assert (await market.quotes([BTC], at=START))[BTC].ask == 60001


async def test_a_round_trip_is_told_in_balances_positions_and_fills(coinbase):
    async with coinbase() as account:
        trading = account.trading
        await trading.submit(intent("sd-1"))
        (position,) = await trading.positions()
        assert (position.instrument, position.quantity, position.cost) == (BTC, Decimal("0.1"), Decimal("6000.1"))
        bought, cursor = await trading.fills_since("")
        await trading.submit(intent("sd-2", side=Side.SELL, reduce_only=True))
        sold, later = await trading.fills_since(cursor)
        assert [fill.client_order_id for fill in (*bought, *sold)] == ["sd-1", "sd-2"]
        assert (await trading.fills_since(later))[0] == ()
        assert await trading.positions() == ()
        state = await trading.account()
        assert state.cash == state.equity == 100_000 + 6000 - Decimal("6000.1") - Decimal("36.0006") - 36
        assert (await trading.fees()).taker_fraction == Decimal("0.006")


async def test_a_limit_order_is_found_edited_and_cancelled_by_its_client_id(coinbase):
    async with coinbase() as account:
        trading = account.trading
        placed = await trading.submit(limit("sd-3"))
        assert placed.state is OrderState.ACKED
        assert [order.client_order_id for order in await trading.open_orders()] == ["sd-3"]
        edited = await trading.edit("sd-3", price=Decimal(51000), quantity=Decimal("0.2"))
        assert (edited.price, edited.quantity, edited.venue_order_id) == (51000, Decimal("0.2"), placed.venue_order_id)
        cancelled = await trading.cancel("sd-3")
        assert (cancelled.state, cancelled.reason) == (OrderState.CANCELLED, "User requested cancel")
        assert await trading.open_orders() == ()
        assert await trading.find_order("sd-nobody") is None


async def test_an_id_that_was_used_gives_the_first_order_and_makes_no_second(coinbase, steer):
    async with coinbase() as account:
        first = await account.trading.submit(intent("sd-4"))
        again = await account.trading.submit(intent("sd-4", quantity=Decimal("0.5")))
    assert again == first
    assert [order["client_id"] for order in steer.orders("coinbase")] == ["sd-4"]


async def test_an_attached_stop_closes_the_position(coinbase, steer):
    barriers = Barriers(stop=Decimal(59000), target=Decimal(62000))
    async with coinbase() as account:
        await account.trading.submit(intent("sd-5", barriers=barriers))
        (bracket,) = await account.trading.open_orders()
        assert (bracket.side, bracket.type, bracket.quantity) == (Side.SELL, OrderType.STOP, Decimal("0.1"))
        steer.price(BTC, "58990", "58991")
        fills, _ = await account.trading.fills_since("")
        assert [(fill.reason, fill.price) for fill in fills][1] == (FillReason.STOP, 58990)
        assert await account.trading.positions() == ()
        assert await account.trading.open_orders() == ()


async def test_an_order_that_closes_takes_its_bracket_away_first(coinbase, steer):
    barriers = Barriers(stop=Decimal(59000), target=Decimal(62000))
    async with coinbase() as account:
        await account.trading.submit(intent("sd-6", barriers=barriers))
        closed = await account.trading.submit(intent("sd-7", side=Side.SELL, reduce_only=True))
        assert closed.state is OrderState.FILLED
        assert await account.trading.open_orders() == ()
    assert steer.truth("coinbase")["positions"] == []


async def test_what_cannot_be_paid_or_is_off_the_grid_is_refused_inside_a_success(coinbase, steer):
    async with coinbase() as account:
        with pytest.raises(InsufficientFunds):
            await account.trading.submit(intent("sd-8", quantity=Decimal(10)))
        with pytest.raises(InvalidOrder, match="INVALID_PRICE_PRECISION"):
            await account.trading.submit(limit("sd-9", price="50000.001"))
        preview = await account.trading.preview(intent("sd-10", quantity=Decimal(10)))
        assert preview.problems == ("PREVIEW_INSUFFICIENT_FUND",)
        preview = await account.trading.preview(intent("sd-10"))
        assert (preview.problems, preview.fee, preview.ask) == ((), Decimal("36.0006"), 60001)
    assert steer.orders("coinbase") == []


async def test_dollars_become_usdc_once_and_buy_under_that_name(coinbase):
    async with coinbase(currency="USDC", instruments=("BTC/USDC",)) as account:
        with pytest.raises(InsufficientFunds):
            await account.trading.submit(intent("sd-11", instrument="BTC/USDC"))
        offer = await account.conversions.quote("USD", "USDC", Decimal(10_000))
        made = await account.conversions.commit(offer)
        assert (offer.status, made.status, made.total, made.total_currency) == ("CREATED", "COMPLETED", 10_000, "USDC")
        assert await account.conversions.read(offer) == made
        await account.trading.submit(intent("sd-11", instrument="BTC/USDC"))
        state = await account.trading.account()
    assert state.balances["USD"] == 90_000
    assert state.cash == 10_000 - Decimal("6036.1006")


async def test_a_stop_order_waits_and_then_sells(coinbase, steer):
    waiting = {"type": OrderType.STOP, "price": Decimal(59000), "time_in_force": TimeInForce.GTC}
    async with coinbase() as account:
        await account.trading.submit(intent("sd-12"))
        await account.trading.submit(intent("sd-13", side=Side.SELL, **waiting))
        (stop,) = await account.trading.open_orders()
        assert (stop.type, stop.price) == (OrderType.STOP, 59000)
        steer.price(BTC, "58990", "58991")
        found = await account.trading.find_order("sd-13")
    assert found is not None
    assert (found.state, found.fills[0].price) == (OrderState.FILLED, 58990)


async def test_a_token_is_made_at_the_venues_own_time(coinbase, steer):
    steer.post("/clock", skew=timedelta(minutes=10).total_seconds())
    async with coinbase("es256") as account:
        assert (await account.trading.account()).cash == 100_000


async def test_an_order_whose_reply_is_lost_is_found_again(coinbase, steer):
    steer.fault("after", "reset", method="POST", path="/orders$")
    async with coinbase() as account:
        with pytest.raises(Exception, match="sd-14"):
            await account.trading.submit(intent("sd-14"))
        found = await account.trading.find_order("sd-14")
    assert found is not None
    assert found.state is OrderState.FILLED
