"""A worker that scans the account as the flow does, without Prefect; it may die, or lose its lease, at any write."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from desk.adapters.ledger.ledger import Ledger
from desk.decide import Policy, propose_trades, risk_check
from desk.errors import LeaseLost, OutcomeUnknown, VenueUnavailable
from desk.execution.placing import OrderDesk, give_up, place_orders
from desk.model.books import AccountState, Position, Snapshot
from desk.model.cycle import CycleKey, CycleRecord, CycleState, Decision, Mode
from desk.model.orders import Fill, Order, OrderIntent, OrderState
from desk.model.views import Signal
from desk.ports import Clock, Lease
from desk.steps.cycles import OpenCycle, finish, record_decision, take_up
from desk.steps.repair import repair_books
from desk.steps.report import state_of
from desk.steps.snapshot import take_snapshot
from tests.builders import PRICES
from tests.desk.steps.fakes import FakeFeed
from tests.model.venue import Fate, Venue

ACCOUNT = "sample"
LEASE_FOR = timedelta(minutes=2)
WRITES = (
    "acquire_lease",
    "claim_cycle",
    "book_fills",
    "record_cycle",
    "store_intents",
    "start_sending",
    "record_order",
    "record_outcome",
    "close_cycle",
)
READS = ("order by client id", "fills", "positions", "open orders", "account")
MOMENTS = tuple(f"{when} {call}" for call in (*WRITES, "submit") for when in ("before", "after"))
"""Where a run may be interrupted: before and after each write, and around each send."""


_LOST = (Fate.REPLY_LOST, Fate.REPLY_LOST_WORKING, Fate.REPLY_LOST_IN_SILENCE)


class Garbled(Exception):
    """A reply that our code cannot read."""


class Killed(BaseException):
    """The process is gone: nothing is caught, closed or given back."""


@dataclass
class Interruption:
    """Something that happens once, in the middle of a run.

    Attributes:
        moment: of `MOMENTS`; None for never.
        happens: what does.
        passes: how often the moment goes by before.
    """

    moment: str | None = None
    happens: Callable[[], Awaitable[None]] | None = None
    passes: int = 0

    async def reach(self, moment: str) -> None:
        if moment != self.moment:
            return
        self.passes -= 1
        if self.passes >= 0:
            return
        self.moment = None
        assert self.happens is not None
        await self.happens()


class Log:
    """The real ledger, which may be interrupted before and after each write."""

    def __init__(self, ledger: Ledger, interruption: Interruption) -> None:
        self._ledger = ledger
        self._interruption = interruption

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._ledger, name)
        return self._interruptible(name, method) if name in WRITES else method

    def _interruptible(self, name: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def write(*args: Any, **kwargs: Any) -> Any:
            await self._interruption.reach(f"before {name}")
            result = await method(*args, **kwargs)
            await self._interruption.reach(f"after {name}")
            return result

        return write


@dataclass
class Line:
    """What one worker hears of the venue: requests and replies get lost, and reads fail.

    Attributes:
        fates: of the next orders; what is sent after them is filled.
        silent: the reads that fail.
        witness: sees each order as it leaves, with the lease that it is sent under.
    """

    venue: Venue
    interruption: Interruption
    fates: list[Fate]
    witness: Callable[[OrderIntent, Lease | None], None]
    silent: frozenset[str] = frozenset()
    lease: Lease | None = None

    async def submit(self, intent: OrderIntent) -> Order:
        fate = self.fates.pop(0) if self.fates else Fate.FILLED
        self.witness(intent, self.lease)
        await self.interruption.reach("before submit")
        if not fate.arrives:
            raise OutcomeUnknown("model", "submit", message="the request was lost")
        order = self.venue.accept(intent, fate)
        await self.interruption.reach("after submit")
        if fate is Fate.REPLY_LOST_IN_SILENCE:
            self.silent = frozenset(READS)
        if fate in _LOST:
            raise OutcomeUnknown("model", "submit", message="the reply was lost")
        if fate is Fate.REPLY_GARBLED:
            raise Garbled("expected a number, found 'NaN?'")
        return order

    async def find_order(self, client_order_id: str) -> Order | None:
        self._read("order by client id")
        return self.venue.tell(client_order_id) if client_order_id in self.venue.orders else None

    async def account(self) -> AccountState:
        self._read("account")
        return self.venue.money()

    async def positions(self) -> tuple[Position, ...]:
        self._read("positions")
        return self.venue.positions()

    async def open_orders(self) -> tuple[Order, ...]:
        self._read("open orders")
        return tuple(self.venue.tell(name) for name in self.venue.working())

    async def cancel(self, client_order_id: str) -> Order:
        self.venue.end(client_order_id, OrderState.CANCELLED)
        return self.venue.tell(client_order_id)

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Tell the last two fills again, as a venue does whose cursor is a time."""
        self._read("fills")
        known = self.venue.known_fills()
        return tuple(known[max(0, int(cursor or 0) - 2) :]), str(len(known))

    def _read(self, request: str) -> None:
        if request in self.silent:
            raise VenueUnavailable("model", request)


@dataclass
class Worker:
    """One process: its ledger, its line to the venue, and the scan that it runs."""

    name: str
    log: Log
    line: Line
    clock: Clock
    policy: Policy
    snapshots: list[Snapshot] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    async def scan(self, candle_close: datetime, scores: Mapping[str, float], *, is_late: bool = False) -> bool:
        """Run the cycle of a candle; return whether the account could be held.

        Args:
            candle_close: names the cycle.
            scores: what the strategy thinks, by instrument.
            is_late: whether nothing may be sent any more.
        """
        now = self.clock.now()
        lease = await self.log.acquire_lease(ACCOUNT, self.name, now, LEASE_FOR, venue="model", books="model")
        if lease is None:
            return False
        self.line.lease = lease
        try:
            await self._run(candle_close, scores, lease, is_late=is_late)
        finally:
            self.line.lease = None
        await self.log.release_lease(lease)
        return True

    async def _run(self, candle_close: datetime, scores: Mapping[str, float], lease: Lease, *, is_late: bool) -> None:
        fresh = CycleRecord(CycleKey(ACCOUNT, candle_close), CycleState.RUNNING, Mode.PAPER)
        cycle = await take_up(fresh, self.log, flow_run_id=self.name, now=self.clock.now())
        if cycle.is_finished:
            return
        record = cycle.record
        try:
            record, orders = await self._carry_out(cycle, scores, lease, is_late=is_late)
        except LeaseLost:
            raise
        except Exception as error:
            state = CycleState.FAILED if record.decision.intents else CycleState.NO_TRADE
            await self._close(record, state, (), lease, str(error))
            await self.log.release_lease(lease)
            raise
        await self._close(record, state_of(orders), orders, lease)

    async def _carry_out(
        self, cycle: OpenCycle, scores: Mapping[str, float], lease: Lease, *, is_late: bool
    ) -> tuple[CycleRecord, tuple[Order, ...]]:
        record, desk = cycle.record, OrderDesk(self.line, self.log, lease)
        is_over = is_late or cycle.superseded_by is not None
        if is_over and not cycle.is_decided:
            return record, ()
        await repair_books(ACCOUNT, record.key.candle_close, desk=desk, books=self.log, now=self.clock.now())
        if not cycle.is_decided:
            record = await self._decide(record, scores, lease)
        if is_over:
            return record, await give_up(record.decision.intents, desk, "the candle is too old")
        return record, await place_orders(record.decision.intents, desk)

    async def _decide(self, record: CycleRecord, scores: Mapping[str, float], lease: Lease) -> CycleRecord:
        close = record.key.candle_close
        snapshot = await take_snapshot(
            ACCOUNT,
            "model",
            self.policy.instruments,
            feed=FakeFeed(),
            trading=self.line,
            history=self.log,
            at=self.clock.now(),
        )
        signals = tuple(
            Signal("constant", name, close, scores.get(name, 0.0), float(PRICES[name]) / 100, 1.0, "drawn")
            for name in self.policy.instruments
        )
        decision = risk_check(self.policy, snapshot, propose_trades(self.policy, snapshot, Decision(signals=signals)))
        self.snapshots.append(snapshot)
        self.decisions.append(decision)
        return await record_decision(record, snapshot, decision, self.log, now=self.clock.now(), lease=lease)

    async def _close(
        self, record: CycleRecord, state: CycleState, orders: tuple[Order, ...], lease: Lease, detail: str = ""
    ) -> None:
        await finish(
            record,
            state,
            self.log,
            orders=orders,
            detail=detail,
            durations={},
            now=self.clock.now(),
            lease=lease,
        )
