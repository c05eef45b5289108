"""The desk's own KuCoin adapter trades at the simulated one, spot and futures."""

from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.venues.kucoin.opening import open_kucoin_futures, open_kucoin_spot
from desk.adapters.venues.kucoin.transfers import Wallet
from desk.errors import AccessDenied, InsufficientFunds, OrderRefused, OutcomeUnknown
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderIntent, OrderState, OrderType, TimeInForce
from desk.model.timeframe import Timeframe
from tests.simulator.conftest import START
from tests.simulator.kucoin_customer import BTC, HF, XBT, Customer, connection, credentials, market

RESTING = {"type": OrderType.LIMIT, "price": Decimal(50_000), "time_in_force": TimeInForce.GTC}
MARKETS = ("kucoin", "kucoin_futures")


@pytest.fixture
def open_at(addresses, steer):
    """Opens either market of a customer."""
    for name in (BTC, XBT):
        steer.price(name, "60000", "60000.1")

    def opened(venue="kucoin", keys=None):
        reached = connection(addresses.venues[venue])
        if venue == "kucoin":
            return open_kucoin_spot(keys or credentials(), reached, instruments=(BTC,))
        return open_kucoin_futures(keys or credentials(), reached)

    return opened


def intent(client_id="sd-1", instrument=BTC, quantity="0.01", side=Side.BUY, **changes):
    values = {"account": "any", "strategy": "", "candle_close": START, "type": OrderType.MARKET}
    named = {"client_order_id": client_id, "instrument": instrument, "quantity": Decimal(quantity), "side": side}
    return OrderIntent(**{**values, **named, **changes})


def name_at(venue):
    return BTC if venue == "kucoin" else XBT


@pytest.mark.parametrize("venue", MARKETS)
async def test_candles_are_paged_to_the_feeds_own(open_at, venue):
    async with open_at(venue) as desk:
        assert name_at(venue) in await desk.market.instruments()
        ether = name_at(venue).replace("BTC", "ETH")
        candles = await desk.market.candles(ether, Timeframe.M1, until=START, count=2_000)
    assert len(candles) == 2_000
    assert candles.closed_at == Timeframe.M1.floor(START)
    assert set(candles.time[1:] - candles.time[:-1]) == {60}


@pytest.mark.parametrize("venue", MARKETS)
async def test_halted_instruments_have_a_price_and_are_not_tradable(open_at, steer, venue):
    steer.halt(name_at(venue))
    async with open_at(venue) as desk:
        quote = (await desk.market.quotes([name_at(venue)], at=START))[name_at(venue)]
    assert (quote.bid, quote.ask, quote.tradable) == (Decimal(60_000), Decimal("60000.1"), False)


@pytest.mark.parametrize("venue", MARKETS)
async def test_a_market_order_comes_back_filled_and_is_found_and_told_among_the_fills(open_at, steer, venue):
    async with open_at(venue) as desk:
        order = await desk.trading.submit(intent(instrument=name_at(venue)))
        assert await desk.trading.find_order("sd-1") == order
        fills, cursor = await desk.trading.fills_since("")
        again, _ = await desk.trading.fills_since(cursor)
        (position,) = await desk.trading.positions()
        money = await desk.trading.account()
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, Decimal("0.01"))
    assert (fills, again) == (order.fills, ())
    assert (position.quantity, position.average_price) == (Decimal("0.01"), Decimal("60000.1"))
    (truth,) = steer.truth(venue)["positions"]
    assert Decimal(truth["quantity"]) == position.quantity
    paid = fills[0].price * fills[0].quantity if venue == "kucoin" else Decimal(0)
    assert money.cash == Decimal(steer.truth(venue)["cash"]) - paid


@pytest.mark.parametrize("venue", MARKETS)
async def test_a_limit_order_rests_and_is_cancelled_although_the_venue_takes_its_time(open_at, venue):
    async with open_at(venue) as desk:
        order = await desk.trading.submit(intent(instrument=name_at(venue), **RESTING))
        assert await desk.trading.open_orders() == (order,)
        cancelled = await desk.trading.cancel("sd-1")
        assert await desk.trading.open_orders() == ()
    assert (order.state, cancelled.state) == (OrderState.ACKED, OrderState.CANCELLED)


@pytest.mark.parametrize("venue", MARKETS)
async def test_an_id_that_was_never_accepted_is_none(open_at, venue):
    async with open_at(venue) as desk:
        assert await desk.trading.find_order("nobody") is None


@pytest.mark.parametrize("venue", MARKETS)
async def test_a_duplicate_id_sends_us_to_look_and_trades_nothing(open_at, steer, venue):
    async with open_at(venue) as desk:
        await desk.trading.submit(intent(instrument=name_at(venue), **RESTING))
        with pytest.raises(OutcomeUnknown):
            await desk.trading.submit(intent(instrument=name_at(venue), **RESTING))
    assert len(steer.orders(venue)) == 1


@pytest.mark.parametrize("venue", MARKETS)
async def test_an_order_whose_reply_was_lost_is_found(open_at, steer, venue):
    steer.fault("after", "reset", method="POST", path="orders")
    async with open_at(venue) as desk:
        with pytest.raises(OutcomeUnknown):
            await desk.trading.submit(intent(instrument=name_at(venue)))
        found = await desk.trading.find_order("sd-1")
    assert found is not None
    assert found.state is OrderState.FILLED
    assert len(steer.orders(venue)) == 1


@pytest.mark.parametrize("venue", MARKETS)
async def test_too_little_money_is_a_refusal_of_its_own(open_at, venue):
    async with open_at(venue) as desk:
        for send in (desk.trading.submit, desk.trading.check_order):
            with pytest.raises(InsufficientFunds):
                await send(intent(instrument=name_at(venue), quantity="100"))


@pytest.mark.parametrize("venue", MARKETS)
@pytest.mark.parametrize("version", [2, 3])
async def test_keys_of_both_generations_are_good_at_both_hosts(open_at, venue, version):
    async with open_at(venue, credentials(version)) as desk:
        assert (await desk.trading.account()).cash == 100_000
        assert (await desk.transfers.key_permissions()).version == version


@pytest.mark.parametrize("venue", MARKETS)
@pytest.mark.parametrize(
    ("changes", "code"),
    [({"secret": "wrong"}, "400005"), ({"passphrase": "wrong"}, "400004"), ({"key": "x"}, "400003")],
)
async def test_wrong_credentials_are_denied(open_at, venue, changes, code):
    async with open_at(venue, credentials(**changes)) as desk:
        with pytest.raises(AccessDenied) as denied:
            await desk.trading.account()
    assert denied.value.code == code


@pytest.mark.parametrize("venue", MARKETS)
async def test_money_is_moved_between_wallets_from_either_host(open_at, steer, venue):
    async with open_at(venue) as desk:
        assert await desk.transfers.transferable("USDT", Wallet.TRADE) == 100_000
        for source, target in ((Wallet.TRADE, Wallet.FUTURES), (Wallet.FUTURES, Wallet.MAIN)):
            named = f"t-{source.name}"
            for _ in range(2):
                await desk.transfers.transfer(named, "USDT", Decimal("12.5"), source=source, target=target)
        with pytest.raises(InsufficientFunds):
            await desk.transfers.transfer("t", "USDT", Decimal(13), source=Wallet.MAIN, target=Wallet.TRADE)
    spot, futures = steer.truth("kucoin"), steer.truth("kucoin_futures")
    assert [Decimal(one) for one in (spot["cash"], spot["wallets"]["MAIN"], futures["cash"])] == [
        Decimal("99987.5"),
        Decimal("12.5"),
        Decimal(100_000),
    ]


async def test_a_stop_and_a_target_go_with_the_order_and_close_the_position(open_at, steer):
    barriers = Barriers(stop=Decimal(59_000), target=Decimal(62_000))
    async with open_at("kucoin_futures") as desk:
        await desk.trading.submit(intent(instrument=XBT, barriers=barriers))
        guards = await desk.trading.open_orders()
        steer.price(XBT, "58990", "58990.1")
        assert await desk.trading.positions() == ()
        assert await desk.trading.open_orders() == ()
        fills, _ = await desk.trading.fills_since("")
    assert {guard.price for guard in guards} == {barriers.stop, barriers.target}
    assert [(fill.side, fill.price) for fill in fills[1:]] == [(Side.SELL, Decimal(58_990))]


async def test_orders_that_reduce_and_that_close_leave_the_account_flat(open_at, steer):
    async with open_at("kucoin_futures") as desk:
        await desk.trading.submit(intent(instrument=XBT))
        half = intent("sd-2", XBT, "0.004", Side.SELL, reduce_only=True)
        assert (await desk.trading.submit(half)).filled_quantity == Decimal("0.004")
        closed = await desk.trading.close_position("sd-3", XBT)
        assert (closed.state, closed.filled_quantity) == (OrderState.FILLED, Decimal("0.006"))
        with pytest.raises(OrderRefused):
            await desk.trading.submit(intent("sd-4", XBT, "0.004", Side.SELL, reduce_only=True))
    assert steer.truth("kucoin_futures")["positions"] == []


async def test_a_stop_order_waits_among_the_open_orders(open_at, steer):
    stop = intent(instrument=XBT, type=OrderType.STOP, price=Decimal(61_000), time_in_force=TimeInForce.GTC)
    async with open_at("kucoin_futures") as desk:
        await desk.trading.submit(stop)
        (waiting,) = await desk.trading.open_orders()
        steer.price(XBT, "61000", "61000.1")
        found = await desk.trading.find_order("sd-1")
    assert (waiting.type, waiting.state, waiting.price) == (OrderType.STOP, OrderState.ACKED, Decimal(61_000))
    assert found is not None
    assert found.state is OrderState.FILLED


async def test_fills_of_many_pages_are_all_told(open_at, addresses):
    ids = [f"sd-{row}" for row in range(105)]
    customer = Customer(addresses.venues["kucoin"])
    with customer.http:
        for row in range(0, len(ids), 5):
            orders = [market(size="0.00001", clientOid=client_id) for client_id in ids[row : row + 5]]
            customer.post(f"{HF}/multi", orderList=orders)
    async with open_at() as desk:
        fills, _ = await desk.trading.fills_since("")
    assert [fill.client_order_id for fill in fills] == ids


async def test_a_clock_that_is_wrong_is_measured_before_the_first_signature(open_at, steer):
    steer.post("/clock", skew=30)
    async with open_at() as desk:
        await desk.trading.account()
        ahead = desk.skew.now() - desk.skew.clock.now()
    assert abs(ahead - timedelta(seconds=30)) < timedelta(seconds=1)
