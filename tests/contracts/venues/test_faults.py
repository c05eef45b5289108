"""What goes wrong on the wire, by the numbers of the fault matrix: each at every venue, over real connections."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import pytest

from desk.errors import AccessDenied, DataError, OutcomeUnknown, RateLimited, VenueUnavailable
from desk.execution.breaker import trip_on_denial
from desk.execution.placing import OrderDesk, place_orders
from desk.model.books import TradingState
from desk.model.candles import Candles
from desk.model.instrument import Side
from desk.model.orders import Order, OrderIntent, OrderState
from desk.model.timeframe import Timeframe
from tests.contracts.venues.bench import Bench, VenueCase
from tests.contracts.venues.placing import LEASE, StrictLog
from tests.contracts.venues.venues import WIRED

MATRIX = Path(__file__).parents[4] / "shared" / "fault_matrix.json"
NOBODY = "http://127.0.0.1:9"
WIRE_FAULTS = [*(f"F{n:02}" for n in range(1, 12)), *(f"F{n}" for n in range(15, 23)), "F28", "F29", "F30", "F33"]
ELSEWHERE = {"F20": "the desk asks for fills, which are single; sums are told by a stream alone"}

Trial = Callable[[Bench], Awaitable[None]]
TRIALS: list[tuple[str, Trial]] = []


def fault(*numbers: str) -> Callable[[Trial], Trial]:
    """Make what is decorated a trial of faults."""

    def note(trial: Trial) -> Trial:
        TRIALS.extend((number, trial) for number in numbers)
        return trial

    return note


async def placed(bench: Bench, intent: OrderIntent) -> Order:
    """Place an order by the desk's own code and return what the log has of it."""
    log = StrictLog()
    await place_orders([intent], OrderDesk(bench.trading, log, LEASE))
    return log.orders[intent.client_order_id]


async def stays_unsent(bench: Bench, *states: OrderState) -> None:
    """The order did not arrive: it is asked for, given up, and never sent a second time."""
    order = await placed(bench, bench.market_order())
    assert order.state in (OrderState.CANCELLED, *states)
    assert (bench.orders_sent(), bench.true_orders()) == (1, [])


async def is_adopted(bench: Bench) -> None:
    """The order did arrive: it is found with all its fills, and there is one."""
    order = await placed(bench, bench.market_order())
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, bench.case.quantity)
    assert sum(fill.quantity for fill in order.fills) == bench.case.quantity
    assert (bench.orders_sent(), bench.true_ids()) == (1, {"sd-one": 1})


@fault("F01")
async def _nobody_listens(bench: Bench) -> None:
    bench.address = NOBODY
    await bench.reopen()
    for read in (bench.trading.positions, bench.trading.open_orders, bench.trading.account):
        with pytest.raises(VenueUnavailable):
            await read()
    assert bench.naps


@fault("F02")
async def _nobody_listens_to_an_order(bench: Bench) -> None:
    await bench.trading.positions()
    bench.transport.refuses_writes = True
    await stays_unsent(bench)


@fault("F03")
async def _answer_too_late(bench: Bench) -> None:
    bench.transport.patience = 0.1
    bench.lose_orders("delay", seconds=0.4)
    await is_adopted(bench)


@fault("F04")
async def _lost_on_the_way_there(bench: Bench) -> None:
    bench.fault("before", "close", method="POST", path=bench.case.orders)
    await stays_unsent(bench)


@fault("F05")
async def _filled_and_gone_from_the_open_orders(bench: Bench) -> None:
    bench.lose_orders("reset")
    await is_adopted(bench)
    assert await bench.working() == set()


@fault("F06")
async def _server_errors_after_acceptance(bench: Bench) -> None:
    for number, status in enumerate((500, 502, 504)):
        bench.fault("after", "status", status=status, method="POST", path=bench.case.orders)
        order = await placed(bench, bench.market_order(f"sd-{number}"))
        assert order.state is OrderState.FILLED
    assert bench.true_ids() == {"sd-0": 1, "sd-1": 1, "sd-2": 1}


@fault("F07")
async def _unavailable_before_acceptance(bench: Bench) -> None:
    bench.fault("before", "status", status=503, method="POST", path=bench.case.orders)
    await stays_unsent(bench)


@fault("F07")
async def _unavailable_after_acceptance(bench: Bench) -> None:
    bench.lose_orders("status", status=503)
    await is_adopted(bench)


@fault("F08")
async def _not_accepted_credentials(bench: Bench) -> None:
    await bench.trading.positions()
    for number, status in enumerate((401, 403)):
        bench.fault("before", "status", status=status, method="POST", path=bench.case.orders)
        log = StrictLog()
        with pytest.raises(AccessDenied) as denied:
            await place_orders([bench.market_order(f"sd-{number}")], OrderDesk(bench.trading, log, LEASE))
        assert log.orders[f"sd-{number}"].state is OrderState.REJECTED
        trip = trip_on_denial("practice", str(denied.value))
        assert trip.state is TradingState.HALTED
        assert trip.why.startswith("connection practice is denied access (")
        assert str(denied.value) in trip.why
    assert bench.true_orders() == []


@fault("F08")
async def _not_accepted_credentials_of_any_signed_call(bench: Bench) -> None:
    await bench.trading.positions()
    bench.wait(minutes=1)
    bench.fault("before", "status", status=401, times=0)
    for read in (bench.trading.account, bench.trading.positions, bench.trading.open_orders):
        with pytest.raises(AccessDenied):
            await read()
    with pytest.raises(AccessDenied):
        await bench.trading.find_order("sd-one")


@fault("F08", "F11")
async def _refused_inside_whatever_status(bench: Bench) -> None:
    log = StrictLog()
    too_much = bench.market_order("sd-much", quantity=bench.case.quantity * 1_000_000)
    await place_orders([too_much, bench.market_order()], OrderDesk(bench.trading, log, LEASE))
    assert log.orders["sd-much"].state is OrderState.REJECTED
    assert log.orders["sd-much"].reason
    assert log.orders["sd-one"].state is OrderState.FILLED
    assert bench.orders_sent() == 2


@fault("F09")
async def _asked_for_patience_in_a_read(bench: Bench) -> None:
    await bench.trading.positions()
    bench.wait(seconds=10)
    bench.fault("before", "status", status=429, method="GET", retry_after=7)
    await bench.trading.positions()
    assert max(bench.naps) >= 7


@fault("F09")
async def _asked_for_more_patience_than_there_is(bench: Bench) -> None:
    await bench.trading.positions()
    bench.fault("before", "status", status=429, method="GET", retry_after=300, times=0)
    bench.wait(minutes=1)
    bench.transport.sent.clear()
    with pytest.raises(RateLimited) as told:
        await bench.trading.open_orders()
    assert told.value.retry_after.total_seconds() == 300
    assert len(bench.transport.sent) == len(set(bench.transport.sent))
    assert bench.naps == []


@fault("F09")
async def _banned(bench: Bench) -> None:
    if not bench.case.bans:
        pytest.skip(f"F09 {bench.case.name}: the venue asks for patience with 429, and bans nobody")
    await bench.trading.positions()
    bench.fault("before", "status", status=418, method="GET", retry_after=300)
    bench.transport.sent.clear()
    for read in (bench.trading.positions, bench.trading.open_orders):
        with pytest.raises(RateLimited):
            await read()
    assert len(bench.transport.sent) == 1


@fault("F09")
async def _asked_for_patience_with_an_order(bench: Bench) -> None:
    bench.fault("before", "status", status=429, method="POST", path=bench.case.orders, retry_after=7)
    await stays_unsent(bench, OrderState.REJECTED)


@fault("F10")
async def _half_of_an_answer_or_none_that_is_one(bench: Bench) -> None:
    await bench.hold()
    for kind in ("cut", "garble", "reset"):
        bench.wait(minutes=1)
        bench.fault("after", kind, method="GET")
        assert await bench.held() == bench.case.quantity
    assert bench.steer.struck() == [1, 1, 1]


@fault("F10")
async def _never_a_whole_answer(bench: Bench) -> None:
    await bench.hold()
    bench.wait(minutes=1)
    bench.fault("after", "garble", method="GET", times=0)
    for read in (bench.trading.positions, bench.trading.open_orders):
        with pytest.raises(VenueUnavailable):
            await read()


@fault("F10")
async def _half_of_an_answer_to_an_order(bench: Bench) -> None:
    bench.lose_orders("cut")
    with pytest.raises(OutcomeUnknown):
        await bench.trading.submit(bench.market_order("sd-two"))
    await is_adopted_beside(bench, "sd-two")


async def is_adopted_beside(bench: Bench, other: str) -> None:
    """As `is_adopted`, where an order was sent before."""
    order = await placed(bench, bench.market_order())
    assert order.state is OrderState.FILLED
    assert bench.true_ids() == {"sd-one": 1, other: 1}


@fault("F15")
async def _fills_told_twice(bench: Bench) -> None:
    for name in ("sd-one", "sd-two"):
        await bench.trading.submit(bench.market_order(name))
    bench.fault("read", "duplicate", times=0)
    fills, cursor = await bench.trading.fills_since("")
    assert [fill.client_order_id for fill in fills] == ["sd-one", "sd-two"]
    assert len({fill.venue_trade_id for fill in fills}) == 2
    assert (await bench.trading.fills_since(cursor))[0] == ()


@fault("F16")
async def _filled_before_it_is_acknowledged(bench: Bench) -> None:
    _, cursor = await bench.trading.fills_since("")
    bench.fault("after", "delay", seconds=0.3, method="POST", path=bench.case.orders)
    submitting = asyncio.create_task(bench.trading.submit(bench.market_order()))
    await asyncio.sleep(0.1)
    assert bench.true_ids() == {"sd-one": 1}
    assert not submitting.done()
    await bench.reopen()
    early, _ = await bench.trading.fills_since(cursor)
    order = await submitting
    assert [fill.venue_trade_id for fill in early] == [fill.venue_trade_id for fill in order.fills]
    assert {fill.client_order_id for fill in early} == {"sd-one"}


@fault("F17")
async def _filled_while_it_is_cancelled(bench: Bench) -> None:
    await bench.trading.submit(bench.limit_order())
    bench.move(bench.away(Side.BUY) - 2 * bench.case.step)
    order = await bench.trading.cancel("sd-one")
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, bench.case.quantity)
    assert await bench.held() == bench.case.quantity


@fault("F18")
async def _filled_in_part_and_cancelled(bench: Bench) -> None:
    part = bench.case.quantity / 2
    bench.steer.depth(bench.case.instrument, str(part))
    resting = bench.limit_order(price=bench.through(Side.BUY))
    order = await bench.trading.submit(resting)
    assert (order.state, order.filled_quantity) == (OrderState.PARTIAL, part)
    order = await bench.trading.cancel("sd-one")
    assert (order.state, order.filled_quantity) == (OrderState.CANCELLED, part)
    assert await bench.held() == part


@fault("F19")
async def _fills_in_any_order(bench: Bench) -> None:
    names = ["sd-one", "sd-two", "sd-three"]
    for name in names:
        await bench.trading.submit(bench.market_order(name))
        bench.wait(seconds=1)
    await bench.reopen()
    bench.fault("read", "reorder", times=0)
    fills, _ = await bench.trading.fills_since("")
    assert [fill.client_order_id for fill in fills] == names


@fault("F21")
async def _not_shown_at_first(bench: Bench) -> None:
    bench.lose_orders()
    bench.fault("read", "lag", seconds=0.12, times=0)
    await is_adopted(bench)


@fault("F22")
async def _left_out_of_a_list(bench: Bench) -> None:
    await bench.trading.submit(bench.limit_order())
    await bench.reopen()
    for kind in ("empty", "omit"):
        bench.fault("read", kind, path="rders", times=1)
        found = await bench.trading.find_order("sd-one")
        assert found is not None
        assert found.state is OrderState.ACKED


@fault("F22")
async def _no_answer_is_not_flat(bench: Bench) -> None:
    await bench.hold()
    bench.wait(minutes=1)
    bench.fault("before", "status", status=500, method="GET", times=0)
    for read in (bench.trading.positions, bench.trading.open_orders):
        with pytest.raises(VenueUnavailable):
            await read()


@fault("F28")
async def _the_newest_candle_is_not_closed(bench: Bench) -> None:
    for timeframe in (Timeframe.M1, Timeframe.M5):
        candles = await bench.market.candles(bench.case.instrument, timeframe, until=bench.clock.now(), count=5)
        assert len(candles) == 5
        assert candles.closed_at == timeframe.floor(bench.clock.now())


@fault("F28", "F33")
async def _the_newest_candle_is_not_closed_for_the_venue(bench: Bench) -> None:
    ahead = bench.clock.now() + timedelta(minutes=7)
    candles = await bench.market.candles(bench.case.instrument, Timeframe.M5, until=ahead, count=5)
    assert candles.closed_at == Timeframe.M5.floor(bench.clock.now())


@fault("F29")
async def _candles_in_any_order_and_twice(bench: Bench) -> None:
    until = bench.clock.now()

    async def read() -> Candles:
        return await bench.market.candles(bench.case.instrument, Timeframe.M5, until=until, count=20)

    true = await read()
    for struck, kind in enumerate(("reorder", "duplicate"), start=1):
        await bench.reopen()
        bench.fault("read", kind, path="andle|kline")
        try:
            candles = await read()
        except (DataError, VenueUnavailable):
            continue  # not usable, and said so
        finally:
            assert bench.steer.struck() == [1] * struck
        assert np.all(np.diff(candles.time) > 0)
        assert np.isin(candles.time, true.time).all()


@fault("F30")
async def _prices_that_are_none(bench: Bench) -> None:
    until, spoilt = bench.clock.now(), list[str]()
    for bad in ("NaN", "-1.5", "0.0", "1e400"):
        bench.transport.spoil = partial(_with_bad_prices, bad=bad, spoilt=spoilt)
        await bench.reopen()
        try:
            candles = await bench.market.candles(bench.case.instrument, Timeframe.M5, until=until, count=20)
        except (DataError, VenueUnavailable):
            continue  # not usable, and said so
        prices = np.concatenate([candles.open, candles.high, candles.low, candles.close])
        assert np.isfinite(prices).all()
        assert (prices > 0).all()
    assert set(spoilt) == {"NaN", "-1.5", "0.0", "1e400"}


def _with_bad_prices(request: httpx.Request, body: bytes, *, bad: str, spoilt: list[str]) -> bytes:
    """Replace the first prices in a reply about candles."""
    if not re.search("andle|kline", request.url.path):
        return body
    changed, count = re.subn(rb"(?<=[\"\[,: ])\d{1,6}\.\d+(?=[\",\]}])", bad.encode(), body, count=9)
    spoilt.extend([bad] if count else [])
    return changed


@fault("F33")
async def _clocks_apart(bench: Bench) -> None:
    bench.steer.post("/clock", skew=25)
    await bench.reopen()
    assert (await placed(bench, bench.market_order())).state is OrderState.FILLED
    assert await bench.held() == bench.case.quantity


@fault("F33")
async def _a_clock_that_jumps(bench: Bench) -> None:
    await _jumps(bench, 45)


@fault("F33")
async def _a_clock_that_jumps_back(bench: Bench) -> None:
    await _jumps(bench, -45)


async def _jumps(bench: Bench, seconds: int) -> None:
    await bench.trading.positions()
    bench.steer.post("/clock", skew=seconds)
    # The numbers under a wallet's signatures only go up: set back, the venue's clock has to catch up with them first.
    with suppress(VenueUnavailable):
        await bench.trading.positions()
    order = await placed(bench, bench.market_order())
    assert order.state in (OrderState.FILLED, OrderState.REJECTED)
    assert bench.true_ids() == ({"sd-one": 1} if order.state is OrderState.FILLED else {})
    bench.wait(minutes=1)
    await bench.trading.positions()
    assert (await placed(bench, bench.market_order("sd-two"))).state is OrderState.FILLED


@pytest.mark.parametrize("case", WIRED, ids=str)
@pytest.mark.parametrize(("number", "trial"), TRIALS, ids=[f"{number}{trial.__name__}" for number, trial in TRIALS])
async def test_a_fault_leaves_no_second_order_and_no_false_belief(
    number: str, trial: Trial, case: VenueCase, bench: Bench
) -> None:
    await trial(bench)


def test_every_fault_of_the_wire_is_tried() -> None:
    assert sorted({number for number, _ in TRIALS} | ELSEWHERE.keys()) == sorted(WIRE_FAULTS)


def test_the_numbers_are_those_of_the_matrix() -> None:
    if not MATRIX.exists():
        pytest.skip(f"the fault matrix is not here: {MATRIX.name}")
    assert set(WIRE_FAULTS) <= {one["id"] for one in json.loads(MATRIX.read_text())["faults"]}
