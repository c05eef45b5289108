"""Trading states: what is ordered by whom for which scope, and putting one into force."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from shlex import quote
from typing import TYPE_CHECKING

from console.failures import UNDONE, NotUnderstood
from console.naming import scopes_meant, unknown
from console.services.telling import quoted_in
from console.times import format_minute, parse_length, parse_time
from desk.adapters.clocks import SystemClock
from desk.adapters.halting import HaltTriggers, printable
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.errors import ConfigError, DeskError, LedgerBusy, LedgerError
from desk.model.books import Restriction, TradingState, most_severe
from desk.model.scopes import Scope

if TYPE_CHECKING:  # numpy comes with it, and a halt must be in force before that
    from desk.accounts import AccountSpec, Fleet

HASTE = timedelta(seconds=5)
"""How long an order to trade less waits for others who write: who gives it has to know soon that it does not hold."""


@dataclass(frozen=True, slots=True)
class StateOrder:
    """What somebody ordered.

    Attributes:
        scope: as it is written; where it says so also a name, see `scopes_meant`.
        why, who: as they are written into the audit.
        until: a time or a length of time; None for when somebody lifts it.
        flatten: whether to close what is open.
    """

    scope: str
    state: TradingState
    who: str
    why: str = ""
    until: str | None = None
    flatten: bool = False


@dataclass(frozen=True, slots=True)
class StateInForce:
    """What was put into force, and `stricter`: what holds for the scope nevertheless."""

    scope: str
    state: TradingState
    until: datetime | None
    who: str
    why: str
    stricter: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StateNotPut:
    """A scope for which the state that was ordered was not put into force, or nobody knows whether.

    Attributes:
        undone: whether it is known that nothing was written; where not, look at the states in force.
        cause: what was expected and what was found.
    """

    scope: str
    state: TradingState
    undone: bool
    cause: str

    @property
    def told(self) -> str:
        """What is not so, without its cause."""
        return f"NOT {self.state}" if self.undone else f"NOT KNOWN to be {self.state}"


@dataclass(frozen=True, slots=True)
class StateRefused:
    """An order for a scope that did not go well, and why."""

    order: StateOrder
    error: DeskError

    @property
    def facts(self) -> StateNotPut:
        """The same, for programs."""
        return StateNotPut(self.order.scope, self.order.state, isinstance(self.error, UNDONE), str(self.error))


@dataclass(frozen=True, slots=True)
class StatesPut:
    """What became of an order that is in force for some of its scopes at least: of a group each account's."""

    put: tuple[StateInForce, ...]
    not_put: tuple[StateNotPut, ...] = ()


@dataclass(frozen=True, slots=True)
class StateFacts:
    """A trading state in force, for programs; see `Restriction`."""

    scope: str
    state: TradingState
    since: datetime | None
    until: datetime | None
    who: str
    why: str


async def put_state(
    ledger: Ledger, order: StateOrder, fleet: "Callable[[], Fleet]", *, patience: timedelta | None = None
) -> StateInForce:
    """Put a trading state into force for one scope; it holds from the moment this returns, over restarts.

    Args:
        ledger: where it is kept.
        order: what was ordered.
        fleet: asked only where the scope has a name that must be one of its.
        patience: how long it waits for others who write; without it HASTE for a state that lets less be traded, and as
            long as every writer for one that lets more.

    Raises:
        NotUnderstood: the scope is none, or has a name that is not configured; the message gives the nearest.
        LedgerBusy: others wrote for longer, and nothing was written; the message says what halts without the ledger.
    """
    scope = await _known_scope(ledger, order, fleet)
    who, why, until = printable(order.who), printable(order.why), _until(order.until)
    with halting_otherwise(order.state):
        waits = HASTE if patience is None and order.state is not TradingState.ACTIVE else patience
        ends = await ledger.set_trading_state(str(scope), order.state, who=who, why=why, until=until, patience=waits)
    return StateInForce(str(scope), order.state, ends, who, why, await _nevertheless(ledger, scope, order.state))


def orders_of(order: StateOrder, fleet: "Callable[[], Fleet]") -> list[StateOrder]:
    """Return the same order for each scope that its word stands for; see `scopes_meant`, for errors too."""
    return [replace(order, scope=scope) for scope in scopes_meant(order.scope, fleet)]


async def put_each(
    ledger: Ledger, orders: Iterable[StateOrder], fleet: "Callable[[], Fleet]"
) -> tuple[StateInForce | StateRefused, ...]:
    """Put each of some orders into force, whatever becomes of the others; return what became of each.

    Only the first that finds the ledger busy waits for it: a group must not take as many times as long as an account.
    """
    ended: list[StateInForce | StateRefused] = []
    patience: timedelta | None = None
    for order in orders:
        try:
            ended.append(await put_state(ledger, order, fleet, patience=patience))
        except DeskError as error:
            ended.append(StateRefused(order, error))
            if isinstance(error, LedgerBusy):
                patience = timedelta(0)
    return tuple(ended)


async def put_states(ledger: Ledger, order: StateOrder, fleet: "Callable[[], Fleet]") -> StatesPut:
    """Put a trading state into force for each scope that its word stands for; see `put_state`.

    Raises:
        DeskError: it is in force for none of them; nothing was written where that is one of `UNDONE`.
    """
    return _some_of(await put_each(ledger, orders_of(order, fleet), fleet))


@contextmanager
def halting_otherwise(state: TradingState) -> Iterator[None]:
    """Say what halts without the ledger where an order to trade less cannot be written, since others write.

    Raises:
        LedgerBusy: in place of one that does not say it.
    """
    try:
        yield
    except LedgerBusy as error:
        if state is TradingState.ACTIVE:
            raise
        file = HaltTriggers.of(settings()).file
        raise LedgerBusy(
            f"expected to write that trading is {state}, found the ledger busy with what others write: nothing was "
            f"written, and positions may still be opened. The file {file} halts the fleet without the ledger for as "
            f"long as it is there: make it now (touch {quote(str(file))}), then order it again"
        ) from error


async def states_in_force(ledger: Ledger) -> tuple[StateFacts, ...]:
    """Return every trading state in force that is not active."""
    return tuple(
        StateFacts(str(one.scope), one.state, one.since, one.until, one.who, one.why)
        for one in await ledger.restrictions_in_force()
    )


def accounts_of(fleet: "Fleet", scope: Scope) -> "list[AccountSpec]":
    """The accounts that a scope covers something of, those that are not scanned among them: they may hold something."""
    return [
        spec for spec in fleet.accounts.values() if scope.account in ("", spec.name) and scope.venue in ("", spec.venue)
    ]


def end_of(restriction: Restriction) -> str:
    """Return until when it is in force: a time, or what somebody has to do."""
    if restriction.until:
        return format_minute(restriction.until)
    return "it is lifted" if restriction.since else "it is armed" if restriction.reason else "it is taken away"


def _some_of(ended: "Sequence[StateInForce | StateRefused]") -> StatesPut:
    refused = [one for one in ended if isinstance(one, StateRefused)]
    if len(refused) == len(ended):
        raise _none_put(refused)
    put = tuple(one for one in ended if isinstance(one, StateInForce))
    return StatesPut(put, tuple(one.facts for one in refused))


def _none_put(refused: Sequence[StateRefused]) -> DeskError:
    """One error for all: of the kind of the first that may have been written, or else of the first."""
    if len(refused) == 1:
        return refused[0].error
    scopes: dict[str, list[str]] = {}
    for one in refused:
        scopes.setdefault(str(one.error), []).append(one.order.scope)
    told = "\n".join(f"{', '.join(those)}: {cause}" for cause, those in scopes.items())
    return type(min(refused, key=lambda one: one.facts.undone).error)(told)


async def _known_scope(ledger: Ledger, order: StateOrder, fleet: "Callable[[], Fleet]") -> Scope:
    try:
        scope = Scope.parse(order.scope)
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
    if order.flatten and scope.strategy:
        raise NotUnderstood(
            f"expected a scope without a strategy to flatten, found '{scope}': at the venue a position has no strategy"
        )
    if scope.names:
        await _check_names(ledger, scope, order.state, fleet)
    return scope


async def _check_names(ledger: Ledger, scope: Scope, state: TradingState, configured: "Callable[[], Fleet]") -> None:
    """Refuse a name that nothing has; what is in force may be lifted under a name that is configured no more."""
    try:
        fleet = configured()
    except ConfigError:
        # A configuration that is broken must not keep anybody from halting; a name of it cannot be looked up.
        return
    known = _known_names(fleet)
    wrong = [
        (kind, name)
        for kind, name in scope.names.items()
        if name not in known[kind] and not (kind == "instrument" and _may_be_chosen(fleet, name))
    ]
    if wrong and not (state is TradingState.ACTIVE and await _is_in_force(ledger, scope)):
        kind, name = wrong[0]
        raise unknown(f"a configured {kind}", name, known[kind])


def _known_names(fleet: "Fleet") -> dict[str, set[str]]:
    accounts = fleet.accounts.values()
    return {
        "venue": {str(spec.venue) for spec in accounts},
        "account": set(fleet.accounts),
        "strategy": {strategy.name for spec in accounts for strategy in spec.strategies},
        "instrument": {instrument for spec in accounts for instrument in spec.instruments},
    }


def _may_be_chosen(fleet: "Fleet", instrument: str) -> bool:
    """Whether the universe of an account may have the instrument, by what it is quoted in."""
    quoted = quoted_in(instrument)
    return any(quoted == found.quote for name in fleet.accounts if (found := fleet.universe_of(name)))


async def _is_in_force(ledger: Ledger, scope: Scope) -> bool:
    return any(restriction.scope == scope for restriction in await ledger.restrictions_in_force())


def _until(text: str | None) -> datetime | None:
    """A time, or so long from now.

    Raises:
        NotUnderstood: it is neither, or has been.
    """
    if text is None:
        return None
    now = SystemClock().now()
    until = now + parse_length(text) if text[-1:] in "mhd" and text[:-1].isdigit() else parse_time(text)
    if until <= now:
        raise NotUnderstood(f"expected a time to come, found {format_minute(until)} UTC")
    return until


async def _nevertheless(ledger: Ledger, scope: Scope, state: TradingState) -> tuple[str, ...]:
    """What holds for the scope besides; who gave an order that is in force must not be told that it failed."""
    try:
        return tuple(_stricter(scope, state, await ledger.restrictions_in_force()))
    except LedgerError as error:
        return (f"It is in force; whether something stricter holds could not be read: {error}.",)


def _stricter(scope: Scope, state: TradingState, in_force: Sequence[Restriction]) -> "list[str]":
    # What was ordered is among them; of the same scope a limit that tripped, or money on its way, may hold besides.
    above = most_severe(one for one in in_force if one.scope.covers(scope))
    told = [f"It stays stricter than that: {above}."] if above.state.severity > state.severity else []
    # What has no beginning is no order in the ledger: a file or a variable, which goes away another way.
    pulled = [one.who for one in in_force if one.since is None and one.reason is None]
    return [*told, f"Take away first: {', '.join(pulled)}."] if pulled else told
