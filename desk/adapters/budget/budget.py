"""The call budget as one process has it: calls taken from the shared buckets in small lots, and what became of them.

What a crash loses: calls that were taken and not made stay spent, which errs on the safe side; counts of the last
`FLUSH_EVERY` are not written down.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from desk.adapters.budget.bucket import LEASE
from desk.adapters.budget.facts import Lease, Pause, Refusal, Scope
from desk.adapters.budget.limits import VenueLimits
from desk.adapters.budget.store import Allowance, CallStore, refusal_of
from desk.adapters.budget.tallies import Tallies
from desk.adapters.budget.urgency import is_urgent
from desk.adapters.clocks import SystemClock
from desk.adapters.ledger.database import Database
from desk.adapters.venue_http.reply import BANNED, longest_pause
from desk.errors import LedgerError, RateLimited
from desk.ports import Clock

LOT = 10
"""How many calls are taken at once, so that a scan does not pay a transaction for each."""
PATIENCE = timedelta(seconds=2)
"""How long a call waits for its turn; a read that is refused after it waits on as its session's `Retries` say."""
FLUSH_EVERY = timedelta(seconds=5)
_LOG = logging.getLogger("scandesk.budget")

Sleep = Callable[[float], Awaitable[None]]


class CallBudgets:
    """Every budget of this process, over the database of the installation; close it when done.

    Args:
        database: to be used from the running event loop, with the schema that `desk db upgrade` makes.
        clock: the machine's, never a simulated one.
        sleep: waits for seconds, for a caller's turn.
    """

    def __init__(self, database: Database, *, clock: Clock | None = None, sleep: Sleep = asyncio.sleep) -> None:
        self.clock = clock or SystemClock()
        self.sleep = sleep
        self.store = CallStore(database, self.clock)
        self.tallies = Tallies()
        self._budgets: dict[Scope, CallBudget] = {}
        self._pauses: dict[Scope, Pause] = {}
        self._unkept: list[Pause] = []
        self._flushing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def meter(self, scope: Scope, limits: VenueLimits) -> "CallBudget":
        """Return the meter of a set of credentials at a venue, the same one for every session that they have."""
        if scope not in self._budgets:
            self._budgets[scope] = CallBudget(self, Allowance(scope, limits))
        return self._budgets[scope]

    def pause_of(self, scope: Scope) -> Pause | None:
        """Return the longest pause in force that the database may not tell yet, since it was ordered here just now.

        Every process, this one included, knows of all others with its next lot of calls.
        """
        now = self.clock.now()
        known = [*self._unkept, *self._pauses.values()]
        in_force = [pause for pause in known if pause.scope in (scope, scope.everybody) and self._is_news(pause, now)]
        return max(in_force, key=lambda pause: pause.until, default=None)

    async def order_pause(self, pause: Pause) -> None:
        """Keep a pause, here at once and for the other processes as soon as the database takes it."""
        before = self._pauses.get(pause.scope)
        if before is None or before.until < pause.until or not before.holds_at(pause.since):
            self._pauses[pause.scope] = pause
        self._unkept.append(pause)
        await self._try_to_flush()

    def flush_soon(self) -> None:
        """Have what was counted written down in a while."""
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_later())

    async def flush(self) -> None:
        """Write down what was counted, and give back calls that were taken too long ago to be made.

        Raises:
            LedgerError: the database did not take it; counts and pauses are kept for the next time, calls stay spent.
        """
        counts, pauses, self._unkept = self.tallies.take(), self._unkept, []
        unused = [(budget.allowance, calls) for budget in self._budgets.values() if (calls := budget.reclaim())]
        if not (counts or pauses or unused):
            return
        try:
            await self.store.settle(counts, unused, pauses)
        except LedgerError:
            self._unkept += pauses
            for count in counts:
                self.tallies.add(count)
            raise

    async def close(self) -> None:
        """Give everything back and write everything down; the database stays open.

        Raises:
            LedgerError: the database did not take it.
        """
        self._closing.set()
        if self._flushing is not None:
            await self._flushing
        for budget in self._budgets.values():
            budget.end_lease()
        await self.flush()

    def _is_news(self, pause: Pause, now: datetime) -> bool:
        return pause.is_news_at(now) or (pause in self._unkept and pause.holds_at(now))

    async def _flush_later(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), FLUSH_EVERY.total_seconds())
        await self._try_to_flush()

    async def _try_to_flush(self) -> None:
        try:
            await self.flush()
        except LedgerError as error:
            _LOG.warning("counts of calls are written down later: %s", error)


class CallBudget:
    """Implements `desk.adapters.venue_http.meter.Meter` for one set of credentials at one venue.

    Attributes:
        allowance: for whom it is, and the limits.
    """

    def __init__(self, budgets: CallBudgets, allowance: Allowance) -> None:
        self.allowance = allowance
        self._budgets = budgets
        self._clock = budgets.clock
        self._lease = _nothing_at(self._clock.now())
        self._refusal: Refusal | None = None
        self._renewing = asyncio.Lock()

    async def admit(self, endpoint: str) -> None:
        """Return when a request may leave; see `Meter`.

        What is urgent leaves without being counted where the shared buckets cannot be asked.

        Raises:
            RateLimited: it may not leave, and nothing was sent: BUDGET_EMPTY, PAUSED, or BUDGET_UNREADABLE where the
                shared buckets cannot be asked. A ledger that fails here is no reason to think that an order has left.
        """
        try:
            await self._wait_for_turn(endpoint)
        except LedgerError as error:
            told = f"not sent: the budget of calls cannot be asked; {error}"
            refusal = Refusal(self._clock.now(), self._clock.now() + FLUSH_EVERY, "BUDGET_UNREADABLE", told)
            raise self._refused(endpoint, refusal, FLUSH_EVERY) from error

    async def _wait_for_turn(self, endpoint: str) -> None:
        patience = PATIENCE
        while (refusal := await self._take()) is not None:
            left = max(timedelta(0), refusal.until - self._clock.now())
            if left > patience:
                raise self._refused(endpoint, refusal, left)
            # What is waited for counts, and not what a clock shows, which may be set back meanwhile. A refusal without
            # a wait is one that took long to find.
            patience -= left or LEASE
            await self._budgets.sleep(left.total_seconds())

    def count(self, endpoint: str, status: int | None) -> None:
        """Note that a request left; see `Meter`."""
        is_error = status is None or status >= 400
        self._budgets.tallies.call(self.allowance.scope, endpoint, self._clock.now(), is_error=is_error)
        self._budgets.flush_soon()

    async def pause(self, endpoint: str, status: int, length: timedelta, why: str) -> None:
        """Note that the venue wants to hear nothing for a while; see `Meter`.

        A ban (418) is for the address, and silences everybody at the venue; anything else only these credentials.
        """
        scope, now = self.allowance.scope, self._clock.now()
        self._budgets.tallies.limited(scope, endpoint, now)
        silent = scope.everybody if status == BANNED else scope
        until = now + min(length, longest_pause(status))
        await self._budgets.order_pause(Pause(silent, now, until, status, f"{endpoint}, {why}"))

    def reclaim(self) -> int:
        """Take away the calls that were not made in time, and return how many there were."""
        now = self._clock.now()
        return 0 if self._lease.holds_at(now) else self._give_up(now)

    def end_lease(self) -> None:
        """Make no more of the calls that were taken."""
        self._lease = replace(self._lease, until=self._lease.since)

    def _refused(self, endpoint: str, refusal: Refusal, left: timedelta) -> RateLimited:
        scope = self.allowance.scope
        self._budgets.tallies.refused(scope, endpoint, self._clock.now())
        self._budgets.flush_soon()
        return RateLimited(scope.venue, endpoint, refusal.code, refusal.message, retry_after=left)

    def _give_up(self, now: datetime) -> int:
        unused, self._lease = self._lease.calls, _nothing_at(now)
        return unused

    async def _take(self) -> Refusal | None:
        """Take one call, or say why there is none."""
        urgent = is_urgent()
        if (told := self._known_refusal(urgent=urgent)) is not None or self._spend():
            return told
        async with self._renewing:
            # Others who waited here with us may have brought calls for all, or the news that there are none.
            if (told := self._known_refusal(urgent=urgent)) is not None or self._spend():
                return told
            return await self._renew(urgent=urgent)

    async def _renew(self, *, urgent: bool) -> Refusal | None:
        unused = self._give_up(self._clock.now())
        # One only where it is urgent: whoever comes next takes what a lot leaves over, and need not be urgent.
        wanted = 1 if urgent else LOT
        try:
            taken = await self._budgets.store.lease(self.allowance, wanted, unused=unused, urgent=urgent)
        except LedgerError:
            if not urgent:
                raise
            return None  # a ledger in which no call can be counted must not keep an order from being cancelled
        if isinstance(taken, Refusal):
            if not urgent or taken.code == "PAUSED":
                self._refusal = taken
            return taken
        self._lease = taken
        # A transaction that took longer than calls are valid for has brought none.
        now = self._clock.now()
        return None if self._spend() else Refusal(now, now, "BUDGET_EMPTY", "not sent: the database is slow")

    def _known_refusal(self, *, urgent: bool) -> Refusal | None:
        now, pause = self._clock.now(), self._budgets.pause_of(self.allowance.scope)
        if pause is not None:
            return refusal_of(pause, now)
        known = self._refusal
        if known is None or not known.is_believed_at(now) or (urgent and known.code != "PAUSED"):
            return None
        return known

    def _spend(self) -> bool:
        lease = self._lease
        if not lease.calls or not lease.holds_at(self._clock.now()):
            return False
        self._lease = replace(lease, calls=lease.calls - 1)
        return True


def _nothing_at(now: datetime) -> Lease:
    return Lease(0, now, now)
