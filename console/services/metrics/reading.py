"""Reads the values of all metrics: from the ledger, the configuration and a survey of the parts of the desk."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from console.services.health.components import Health
from console.services.health.survey import Surveyed
from console.services.metrics import catalogue
from console.services.metrics.catalogue import Metric
from console.services.opening import OpenDesk
from console.services.standings import Standing, fleet_standing, overdue_since
from desk.adapters.budget.facts import hour_of
from desk.adapters.budget.usage import CallUsage, Usage
from desk.adapters.feeds.presents import clock_of
from desk.adapters.ledger.facts import CycleSummary
from desk.adapters.ledger.measures import Counting, Measures, Wealth
from desk.adapters.streams.diary import StreamNote, read_notes
from desk.adapters.streams.supervised import StreamState
from desk.model.books import TradingState
from desk.model.cycle import CycleState
from desk.model.orders import OrderState
from desk.ports import Clock
from desk.steps.surroundings import Standing as Books

Sample = tuple[tuple[str, ...], float]
"""The values of a metric's labels, and its own."""

_DAY = timedelta(hours=24)
_DIRECTIONS = {"1": "long", "-1": "short", "0": "flat"}


@dataclass(frozen=True, slots=True)
class Told:
    """A metric and its samples, in no order."""

    metric: Metric
    samples: tuple[Sample, ...]


async def read_metrics(
    desk: OpenDesk, surveyed: Surveyed, counting: Counting, *, home: Path, clock: Clock
) -> tuple[Told, ...]:
    """Return the values of every metric that there is, in the order of the catalogue.

    Args:
        desk: the installation.
        surveyed: how its parts are.
        counting: of its ledger.
        home: where its streams are written down.
        clock: the machine's.

    Raises:
        LedgerError: the ledger cannot be read; nothing is told rather than a part.
    """
    samples = list(_of_survey(surveyed))
    standings = (await fleet_standing(desk)).accounts
    measures = await counting.count(desk.fleet.accounts)
    samples += _of_measures(_from_nothing(measures, desk.fleet.accounts))
    for standing in standings:
        samples += _of_account(standing, measures.wealth.get(standing.spec.name), clock.now())
    samples += [one for standing in standings for one in await _of_day(desk, standing)]
    samples += await _of_books(desk, standings)
    samples += _of_usage(await CallUsage(desk.ledger.database, clock).read())
    samples += _of_streams(read_notes(home), clock.now())
    return tuple(_gathered(samples))


def _from_nothing(found: Measures, accounts: Iterable[str]) -> Measures:
    """Begin counts at 0: a counter that first appears with a 1 has not grown, and no alert would see it."""
    names = list(accounts)
    return replace(
        found,
        cycles={**{(name, state.value): 0 for name in names for state in CycleState}, **found.cycles},
        orders={**{(name, state.value): 0 for name in names for state in OrderState}, **found.orders},
        fills={**{(name,): 0 for name in names}, **found.fills},
        adjustments={**{(name,): 0 for name in names}, **found.adjustments},
    )


def _gathered(samples: Iterable[tuple[Metric, Sample]]) -> Iterator[Told]:
    found: dict[Metric, list[Sample]] = {}
    for metric, sample in samples:
        assert len(sample[0]) == len(metric.labels), (metric.name, sample)
        found.setdefault(metric, []).append(sample)
    for metric in catalogue.CATALOGUE:
        yield Told(metric, tuple(found.get(metric, ())))


def _one(metric: Metric, value: float | Decimal, *labels: str) -> tuple[Metric, Sample]:
    return metric, (labels, float(value))


def _one_of(metric: Metric, chosen: str, among: Iterable[str], *labels: str) -> Iterator[tuple[Metric, Sample]]:
    """A sample for each state that there could be, 1 for the one that is."""
    for name in among:
        yield _one(metric, name == chosen, *labels, name)


def _of_survey(surveyed: Surveyed) -> Iterator[tuple[Metric, Sample]]:
    for component in surveyed.components:
        yield from _one_of(catalogue.COMPONENT, component.health, Health, component.name)
    is_in_force = surveyed.component("configuration").health is Health.OK
    yield _one(catalogue.CONFIGURATION, is_in_force)


def _of_measures(found: Measures) -> Iterator[tuple[Metric, Sample]]:
    counted = (
        (catalogue.CYCLES, found.cycles),
        (catalogue.REFUSALS, found.refusals),
        (catalogue.ORDERS, found.orders),
        (catalogue.ORDERS_PLANNED, _added_up(found.orders)),
        (catalogue.FILLS, found.fills),
        (catalogue.CLOSED_TRADES, found.closed_trades),
        (catalogue.ADJUSTMENTS, found.adjustments),
        (catalogue.EXTERNALS, found.externals),
    )
    for metric, counts in counted:
        for labels, count in counts.items():
            yield _one(metric, count, *labels)
    for (account, strategy, sign), count in found.signals.items():
        yield _one(catalogue.SIGNALS, count, account, strategy, _DIRECTIONS[sign])


def _added_up(counts: Mapping[tuple[str, ...], int]) -> dict[tuple[str, ...], int]:
    totals: dict[tuple[str, ...], int] = {}
    for (account, *_), count in counts.items():
        totals[account,] = totals.get((account,), 0) + count
    return totals


def _of_account(standing: Standing, wealth: Wealth | None, now: datetime) -> Iterator[tuple[Metric, Sample]]:
    spec, summary = standing.spec, standing.summary
    yield _one(catalogue.ACCOUNT, 1, spec.name, spec.venue, spec.mode, str(spec.active).lower())
    yield _one(catalogue.SCAN_OVERDUE, overdue_since(standing, now) is not None, spec.name)
    yield from _one_of(catalogue.TRADING_STATE, standing.restriction.state, TradingState, spec.name)
    if summary is not None:
        yield _one(catalogue.OPEN_POSITIONS, summary.open_positions, spec.name)
        if summary.day_profit is not None:
            yield _one(catalogue.DAY_PROFIT, summary.day_profit, spec.name, spec.currency)
    if wealth is not None:
        yield _one(catalogue.EQUITY, wealth.equity, spec.name, spec.currency)
        yield _one(catalogue.CASH, wealth.cash, spec.name, spec.currency)
        if wealth.peak > 0:
            yield _one(catalogue.DRAWDOWN, max(1 - wealth.equity / wealth.peak, Decimal(0)), spec.name)
    if standing.cycle is not None and standing.age is not None:
        yield _one(catalogue.SCAN_AGE, standing.age.total_seconds(), spec.name)
        yield from _of_cycle(standing.cycle)


def _of_cycle(cycle: CycleSummary) -> Iterator[tuple[Metric, Sample]]:
    account = cycle.key.account
    delay = cycle.started_at - cycle.key.candle_close
    yield _one(catalogue.SCAN_DELAY, delay.total_seconds(), account)
    if cycle.finished_at is not None:
        yield _one(catalogue.SCAN_DURATION, (cycle.finished_at - cycle.started_at).total_seconds(), account)
    for stage, seconds in cycle.durations.items():
        yield _one(catalogue.STAGE_DURATION, seconds, account, stage)


async def _of_day(desk: OpenDesk, standing: Standing) -> list[tuple[Metric, Sample]]:
    """What the trades cost that were closed in the 24 hours before now, by the account's clock."""
    name, currency = standing.spec.name, standing.spec.currency
    since = clock_of(desk.fleet.feed_of(name)).now() - _DAY
    paid = await desk.ledger.paid_trades(name, since) if standing.summary else ()
    if not paid:
        return []
    slippage = sum((one.entry_slippage for one in paid if one.entry_slippage is not None), Decimal(0))
    fees = sum((one.fees for one in paid), Decimal(0))
    return [_one(catalogue.ENTRY_SLIPPAGE, slippage, name, currency), _one(catalogue.FEES, fees, name, currency)]


async def _of_books(desk: OpenDesk, standings: Iterable[Standing]) -> list[tuple[Metric, Sample]]:
    told = []
    for standing in standings:
        name, currency = standing.spec.name, standing.spec.currency
        at = clock_of(desk.fleet.feed_of(name)).now()
        for books in await desk.ledger.standings([name], at):
            values = _values(books, currency)
            told += [_one(catalogue.POSITION_VALUE, value, name, one, currency) for one, value in values.items()]
            if books.equity > 0 and len(values) == len(books.quantities):
                gross = sum(map(abs, values.values()), Decimal(0))
                told.append(_one(catalogue.EXPOSURE, gross / books.equity, name))
    return told


def _values(books: Books, currency: str) -> dict[str, Decimal]:
    """What is held and may still be opened, in the account's currency; without what has no price or no rate."""
    rates = {**books.conversion, currency: Decimal(1)}
    known = {
        name: (quantity, books.prices.get(name), rates.get(_quote_of(name)))
        for name, quantity in books.quantities.items()
    }
    return {
        name: quantity * price * rate
        for name, (quantity, price, rate) in known.items()
        if price is not None and rate is not None
    }


def _quote_of(instrument: str) -> str:
    return instrument.split("/")[1].split(":")[0]


def _of_usage(usage: Usage) -> Iterator[tuple[Metric, Sample]]:
    yield from _of_calls(usage)
    for level in usage.levels:
        scope = (level.scope.venue, level.scope.environment, level.scope.credential, level.period)
        yield _one(catalogue.BUDGET, level.calls, *scope)
        yield _one(catalogue.BUDGET_ROOM, level.room, *scope)
    silences: dict[tuple[str, str], float] = {}
    for pause in usage.pauses:
        where, left = (pause.scope.venue, pause.scope.environment), (pause.until - usage.at).total_seconds()
        silences[where] = max(silences.get(where, 0.0), left if pause.holds_at(usage.at) else 0.0)
    for where, seconds in silences.items():
        yield _one(catalogue.SILENCE, seconds, *where)


def _of_calls(usage: Usage) -> Iterator[tuple[Metric, Sample]]:
    """Calls of this hour; an endpoint that was called before and not in it is told with 0."""
    totals: dict[tuple[str, str, str, str], int] = {}
    for count in usage.counts:
        is_now = count.hour == hour_of(usage.at)
        results = {"ok": count.calls - count.errors, "error": count.errors - count.limited}
        results |= {"limited": count.limited, "refused": count.refused}
        for result, calls in results.items():
            names = (count.scope.venue, count.scope.environment, count.endpoint, result)
            totals[names] = totals.get(names, 0) + (calls if is_now else 0)
    for names, calls in totals.items():
        yield _one(catalogue.VENUE_CALLS, calls, *names)


def _of_streams(notes: Iterable[StreamNote], now: datetime) -> Iterator[tuple[Metric, Sample]]:
    for note in notes:
        yield _one(catalogue.STREAM, note.state is StreamState.LIVE, note.stream)
        yield _one(catalogue.STREAM_AGE, (now - (note.heard_at or note.since)).total_seconds(), note.stream)
