"""The breaker in a scan: a trip restricts the cycle that sees it, is told once, and a loop is stopped at its limit."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.adapters.clocks import FixedClock, SimulatedClock, SystemClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.adapters.ledger.throttled import ThrottledLog
from desk.decide import propose_trades, risk_check
from desk.execution.breaker import BreakerLimits, Limit, Running, Trip
from desk.execution.placing import OrderDesk, place_orders
from desk.model.books import AccountState, TradingState
from desk.model.cycle import Decision
from desk.model.instrument import Side
from desk.model.messages import MessageKind
from desk.model.orders import OrderState
from desk.model.reasons import Reason
from desk.model.records import ClosedTrade
from desk.ports import Message
from desk.steps.breaker import check_breaker, running_of, tell_trips
from tests.builders import CLOSE, intent, policy, position, snapshot
from tests.desk.adapters.ledger.builders import CONVERSION, fill, signal
from tests.fakes import FakeVenue

LIMITS = BreakerLimits(daily_loss_fraction=Decimal("0.03"), drawdown_fraction=Decimal("0.1"), consecutive_losses=3)
ACTIVE, REDUCE_ONLY, HALTED = TradingState
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Recorder:
    """A notifier that keeps what it was told, or raises `fails`."""

    def __init__(self) -> None:
        self.told: list[Message] = []
        self.fails: Exception | None = None

    async def send(self, message: Message) -> None:
        if self.fails:
            raise self.fails
        self.told.append(message)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    await upgrade(url)
    opened = Database.open(url)
    yield opened
    await opened.close()


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, FixedClock(CLOSE))


def seen(equity: str, *, start: str = "10000", peak: str = "10000", after: timedelta = timedelta(0), **changes):
    money = AccountState("USD", Decimal(equity), Decimal(equity), CLOSE + after)
    figures = {"day_start_equity": Decimal(start), "peak_equity": Decimal(peak)}
    return snapshot(at=CLOSE + after, money=money, **figures, **changes)


async def check(ledger: Ledger, taken, limits: BreakerLimits = LIMITS, after: timedelta = timedelta(0)):
    return await check_breaker(taken, "oanda", limits, ledger, now=CLOSE + after)


async def test_an_account_within_its_limits_is_left_alone(ledger):
    taken = seen("9700.01")
    assert await check(ledger, taken) is taken
    assert await ledger.audit_entries() == ()


async def test_a_loss_restricts_the_cycle_that_sees_it(ledger):
    checked = await check(ledger, seen("9700"))
    assert checked.trading_state is REDUCE_ONLY
    assert [restriction.who for restriction in checked.restrictions] == ["breaker"]
    assert await ledger.trading_state("sample", "oanda") is REDUCE_ONLY


async def test_a_pause_after_a_loss_passes_as_fast_as_the_candles_that_are_played(ledger):
    clock = SimulatedClock(CLOSE - 4_000 * DAY, 60, CLOSE)
    limits = replace(LIMITS, loss_pause=timedelta(hours=30))
    running = running_of(clock, CLOSE)
    await check_breaker(seen("9700"), "oanda", limits, ledger, now=CLOSE, running=running)
    (trip,) = (await ledger.past_trips("sample")).values()
    assert clock.shown_at(trip.until) - clock.shown_at(CLOSE) == limits.loss_pause
    assert running_of(FixedClock(CLOSE), CLOSE + MINUTE) == Running(-MINUTE, 1.0)
    assert running_of(SystemClock(), CLOSE) == Running()


async def test_what_others_have_ordered_stays_in_the_snapshot(ledger):
    await ledger.set_trading_state("fleet", HALTED, who="me", why="holiday")
    checked = await check(ledger, seen("9700"))
    assert checked.trading_state is HALTED
    assert {restriction.who for restriction in checked.restrictions} == {"me", "breaker"}


async def test_entries_are_refused_with_the_figures_and_a_position_is_still_closed(ledger):
    held = position("USD/JPY", "1000")
    checked = await check(ledger, seen("9700", positions=[held]))
    rules = policy(instruments=("EUR/USD", "USD/JPY"))
    signals = Decision(signals=(signal("EUR/USD", 1.0), signal("USD/JPY", -1.0)))

    decision = risk_check(rules, checked, propose_trades(rules, checked, signals))

    verdicts = {verdict.proposal.instrument: verdict for verdict in decision.verdicts}
    finding = verdicts["EUR/USD"].findings[0]
    assert (finding.reason, verdicts["EUR/USD"].quantity) == (Reason.REDUCE_ONLY, 0)
    assert "0.03 of the equity at the start of the UTC day is lost, daily_loss_fraction is 0.03" in finding.detail
    assert [(order.instrument, order.side, order.reduce_only) for order in decision.intents] == [
        ("USD/JPY", Side.SELL, True)
    ]


async def test_losses_in_a_row_come_from_the_books(ledger):
    fills = [
        fill(f"T{2 * number + step}", side=side, after=2 * number + step, price=price)
        for number in range(3)
        for step, (side, price) in enumerate([(Side.BUY, "1.1"), (Side.SELL, "1.09")])
    ]
    await ledger.book_fills("sample", tuple(fills[:4]), cursor="a", conversion=CONVERSION, now=CLOSE)
    assert (await check(ledger, seen("10000"))).trading_state is ACTIVE
    await ledger.book_fills("sample", tuple(fills[4:]), cursor="b", conversion=CONVERSION, now=CLOSE)
    assert (await check(ledger, seen("10000"))).trading_state is REDUCE_ONLY
    assert list(await ledger.past_trips("sample")) == [Limit.CONSECUTIVE_LOSSES]


async def test_after_a_person_resumed_the_account_trades_until_it_has_lost_as_much_again(database, ledger):
    await check(ledger, seen("9700"))
    await ledger.set_trading_state("account:sample", ACTIVE, who="me", why="understood")
    later = Ledger(database, FixedClock(CLOSE + MINUTE))
    for equity, expected in (("9600", ACTIVE), ("9312.01", ACTIVE), ("9312", REDUCE_ONLY)):
        checked = await check(later, seen(equity, after=MINUTE), after=MINUTE)
        assert checked.trading_state is expected, equity


async def test_a_drawdown_that_was_resumed_is_measured_by_the_peak_since(ledger):
    limits = BreakerLimits(drawdown_fraction=Decimal("0.1"))
    await check(ledger, seen("9000"), limits)
    await ledger.set_trading_state("account:sample", ACTIVE, who="me", why="understood")
    for equity, expected in (("9000", ACTIVE), ("9500", ACTIVE), ("8600", ACTIVE), ("8550", REDUCE_ONLY)):
        assert (await check(ledger, seen(equity), limits)).trading_state is expected, equity


async def test_people_are_told_once_of_each_trip_and_what_to_do(ledger):
    notifier = Recorder()
    for _ in range(3):
        await check(ledger, seen("9700"))
        await tell_trips("sample", ledger, notifier, now=CLOSE)
    (message,) = notifier.told
    assert message == Message(
        "sample: the breaker tripped, the account is reduce_only",
        "0.03 of the equity at the start of the UTC day is lost, daily_loss_fraction is 0.03. Nothing is opened; what "
        "is open keeps its stop and is still closed.\nIt ends only by `desk resume account:sample`; find out first "
        "what happened, with `desk why sample`.",
        "error",
        MessageKind.STATE,
    )


async def test_a_set_end_is_told(ledger):
    notifier = Recorder()
    await check(ledger, seen("9700"), replace(LIMITS, loss_pause=2 * DAY))
    await tell_trips("sample", ledger, notifier, now=CLOSE)
    assert "It ends by itself at 2026-01-16 15:00 UTC, or by `desk resume" in notifier.told[0].body


async def test_what_could_not_be_told_is_told_the_next_time(ledger):
    notifier = Recorder()
    notifier.fails = OSError("no network")
    await check(ledger, seen("9700"))
    with pytest.raises(OSError, match="no network"):
        await tell_trips("sample", ledger, notifier, now=CLOSE)
    notifier.fails = None
    await tell_trips("sample", ledger, notifier, now=CLOSE)
    assert len(notifier.told) == 1


async def test_a_strategy_that_orders_in_a_loop_is_stopped_at_the_limit_and_can_still_be_closed(database, ledger):
    limits, venue, notifier = BreakerLimits(same_order_per_hour=5), FakeVenue(), Recorder()
    lease = await ledger.acquire_lease("sample", "run-1", CLOSE, DAY, venue="oanda")
    desk = OrderDesk(venue, ThrottledLog(ledger, limits), lease)

    for number in range(10):
        orders = await place_orders([intent(f"sd-{number}-{part}") for part in range(3)], desk)

    assert [sent.client_order_id for sent in venue.accepted] == ["sd-0-0", "sd-0-1", "sd-0-2", "sd-1-0", "sd-1-1"]
    assert {order.state for order in orders} == {OrderState.CANCELLED}
    (restarted,) = await Ledger(database, FixedClock(CLOSE + 30 * DAY)).restrictions_in_force()
    assert (restarted.state, restarted.until) == (HALTED, None)
    await tell_trips("sample", ledger, notifier, now=CLOSE)
    assert len(notifier.told) == 1

    (closed,) = await place_orders([replace(intent("sd-close"), side=Side.SELL, reduce_only=True)], desk)
    assert closed.state is OrderState.FILLED


@pytest.mark.parametrize(("scope", "expected"), [("venue:oanda", HALTED), ("venue:kucoin", REDUCE_ONLY)])
async def test_what_is_ordered_for_its_venue_counts_beside_a_trip(ledger, scope, expected):
    await ledger.set_trading_state(scope, HALTED, who="me", why="odd prices")
    assert (await check(ledger, seen("9700"))).trading_state is expected


class Closings:
    """The ledger, of which it is noted how many closed trades were asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.asked: list[int] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)

    async def last_closed(self, account: str, count: int) -> tuple[ClosedTrade, ...]:
        self.asked.append(count)
        return await self._ledger.last_closed(account, count)


@pytest.mark.parametrize(("allowed", "asked"), [(3, [3]), (None, [])])
async def test_as_many_closed_trades_are_read_as_may_lose_in_a_row(ledger, allowed, asked):
    log = Closings(ledger)
    await check(log, seen("10000"), replace(LIMITS, consecutive_losses=allowed))
    assert log.asked == asked


async def test_what_is_told_begins_with_a_capital(ledger):
    notifier = Recorder()
    await ledger.record_trips("sample", [Trip(Limit.DRAWDOWN, HALTED, Decimal(1), Decimal(1), "all of it is lost")])
    await tell_trips("sample", ledger, notifier, now=CLOSE)
    assert notifier.told[0].body.startswith("All of it is lost. ")
