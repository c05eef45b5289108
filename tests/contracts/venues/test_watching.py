"""The watch keeps every position protected, at every venue; over real connections to the simulators."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.errors import VenueUnavailable
from desk.execution.placing import place_orders
from desk.execution.stops import StopKeeping
from desk.model.books import TradingState
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderState, OrderType
from tests.contracts.venues.bench import Bench, VenueCase
from tests.contracts.venues.venues import ASTER_HMAC, COINBASE, KUCOIN, KUCOIN_FUTURES, OANDA, PAPER
from tests.contracts.venues.watching import (
    KEEPING,
    Blackout,
    Deaf,
    Deposited,
    Dying,
    Forgetful,
    Peak,
    Refusing,
    RefusingToClose,
    WatchedAccount,
)

ALL = (PAPER, OANDA, COINBASE, KUCOIN, KUCOIN_FUTURES, ASTER_HMAC)
WITH_STOPS = tuple(case for case in ALL if KEEPING[case.name] is not StopKeeping.DESK)
WITH_STOP_ORDERS = tuple(case for case in ALL if KEEPING[case.name] in (StopKeeping.ORDER, StopKeeping.HOLDING))
NOTHING = Barriers()


@pytest.fixture
def account(bench: Bench, ledger: Ledger) -> WatchedAccount:
    return WatchedAccount(bench, ledger)


def stop_of(bench: Bench) -> Barriers:
    """A stop alone, well away from the market."""
    return Barriers(stop=bench.barriers(Side.BUY).stop)


@pytest.mark.parametrize("case", WITH_STOPS, ids=str)
async def test_a_naked_position_has_its_stop_at_the_filled_quantity_after_one_pass(
    account: WatchedAccount, case: VenueCase
) -> None:
    barriers = stop_of(account.bench)
    await account.enter(barriers, at_venue=NOTHING)
    assert await account.stops() == []
    told = await account.watch()
    assert await account.stops() == [(case.quantity, barriers.stop)]
    assert (told.left, account.inbox.messages) == ((), [])


@pytest.mark.parametrize("case", ALL, ids=str)
async def test_a_second_pass_finds_nothing_to_do(account: WatchedAccount, case: VenueCase) -> None:
    await account.enter(stop_of(account.bench), at_venue=NOTHING)
    await account.watch()
    before = await account.stops()
    account.bench.transport.sent.clear()
    assert (await account.watch()).done == ()
    assert await account.stops() == before
    assert [method for method, _ in account.bench.transport.sent if method in ("PUT", "DELETE")] == []
    assert account.bench.orders_sent() == 0


@pytest.mark.parametrize("case", WITH_STOPS, ids=str)
async def test_a_position_whose_stop_is_refused_is_closed_at_the_market_and_a_person_told(
    account: WatchedAccount, case: VenueCase
) -> None:
    await account.enter(stop_of(account.bench), at_venue=NOTHING)
    refusing = Refusing(account.bench.trading)
    begun = account.bench.clock.now()
    told = await account.watch(refusing)
    assert await account.position() is None
    assert refusing.refused > 1
    assert account.bench.clock.now() - begun < timedelta(seconds=20)
    assert (told.left, told.held) == ((), 0)
    assert ["no stop could be placed" in message.body for message in account.inbox.messages] == [True]


@pytest.mark.parametrize("case", WITH_STOPS, ids=str)
async def test_a_position_beyond_its_stop_is_closed_at_once(account: WatchedAccount, case: VenueCase) -> None:
    await account.enter(stop_of(account.bench), at_venue=NOTHING)
    account.bench.move(account.bench.bid - 3 * case.step)
    begun = account.bench.clock.now()
    await account.watch(Refusing(account.bench.trading))
    assert await account.position() is None
    assert account.bench.clock.now() - begun < timedelta(seconds=2)
    assert ["has reached its stop" in message.body for message in account.inbox.messages] == [True]


@pytest.mark.parametrize("case", [KUCOIN], ids=str)
async def test_where_the_venue_has_no_stops_the_desk_closes_when_the_price_reaches_it(
    account: WatchedAccount, case: VenueCase
) -> None:
    await account.enter(account.bench.barriers(Side.BUY))
    assert (await account.watch()).done == ()
    account.bench.move(account.bench.bid - 3 * case.step)
    await account.watch()
    assert await account.position() is None


@pytest.mark.parametrize("case", [KUCOIN], ids=str)
async def test_where_the_venue_has_no_targets_the_desk_closes_when_the_price_reaches_it(
    account: WatchedAccount, case: VenueCase
) -> None:
    await account.enter(account.bench.barriers(Side.BUY))
    account.bench.move(account.bench.bid + 3 * case.step)
    await account.watch()
    assert await account.position() is None


@pytest.mark.parametrize("case", WITH_STOP_ORDERS, ids=str)
async def test_a_stop_that_was_cancelled_by_hand_is_placed_again(account: WatchedAccount, case: VenueCase) -> None:
    await account.enter(stop_of(account.bench), at_venue=NOTHING)
    await account.watch()
    placed = await account.stops()
    (stop,) = await account.bench.trading.open_orders()
    await account.bench.trading.cancel(stop.client_order_id)
    assert await account.stops() == []
    account.bench.wait(minutes=1)
    await account.watch()
    assert await account.stops() == placed


@pytest.mark.parametrize("case", WITH_STOPS, ids=str)
async def test_a_stop_follows_the_quantity_that_is_held(account: WatchedAccount, case: VenueCase) -> None:
    barriers = stop_of(account.bench)
    await account.enter(barriers, at_venue=NOTHING, quantity=2 * case.quantity)
    if KEEPING[case.name] is not StopKeeping.HOLDING:  # there, what a stop holds back cannot be sold by hand
        await account.watch()
    sold = account.bench.market_order("by-hand", Side.SELL, reduce_only=True)
    await account.bench.trading.submit(sold)
    account.bench.wait(minutes=1)
    await account.watch()
    assert await account.stops() == [(case.quantity, barriers.stop)]


@pytest.mark.parametrize("case", [OANDA, COINBASE, KUCOIN, ASTER_HMAC], ids=str)
async def test_a_position_is_closed_when_its_time_is_up(account: WatchedAccount, case: VenueCase) -> None:
    barriers = Barriers(stop=stop_of(account.bench).stop, time_limit=timedelta(minutes=10))
    await account.enter(barriers, at_venue=NOTHING)
    account.bench.wait(minutes=9)
    await account.watch()
    assert await account.position() is not None
    account.bench.wait(minutes=2)
    await account.watch()
    assert await account.position() is None
    await account.watch()
    assert await account.stops() == []


def over_soon(barriers: Barriers) -> Barriers:
    """The same, and a limit of time."""
    return replace(barriers, time_limit=timedelta(minutes=10))


@pytest.mark.parametrize("case", [COINBASE], ids=str)
async def test_a_position_that_could_not_be_closed_has_its_stop_back_within_ten_seconds_and_is_closed_later(
    account: WatchedAccount, case: VenueCase
) -> None:
    barriers = over_soon(stop_of(account.bench))
    await account.enter(barriers, at_venue=NOTHING)
    await account.watch()
    account.bench.wait(minutes=11)
    begun = account.bench.clock.now()
    told = await account.watch(RefusingToClose(account.bench.trading))
    assert account.bench.clock.now() - begun < timedelta(seconds=10)
    assert await account.stops() == [(case.quantity, barriers.stop)]
    assert told.held == 1
    account.bench.wait(seconds=31)
    await account.watch()
    assert await account.position() is None


@pytest.mark.parametrize("case", [COINBASE, KUCOIN], ids=str)
async def test_what_somebody_moved_to_the_account_is_neither_sold_nor_kept_by_a_stop(
    account: WatchedAccount, case: VenueCase
) -> None:
    barriers = over_soon(stop_of(account.bench))
    await account.enter(barriers, at_venue=NOTHING)
    deposit = account.bench.market_order("by-hand", quantity=10 * case.quantity)
    await account.bench.trading.submit(deposit)
    await account.watch(Deposited(account.bench.trading))
    kept_at_venue = KEEPING[case.name] is not StopKeeping.DESK
    assert await account.stops() == kept_at_venue * [(case.quantity, barriers.stop)]
    account.bench.wait(minutes=11)
    await account.watch(Deposited(account.bench.trading))
    assert await account.bench.held() == pytest.approx(deposit.quantity, rel=Decimal("0.005"))  # less the fee


@pytest.mark.parametrize("case", [COINBASE, KUCOIN], ids=str)
async def test_a_position_whose_exit_was_lost_within_this_candle_is_protected_by_the_first_pass_that_hears_so(
    account: WatchedAccount, case: VenueCase
) -> None:
    barriers = stop_of(account.bench)
    await account.enter(barriers, at_venue=NOTHING)
    await account.watch()
    account.bench.wait(minutes=1)
    account.bench.fault("before", "close", method="POST", path=case.orders, times=1)
    leaving = account.bench.market_order("sd-exit", Side.SELL, reduce_only=True, strategy="sample")
    deaf = Deaf(account.bench.trading)
    (lost,) = await place_orders([leaving], await account.desk(deaf))
    assert (lost.state, await account.stops()) == (OrderState.UNKNOWN, [])
    assert ["nothing is done while the outcome" in line for line in (await account.watch(deaf)).left] == [True]
    await account.bench.reopen()
    assert (await account.watch()).left == ()
    assert await account.stops() == (KEEPING[case.name] is not StopKeeping.DESK) * [(case.quantity, barriers.stop)]
    account.bench.move(account.bench.bid - 3 * case.step)
    await account.watch()
    assert await account.position() is None


@pytest.mark.parametrize("case", [COINBASE], ids=str)
@pytest.mark.parametrize(
    ("refusals", "held"), [(1, 1), (2, 0), (6, 1)], ids=["the order", "its bracket too", "every try"]
)
async def test_a_bracket_that_made_way_for_nothing_is_there_again_within_ten_seconds(
    account: WatchedAccount, case: VenueCase, refusals: int, held: int
) -> None:
    barriers = over_soon(account.bench.barriers(Side.BUY))
    await account.enter(barriers)
    assert await account.stops() == [(case.quantity, barriers.stop)]
    account.bench.wait(minutes=11)
    begun = account.bench.clock.now()
    account.bench.fault("before", "status", status=429, method="POST", path=case.orders, times=refusals)
    told = await account.watch()
    assert account.bench.clock.now() - begun < timedelta(seconds=10)
    assert (told.held, await account.stops()) == (held, held * [(case.quantity, barriers.stop)])
    account.bench.wait(seconds=31)
    await account.watch()
    assert await account.position() is None
    assert await account.bench.working() == set()


@pytest.mark.parametrize("case", WITH_STOP_ORDERS, ids=str)
async def test_no_stop_is_cancelled_because_an_answer_leaves_its_position_out(
    account: WatchedAccount, case: VenueCase
) -> None:
    barriers = stop_of(account.bench)
    await account.enter(barriers, at_venue=NOTHING)
    await account.watch()
    for _ in range(2):
        account.bench.wait(minutes=1)
        await account.watch(Forgetful(account.bench.trading))
    assert await account.stops() == [(case.quantity, barriers.stop)]


@pytest.mark.parametrize("case", [PAPER, OANDA, COINBASE, ASTER_HMAC], ids=str)
async def test_a_trailing_stop_moves_in_favour_and_never_back(account: WatchedAccount, case: VenueCase) -> None:
    distance = 2 * case.step
    await account.enter(Barriers(trailing_distance=distance, stop=case.bid - distance), at_venue=NOTHING)
    await account.watch(stale_after=timedelta(days=1))
    levels = [(await account.stops())[0][1]]
    for move in (1, -1, 2):
        account.bench.move(account.bench.bid + move * case.step)
        await account.watch()
        levels.append((await account.stops())[0][1])
        assert len(await account.stops()) == 1
    start = case.bid - distance
    assert levels == [start, start + case.step, start + case.step, start + 2 * case.step]


@pytest.mark.parametrize("case", [OANDA, ASTER_HMAC], ids=str)
async def test_a_stop_stands_at_the_entry_once_the_profit_is_large_enough(
    account: WatchedAccount, case: VenueCase
) -> None:
    await account.enter(stop_of(account.bench), at_venue=NOTHING)
    await account.watch(break_even_at=Decimal("0.5"))
    entry = (await account.ledger.decided_positions("sample"))[0].entry_price
    account.bench.move(account.bench.bid + 2 * case.step)
    await account.watch(break_even_at=Decimal("0.5"))
    assert [price for _, price in await account.stops()] == [entry]


@pytest.mark.parametrize("case", [OANDA, KUCOIN_FUTURES, ASTER_HMAC], ids=str)
async def test_a_part_is_closed_once_and_the_stop_covers_the_rest(account: WatchedAccount, case: VenueCase) -> None:
    barriers = stop_of(account.bench)
    await account.enter(barriers, at_venue=NOTHING, quantity=2 * case.quantity)
    account.bench.move(account.bench.bid + 2 * case.step)
    for _ in range(2):
        await account.watch(partial_exit_at=Decimal("0.5"))
        account.bench.wait(minutes=1)
    assert await account.stops() == [(case.quantity, barriers.stop)]


@pytest.mark.parametrize("case", ALL, ids=str)
async def test_an_order_that_waits_for_too_long_is_cancelled(account: WatchedAccount, case: VenueCase) -> None:
    await account.bench.trading.submit(account.bench.limit_order("sd-waits"))
    foreign = account.bench.limit_order("by-hand")
    await account.bench.trading.submit(foreign)
    account.bench.wait(minutes=4)
    await account.watch()
    assert await account.bench.working() == {"sd-waits", "by-hand"}
    account.bench.wait(minutes=2)
    await account.watch()
    assert await account.bench.working() == {"by-hand"}


@pytest.mark.parametrize("case", [case for case in WITH_STOP_ORDERS if case is not COINBASE], ids=str)
async def test_a_stop_whose_position_is_gone_is_cancelled(account: WatchedAccount, case: VenueCase) -> None:
    await account.enter(stop_of(account.bench), at_venue=NOTHING)
    await account.watch()
    await account.bench.trading.submit(account.bench.market_order("by-hand", Side.SELL, reduce_only=True))
    account.bench.wait(minutes=1)
    await account.watch()
    assert await account.bench.working() == set()


@pytest.mark.parametrize("case", [OANDA, ASTER_HMAC], ids=str)
async def test_a_halted_account_is_watched_all_the_same(account: WatchedAccount, case: VenueCase) -> None:
    await account.enter(Barriers(stop=stop_of(account.bench).stop, time_limit=timedelta(minutes=1)), at_venue=NOTHING)
    await account.ledger.set_trading_state("account:sample", TradingState.HALTED, who="me", why="test")
    await account.watch()
    account.bench.wait(minutes=5)
    await account.watch()
    assert await account.position() is None


@pytest.mark.parametrize("case", [OANDA, ASTER_HMAC], ids=str)
async def test_a_position_that_the_desk_has_not_opened_is_told_and_left_alone(
    account: WatchedAccount, case: VenueCase
) -> None:
    await account.bench.trading.submit(account.bench.market_order("by-hand", barriers=NOTHING))
    told = await account.watch()
    assert await account.position() is not None
    assert await account.stops() == []
    assert len(told.left) == len(account.inbox.messages) == 1


@pytest.mark.parametrize("case", [ASTER_HMAC, KUCOIN_FUTURES], ids=str)
async def test_a_stop_whose_reply_was_lost_is_there_once(account: WatchedAccount, case: VenueCase) -> None:
    await account.enter(stop_of(account.bench), at_venue=NOTHING)
    account.bench.lose_orders(times=1)
    await account.watch()
    await account.watch()
    assert len(await account.stops()) == 1
    assert max(account.bench.true_ids().values()) == 1
    (decided,) = await account.ledger.decided_positions("sample")
    assert [(order.type, order.state) for order in decided.orders] == [(OrderType.STOP, OrderState.ACKED)]


@pytest.mark.parametrize("case", [PAPER, COINBASE, KUCOIN_FUTURES, ASTER_HMAC], ids=str)
async def test_a_watch_that_died_after_its_stop_was_taken_is_continued_by_the_next(
    account: WatchedAccount, case: VenueCase
) -> None:
    barriers = stop_of(account.bench)
    await account.enter(barriers, at_venue=NOTHING)
    with pytest.raises(KeyboardInterrupt):
        await account.watch(Dying(account.bench.trading))
    account.bench.wait(minutes=1)
    assert (await account.watch()).done == ()
    assert await account.stops() == [(case.quantity, barriers.stop)]
    (decided,) = await account.ledger.decided_positions("sample")
    assert [order.state for order in decided.orders] == [OrderState.ACKED]


@pytest.mark.parametrize("case", [ASTER_HMAC], ids=str)
async def test_a_trailing_stop_follows_a_price_that_was_there_between_two_looks(
    account: WatchedAccount, case: VenueCase
) -> None:
    distance, peak = 2 * case.step, case.bid + case.step
    await account.enter(Barriers(trailing_distance=distance, stop=case.bid - distance), at_venue=NOTHING)
    account.bench.wait(minutes=3)
    await account.watch(feed=Peak(account.bench.market, peak))
    half_spread = (case.ask - case.bid) / 2
    assert [price for _, price in await account.stops()] == [pytest.approx(peak - half_spread - distance, abs=1)]


@pytest.mark.parametrize("case", [KUCOIN], ids=str)
async def test_what_was_closed_is_told_also_where_the_look_after_it_failed(
    account: WatchedAccount, case: VenueCase
) -> None:
    await account.enter(stop_of(account.bench))
    account.bench.move(account.bench.bid - 3 * case.step)
    with pytest.raises(VenueUnavailable):
        await account.watch(Blackout(account.bench.trading))
    assert ["has reached its stop" in message.body for message in account.inbox.messages] == [True]
    assert (await account.watch()).held == 0


@pytest.mark.parametrize("case", [OANDA], ids=str)
async def test_a_quiet_pass_costs_one_look_at_the_account_and_one_at_the_prices(
    account: WatchedAccount, case: VenueCase
) -> None:
    await account.enter(stop_of(account.bench))
    await account.watch()
    account.bench.wait(minutes=1)
    account.bench.transport.sent.clear()
    told = await account.watch()
    assert [path.rsplit("/", 1)[-1] for _, path in account.bench.transport.sent] == ["101-001-0000001-001", "pricing"]
    now = account.bench.clock.now()
    assert await account.ledger.last_valued_at("sample", now) == now
    assert (await account.ledger.equity_curve("sample"))[-1].equity == told.money.equity
