"""The rules by which the desk, its venue and its misfortunes take turns, and what must be true after each."""

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.errors import LeaseLost, VenueError
from desk.execution.lifecycle import IllegalTransition
from desk.execution.placing import OrderDesk
from desk.model.instrument import Side
from desk.model.orders import OrderState
from desk.steps.repair import repair_books
from tests.builders import CLOSE, AtMost, policy
from tests.model.books import Books
from tests.model.venue import Fate, Venue
from tests.model.worker import ACCOUNT, LEASE_FOR, MOMENTS, READS, Garbled, Interruption, Killed, Line, Log, Worker

INSTRUMENTS = ("EUR/USD", "XAU/USD")
BY_HAND = "XAU/USD"
"""What somebody trades beside the desk; the other instrument is the desk's alone."""
CANDLE = timedelta(minutes=5)
POLICY = policy(instruments=INSTRUMENTS, rules=[AtMost(quantity=1000)])

# What the strategy wants: a trade, whatever is held; or a side, or nothing.
WISHES = st.fixed_dictionaries({name: st.sampled_from(["trade", "trade", "buy", "sell", ""]) for name in INSTRUMENTS})
FATES = st.lists(st.sampled_from(Fate), max_size=2)
PARTS = st.sampled_from([Decimal("0.3"), Decimal(1)])
SENDS = tuple(moment for moment in MOMENTS if moment.endswith(("start_sending", "submit", "record_order")))
ANY = st.sampled_from((*SENDS, *MOMENTS))
# A run is stopped before its lease ends: no other has the account while a request of this one is under way.
FENCED = st.sampled_from([moment for moment in (*SENDS, *MOMENTS) if moment != "before submit"])
PASSES = st.sampled_from([0, 0, 0, 1])
LATE = st.sampled_from([timedelta(0), timedelta(seconds=30), timedelta(hours=3)])


@dataclass
class MovingClock:
    """A clock that is moved by hand."""

    at: datetime = CLOSE

    def now(self) -> datetime:
        return self.at

    def shown_at(self, wall: datetime) -> datetime:
        return self.at


class Desk(RuleBasedStateMachine):
    """One account, its ledger in a file, a venue, and two worker processes that scan it."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = _new_folder()
        self.clock = MovingClock()
        self.venue = Venue(self.clock)
        self.close = CLOSE
        self.runs = 0
        self.silent = frozenset[str]()
        shutil.copy(_template(), self.folder / "desk.db")
        self.books = Books(self.folder / "desk.db", self.venue)
        self.ledgers: dict[str, Ledger] = {}

    @initialize(tells_sums_only=st.booleans())
    def choose_the_venue(self, *, tells_sums_only: bool) -> None:
        self.venue.tells_sums_only = tells_sums_only

    @rule(wishes=WISHES, fates=FATES)
    def scan(self, wishes: dict[str, str], fates: list[Fate]) -> None:
        """A new candle closes."""
        self._next_candle()
        self._scan(wishes, fates, Interruption())

    @rule(wishes=WISHES, fates=FATES, moment=ANY, passes=PASSES, fates_after=FATES, is_retried=st.booleans())
    def scan_and_die(
        self,
        wishes: dict[str, str],
        fates: list[Fate],
        moment: str,
        passes: int,
        fates_after: list[Fate],
        *,
        is_retried: bool,
    ) -> None:
        """The process ends between two steps, and its lease stays; the run is started again, or its time is over."""
        self._next_candle()
        self._scan(wishes, fates, Interruption(moment, _die, passes))
        if is_retried:
            self._scan(wishes, fates_after, Interruption())

    @rule(wishes=WISHES, fates=FATES, moment=FENCED, passes=PASSES, fates_after=FATES, is_newer=st.booleans())
    def scan_and_be_replaced(
        self,
        wishes: dict[str, str],
        fates: list[Fate],
        moment: str,
        passes: int,
        fates_after: list[Fate],
        *,
        is_newer: bool,
    ) -> None:
        """The run stalls until its lease is over, another run has the account, and the first goes on."""
        self._next_candle()
        close = self.close + CANDLE if is_newer else self.close

        async def be_replaced() -> None:
            self.clock.at += LEASE_FOR + timedelta(seconds=1)
            self.runs += 1
            self.books.forget_unheard_refusals()
            await self._run("worker-2", close, wishes, fates_after, Interruption())

        with suppress(IllegalTransition):  # what the first run heard is older than what the second wrote down
            self._scan(wishes, fates, Interruption(moment, be_replaced, passes))
        self.close = close

    @rule(wishes=WISHES, moment=ANY, side=st.sampled_from(Side))
    def scan_while_somebody_trades_by_hand(self, wishes: dict[str, str], moment: str, side: Side) -> None:
        async def trade() -> None:
            self._trade_by_hand(side, Decimal(700))

        self._next_candle()
        self._scan(wishes, (), Interruption(moment, trade))

    @rule(wishes=WISHES, fates=FATES, is_late=st.booleans())
    def scan_again(self, wishes: dict[str, str], fates: list[Fate], *, is_late: bool) -> None:
        """The same run is started again, as after a crash of its process."""
        self._scan(wishes, fates, Interruption(), is_late=is_late)

    @rule(fates=FATES, moment=ANY)
    def scan_again_and_die(self, fates: list[Fate], moment: str) -> None:
        self._scan({}, fates, Interruption(moment, _die))

    @rule(reads=st.sets(st.sampled_from(READS), min_size=1, max_size=2))
    def the_venue_falls_silent(self, reads: set[str]) -> None:
        """The next run has no answer to some of its questions."""
        self.silent = frozenset(reads)

    @rule(behind=st.integers(0, 3))
    def the_venue_tells_fills_late(self, behind: int) -> None:
        self.venue.told = max(len(self.venue.fills) - behind, self._booked())

    @precondition(lambda self: self.venue.working())
    @rule(part=PARTS, late=LATE, data=st.data())
    def a_working_order_is_filled(self, part: Decimal, late: timedelta, data: st.DataObject) -> None:
        self._fill(data.draw(st.sampled_from(self.venue.working())), part, late)

    @precondition(lambda self: self.venue.working())
    @rule(state=st.sampled_from([OrderState.CANCELLED, OrderState.EXPIRED]), data=st.data())
    def a_working_order_ends(self, state: OrderState, data: st.DataObject) -> None:
        self.venue.end(data.draw(st.sampled_from(self.venue.working())), state)

    @precondition(lambda self: self._cut_short())
    @rule(part=PARTS, data=st.data())
    def an_order_that_ended_is_filled_after_all(self, part: Decimal, data: st.DataObject) -> None:
        """The fill and the end crossed at the venue."""
        self._fill(data.draw(st.sampled_from(self._cut_short())), part, timedelta(0))

    @rule(side=st.sampled_from(Side), quantity=st.integers(1, 1500))
    def somebody_trades_by_hand(self, side: Side, quantity: int) -> None:
        self._trade_by_hand(side, Decimal(quantity))

    @precondition(lambda self: self._held_by_hand())
    @rule()
    def what_was_traded_by_hand_is_given_back(self) -> None:
        held = self._held_by_hand()
        self._trade_by_hand(Side.SELL if held > 0 else Side.BUY, abs(held))

    @rule()
    def everything_comes_to_rest(self) -> None:
        """Nothing is lost for a while, a candle closes, and nobody wants anything."""
        self._come_to_rest()

    @invariant()
    def nothing_is_wrong(self) -> None:
        self.books.check()

    def teardown(self) -> None:
        try:
            self._come_to_rest()
        finally:
            self.books.close()
            for ledger in self.ledgers.values():
                self.runner.run(ledger.close())
            self.runner.close()
            shutil.rmtree(self.folder)

    def _next_candle(self) -> None:
        self.close += CANDLE
        self.clock.at = max(self.clock.at, self.close) + timedelta(seconds=1)
        self.runs += 1

    def _scan(
        self, wishes: Mapping[str, str], fates: Sequence[Fate], interruption: Interruption, *, is_late: bool = False
    ) -> None:
        self.runner.run(self._run("worker-1", self.close, wishes, fates, interruption, is_late=is_late))

    async def _run(
        self,
        process: str,
        close: datetime,
        wishes: Mapping[str, str],
        fates: Sequence[Fate],
        interruption: Interruption,
        *,
        is_late: bool = False,
    ) -> None:
        """Run a scan in a process; it may end in any way that is not a contradiction."""
        line = Line(self.venue, interruption, list(fates), self.books.witness, self.silent)
        self.silent = frozenset()
        worker = Worker(f"run-{self.runs}", Log(self._ledger(process), interruption), line, self.clock, POLICY)
        with suppress(LeaseLost, VenueError, Garbled):
            try:
                await worker.scan(close, self._scores(wishes), is_late=is_late)
            except Killed:
                self.books.forget_unheard_refusals()
                await self.ledgers.pop(process).close()
        for snapshot, decision in zip(worker.snapshots, worker.decisions, strict=True):
            self.books.check_decision(snapshot, decision)

    def _come_to_rest(self) -> None:
        self.venue.told, self.silent = None, frozenset()
        self._next_candle()
        self._scan({}, (), Interruption())
        self.books.check_at_rest()
        before, sends = self.books.facts(), self.books.sends
        self.runner.run(self._repair())
        # I-10: a second look writes nothing and sends nothing.
        assert (self.books.facts(), self.books.sends) == (before, sends)

    async def _repair(self) -> None:
        line = Line(self.venue, Interruption(), [], self.books.witness)
        ledger = self._ledger("worker-1")
        lease = await ledger.acquire_lease(ACCOUNT, "repair", self.clock.now(), LEASE_FOR, venue="model")
        assert lease is not None
        desk = OrderDesk(line, ledger, lease)
        await repair_books(ACCOUNT, self.close + CANDLE, desk=desk, books=ledger, now=self.clock.now())
        await ledger.release_lease(lease)

    def _ledger(self, process: str) -> Ledger:
        """The ledger as a process has it open; the database of one that died is opened anew."""
        if process not in self.ledgers:
            self.ledgers[process] = Ledger(Database.open(f"sqlite:///{self.books.path}"), self.clock)
        return self.ledgers[process]

    def _scores(self, wishes: Mapping[str, str]) -> dict[str, float]:
        against = {name: -1.0 if self.venue.held(name) > 0 else 1.0 for name in INSTRUMENTS}
        return {
            name: {"trade": against[name], "buy": 1.0, "sell": -1.0, "": 0.0}[wish] for name, wish in wishes.items()
        }

    def _trade_by_hand(self, side: Side, quantity: Decimal) -> None:
        self.venue.trade(BY_HAND, side, quantity, f"by-hand-{len(self.venue.fills)}")

    def _held_by_hand(self) -> Decimal:
        """What of a position is nobody's but the hand's."""
        mine = [fill for fill in self.venue.fills if fill.client_order_id.startswith("by-hand")]
        return sum((fill.quantity * fill.side.sign for fill in mine), Decimal(0))

    def _fill(self, name: str, part: Decimal, late: timedelta) -> None:
        order = self.venue.orders[name]
        left = order.quantity - order.filled_quantity
        self.venue.fill(name, (left * part).to_integral_value(ROUND_UP), late=late)

    def _cut_short(self) -> list[str]:
        ended = (name for name, order in self.venue.orders.items() if order.state in _CUT_SHORT)
        return [name for name in ended if self.venue.orders[name].filled_quantity < self.venue.orders[name].quantity]

    def _booked(self) -> int:
        """How many fills the ledger has been told of; a venue does not take back what it told."""
        return max((int(row["cursor"] or 0) for row in self.books.rows("fill_cursor")), default=0)


_CUT_SHORT = (OrderState.CANCELLED, OrderState.EXPIRED)


async def _die() -> None:
    raise Killed


def _new_folder() -> Path:
    """A folder in memory where there is one: nobody pulls the plug here, so that the disk need not be waited for."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="desk-model-", dir=memory if memory.is_dir() else None))


@cache
def _template() -> Path:
    """A ledger with its tables and nothing in them, to be copied."""
    path = _new_folder() / "desk.db"
    atexit.register(shutil.rmtree, path.parent)
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path
