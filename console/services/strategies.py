"""Strategies: what each takes, which accounts trade by it with what parameters, how it does, and whether it may."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.services.opening import OpenDesk
from console.services.plugins import Parameter, candles_of, every_strategy, parameters_of
from desk.accounts import AccountSpec, Fleet
from desk.accounts.reference import written
from desk.model.books import Restriction, TradingState, most_severe
from desk.model.records import ClosedTrade
from desk.model.scopes import Scope
from desk.monitor.performance import Grouping, Performance, grouped, performance_of
from desk.plugin import Strategy
from desk.registry import strategies


@dataclass(frozen=True, slots=True)
class StrategyUse:
    """An account that trades by a strategy.

    Attributes:
        place: of the strategy in the configuration; parameters are below it.
        parameters: those that are written for it, as they are written.
        performance: of its closed trades in this account; None where there is none.
        state: what it may do there, by an order that names the strategy; `why` says who ordered that.
    """

    account: str
    active: bool
    place: str
    weight: float
    parameters: Mapping[str, str]
    currency: str
    performance: Performance | None
    state: TradingState
    why: str


@dataclass(frozen=True, slots=True)
class StrategyFacts:
    """A strategy and who trades by it; `candles` says which it is made for."""

    name: str
    summary: str
    candles: str
    parameters: tuple[Parameter, ...]
    uses: tuple[StrategyUse, ...]


async def fleet_strategies(desk: OpenDesk) -> tuple[StrategyFacts, ...]:
    """Return every strategy, those that some account uses first."""
    in_force = await desk.ledger.restrictions_in_force()
    closed = {name: await desk.ledger.closed_trades(name) for name in desk.fleet.accounts}
    # Sums of all trades that there ever were take a moment, in which other pages are to be answered.
    return await asyncio.to_thread(_told, desk.fleet, closed, in_force)


def _told(
    fleet: Fleet, closed: Mapping[str, Sequence[ClosedTrade]], in_force: Sequence[Restriction]
) -> tuple[StrategyFacts, ...]:
    uses: dict[str, list[StrategyUse]] = {}
    for spec in fleet.accounts.values():
        groups = grouped(closed[spec.name], Grouping.STRATEGY)
        for number, one in enumerate(spec.strategies):
            name = strategies().present_name(one.name)
            uses.setdefault(name, []).append(_use(spec, number, groups.get(name, ()), in_force))
    found = [strategy_facts(plugin, uses.get(name, ())) for name, plugin in every_strategy().items()]
    return tuple(sorted(found, key=lambda one: (not one.uses, one.name)))


def strategy_facts(plugin: type[Strategy], uses: Sequence[StrategyUse] = ()) -> StrategyFacts:
    """Return what a strategy is."""
    return StrategyFacts(plugin.name, plugin.summary(), candles_of(plugin), parameters_of(plugin), tuple(uses))


def _use(spec: AccountSpec, number: int, closed: Sequence[ClosedTrade], in_force: Sequence[Restriction]) -> StrategyUse:
    one = spec.strategies[number]
    whole = Scope(venue=spec.venue, account=spec.name, strategy=strategies().present_name(one.name))
    restriction = most_severe(each for each in in_force if each.scope.strategy and each.scope.covers(whole))
    return StrategyUse(
        account=spec.name,
        active=spec.active,
        place=f"accounts.{spec.name}.strategies[{number}]",
        weight=one.weight,
        parameters={name: written(value) for name, value in one.parameters.items()},
        currency=spec.currency,
        performance=performance_of(closed) if closed else None,
        state=restriction.state,
        why=restriction.told if restriction.state is not TradingState.ACTIVE else "",
    )
