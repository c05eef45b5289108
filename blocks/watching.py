"""Watches accounts, from their names, in the process that asks for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from blocks.account import AccountBlock, OpenAccount, watch_holder
from blocks.resources import resources
from desk.accounts.watching import USUAL, watch_every, watch_policy
from desk.adapters.clocks import SystemClock
from desk.adapters.feeds.presents import clock_of
from desk.adapters.logs.events import NOTHING_TO_WATCH
from desk.adapters.notify.once import OnceAnHour
from desk.execution.breaker import LossFacts
from desk.model.cycle import Mode
from desk.ports import Message, Notifier, StopSetting
from desk.steps.breaker import check_losses, running_of, tell_trips
from desk.steps.watch import Watched, WatchTools, alike, no_stops_to_set, watch_account

LEASE_FOR = timedelta(seconds=90)
"""How long a pass may hold an account; its flow run is stopped before that."""

_MISSED = 3
"""How many passes in a row may be missing before the guardian takes an account over."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over an account; `watched` is None where there was none, and `why` says why."""

    account: str
    watched: Watched | None
    why: str = ""


async def watch_by_name(name: str, *, run: str) -> Pass:
    """Watch an account, unless it has nothing to watch or another run holds it; neither costs a call to its venue.

    Args:
        name: in accounts.yaml.
        run: names this run in the lease.

    Raises:
        ConfigError: there is no such account, or its venue cannot be reached for want of a key.
        VenueError: a read failed; nothing was concluded from that.
        LedgerError: what is done cannot be written down.
    """
    if not await resources().ledger.has_business(name):
        return Pass(name, None, NOTHING_TO_WATCH)
    account = AccountBlock(name=name).open(run=watch_holder(run))
    async with account.held(ttl=LEASE_FOR) as is_held:
        if not is_held:
            return Pass(name, None, "another run holds the account")
        return Pass(name, await look_after(account))


async def neglected() -> tuple[str, ...]:
    """Return the accounts that hold something, or have an order, and that nobody has watched lately.

    Those that are inactive, or whose watch is off, among them: whoever switched them off has not closed them.
    """
    ledger, accounts = resources().ledger, resources().fleet().accounts
    trading = [name for name, spec in accounts.items() if spec.mode is not Mode.DRY_RUN]
    return tuple([name for name in trading if await ledger.has_business(name) and await _is_neglected(name)])


async def strangers() -> tuple[str, ...]:
    """Return the accounts that hold something and are in no configuration: there is no key to look after them with."""
    held = await resources().ledger.accounts_with_positions()
    return tuple(sorted(held - resources().fleet().accounts.keys()))


def reminding_notifier() -> Notifier:
    """Return who tells a person the same thing at most once an hour, whatever changes from one watch to the next."""
    shared = resources()
    return OnceAnHour(shared.notifier, shared.said, SystemClock(), alike=alike)


async def tell_strangers(names: tuple[str, ...]) -> None:
    """Tell a person of positions that the desk cannot look after."""
    for name in names:
        body = "It holds positions by the ledger, and accounts.yaml does not name it, so that nobody watches them. "
        advice = "Put it back, with `active: false` if it is not to trade, or close them at the venue."
        await reminding_notifier().send(Message(f"{name}: held and not watched", body + advice, "error"))


async def _is_neglected(name: str) -> bool:
    spec = resources().fleet().account(name)
    every = watch_every(spec)
    if every is None or not spec.active:
        return True
    now = clock_of(resources().fleet().feed_of(name)).now()
    seen = await resources().ledger.last_valued_at(name, now)
    return seen is None or now - seen > _MISSED * max(every, USUAL)


async def look_after(account: OpenAccount) -> Watched:
    """Watch an account that is held.

    Raises: as `watch_by_name`.
    """
    spec, ledger = account.spec, account.ledger
    policy, notifier = watch_policy(spec, resources().fleet().policies[spec.name]), reminding_notifier()
    trading = account.trading
    tools = WatchTools(
        account.order_desk,
        ledger,
        resources().feed(spec.name).watching,
        account.clock.now,
        notifier,
        timeframe=spec.timeframe,
        lookback=spec.lookback,
        half_spread_bps=account.policy.costs.half_spread_bps,
        set_stop=trading.set_stop if isinstance(trading, StopSetting) else no_stops_to_set,
    )
    done = await watch_account(policy, account.key.candle_close, tools)
    await _check_breaker(account, done, account.clock.now())
    # Not through the notifier above: each trip is told once, and one that reads like the last is a new one.
    await tell_trips(spec.name, ledger, account.notifier, now=account.wall.now())
    return done


async def _check_breaker(account: OpenAccount, done: Watched, at: datetime) -> None:
    """Let the breaker see the money as it is now: a loss does not wait for the next candle."""
    name, ledger = account.spec.name, account.ledger
    equity = done.money.equity
    day_start, peak = await ledger.day_start_and_peak(name, at) or (equity, equity)
    now = account.wall.now()
    facts = LossFacts(at, equity, day_start, max(peak, equity), running=running_of(account.clock, now))
    await check_losses(name, facts, account.policy.breaker, ledger, now=now)
