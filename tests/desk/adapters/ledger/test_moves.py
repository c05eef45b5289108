"""Moves of money in the ledger: sent under both leases and within every limit, and counted as neither won nor lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.ledger import Ledger
from desk.errors import LeaseLost, LedgerError
from desk.execution.breaker import Limit, Reference, Trip
from desk.execution.cash import CashDifference, CashKind
from desk.model.arming import ArmNeed
from desk.model.books import TradingState
from desk.model.moves import Move, MoveState, Worth
from desk.portfolio.carrying import CarryingLimits, plan_move
from desk.ports import Lease
from tests.builders import CLOSE

LIMITS = CarryingLimits(Decimal(1), Decimal(5000), Decimal(6000), {"sample", "other"})
LOSSES = (Limit.DAILY_LOSS, Limit.DRAWDOWN)
MIDNIGHT = CLOSE.replace(hour=0)
SOON = CLOSE + timedelta(minutes=1)


def move(worth: str = "4000", *, back: bool = False) -> Move:
    ends = ("other", "sample") if back else ("sample", "other")
    return plan_move(CLOSE.date(), *ends, Decimal(worth), currency="USD", rate=Decimal(1))


def worths(sample: str, other: str, *, later: timedelta = timedelta(0)) -> dict[str, Worth]:
    amounts = {"sample": Decimal(sample), "other": Decimal(other)}
    return {name: Worth(CLOSE + later, amount, amount) for name, amount in amounts.items()}


BEFORE = worths("9000", "20000")


@dataclass
class Desk:
    """Two accounts: one that had 10,000 at its best and at midnight, and has 9,000; one that has won all day."""

    ledger: Ledger
    leases: tuple[Lease, Lease]

    async def start(self, asked: Move, *, before: Mapping[str, Worth] = BEFORE) -> str:
        await self.ledger.store_move(asked)
        return await self.ledger.start_move(asked, self.leases, LIMITS, before=before, prepared="")

    async def end(self, asked: Move, after: Mapping[str, Worth]) -> None:
        await self.ledger.end_move(asked.move_id, self.leases, received=asked.amount, after=after)

    async def counted(self, name: str) -> tuple[Decimal, Decimal]:
        """Equity at midnight and peak."""
        found = await self.ledger.day_start_and_peak(name, CLOSE + timedelta(hours=1))
        assert found is not None
        return found


@pytest.fixture
async def desk(ledger: Ledger) -> Desk:
    leases = []
    for name, midnight, now in (("sample", 10_000, 9000), ("other", 18_000, 20_000)):
        lease = await ledger.acquire_lease(name, "run-1", CLOSE, timedelta(hours=9), venue="oanda")
        assert lease is not None
        leases.append(lease)
        for at, equity in ((MIDNIGHT, midnight), (CLOSE, now)):
            await ledger.record_equity(name, at, Decimal(equity), Decimal(equity))
    return Desk(ledger, (leases[0], leases[1]))


async def test_a_move_is_counted_in_what_the_day_began_with_and_keeps_the_fraction_that_is_lost(desk: Desk) -> None:
    assert await desk.start(move()) == ""
    await desk.end(move(), worths("5000", "24000", later=timedelta(seconds=5)))
    start, peak = await desk.counted("sample")
    assert (start, start - 5000) == (6000, 1000)
    assert 1 - 5000 / peak == pytest.approx(Decimal("0.1"))
    assert await desk.counted("other") == (22_000, 24_000)


async def test_money_that_comes_is_no_gain(desk: Desk) -> None:
    assert await desk.start(move(back=True)) == ""
    await desk.end(move(back=True), worths("13000", "16000", later=timedelta(seconds=5)))
    start, peak = await desk.counted("sample")
    assert start - 13_000 == 1000
    assert 1 - 13_000 / peak == pytest.approx(Decimal("0.1"))
    assert await desk.counted("other") == (14_000, 16_000)


async def test_scans_that_follow_count_from_there(desk: Desk) -> None:
    await desk.start(move())
    await desk.end(move(), worths("5000", "24000", later=timedelta(seconds=5)))
    await desk.ledger.record_equity("sample", SOON, Decimal(5600), Decimal(5600))
    await desk.ledger.record_equity("other", SOON, Decimal(23_900), Decimal(23_900))
    assert await desk.counted("sample") == (6000, 5600)
    assert await desk.counted("other") == (22_000, 24_000)


async def test_a_day_that_begins_after_the_move_does_not_count_it_again(desk: Desk) -> None:
    await desk.start(move())
    await desk.end(move(), worths("5000", "24000"))
    tomorrow = CLOSE + timedelta(days=1)
    assert await desk.ledger.day_start_and_peak("sample", tomorrow) == (5000, Decimal("5555.55555556"))


async def test_the_fleet_and_the_summary_have_lost_what_they_had_lost(desk: Desk) -> None:
    await desk.start(move())
    await desk.end(move(), worths("5000", "24000", later=timedelta(seconds=5)))
    standings = await desk.ledger.standings(["sample", "other"], SOON)
    assert [(one.account, one.equity, one.day_start) for one in standings] == [
        ("other", 24_000, 22_000),
        ("sample", 5000, 6000),
    ]
    assert [one.day_profit for one in await desk.ledger.summaries()] == [2000, -1000]
    [(at, amount)] = await desk.ledger.moved("sample")
    assert (at, amount) == (CLOSE + timedelta(seconds=5), -4000)


async def test_what_may_have_left_is_not_lost_and_what_may_have_come_is_not_won(desk: Desk) -> None:
    await desk.start(move())
    await desk.ledger.record_move(move().move_id, MoveState.UNKNOWN, detail="no answer")
    assert await desk.counted("sample") == (6000, Decimal("5555.55555556"))
    assert await desk.counted("other") == (18_000, 20_000)
    # The money of the target is seen before anybody has said so, and its peak grows by it for a while.
    await desk.ledger.record_equity("other", SOON, Decimal(24_000), Decimal(24_000))
    await desk.end(move(), worths("5000", "23900", later=timedelta(minutes=2)))
    assert await desk.counted("other") == (22_000, 24_000)
    assert await desk.counted("sample") == (6000, Decimal("5555.55555556"))


async def test_a_move_that_never_happened_leaves_everything_as_it_was(desk: Desk) -> None:
    await desk.start(move())
    await desk.ledger.record_move(move().move_id, MoveState.REFUSED, detail="no")
    assert await desk.counted("sample") == (10_000, 10_000)
    assert await desk.ledger.restrictions("sample", "oanda") == ()


async def test_what_limits_count_from_after_a_trip_moves_along(desk: Desk) -> None:
    ledger = desk.ledger
    for limit in LOSSES:
        await ledger.record_trips("sample", [Trip(limit, TradingState.HALTED, Decimal(1), Decimal(1), "lost")])
    await ledger.set_trading_state("account:sample", TradingState.ACTIVE, who="me", why="seen")
    reference = Reference(CLOSE, Decimal(9500))
    await ledger.count_from("sample", {Limit.DAILY_LOSS: reference, Limit.DRAWDOWN: reference})

    async def counted_from() -> dict[Limit, Decimal]:
        past = await ledger.past_trips("sample")
        return {limit: trip.reference.equity for limit, trip in past.items() if trip.reference}

    await desk.start(move())
    moved = {Limit.DAILY_LOSS: Decimal(5500), Limit.DRAWDOWN: Decimal("5277.77777778")}
    assert await counted_from() == moved, "what may have left is not lost"
    await desk.end(move(), worths("5000", "24000"))
    assert await counted_from() == moved


async def test_what_a_limit_was_re_armed_with_in_the_middle_of_a_move_is_not_moved_again(desk: Desk) -> None:
    ledger = desk.ledger
    await desk.start(move())
    await ledger.record_trips(
        "sample", [Trip(one, TradingState.HALTED, Decimal(1), Decimal(1), "lost") for one in LOSSES]
    )
    await ledger.count_from("sample", dict.fromkeys(LOSSES, Reference(SOON, Decimal(5000))))
    for _ in range(2):
        past = await ledger.past_trips("sample")
        assert {trip.reference.equity for trip in past.values() if trip.reference} == {5000}
        if await ledger.open_moves():
            await desk.end(move(), worths("5000", "24000", later=timedelta(minutes=2)))


async def test_cash_is_booked_once_it_is_counted_and_nothing_is_concluded_before(desk: Desk) -> None:
    opening = CashDifference("USD", Decimal(0), Decimal(9000), CashKind.OPENING)
    await desk.ledger.book_cash(opening, lease=desk.leases[0], now=CLOSE)
    await desk.start(move())
    assert not (await desk.ledger.cash_book("sample")).is_complete
    await desk.end(move(), worths("5000", "24000"))
    book, other = [await desk.ledger.cash_book(name) for name in ("sample", "other")]
    assert (book.entries, book.is_complete, book.last_moved_at) == (5000, True, CLOSE)
    assert (other.entries, other.is_complete) == (None, True)


@pytest.mark.parametrize(
    ("scope", "state"),
    [
        ("fleet", TradingState.HALTED),
        ("venue:oanda", TradingState.REDUCE_ONLY),
        ("account:sample", TradingState.REDUCE_ONLY),
        ("account:other", TradingState.HALTED),
    ],
)
async def test_nothing_is_sent_while_either_account_may_not_trade(desk: Desk, scope: str, state: TradingState) -> None:
    await desk.ledger.set_trading_state(scope, state, who="me", why="a storm")
    assert "a storm" in await desk.start(move())
    await desk.ledger.set_trading_state(scope, TradingState.ACTIVE, who="me", why="over")
    assert await desk.start(move()) == ""


async def test_nothing_is_sent_for_an_account_that_is_not_armed(desk: Desk) -> None:
    needs = (ArmNeed("other", "live", "hash"),)
    ledger = Ledger(desk.ledger.database, FixedClock(CLOSE), needs=lambda: needs)
    assert "run `desk arm other`" in await Desk(ledger, desk.leases).start(move())


async def test_a_day_has_one_limit_for_all_that_was_sent_whatever_became_of_it(desk: Desk) -> None:
    await desk.start(move("2000"))
    await desk.end(move("2000"), worths("7000", "22000"))
    await desk.start(move("3000"))
    await desk.ledger.record_move(move("3000").move_id, MoveState.REFUSED, detail="no")
    assert "2,000.00 were sent today" in await desk.start(move("4000.01"))
    assert await desk.start(move("4000")) == ""


async def test_one_at_a_time_while_it_is_not_known_what_became_of_the_last(desk: Desk) -> None:
    await desk.start(move())
    assert f"what became of {move().move_id}" in await desk.start(move("5"))
    assert [(await desk.ledger.store_move(one)).state for one in (move(), move("5"))] == [
        MoveState.SENT,
        MoveState.PLANNED,
    ]


async def test_whoever_lost_an_account_sends_and_counts_nothing(desk: Desk) -> None:
    first, second = desk.leases
    late = Desk(desk.ledger, (first, replace(second, token=second.token - 1)))
    with pytest.raises(LeaseLost):
        await late.start(move())
    await desk.start(move())
    with pytest.raises(LeaseLost):
        await late.end(move(), worths("5000", "24000"))
    assert [kept.state for kept in await desk.ledger.open_moves()] == [MoveState.SENT]


async def test_what_is_over_stays_as_it_is(desk: Desk) -> None:
    await desk.start(move())
    await desk.end(move(), worths("5000", "24000"))
    for again in (desk.start(move()), desk.end(move(), BEFORE)):
        with pytest.raises(LedgerError, match="found done; nothing was changed"):
            await again
    with pytest.raises(LedgerError, match="found nothing"):
        await desk.ledger.record_move("mv-none", MoveState.REFUSED, detail="")
    actions = [(entry.action, entry.subject) for entry in await desk.ledger.audit_entries()]
    both = ("account:other", "account:sample")
    assert actions == [(f"move {became}", account) for became in ("sent", "done") for account in both]


@pytest.mark.parametrize("state", [MoveState.DONE, MoveState.REFUSED])
async def test_a_person_may_say_what_became_of_a_move_in_doubt_and_of_no_other(desk: Desk, state: MoveState) -> None:
    await desk.ledger.store_move(move())
    with pytest.raises(LedgerError):
        await desk.ledger.decide_move(move().move_id, state, who="me", why="seen")
    await desk.start(move())
    kept = await desk.ledger.decide_move(move().move_id, state, who="me", why="seen")
    assert (kept.state, "seen" in kept.detail) == (state, True)
    is_done = state is MoveState.DONE
    assert await desk.counted("sample") == ((6000, Decimal("5555.55555556")) if is_done else (10_000, 10_000))
    assert await desk.counted("other") == ((22_000, 24_000) if is_done else (18_000, 20_000))
    assert await desk.ledger.restrictions("sample", "oanda") == ()
    assert {entry.who for entry in (await desk.ledger.audit_entries())[2:]} == {"me"}
    with pytest.raises(LedgerError, match="nothing was changed"):
        await desk.ledger.decide_move(move().move_id, state, who="me", why="seen")
