"""One move of money: written down before it is sent, sent once, and told of to people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

import pytest

from desk.errors import LedgerError, OutcomeUnknown, VenueUnavailable
from desk.model.moves import KeptMove, Move, MoveState, Worth
from desk.portfolio.carrying import CarryingLimits, plan_move
from desk.ports import Lease
from desk.steps.treasury import End, Outcome, carry_out, messages_of, settle
from tests.builders import CLOSE
from tests.desk.steps.fakes import FakeTrading

MOVE = plan_move(CLOSE.date(), "sample", "other", Decimal(400), currency="USD", rate=Decimal(1))
LIMITS = CarryingLimits(Decimal(1), Decimal(400), Decimal(400), {"sample"})


def end(name: str) -> End:
    port = FakeTrading()
    port.money = replace(port.money, margin_used=Decimal(0))
    return End(name, port, Lease(name, "run-1", 1), lambda: CLOSE)


ENDS = [end(name) for name in MOVE.accounts]


@dataclass
class Log:
    """Notes the order of what is written and sent; `fails` names what cannot be written."""

    done: list[str] = field(default_factory=list)
    state: MoveState = MoveState.PLANNED
    why: str = ""
    fails: str = ""

    def note(self, what: str) -> None:
        if what == self.fails:
            raise LedgerError("the disk is full")
        self.done.append(what)

    async def store_move(self, move: Move) -> KeptMove:
        self.note("stored")
        return KeptMove(move, self.state)

    async def start_move(
        self,
        move: Move,
        leases: Sequence[Lease],
        limits: CarryingLimits,
        *,
        before: Mapping[str, Worth],
        prepared: str,
    ) -> str:
        self.note("started")
        return self.why

    async def end_move(
        self, move_id: str, leases: Sequence[Lease], *, received: Decimal, after: Mapping[str, Worth]
    ) -> None:
        self.note("ended")

    async def record_move(self, move_id: str, state: MoveState, *, detail: str) -> None:
        self.note(state.value)

    async def day_start_and_peak(self, account: str, at: datetime) -> tuple[Decimal, Decimal] | None:
        return Decimal(10_000), Decimal(10_000)


@dataclass
class Venue:
    """Carries everything out, or raises `error`."""

    log: Log
    error: Exception | None = None

    async def prepare(self, move: Move) -> str:
        self.log.note("prepared")
        return "offer"

    async def carry_out(self, move: Move, prepared: str) -> Decimal:
        self.log.note(f"sent {prepared}")
        if self.error:
            raise self.error
        return move.amount

    async def find(self, move: Move, prepared: str, *, sent_at: datetime) -> Decimal | None:
        if self.error:
            raise self.error
        return None


async def tried(log: Log, error: Exception | None = None) -> Outcome:
    return await carry_out(MOVE, ENDS, Venue(log, error), LIMITS, log)


async def test_it_is_written_down_before_it_is_sent_and_counted_after() -> None:
    log = Log()
    assert (await tried(log)).state is MoveState.DONE
    assert log.done == ["stored", "prepared", "started", "sent offer", "ended"]


@pytest.mark.parametrize("fails", ["stored", "started"])
async def test_what_cannot_be_written_down_is_not_sent(fails: str) -> None:
    log = Log(fails=fails)
    with pytest.raises(LedgerError):
        await tried(log)
    assert "sent offer" not in log.done


@pytest.mark.parametrize("state", [state for state in MoveState if state is not MoveState.PLANNED])
async def test_what_was_sent_before_is_not_sent_again(state: MoveState) -> None:
    log = Log(state=state)
    assert (await tried(log)).state is state
    assert log.done == ["stored"]


async def test_what_something_stands_in_the_way_of_is_not_sent() -> None:
    log = Log(why="halted")
    outcome = await tried(log)
    assert (outcome.state, outcome.detail) == (MoveState.PLANNED, "halted")
    assert log.done[-1] == "started"


async def test_without_an_answer_it_is_sent_once_and_in_doubt() -> None:
    log = Log()
    assert (await tried(log, OutcomeUnknown("kucoin", "transfer"))).state is MoveState.UNKNOWN
    assert log.done[-2:] == ["sent offer", "unknown"]


async def test_a_run_that_died_after_sending_leaves_it_in_doubt_for_the_next() -> None:
    log = Log()
    dead = KeptMove(MOVE, MoveState.SENT, prepared="offer", sent_at=CLOSE)
    outcome = await settle(dead, ENDS, Venue(log, VenueUnavailable("kucoin", "look")), log)
    assert (outcome.state, log.done) == (MoveState.UNKNOWN, ["unknown"])
    assert (await settle(dead, ENDS, Venue(log), log)).state is MoveState.REFUSED
    assert log.done == ["unknown", "refused"]


def test_people_hear_of_what_was_moved_of_what_was_not_and_of_what_nobody_knows() -> None:
    outcomes = [Outcome(MOVE, state, "because") for state in MoveState]
    told = {
        message.title: (message.severity, message.body.count("because")) for message in messages_of("fleet", outcomes)
    }
    assert told == {
        "fleet: money was moved": ("info", 1),
        "fleet: it is not known whether money was moved": ("error", 2),
        "fleet: money was not moved": ("warning", 2),
    }
    assert messages_of("fleet", ()) == ()
