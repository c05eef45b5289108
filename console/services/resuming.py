"""Runs a run again that failed or crashed: its cycle goes on where it stopped, and nothing is sent twice."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from console.failures import NotResumable, PrefectNotReached, ResumedOrNot
from console.naming import account_of
from console.services.cycles import why
from console.services.deployments import prefect_client
from console.services.opening import OpenDesk
from desk.accounts import AccountSpec
from desk.adapters.clocks import FixedClock
from desk.adapters.feeds.presents import clock_of
from desk.adapters.halting import printable
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.logs.events import log
from desk.errors import LedgerError
from desk.model.cycle import CycleKey, CycleRecord, CycleState
from desk.ports import Clock
from desk.steps.scan import reason_to_give_up

if TYPE_CHECKING:  # it takes its time to load, and most refusals do without
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun, State
    from prefect.client.schemas.responses import OrchestrationResult

ACTION, NOT_DONE, UNKNOWN = "cycle resumed", "cycle not resumed", "cycle resumed or not"
"""What the audit has: what is begun, that it was refused, and that nobody knows whether the server took it."""
STOPPED = frozenset({CycleState.NO_TRADE, CycleState.FAILED, CycleState.CRASHED})
"""What becomes of a cycle whose run failed or crashed."""

_PATIENCE = 10.0
"""Seconds for the Prefect server, which is asked, and told: a person waits."""
_DECIDES = "It decides now, and trades by that."
_CARRIES_OUT = "It carries out what was decided. What was sent is asked for, and not sent again."


@dataclass(frozen=True, slots=True)
class ResumeOrder:
    """Whose cycle of which candle goes on; `who` and `why` as they are written into the audit."""

    account: str
    candle_close: datetime
    who: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Resumption:
    """A run that can be run again, or is going to be.

    Attributes:
        state: of the run, as Prefect calls it.
        outlook: what the run does then, as far as it is known now.
    """

    account: str
    candle_close: datetime
    flow_run_id: str
    state: str
    outlook: str


@dataclass(frozen=True, slots=True)
class _Stopped:
    """A cycle that has stopped before its end, and its run; `present` is what the account has for now."""

    spec: AccountSpec
    record: CycleRecord
    run: UUID
    superseded_by: datetime | None
    present: datetime


async def plan_resume(
    desk: OpenDesk, account: str, close: datetime, clock: Clock, *, patience: float = _PATIENCE
) -> Resumption:
    """Return what running the run of a cycle again would do; nothing is changed.

    Args:
        desk: the installation.
        account: whose cycle it is.
        close: of its candle.
        clock: of the machine.
        patience: seconds for the Prefect server, each time that it is needed.

    Raises:
        NotUnderstood: there is no such account.
        NothingRecorded: it has no such cycle.
        NotResumable: its run is not over, ended otherwise, is not known, or would have nothing to do.
        PrefectNotReached: no server answers in time.
    """
    stopped = await _find(desk, account, close, clock)
    async with prefect_client(patience) as client:
        return await _resumption(stopped, client)


async def resume(desk: OpenDesk, order: ResumeOrder, clock: Clock, *, patience: float = _PATIENCE) -> Resumption:
    """Have the run of a cycle run again, by the next worker that asks for runs; see `plan_resume`.

    The audit has who does it before it is done, and that it could not be done where that is so.

    Raises:
        ResumedOrNot: after it was told, the server fell silent, or answered what tells nothing. To order it again is
            safe.
    """
    found = await plan_resume(desk, order.account, order.candle_close, clock, patience=patience)
    subject, who = str(CycleKey(found.account, found.candle_close)), printable(order.who)
    detail = {"flow_run": found.flow_run_id, "before": found.state, "why": printable(order.why)}
    await desk.ledger.record_action(who, ACTION, subject, detail)
    try:
        async with prefect_client(patience) as client:
            state = await _run_again(client, UUID(found.flow_run_id), who)
    except NotResumable as error:
        await _note(desk.ledger, who, NOT_DONE, subject, {**detail, "found": printable(str(error))})
        raise
    except PrefectNotReached as error:
        await _note(desk.ledger, who, UNKNOWN, subject, {**detail, "found": printable(str(error))})
        raise ResumedOrNot(
            f"{error}; it was told before, so that the run may go on all the same: look at it, and order it again "
            "if it does not"
        ) from error
    return replace(found, state=state)


async def _note(ledger: Ledger, who: str, outcome: str, subject: str, detail: dict[str, str]) -> None:
    """Write down how it ended; where that cannot be, what the person is told is still how it ended."""
    try:
        await ledger.record_action(who, outcome, subject, detail)
    except LedgerError as error:
        log.warning("the audit lacks how it ended", action=outcome, subject=subject, cause=str(error))


async def _find(desk: OpenDesk, account: str, close: datetime, clock: Clock) -> _Stopped:
    """Find what the ledger knows; whatever it can refuse needs no server."""
    spec = account_of(desk.fleet, account)
    cycle = await why(desk, spec.name, close)
    run = _run_of(cycle.record, cycle.summary.flow_run_id)
    await _require_free(desk, spec.name, run, clock.now())
    present = clock_of(desk.fleet.feed_of(spec.name)).now()
    return _Stopped(spec, cycle.record, run, await desk.ledger.superseded_by(cycle.record.key), present)


def _run_of(record: CycleRecord, flow_run_id: str) -> UUID:
    if record.state.is_finished:
        raise NotResumable(f"{record.key} ended well ({record.state}): nothing is left to decide or to send")
    if record.state is CycleState.SKIPPED_STALE:
        raise NotResumable(f"{record.key} was skipped, because it came too late; the next candle is decided anew")
    try:
        return UUID(flow_run_id)
    except ValueError:
        raise NotResumable(f"{record.key}: expected a run of Prefect, found none; the next scan goes on") from None


async def _require_free(desk: OpenDesk, account: str, run: UUID, now: datetime) -> None:
    """Refuse while a scan works on the account; a watch is waited for.

    Another run would make this one end at once. The run itself gives its account back when it ends, and whoever cleans
    up after it does: one that has it still may be at work, whatever the server says of it. It would be given the
    account a second time, and an order that is on its way would not be found at the venue, and sent again.
    """
    from blocks.account import LEASE_FOR, is_watch

    holder = await desk.ledger.held_by(account, now)
    if holder == str(run):
        minutes = LEASE_FOR.total_seconds() / 60
        raise NotResumable(
            f"run {run} has not given {account} back, so that its process may still be sending orders; "
            f"try again in {minutes:g} minutes, when it may send no more"
        )
    if holder and not is_watch(holder):
        raise NotResumable(f"another run holds {account} now ({holder}); try again when it has ended")


async def _resumption(stopped: _Stopped, client: "PrefectClient") -> Resumption:
    from prefect.exceptions import ObjectNotFound

    record = stopped.record
    try:
        run = await client.read_flow_run(stopped.run)
    except ObjectNotFound:
        raise _gone(stopped.run) from None
    state = _state_of(run)
    if not await _has_deployment(run, client):
        raise NotResumable(f"run {run.id} has no deployment, so that no worker takes it up; `desk scan` scans by hand")
    return Resumption(stopped.spec.name, record.key.candle_close, str(run.id), state, _outlook(stopped, run))


def _gone(run: UUID) -> NotResumable:
    return NotResumable(f"expected run {run} at the Prefect server, which has it no more; the next scan goes on")


def _state_of(run: "FlowRun") -> str:
    """The name of its state.

    Raises:
        NotResumable: it has not failed and not crashed.
    """
    state = run.state
    name = "unknown" if state is None else state.name or state.type.value
    if state is None or not (state.is_failed() or state.is_crashed()):
        raise NotResumable(f"expected a run that failed or crashed, found run {run.id}, which is {name}{_advice(run)}")
    return name


def _advice(run: "FlowRun") -> str:
    if run.state is None or not run.state.is_final():
        return ": it is not over yet, and goes on by itself"
    if run.state.is_completed():
        return ": nothing is left to do"
    return f": somebody ended it; `prefect flow-run retry {run.id}` runs it again nevertheless"


async def _has_deployment(run: "FlowRun", client: "PrefectClient") -> bool:
    """Whether a worker takes it up: `desk scan` makes runs without a deployment, and one may be gone."""
    from prefect.exceptions import ObjectNotFound

    if run.deployment_id is None:
        return False
    try:
        await client.read_deployment(run.deployment_id)
    except ObjectNotFound:
        return False
    return True


def _outlook(stopped: _Stopped, run: "FlowRun") -> str:
    """What it does by what the ledger has now; a run of the past has a time of its own.

    Raises:
        NotResumable: it would end at once, as too late.
    """
    at, record = run.parameters.get("at"), stopped.record
    present = FixedClock(datetime.fromisoformat(str(at))).now() if at else stopped.present
    late = reason_to_give_up(record, present, late_after=stopped.spec.late_after, superseded_by=stopped.superseded_by)
    if record.snapshot is None:
        if late:
            raise NotResumable(f"{record.key} had decided nothing yet, and it is too late to do so now: {late}")
        return _DECIDES
    if late:
        return f"It asks for what may have been sent, and records what became of it. Nothing more is sent: {late}."
    return _CARRIES_OUT


async def _run_again(client: "PrefectClient", run: UUID, who: str) -> str:
    from prefect.client.schemas.responses import SetStateStatus
    from prefect.exceptions import ObjectNotFound
    from prefect.states import AwaitingRetry

    wanted: State[object] = AwaitingRetry(message=f"Resumed by {who}")
    try:
        answer: OrchestrationResult[object] = await client.set_flow_run_state(run, wanted)
    except ObjectNotFound:
        raise _gone(run) from None
    if answer.status is not SetStateStatus.ACCEPT:
        raise NotResumable(f"the Prefect server does not run {run} again: {getattr(answer.details, 'reason', answer)}")
    if answer.state is None:
        raise PrefectNotReached(f"expected the state of run {run}, which the Prefect server accepted, found none")
    return str(answer.state.name)
