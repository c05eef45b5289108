"""The watch by its ports: what it reads, does and books, how long it goes on, and what a person hears of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.errors import AccessDenied, DataError, InvalidOrder, OrderRefused, VenueUnavailable
from desk.execution.placing import OrderDesk
from desk.execution.plan import client_order_id
from desk.execution.stops import Decided, StopKeeping
from desk.execution.watching import WATCH, WatchPolicy
from desk.model.candles import Candles
from desk.model.excursions import Excursion
from desk.model.instrument import Side
from desk.model.messages import MessageKind
from desk.model.orders import Barriers, Fill, Order, OrderIntent, OrderState, OrderType
from desk.model.timeframe import Timeframe
from desk.ports import Lease, Message
from desk.steps.watch import PAUSES, Watched, WatchTools, alike, no_stops_to_set, watch_account
from tests.builders import CLOSE, candles, intent, position
from tests.desk.adapters.ledger.builders import fill
from tests.desk.steps.fakes import FakeBooks, FakeFeed, FakeTrading
from tests.fakes import FakeLog, order_of

START = CLOSE + timedelta(minutes=10)
SPREAD = Decimal("0.001")
NAME, STOP, TARGET = "EUR/USD", Decimal("1.09"), Decimal("1.12")
DOWN = VenueUnavailable("fake", "positions", message="down")
LAST = "The watch looks again at its next run; look at the venue yourself."


class Venue(FakeTrading):
    """Lets stops rest, fills what closes, refuses what it is told to, and says when it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses: Callable[[OrderIntent], bool] = lambda _: False
        self.closes_as = OrderState.FILLED
        self.filled: Decimal | None = None
        self.reads: list[str] = []
        self.cancel_fails: Exception | None = None
        self.dark_after: int | None = None

    async def submit(self, sent: OrderIntent) -> Order:
        if self.refuses(sent):
            raise OrderRefused("fake", f"order {sent.type}", "-1", "too near")
        self.accepted.append(sent)
        known = replace(order_of(sent, OrderState.ACKED), price=sent.price, reduce_only=sent.reduce_only)
        if sent.type is OrderType.STOP:
            self.working += (known,)
            return known
        filled = sent.quantity if self.filled is None else self.filled
        if filled:
            self.held = tuple(one for one in self.held if one.instrument != sent.instrument)
        return replace(known, state=self.closes_as, filled_quantity=filled)

    async def cancel(self, client_order_id: str) -> Order:
        if self.cancel_fails:
            raise self.cancel_fails
        (order,) = [one for one in self.working if one.client_order_id == client_order_id]
        self.working = tuple(one for one in self.working if one is not order)
        return replace(order, state=OrderState.CANCELLED)

    def _break(self, read: str) -> None:
        self.reads.append(read)
        if self.dark_after is not None and self.reads.count("positions") > self.dark_after:
            raise DOWN
        super()._break(read)


class Log(FakeBooks, FakeLog):
    """The ledger in memory, of the account `sample` alone."""

    def __init__(self) -> None:
        FakeLog.__init__(self)
        FakeBooks.__init__(self)
        self.decided: list[Decided] = []
        self.own: list[Order] = []
        self.current: dict[str, Order] = {}
        self.planned_here: list[OrderIntent] = []
        self.equity: list[tuple[str, datetime, Decimal, Decimal]] = []
        self.seen: list[Excursion] = []
        self.recorded_for: list[str] = []
        self.booked_at: list[datetime] = []

    async def decided_positions(self, account: str) -> tuple[Decided, ...]:
        assert account == "sample"
        return tuple(replace(known, orders=self._orders_of(known.instrument)) for known in self.decided)

    def _orders_of(self, instrument: str) -> tuple[Order, ...]:
        mine = [one for one in self.planned_here if one.instrument == instrument]
        return tuple(replace(self.orders[one.client_order_id], price=one.price, reduce_only=True) for one in mine)

    async def store_intents(self, intents: Sequence[OrderIntent], *, lease: Lease | None = None) -> dict[str, Order]:
        self.planned_here += [one for one in intents if one.client_order_id not in self.orders]
        return await super().store_intents(intents, lease=lease)

    async def unsettled_watch_orders(self, account: str) -> tuple[Order, ...]:
        assert account == "sample"
        own, self.own = self.own, []
        return tuple(own)

    async def unresolved_orders(self, account: str, *, before: datetime | None = None) -> tuple[Order, ...]:
        assert account == "sample"
        current = [] if before else [self.orders[name] for name in self.current]
        told = await super().unresolved_orders(account, before=before)
        return (*told, *(one for one in current if one.state.is_unresolved))

    async def recall_order(self, client_order_id: str) -> object | None:
        return self.orders.get(client_order_id)

    async def record_order(self, account: str, order: Order, *, detail: str = "") -> None:
        self.recorded_for.append(account)
        await super().record_order(account, order, detail=detail)

    async def book_fills(self, account: str, fills: tuple[Fill, ...], *, now: datetime, **told: Any) -> int:
        assert account == "sample"
        self.booked_at.append(now)
        return await super().book_fills(account, fills, now=now, **told)

    async def record_equity(
        self, account: str, at: datetime, equity: Decimal, cash: Decimal, *, seen: Sequence[Excursion] = ()
    ) -> None:
        self.equity.append((account, at, equity, cash))
        self.seen += seen


class Feed(FakeFeed):
    """Candles and quotes that a test sets."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, Candles] = {}
        self.quoted_at: list[datetime] = []

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        found = await super().candles(instrument, timeframe, until=until, count=count)
        return self.seen.get(instrument, found)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Any:
        self.quoted_at.append(at)
        return await super().quotes(instruments, at=at)


@dataclass
class Site:
    """An account with its ports, a clock that sleeping moves, and what became of it all."""

    venue: Venue = field(default_factory=Venue)
    log: Log = field(default_factory=Log)
    feed: Feed = field(default_factory=Feed)
    told: list[Message] = field(default_factory=list)
    naps: list[float] = field(default_factory=list)
    stops: list[tuple[str, Decimal]] = field(default_factory=list)
    stop_fails: dict[str, Exception] = field(default_factory=dict)
    at: datetime = START
    while_asleep: Callable[[], None] = lambda: None

    async def watch(self, keeping: StopKeeping = StopKeeping.ORDER, *, pauses=PAUSES, **changes: Any) -> Watched:
        tools = WatchTools(
            OrderDesk(self.venue, self.log, Lease("sample", "me", 1)),
            self.log,
            self.feed,
            lambda: self.at,
            self,
            set_stop=self._set_stop,
            sleep=self._sleep,
            pauses=pauses,
        )
        return await watch_account(WatchPolicy("sample", lambda _: keeping, **changes), CLOSE, tools)

    def holds(self, quantity: str = "1000", instrument: str = NAME, **changes: Any) -> None:
        """Hold a position that the desk has opened with a stop below and a target above."""
        barriers = changes.pop("barriers", Barriers(stop=STOP, target=TARGET))
        self.venue.held += (position(instrument, quantity),)
        signed, entry = Decimal(quantity), Decimal("1.10")
        known = Decided(instrument, signed, barriers, CLOSE, CLOSE, abs(signed), entry)
        self.log.decided.append(replace(known, **changes))

    def bids(self, price: str) -> None:
        bid = Decimal(price)
        self.feed.quoted[NAME] = replace(self.feed.quoted[NAME], bid=bid, ask=bid + SPREAD)

    async def send(self, message: Message) -> None:
        self.told.append(message)

    async def _sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.at += timedelta(seconds=seconds)
        self.while_asleep()

    async def _set_stop(self, instrument: str, price: Decimal) -> None:
        if instrument in self.stop_fails:
            raise self.stop_fails[instrument]
        self.stops.append((instrument, price))
        barriers = Barriers(stop=price)
        self.venue.held = tuple(
            replace(one, barriers=barriers) if one.instrument == instrument else one for one in self.venue.held
        )


@pytest.fixture
def site() -> Site:
    held = Site()
    held.holds()
    return held


def resting(name: str = "sd-stop", **changes: Any) -> Order:
    known = order_of(replace(intent(name, quantity="1000"), side=Side.SELL), OrderState.ACKED)
    return replace(known, **{"type": OrderType.STOP, "price": STOP, "reduce_only": True, **changes})


# What it does


async def test_a_naked_position_has_its_stop_after_one_step_and_a_second_look_finds_nothing_to_do(site):
    watched = await site.watch()
    assert watched.done == ("stop order, sell 0 of 1000 EUR/USD, acked: it has no stop at the venue",)
    assert (watched.left, watched.held, site.naps, site.told) == ((), 1, [0.5], [])
    assert [(sent.type, sent.price, sent.strategy) for sent in site.venue.accepted] == [(OrderType.STOP, STOP, WATCH)]


async def test_an_account_in_order_is_looked_at_once_and_its_money_written_down(site):
    site.venue.working = (resting(),)
    watched = await site.watch()
    assert (watched.done, watched.left, site.naps, site.told) == ((), (), [], [])
    assert watched.money == site.venue.money
    assert site.log.equity == [("sample", START, Decimal(10_500), Decimal(10_000))]


async def test_the_last_price_of_a_pass_is_noted_for_the_way_of_the_trade_with_the_money(site):
    site.venue.working = (resting(),)
    site.bids("1.11")
    await site.watch()
    assert site.log.seen == [Excursion(NAME, CLOSE, Decimal("1.11"), Decimal("1.11"), CLOSE, CLOSE)]


async def test_orders_are_read_before_positions(site):
    site.venue.working = (resting(),)
    await site.watch()
    assert site.venue.reads.index("open_orders") < site.venue.reads.index("positions")


async def test_an_account_without_positions_asks_for_no_prices():
    site = Site()
    assert (await site.watch()).held == 0
    assert (site.feed.quotes_asked, site.feed.asked) == ([], [])


async def test_a_position_that_ends_is_closed_and_a_person_is_told(site):
    site.bids("1.08")
    watched = await site.watch()
    line = "market order, sell 1000 EUR/USD, filled: the price has reached its stop 1.09, and the venue holds none"
    assert (watched.done, watched.left, watched.held) == ((line,), (), 0)
    assert site.told == [Message("sample: the watch trades EUR/USD", line, "warning", MessageKind.WATCH)]


@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.EXPIRED])
async def test_a_closing_that_ended_without_a_fill_is_not_told_as_a_trade_and_is_left(site, state):
    site.bids("1.08")
    site.venue.closes_as, site.venue.filled = state, Decimal(0)
    watched = await site.watch(pauses=(1,))
    name = client_order_id("sample", WATCH, NAME, CLOSE, "close 1")
    tried = (
        f"EUR/USD, market order: {name}, sell 0 of 1000 EUR/USD, {state}: "
        "the price has reached its stop 1.09, and the venue holds none"
    )
    assert (watched.done, watched.left[0], len(watched.left)) == ((), tried, 2)
    assert [message.severity for message in site.told] == ["error"]


async def test_a_closing_that_ended_with_a_part_filled_is_done_and_told(site):
    site.bids("1.08")
    site.venue.closes_as, site.venue.filled = OrderState.CANCELLED, Decimal(400)
    watched = await site.watch()
    assert watched.done[0].startswith("market order, sell 400 of 1000 EUR/USD, cancelled: ")
    assert [message.severity for message in site.told] == ["warning"]


async def test_a_stop_that_hangs_on_the_position_is_set_there(site):
    watched = await site.watch(StopKeeping.TRADE)
    assert watched.done == ("EUR/USD: stop at 1.09, it has no stop at the venue",)
    assert (site.stops, site.naps) == ([(NAME, STOP)], [0.5])


async def test_where_no_stop_hangs_on_a_position_setting_one_is_a_mistake():
    with pytest.raises(LookupError, match=r"EUR/USD: a stop at 1\.09 is to be set at a venue where none hangs"):
        await no_stops_to_set(NAME, STOP)


async def test_a_cancelled_order_is_written_down_where_it_is_the_desks():
    site = Site()
    site.venue.working = (resting("sd-known"), resting("sd-unknown"))
    site.log.orders["sd-known"] = site.venue.working[0]
    watched = await site.watch()
    assert watched.done == (
        "EUR/USD: cancelled sd-known, its position is gone",
        "EUR/USD: cancelled sd-unknown, its position is gone",
    )
    assert site.log.orders["sd-known"].state is OrderState.CANCELLED
    assert ("sd-unknown" in site.log.orders, site.log.recorded_for) == (False, ["sample"])


# What it settles and books first


async def test_its_own_orders_without_an_outcome_are_asked_for_and_what_was_never_sent_is_given_up(site):
    lost, planned = order_of(intent("sd-lost"), OrderState.UNKNOWN), order_of(intent("sd-planned"))
    site.log.own = [lost, planned]
    site.log.orders |= {"sd-lost": lost, "sd-planned": planned}
    site.venue.orders["sd-lost"] = replace(lost, state=OrderState.CANCELLED, reason="by the venue")
    await site.watch()
    given_up = "its run ended before it was sent, and the watch looks anew"
    assert site.log.orders["sd-lost"].reason == "by the venue"
    assert (site.log.orders["sd-planned"].state, site.log.orders["sd-planned"].reason) == (
        OrderState.CANCELLED,
        given_up,
    )


async def test_an_order_that_was_left_on_the_way_is_settled_before_the_next_look(site):
    lost = order_of(intent("sd-lost"), OrderState.UNKNOWN)

    def lose() -> None:
        site.log.orders["sd-lost"] = lost
        site.log.own = [lost]

    site.while_asleep = lose
    await site.watch()
    assert site.log.orders["sd-lost"].state is OrderState.CANCELLED


async def test_orders_of_earlier_candles_are_settled_and_those_of_this_one_are_left_to_their_scan(site):
    early, ours = (order_of(intent(name), OrderState.PLANNED) for name in ("sd-early", "sd-ours"))
    site.log.planned = {CLOSE - timedelta(minutes=5): early, CLOSE: ours}
    site.log.orders |= {"sd-early": early, "sd-ours": ours}
    await site.watch()
    assert [site.log.orders[name].state for name in ("sd-early", "sd-ours")] == [
        OrderState.CANCELLED,
        OrderState.PLANNED,
    ]


def lost_by_its_scan(site: Site, *, reduce_only: bool) -> Order:
    """An order of the candle that is acted on now, whose scan never heard what became of it."""
    lost = replace(order_of(intent("sd-lost"), OrderState.UNKNOWN), reduce_only=reduce_only)
    site.log.current["sd-lost"] = lost
    site.log.orders["sd-lost"] = lost
    return lost


async def test_an_exit_of_this_candle_that_never_arrived_is_given_up_and_its_position_protected_at_once(site):
    lost_by_its_scan(site, reduce_only=True)
    watched = await site.watch()
    assert site.log.orders["sd-lost"].state is OrderState.CANCELLED
    assert [sent.type for sent in site.venue.accepted] == [OrderType.STOP]
    assert watched.left == ()


async def test_an_entry_of_this_candle_that_never_arrived_is_left_to_its_scan_which_may_still_send_it(site):
    lost_by_its_scan(site, reduce_only=False)
    await site.watch()
    assert site.log.orders["sd-lost"].state is OrderState.PLANNED
    assert [sent.type for sent in site.venue.accepted] == [OrderType.STOP]


@pytest.mark.parametrize("reduce_only", [False, True])
async def test_an_order_of_this_candle_that_arrived_is_written_down_before_fills_are_booked(site, reduce_only):
    lost = lost_by_its_scan(site, reduce_only=reduce_only)
    site.venue.orders["sd-lost"] = replace(lost, state=OrderState.FILLED, filled_quantity=lost.quantity)
    site.venue.failing = ("fills_since", DOWN)
    with pytest.raises(VenueUnavailable):
        await site.watch()
    assert site.log.orders["sd-lost"].state is OrderState.FILLED


async def test_an_order_of_this_candle_is_asked_for_once_in_a_pass(site):
    asked, find = [], site.venue.find_order

    async def counted(name: str) -> Order | None:
        asked.append(name)
        return await find(name)

    site.venue.find_order, site.venue.find_fails = counted, DOWN
    lost_by_its_scan(site, reduce_only=True)
    early = order_of(intent("sd-early"), OrderState.UNKNOWN)
    site.log.unresolved[CLOSE - timedelta(minutes=5)] = site.log.orders["sd-early"] = early
    await site.watch()
    assert sorted(asked) == ["sd-early", "sd-lost"]


@pytest.mark.parametrize("on_the_way", [False, True])
async def test_fills_are_booked_at_every_look_and_a_contradiction_is_told(site, on_the_way):
    def happen() -> None:
        site.venue.fills = (fill("T1", order="sd-odd"),)

    site.log.contradicted = (order_of(intent("sd-odd"), OrderState.REJECTED, "100"),)
    if on_the_way:
        site.while_asleep = happen
    else:
        happen()
    await site.watch()
    assert [one.venue_trade_id for one in site.log.booked] == ["T1"]
    assert site.log.booked_at == [START, START + timedelta(seconds=0.5)]
    assert [message.title for message in site.told] == ["sample: a rejected order was filled"]


async def test_nothing_is_done_on_an_instrument_with_an_order_whose_outcome_is_not_known(site):
    site.venue.find_fails = DOWN
    unknown = order_of(intent("sd-lost"), OrderState.UNKNOWN)
    site.log.unresolved, site.log.orders = {CLOSE: unknown}, {"sd-lost": unknown}
    watched = await site.watch()
    assert (watched.done, site.venue.accepted) == ((), [])
    told = "it has no stop, and nothing is done while the outcome of an order is not known; look at the venue yourself"
    assert watched.left == (f"EUR/USD: {told}",)
    assert [message.severity for message in site.told] == ["error"]


# What it meets


@pytest.mark.parametrize("trouble", [DOWN, DataError("no quotes")])
async def test_without_prices_a_stop_is_placed_and_nothing_is_closed(site, trouble):
    site.bids("1.08")
    site.feed.fails = trouble
    await site.watch()
    assert [sent.type for sent in site.venue.accepted] == [OrderType.STOP]


async def test_what_one_thing_meets_does_not_keep_the_others_from_being_done(site):
    site.holds(instrument="USD/JPY", barriers=Barriers(stop=STOP))
    site.stop_fails[NAME] = OrderRefused("fake", "set stop", "-1", "too near")
    watched = await site.watch(StopKeeping.TRADE, pauses=(1,))
    assert site.stops == [("USD/JPY", STOP)]
    assert watched.left == (
        "EUR/USD: fake: set stop failed [-1]: too near",
        "EUR/USD: it has no stop at the venue",
    )


async def test_an_order_that_cannot_be_cancelled_is_named(site):
    site.venue.working = (resting(), resting("sd-twice"))
    site.venue.cancel_fails = OrderRefused("fake", "cancel", "-2", "no")
    watched = await site.watch(pauses=(1,))
    assert watched.left == (
        "EUR/USD, cancel: sd-stop, fake: cancel failed [-2]: no",
        "EUR/USD, cancel: sd-stop, another stop covers the position",
    )


async def test_who_is_denied_access_does_nothing_more(site):
    site.holds(instrument="USD/JPY", barriers=Barriers(stop=STOP))
    site.stop_fails[NAME] = AccessDenied("fake", "set stop")
    with pytest.raises(AccessDenied):
        await site.watch(StopKeeping.TRADE)
    assert site.stops == []


async def test_what_was_refused_and_then_mended_is_not_told(site):
    site.venue.refuses = lambda sent: not site.naps
    watched = await site.watch()
    assert watched.done == ("stop order, sell 0 of 1000 EUR/USD, acked: it has no stop at the venue",)
    assert (watched.left, site.told) == ((), [])


async def test_a_stop_that_is_refused_to_the_end_of_its_patience_is_told_with_the_refusal(site):
    site.venue.refuses = lambda sent: sent.type is OrderType.STOP
    watched = await site.watch(pauses=(1, 2))
    names = [client_order_id("sample", WATCH, NAME, CLOSE, f"stop {attempt}") for attempt in (2, 3)]
    assert site.naps == [1, 2]
    assert watched.left == (
        f"EUR/USD, stop order: {names[0]}, sell 0 of 1000 EUR/USD, rejected "
        "(fake: order stop failed [-1]: too near): "
        "it has no stop at the venue",
        f"EUR/USD, stop order: {names[1]}, it has no stop at the venue",
    )
    body = "\n".join((*watched.left, LAST))
    assert site.told == [Message("sample: the watch could not do everything", body, "error")]


async def test_a_position_that_no_stop_protects_is_closed_ten_seconds_after_it_was_first_seen_so(site):
    site.venue.refuses = lambda sent: sent.type is OrderType.STOP
    watched = await site.watch()
    assert watched.done == (
        "market order, sell 1000 EUR/USD, filled: no stop could be placed at 1.09 for 0:00:10.500000",
    )
    assert (site.naps, watched.left) == ([0.5, 1, 2, 3, 4, 5], ())


async def test_who_had_a_stop_in_between_has_its_ten_seconds_anew(site):
    site.venue.refuses = lambda sent: sent.type is OrderType.STOP

    def protect_for_a_moment() -> None:
        site.venue.working = (resting(quantity=Decimal(500)),) if len(site.naps) == 3 else ()

    site.while_asleep = protect_for_a_moment
    assert (await site.watch()).done == ()


async def test_what_was_done_is_told_also_where_a_later_look_fails(site):
    site.bids("1.08")
    site.venue.dark_after = 1
    with pytest.raises(VenueUnavailable):
        await site.watch()
    assert [message.title for message in site.told] == ["sample: the watch trades EUR/USD"]
    assert site.log.equity == []


async def test_what_cannot_be_done_again_and_again_is_alike_whatever_its_attempts_and_figures(site):
    site.venue.refuses = lambda sent: True
    for seconds in (0, 30, 30):
        site.at += timedelta(seconds=seconds)
        await site.watch()
    first, *others = site.told
    assert len({message.body for message in site.told}) == 3
    assert {alike(message) for message in others} == {alike(first)}


async def test_what_cannot_be_done_about_another_instrument_or_another_thing_is_not_alike(site):
    site.venue.refuses = lambda sent: True
    await site.watch(pauses=(1,))
    await site.watch()
    site.holds(instrument="USD/JPY")
    await site.watch(pauses=(1,))
    stop, stop_and_close, both = map(alike, site.told)
    assert len({stop, stop_and_close, both}) == 3
    assert stop.title == stop_and_close.title == both.title


async def test_every_other_message_is_alike_only_to_itself():
    told = [Message("sample: a rejected order was filled", f"order {name}: look") for name in ("sd-1", "sd-2")]
    assert list(map(alike, told)) == told


# What it cannot mend


async def test_a_position_that_the_desk_has_not_opened_is_told_at_once(site):
    site.log.decided = []
    watched = await site.watch()
    told = (
        "EUR/USD: the venue holds a position that the desk has not opened, and it has no stop; close it or give it one"
    )
    assert (watched.left, site.naps) == ((told,), [])
    assert site.told == [Message("sample: the watch could not do everything", f"{told}\n{LAST}", "error")]


async def test_what_cannot_be_mended_does_not_keep_the_rest_from_being_mended(site):
    site.venue.held += (position("USD/JPY", "5"),)
    watched = await site.watch()
    assert watched.done == ("stop order, sell 0 of 1000 EUR/USD, acked: it has no stop at the venue",)
    assert [line[:7] for line in watched.left] == ["USD/JPY"]


async def test_what_cannot_be_mended_is_told_once_where_patience_ends_first(site):
    site.venue.held += (position("USD/JPY", "5"),)
    site.venue.refuses = lambda sent: True
    watched = await site.watch(pauses=(1,))
    assert [line.split(":")[0].split(",")[0] for line in watched.left] == ["EUR/USD", "EUR/USD", "USD/JPY"]


async def test_what_is_held_of_an_instrument_that_the_feed_does_not_know_is_told_and_not_touched(site):
    site.venue.working = (resting(),)
    unknown = [replace(position(), instrument=name) for name in ("ZZZ/USD", "ABC/USD")]
    site.venue.held += tuple(unknown)
    watched = await site.watch()
    assert watched.left == tuple(
        f"{name}: held, and the feed does not know the instrument" for name in ("ABC/USD", "ZZZ/USD")
    )
    assert (watched.held, site.venue.accepted) == (1, [])


class StrictFeed(Feed):
    """Refuses a whole call for one instrument that it does not list."""

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Any:
        if not set(instruments) <= self.known.keys():
            raise InvalidOrder("fake", "quotes", "400", "no such instrument")
        return await super().quotes(instruments, at=at)


async def test_a_feed_that_refuses_a_call_for_what_it_does_not_list_still_prices_the_rest(site):
    site.feed = StrictFeed()
    site.venue.working = (resting(),)
    site.venue.held += (replace(position(), instrument="ZZZ/USD"),)
    assert (await site.watch()).left == ("ZZZ/USD: held, and the feed does not know the instrument",)


# The best price since the entry

TRAILING = Barriers(trailing_distance=Decimal("0.01"))


def flat_candles(*prices: float) -> Candles:
    """Candles of five minutes without a range, of which the last one closed at the look."""
    found = candles(prices, closed_at=START)
    return replace(found, open=found.close, high=found.close, low=found.close)


@pytest.mark.parametrize(
    ("quantity", "prices", "bid", "expected"),
    [("1000", (1.2, 1.16, 1.155), "1.1549", "1.1495"), ("-1000", (1.0, 1.04, 1.045), "1.0441", "1.0505")],
)
async def test_a_stop_trails_the_best_candle_since_the_entry_less_half_the_spread(quantity, prices, bid, expected):
    site = Site()
    site.holds(quantity, barriers=TRAILING)
    site.feed.seen[NAME] = flat_candles(*prices)
    site.bids(bid)
    await site.watch()
    assert [sent.price for sent in site.venue.accepted] == [Decimal(expected)]
    assert site.feed.asked[0] == (NAME, Timeframe.M5, START, 300)


@pytest.mark.parametrize("trouble", [DOWN, DataError("a hole"), None])
async def test_without_candles_since_the_entry_a_stop_trails_what_the_price_is_now(trouble):
    site = Site()
    site.holds(barriers=TRAILING, opened_at=START)
    site.feed.errors = {NAME: trouble} if trouble else {}
    site.bids("1.15")
    await site.watch()
    assert [sent.price for sent in site.venue.accepted] == [Decimal("1.14")]


@pytest.mark.parametrize(
    ("changes", "asks"),
    [({}, False), ({"break_even_at": Decimal(1)}, True), ({"partial_exit_at": Decimal(9)}, False)],
)
async def test_candles_are_asked_for_where_a_stop_can_move_alone(site, changes, asks):
    site.venue.held += (position("USD/JPY", "5"),)
    await site.watch(**changes)
    assert {instrument for instrument, *_ in site.feed.asked} == ({NAME} if asks else set())


async def test_a_stop_stands_at_the_entry_for_a_price_that_was_there_between_two_looks(site):
    site.feed.seen[NAME] = flat_candles(1.09, 1.115, 1.105)
    site.bids("1.105")
    await site.watch(break_even_at=Decimal(1))
    assert [sent.price for sent in site.venue.accepted] == [Decimal("1.10")]


async def test_while_its_prices_are_missing_a_position_has_its_stop_where_it_was_decided():
    site = Site()
    site.holds(barriers=replace(TRAILING, stop=STOP))
    site.feed.seen[NAME] = flat_candles(1.2, 1.2)
    del site.feed.quoted[NAME]
    await site.watch()
    assert [sent.price for sent in site.venue.accepted] == [STOP]
    assert site.feed.quoted_at[0] == START
