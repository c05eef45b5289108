"""What clients of freqtrade may order of an account, put into the desk's own orders: nothing is done here alone."""

from collections.abc import Callable
from dataclasses import dataclass

from console.failures import HeldBack, NothingRecorded
from console.naming import account_of
from console.services.accounts import standing_of
from console.services.changing import ChangeWanted
from console.services.lifecycle import LifeChanged, LifeOrder, change_life, to_reload, to_start, to_stop
from console.services.opening import OpenDesk
from console.services.states import StateOrder, put_state
from desk.accounts import Fleet
from desk.adapters.settings import Settings
from desk.execution.breaker import BREAKER
from desk.model.books import Restriction, TradingState, most_severe
from desk.model.moves import TREASURY
from desk.model.scopes import ALL, Scope
from desk.ports import Clock

WHY = "ordered by a client of freqtrade"
"""What the audit has as the reason: freqtrade's clients give none."""


@dataclass(frozen=True, slots=True)
class StatusSaid:
    """What became of an order, in freqtrade's words, and what holds nevertheless."""

    status: str


@dataclass(frozen=True, slots=True)
class ResultSaid:
    """What became of an order to close something."""

    result: str


@dataclass(frozen=True, slots=True)
class Ordering:
    """An order for an account, with what it needs; `who` is written into the audit."""

    desk: OpenDesk
    chosen: Settings
    clock: Clock
    account: str
    who: str


@dataclass(frozen=True, slots=True)
class Exit:
    """What is to be closed; `said` is told when that has begun."""

    account: str
    scope: Scope
    said: ResultSaid


async def pause_entries(order: Ordering) -> StatusSaid:
    """Let an account open nothing more until it is started; what is stricter already stays so, without an end.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
        LedgerBusy: see `put_state`.
    """
    await _reduce(order, Scope(account=account_of(order.desk.fleet, order.account).name))
    return StatusSaid("paused, no more entries will occur from now. Run /start to enable entries.")


async def start(order: Ordering, *, may_activate: bool) -> StatusSaid:
    """Let an account trade as before, and its schedule run; what was ordered for more than the account stays.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
        HeldBack: a limit on losses holds it, or its schedule rests and who asks may not change that.
        ConfigError: it cannot be written.
    """
    spec = account_of(order.desk.fleet, order.account)
    whole = Scope(account=spec.name)
    if tripped := [one for one in await _in_force(order, whole) if one.who == BREAKER]:
        raise HeldBack(
            f"expected an account that no limit holds, found that {most_severe(tripped)}; a tool that starts by itself "
            f"must not lift that: `desk resume account:{spec.name}` or the page of the account does"
        )
    if not spec.active and not may_activate:
        raise HeldBack(f"expected {spec.name} to be active, found that its schedule rests; a token of admin starts it")
    problem = "" if spec.active else (await _change(order, to_start)).problem
    own = await _ordered_for(order, whole)
    if own:
        await _put(order, whole, TradingState.ACTIVE)
    said = "already running" if spec.active and not own else "starting trader ..."
    return StatusSaid(_joined(said, problem, await _holding(order)))


async def stop(order: Ordering) -> StatusSaid:
    """Let the schedule of an account rest; what it holds is kept. For errors see `start`."""
    spec = account_of(order.desk.fleet, order.account)
    if not spec.active:
        return StatusSaid("already stopped")
    return StatusSaid(_joined("stopping trader ...", (await _change(order, to_stop)).problem))


async def reload_files(order: Ordering) -> StatusSaid:
    """Check the files as they are, and bring the deployments of an account in line; it lifts nothing.

    For errors see `start`.
    """
    done = await _change(order, to_reload)
    outcome = {"outcome": done.problem or "in force"}
    await order.desk.ledger.record_action(order.who, "configuration read", f"account:{done.account}", outcome)
    return StatusSaid(_joined("Reloading config ...", done.problem))


async def begin_exit(order: Ordering, trade: str) -> Exit:
    """Let a trade, or `all` of an account, only be reduced from now on; return what has to be closed then.

    What is halted stays halted.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
        NothingRecorded: no trade of this number is open.
        LedgerBusy: see `put_state`.
    """
    name = account_of(order.desk.fleet, order.account).name
    scope, what = Scope(account=name), "all open trades"
    if trade != ALL:
        found = await order.desk.ledger.numbered_trade(name, int(trade))
        if found is None or found.trade.closed_at is not None:
            raise NothingRecorded(f"expected an open trade of {name}, found none of the number {trade}")
        scope, what = Scope(account=name, instrument=found.trade.instrument), f"trade {trade}"
    await _reduce(order, scope, flatten=True)
    said = f"Closing {what} at the venue. {scope} opens nothing more until `desk resume {scope}`."
    return Exit(name, scope, ResultSaid(said))


async def _reduce(order: Ordering, scope: Scope, *, flatten: bool = False) -> None:
    """Reduce a scope only until that is lifted; what somebody has halted stays halted."""
    states = (TradingState.REDUCE_ONLY, *(one.state for one in await _ordered_for(order, scope)))
    await _put(order, scope, max(states, key=lambda state: state.severity), flatten=flatten)


async def _put(order: Ordering, scope: Scope, state: TradingState, *, flatten: bool = False) -> None:
    wanted = StateOrder(str(scope), state, order.who, WHY, flatten=flatten)
    await put_state(order.desk.ledger, wanted, lambda: order.desk.fleet)


async def _change(order: Ordering, wanted: Callable[[Fleet, str], ChangeWanted]) -> LifeChanged:
    return await change_life(
        order.desk.ledger,
        order.chosen,
        LifeOrder(order.account, order.who, WHY),
        lambda fleet: wanted(fleet, order.account),
        order.clock,
    )


async def _in_force(order: Ordering, scope: Scope) -> list[Restriction]:
    """What is in force for exactly this scope of the account."""
    spec = account_of(order.desk.fleet, order.account)
    return [one for one in await order.desk.ledger.restrictions(spec.name, spec.venue) if one.scope == scope]


async def _ordered_for(order: Ordering, scope: Scope) -> list[Restriction]:
    """What somebody ordered of that, so that an order lifts it.

    A broken file and an arm that is missing have no beginning; limits, and money on its way, are nobody's orders.
    """
    return [one for one in await _in_force(order, scope) if one.since and one.who not in (BREAKER, TREASURY)]


async def _holding(order: Ordering) -> str:
    """What keeps an account from opening anything nevertheless; empty where nothing does."""
    found = (await standing_of(order.desk, order.account)).restriction
    return str(found) if found.refusal else ""


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))
