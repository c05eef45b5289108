"""What has happened in the fleet since it was looked at last, for whoever wants to be told as it happens."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from console.services.opening import OpenDesk
from console.services.standings import AccountFacts, fleet_standing
from console.services.states import StateFacts, states_in_force
from desk.adapters.ledger.facts import OrderRecord
from desk.model.books import Position
from desk.model.cycle import CycleKey, CycleState
from desk.model.views import Signal


class UpdateKind(StrEnum):
    """What has changed."""

    ACCOUNT = "account_update"
    POSITION = "position_update"
    SIGNAL = "signal_update"
    ORDER = "order_update"
    STATE = "state_update"


@dataclass(frozen=True, slots=True)
class PositionFacts:
    """What an account holds of an instrument; None where it holds nothing any more."""

    instrument: str
    position: Position | None


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that has changed, as it is now.

    Attributes:
        at: when it was noticed.
        account: empty where it concerns more than one.
        data: an account, a position, a signal or an order as the API has it; for a state all those in force.
    """

    type: UpdateKind
    at: datetime
    account: str
    data: AccountFacts | PositionFacts | Signal | OrderRecord | tuple[StateFacts, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """The fleet as it was seen at one time."""

    accounts: Mapping[str, AccountFacts] = field(default_factory=dict)
    positions: Mapping[tuple[str, str], Position] = field(default_factory=dict)
    signals: tuple[tuple[str, Signal], ...] = ()
    orders: Mapping[str, OrderRecord] = field(default_factory=dict)
    states: tuple[StateFacts, ...] = ()


async def sight_of(desk: OpenDesk, before: Sight | None = None) -> Sight:
    """Return the fleet as it is; of signals and orders what may be new since `before`."""
    accounts = {one.spec.name: one.facts for one in (await fleet_standing(desk)).accounts}
    known = before.accounts if before else {}
    fresh = list(_new_cycles(known, accounts)) if before else []
    ledger, last = desk.ledger, before.orders if before else {}
    orders = [*await ledger.orders_on_their_way(accounts), *(await ledger.orders_of_cycles(fresh) if fresh else ())]
    gone = last.keys() - {order.intent.client_order_id for order in orders}
    if ended := [name for name in gone if not last[name].state.is_final]:
        orders += await ledger.orders_named(ended)
    held = await ledger.fleet_positions(accounts)
    return Sight(
        accounts,
        {(name, one.instrument): one for name, positions in held.items() for one in positions},
        await ledger.signals_of_cycles(fresh) if fresh else (),
        {order.intent.client_order_id: order for order in orders},
        await states_in_force(ledger),
    )


def differences(before: Sight, after: Sight, at: datetime) -> tuple[Update, ...]:
    """Return what is new, accounts first and states last."""
    return (
        *(Update(UpdateKind.ACCOUNT, at, name, one) for name, one in _changed(before.accounts, after.accounts)),
        *_moved(before, after, at),
        *(Update(UpdateKind.SIGNAL, at, account, signal) for account, signal in after.signals),
        *(
            Update(UpdateKind.ORDER, at, order.intent.account, order)
            for name, order in after.orders.items()
            if before.orders.get(name) != order
        ),
        *([Update(UpdateKind.STATE, at, "", after.states)] if before.states != after.states else []),
    )


def _new_cycles(before: Mapping[str, AccountFacts], after: Mapping[str, AccountFacts]) -> Iterator[CycleKey]:
    """The cycles that have ended since."""
    for name, now in after.items():
        known = before.get(name)
        has_ended = now.candle_close is not None and now.state is not CycleState.RUNNING
        if has_ended and (known is None or (known.candle_close, known.state) != (now.candle_close, now.state)):
            assert now.candle_close is not None, now
            yield CycleKey(name, now.candle_close)


def _changed(
    before: Mapping[str, AccountFacts], after: Mapping[str, AccountFacts]
) -> Iterable[tuple[str, AccountFacts]]:
    return [(name, one) for name, one in after.items() if name not in before or _lasting(before[name]) != _lasting(one)]


def _lasting(facts: AccountFacts) -> AccountFacts:
    """Without what goes on by itself."""
    return replace(facts, age_seconds=None, next_run=None)


def _moved(before: Sight, after: Sight, at: datetime) -> Iterator[Update]:
    for account, instrument in sorted({*before.positions, *after.positions}):
        now = after.positions.get((account, instrument))
        if before.positions.get((account, instrument)) != now:
            yield Update(UpdateKind.POSITION, at, account, PositionFacts(instrument, now))
