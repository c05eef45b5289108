"""Strategies that have decayed are put into quarantine, and people hear of it once."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from desk.adapters.clocks import SimulatedClock, SystemClock
from desk.model.records import ClosedTrade
from desk.model.scopes import Scope
from desk.monitor.decay import DecayLimits
from desk.ports import Message
from desk.steps.monitor import judge_strategies, review_strategies
from tests.builders import CLOSE, closed_trade

LIMITS = DecayLimits(window=10, earlier=20)
DECAYED = Scope(account="sample", strategy="constant")


@dataclass
class Log:
    """Implements what the review asks of a ledger."""

    trades: tuple[ClosedTrade, ...]
    in_force: dict[Scope, str] = field(default_factory=dict)
    resumed: datetime | None = None

    async def closed_trades(self, account: str, since: datetime | None = None) -> tuple[ClosedTrade, ...]:
        return self.trades

    async def rearmed_at(self, scope: Scope) -> datetime | None:
        return self.resumed

    async def quarantine(self, scope: Scope, *, why: str) -> bool:
        return why == self.in_force.setdefault(scope, why)


@dataclass
class Told:
    messages: list[Message] = field(default_factory=list)
    is_broken: bool = False

    async def send(self, message: Message) -> None:
        if self.is_broken:
            raise ConnectionError("no route")
        self.messages.append(message)


def falling(strategy: str = "constant") -> list[ClosedTrade]:
    profits = ["15", "9"] * 10 + ["-10", "-8"] * 5
    return [closed_trade(one, strategy=strategy, closed_at=CLOSE + timedelta(hours=n)) for n, one in enumerate(profits)]


async def test_a_strategy_that_has_decayed_is_put_into_quarantine_with_the_evidence_and_people_are_told() -> None:
    log, told = Log((*falling(), *falling("other")[:20])), Told()
    first, second = await review_strategies("sample", ["constant", "other"], LIMITS, log, told, SystemClock())
    assert (first.strategy, first.is_new, second.strategy, second.is_new) == ("constant", True, "other", False)
    assert list(log.in_force) == [DECAYED]
    assert log.in_force[DECAYED].startswith("decay: last 10 trades -0.90 R on the mean, 20 before them +1.20 R")
    [message] = told.messages
    assert (message.title, message.severity) == ("sample: constant is in quarantine", "warning")
    assert "desk resume account:sample/strategy:constant" in message.body
    assert str(first.judgement) in message.body


async def test_what_is_restricted_already_stays_as_it_was_ordered_and_nobody_is_told_again() -> None:
    log, told = Log(tuple(falling()), {DECAYED: "by hand"}), Told()
    [found] = await review_strategies("sample", ["constant"], LIMITS, log, told, SystemClock())
    assert (found.judgement.has_decayed, found.is_new, told.messages) == (True, False, [])
    assert log.in_force == {DECAYED: "by hand"}


async def test_a_plan_changes_nothing() -> None:
    log = Log(tuple(falling()))
    [found] = await judge_strategies("sample", ["constant"], LIMITS, log, SystemClock())
    assert (found.judgement.has_decayed, found.is_new, log.in_force) == (True, False, {})


async def test_a_message_that_cannot_be_sent_is_said_and_the_quarantine_stays() -> None:
    log = Log(tuple(falling()))
    [found] = await review_strategies("sample", ["constant"], LIMITS, log, Told(is_broken=True), SystemClock())
    assert (found.is_new, found.untold) == (True, "nobody was told: ConnectionError: no route")
    assert list(log.in_force) == [DECAYED]


async def test_trades_of_recorded_candles_are_not_taken_for_those_before_a_resume_of_today() -> None:
    today = CLOSE + timedelta(days=300)
    clock = SimulatedClock(CLOSE + timedelta(hours=1), 60, today)
    log = Log(tuple(falling()), resumed=today)
    for lives_by, has_decayed in ((clock, True), (SystemClock(), False)):
        [found] = await judge_strategies("sample", ["constant"], LIMITS, log, lives_by)
        assert found.judgement.has_decayed is has_decayed


class Watched(ClosedTrade):
    """Remembers the threads in which it was asked what it brought."""

    threads: ClassVar[set[int]] = set()

    @property
    def multiple(self) -> float | None:
        self.threads.add(threading.get_ident())
        return super().multiple


async def test_strategies_are_judged_in_a_thread_so_that_nothing_else_waits_for_the_arithmetic() -> None:
    trades = tuple(
        Watched(**{name: getattr(one, name) for name in ClosedTrade.__dataclass_fields__}) for one in falling()
    )
    [found] = await judge_strategies("sample", ["constant"], LIMITS, Log(trades), SystemClock())
    assert found.judgement.has_decayed
    assert Watched.threads
    assert threading.get_ident() not in Watched.threads
