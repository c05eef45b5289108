"""Opens and closes the record of a cycle, so that a second run of it goes on where the first one stopped."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from desk.model.books import AccountState, Snapshot
from desk.model.cycle import CycleKey, CycleRecord, CycleState, Decision, Mode
from desk.model.orders import Order
from desk.ports import Lease
from desk.steps.report import message_of


class Claimed(Protocol):
    """What a claim of a cycle found."""

    @property
    def state(self) -> CycleState:
        """As it was found; RUNNING where the cycle is new."""
        ...

    @property
    def is_new(self) -> bool:
        """Whether this claim made the record."""
        ...

    @property
    def notified_at(self) -> datetime | None:
        """When people were told of it."""
        ...

    @property
    def superseded_by(self) -> datetime | None:
        """The newest candle that the account has a cycle of, where it is newer."""
        ...


class CycleLog(Protocol):
    """The durable record of cycles."""

    async def claim_cycle(
        self, key: CycleKey, *, mode: Mode, flow_run_id: str, config_version: str, code_version: str, now: datetime
    ) -> Claimed:
        """Make the cycle's record, or find out how far it came."""
        ...

    async def cycle(self, key: CycleKey) -> CycleRecord | None:
        """Return the record as it stands."""
        ...

    async def record_cycle(self, record: CycleRecord, *, now: datetime, lease: Lease | None = None) -> None:
        """Commit the record as it stands, while `lease` is the newest; once more replaces it."""
        ...

    async def close_cycle(
        self,
        record: CycleRecord,
        *,
        money: AccountState | None,
        is_announced: bool,
        now: datetime,
        lease: Lease | None = None,
    ) -> None:
        """Commit what became of a cycle whose decision is recorded, and the money that it left, while `lease` holds."""
        ...


@dataclass(frozen=True, slots=True)
class OpenCycle:
    """A cycle that a run has taken up.

    Attributes:
        record: as the ledger has it.
        is_announced: whether people were told of it.
        superseded_by: a newer candle that the account has acted on; None where this is the newest.
    """

    record: CycleRecord
    is_announced: bool = False
    superseded_by: datetime | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to decide or to send."""
        return self.record.state.is_finished

    @property
    def is_decided(self) -> bool:
        """Whether an earlier run wrote its decision down; it is carried out, not made again."""
        return self.record.snapshot is not None


async def take_up(fresh: CycleRecord, log: CycleLog, *, flow_run_id: str, now: datetime) -> OpenCycle:
    """Take up a cycle, new or begun, for a run.

    Args:
        fresh: the record of a cycle that begins now.
        log: where cycles are kept.
        flow_run_id: the run that works on it.
        now: the time of the machine.
    """
    claim = await log.claim_cycle(
        fresh.key,
        mode=fresh.mode,
        flow_run_id=flow_run_id,
        config_version=fresh.config_version,
        code_version=fresh.code_version,
        now=now,
    )
    if claim.is_new:
        return OpenCycle(fresh, superseded_by=claim.superseded_by)
    found = await log.cycle(fresh.key)
    assert found is not None, f"{fresh.key} was claimed and is gone"
    return OpenCycle(replace(found, state=claim.state), claim.notified_at is not None, claim.superseded_by)


async def record_decision(
    record: CycleRecord, snapshot: Snapshot, decision: Decision, log: CycleLog, *, now: datetime, lease: Lease | None
) -> CycleRecord:
    """Write down what was decided and on what, before anything is sent."""
    decided = replace(record, state=CycleState.RUNNING, snapshot=snapshot, decision=decision)
    await log.record_cycle(decided, now=now, lease=lease)
    return decided


async def finish(
    record: CycleRecord,
    state: CycleState,
    log: CycleLog,
    *,
    orders: tuple[Order, ...] = (),
    money: AccountState | None = None,
    detail: str = "",
    durations: Mapping[str, float],
    now: datetime,
    lease: Lease | None,
) -> OpenCycle:
    """Close the record with what became of the cycle; one with nothing to tell counts as announced."""
    finished = replace(record, state=state, orders=orders, detail=detail, durations=dict(durations))
    is_announced = message_of(finished) is None
    await log.close_cycle(finished, money=money, is_announced=is_announced, now=now, lease=lease)
    return OpenCycle(finished, is_announced)
