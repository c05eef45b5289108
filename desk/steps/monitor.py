"""Judges the strategies of an account by their closed trades, and puts those that have decayed into quarantine."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from desk.model.messages import MessageKind
from desk.model.records import ClosedTrade
from desk.model.scopes import Scope
from desk.monitor.decay import DecayLimits, Judgement, judge
from desk.monitor.performance import Grouping, grouped
from desk.ports import Clock, Message, Notifier


class MonitorLog(Protocol):
    """What the ledger knows of trades, and of strategies that may not go on as before."""

    async def closed_trades(self, account: str, since: datetime | None = None) -> tuple[ClosedTrade, ...]:
        """Return the round trips that were closed since then, or all of them, oldest first."""
        ...

    async def rearmed_at(self, scope: Scope) -> datetime | None:
        """Return when a person last lifted an order for exactly this scope, by the wall clock; None for never."""
        ...

    async def quarantine(self, scope: Scope, *, why: str) -> bool:
        """Let a strategy only reduce from now on, unless an order for the same scope is in force; return whether so."""
        ...


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A strategy of an account that was judged.

    Attributes:
        is_new: whether it was put into quarantine by this review.
        untold: why nobody could be told of that; empty where they were, or there was nothing to tell.
    """

    account: str
    strategy: str
    judgement: Judgement
    is_new: bool = False
    untold: str = ""


async def judge_strategies(
    account: str, strategies: Collection[str], limits: DecayLimits, log: MonitorLog, clock: Clock
) -> tuple[Reviewed, ...]:
    """Judge strategies by their trades in an account, which lives by `clock`; nothing is changed."""
    trades = grouped(await log.closed_trades(account), Grouping.STRATEGY)
    found = []
    for strategy in strategies:
        resumed = await log.rearmed_at(_scope(account, strategy))
        rearmed_at = None if resumed is None else clock.shown_at(resumed)
        judgement = await asyncio.to_thread(judge, trades.get(strategy, ()), limits, rearmed_at=rearmed_at)
        found.append(Reviewed(account, strategy, judgement))
    return tuple(found)


async def review_strategies(
    account: str,
    strategies: Collection[str],
    limits: DecayLimits,
    log: MonitorLog,
    notifier: Notifier,
    clock: Clock,
) -> tuple[Reviewed, ...]:
    """Judge strategies, put those that have decayed into quarantine, and tell people, once for each."""
    judged = await judge_strategies(account, strategies, limits, log, clock)
    return tuple([await _acted_on(one, log, notifier) if one.judgement.has_decayed else one for one in judged])


async def _acted_on(found: Reviewed, log: MonitorLog, notifier: Notifier) -> Reviewed:
    scope = _scope(found.account, found.strategy)
    if not await log.quarantine(scope, why=f"decay: {found.judgement}"):
        return found
    untold = await _tell(_message(found, scope), notifier)
    return Reviewed(found.account, found.strategy, found.judgement, is_new=True, untold=untold)


async def _tell(message: Message, notifier: Notifier) -> str:
    try:
        await notifier.send(message)
    except Exception as error:  # noqa: BLE001 - the quarantine is in force, and the caller says that nobody knows of it
        return f"nobody was told: {type(error).__name__}: {error}"
    return ""


def _message(found: Reviewed, scope: Scope) -> Message:
    body = (
        f"{found.judgement}.\n"
        "It opens nothing more in this account; what it holds is closed as before. "
        f"`desk performance {found.account}` shows its figures, `desk resume {scope}` lets it go on."
    )
    return Message(f"{found.account}: {found.strategy} is in quarantine", body, "warning", MessageKind.STRATEGY)


def _scope(account: str, strategy: str) -> Scope:
    return Scope(account=account, strategy=strategy)
