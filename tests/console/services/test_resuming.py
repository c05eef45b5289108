"""What is refused of runs that somebody wants to resume, as far as no Prefect server has to be asked."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from console.failures import NothingRecorded, NotResumable, NotUnderstood, PrefectNotReached
from console.services.resuming import ResumeOrder, plan_resume, resume
from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.ledger import Ledger
from desk.errors import DeskError
from desk.model.cycle import CycleKey, CycleState, Mode
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import traded
from tests.desk.adapters.ledger.builders import record

RUN = str(uuid4())
CLOCK = FixedClock(CLOSE + timedelta(seconds=30))
Story = Callable[[Ledger], Awaitable[None]]


async def stopped(ledger: Ledger, run: str = RUN) -> None:
    """A cycle whose run has ended before it had decided anything."""
    key = CycleKey("sample", CLOSE)
    await ledger.record_run_end(key, CycleState.CRASHED, "killed", CLOSE, mode=Mode.PAPER, flow_run_id=run)


async def skipped(ledger: Ledger) -> None:
    await ledger.record_skipped(CycleKey("sample", CLOSE), Mode.PAPER, "too late", CLOSE, RUN)


async def scanned_by_hand(ledger: Ledger) -> None:
    await stopped(ledger, run="")


async def held_by(ledger: Ledger, holder: str) -> None:
    await stopped(ledger)
    taken = await ledger.acquire_lease("sample", holder, CLOSE, timedelta(minutes=2), venue="oanda")
    assert taken is not None


async def held_by_another(ledger: Ledger) -> None:
    await held_by(ledger, "run-9")


@pytest.mark.usefixtures("no_server")
@pytest.mark.parametrize(
    ("story", "told"),
    [
        (traded, r"ended well \(traded\)"),
        (skipped, "it came too late"),
        (scanned_by_hand, "expected a run of Prefect, found none"),
        (held_by_another, r"another run holds sample now \(run-9\)"),
    ],
)
def test_what_cannot_go_on_is_refused_without_asking_a_server(ask: Ask, fill: Fill, story: Story, told: str):
    fill(story)
    with pytest.raises(NotResumable, match=told):
        ask(lambda desk: plan_resume(desk, "sample", CLOSE, CLOCK))


@pytest.mark.usefixtures("no_server")
def test_a_lease_of_a_watch_does_not_keep_a_run_from_being_resumed(ask: Ask, fill: Fill):
    fill(lambda ledger: held_by(ledger, "watch-7"))
    with pytest.raises(PrefectNotReached, match="PREFECT_API_URL"):
        ask(lambda desk: plan_resume(desk, "sample", CLOSE, CLOCK))


@pytest.mark.usefixtures("no_server")
def test_a_run_that_has_not_given_its_account_back_may_still_be_sending_and_is_not_run_beside_itself(
    ask: Ask, fill: Fill
):
    fill(lambda ledger: held_by(ledger, RUN))
    with pytest.raises(NotResumable, match=r"has not given sample back.*try again in 2 minutes"):
        ask(lambda desk: plan_resume(desk, "sample", CLOSE, CLOCK))


@pytest.mark.usefixtures("no_server")
@pytest.mark.parametrize("holder", [pytest.param(RUN, id="its own run"), "run-9"])
def test_a_lease_that_is_over_keeps_nobody_from_resuming(ask: Ask, fill: Fill, holder: str):
    fill(lambda ledger: held_by(ledger, holder))
    with pytest.raises(PrefectNotReached, match="PREFECT_API_URL"):
        ask(lambda desk: plan_resume(desk, "sample", CLOSE, FixedClock(CLOSE + timedelta(minutes=3))))


@pytest.mark.parametrize(
    ("account", "close", "error", "told"),
    [
        ("sampel", CLOSE, NotUnderstood, "did you mean 'sample'"),
        ("sample", CLOSE + timedelta(minutes=5), NothingRecorded, "2026-01-14 15:00 UTC, crashed"),
    ],
)
def test_what_there_is_not_is_refused_with_the_nearest(
    ask: Ask, fill: Fill, account: str, close: datetime, error: type[DeskError], told: str
):
    fill(stopped)
    with pytest.raises(error, match=told):
        ask(lambda desk: plan_resume(desk, account, close, CLOCK))


def test_a_server_that_does_not_answer_in_time_is_told_and_nothing_is_in_the_audit(ask: Ask, fill: Fill):
    fill(stopped)
    order = ResumeOrder("sample", CLOSE, "ana")
    nobody = temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"})
    with nobody, pytest.raises(PrefectNotReached, match=r"expected an answer of the Prefect server within 0\.05 s"):
        ask(lambda desk: resume(desk, order, CLOCK, patience=0.05))
    assert ask(lambda desk: desk.ledger.audit_entries()) == ()


def test_the_newest_candle_of_an_account_supersedes_those_before(ask: Ask, fill: Fill):
    later = CLOSE + timedelta(minutes=5)

    async def two(ledger: Ledger) -> None:
        await stopped(ledger)
        await ledger.record_cycle(replace(record(CycleKey("sample", later), CycleState.HELD)), now=later)

    fill(two)
    assert ask(lambda desk: desk.ledger.superseded_by(CycleKey("sample", CLOSE))) == later
    assert ask(lambda desk: desk.ledger.superseded_by(CycleKey("sample", later))) is None
