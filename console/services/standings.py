"""How every account stands: what became of its last cycle, what it owns, and what is wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from console.services.opening import OpenDesk
from console.services.states import end_of
from console.services.telling import first_words
from console.times import format_minute
from desk.accounts import AccountSpec, punctuality
from desk.adapters.clocks import SystemClock
from desk.adapters.feeds.presents import clock_of
from desk.adapters.ledger.facts import AccountSummary, CycleSummary
from desk.model.books import Restriction, TradingState, most_severe
from desk.model.cycle import CycleState, Mode
from desk.model.scopes import Scope
from desk.ports import Clock

_NOT_WELL = (CycleState.FAILED, CycleState.CRASHED, CycleState.NO_TRADE)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Where an account stands, for programs.

    Attributes:
        group: what it is named together with others; None where with none.
        state, candle_close: of the newest cycle; None where it was never scanned.
        age_seconds: since that candle closed, by the account's own clock.
        equity, day_profit: in `currency`; None where no money was ever written down.
        drawdown_fraction: how much of its highest equity it lacks.
        next_run: when its schedule fires next; None where it is not active, or that cannot be known.
        overdue: when a scan was due that has not begun; None where none is missing.
        wrong: what is wrong with its last cycle and its trading state in a few words; empty where nothing is.
    """

    account: str
    group: str | None
    mode: Mode
    active: bool
    state: CycleState | None
    candle_close: datetime | None
    age_seconds: float | None
    currency: str
    equity: Decimal | None
    day_profit: Decimal | None
    drawdown_fraction: float | None
    open_positions: int
    next_run: datetime | None
    overdue: datetime | None
    trading_state: TradingState
    wrong: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account of the fleet stands.

    Attributes:
        age: since the last cycle's candle closed, by the account's own clock; None where it was never scanned.
        restriction: what it may do, by the order of a person or of a limit, or because it is not armed.
        next_run: when its schedule fires next, by the machine's clock; None where it is not active, or that cannot be
            known. A deployment that a person has paused at the scheduler is not scanned then.
        is_run: whether it was scanned as of the present when it was scanned last. A demonstration, a replay and a scan
            of a past time are not: an account that knows nothing else is scanned by nobody, and misses nothing.
        overdue: when a scan was due that has not begun, by the machine's clock; None where none is missing.
    """

    spec: AccountSpec
    summary: AccountSummary | None
    age: timedelta | None
    restriction: Restriction
    next_run: datetime | None
    is_run: bool = False
    overdue: datetime | None = None

    @property
    def cycle(self) -> CycleSummary | None:
        """The cycle of the newest candle, or None where the account was never scanned."""
        return self.summary.last_cycle if self.summary else None

    @property
    def has_failed(self) -> bool:
        """Whether the last cycle did not end well."""
        return self.cycle is not None and self.cycle.state in _NOT_WELL

    @property
    def is_well(self) -> bool:
        """Whether nobody has to look: an account that is not active any more cannot get better by itself."""
        return not (self.spec.active and (self.has_failed or self.overdue))

    @property
    def missing(self) -> str:
        """Which scan is missing in a few words; empty where none is."""
        return tell_overdue(self.overdue)

    @property
    def wrong(self) -> str:
        """What is wrong in a few words; empty where nothing is."""
        troubles = []
        if self.cycle and self.has_failed:
            troubles.append(f"{self.cycle.state}: {first_words(self.cycle.detail) or 'no reason was recorded'}")
        if self.restriction.refusal is not None:
            why = f": {first_words(self.restriction.why)}" if self.restriction.why else ""
            troubles.append(f"trading state is {self.restriction.state} until {end_of(self.restriction)}{why}")
        return "; ".join(troubles)

    @property
    def troubles(self) -> str:
        """What is missing, then what is wrong; empty where nothing is either."""
        return "; ".join(filter(None, (self.missing, self.wrong)))

    @property
    def facts(self) -> AccountFacts:
        """The same as plain values."""
        spec, summary, cycle = self.spec, self.summary, self.cycle
        return AccountFacts(
            account=spec.name,
            group=spec.group,
            mode=spec.mode,
            active=spec.active,
            state=cycle.state if cycle else None,
            candle_close=cycle.key.candle_close if cycle else None,
            age_seconds=self.age.total_seconds() if self.age is not None else None,
            currency=spec.currency,
            equity=summary.equity if summary else None,
            day_profit=summary.day_profit if summary else None,
            drawdown_fraction=summary.drawdown_fraction if summary else None,
            open_positions=summary.open_positions if summary else 0,
            next_run=self.next_run,
            overdue=self.overdue,
            trading_state=self.restriction.state,
            wrong=self.wrong,
        )


@dataclass(frozen=True, slots=True)
class FleetStanding:
    """Every configured account, and the names in the ledger that are configured no more."""

    accounts: tuple[Standing, ...]
    strangers: tuple[str, ...]

    @property
    def in_total(self) -> str:
        """The fleet in one sentence."""
        active = sum(standing.spec.active for standing in self.accounts)
        if not any(standing.cycle for standing in self.accounts):
            return f"{active} active accounts, none of them scanned yet; `desk up` scans each when its candle closes."
        told = "; ".join(self._ill) or "all of them well"
        return f"{active} of {len(self.accounts)} accounts are active, {told}. Times are UTC."

    @property
    def _ill(self) -> Iterator[str]:
        failed = sum(standing.spec.active and standing.has_failed for standing in self.accounts)
        overdue = sum(standing.overdue is not None for standing in self.accounts)
        if failed:
            yield f"{failed} of them not well: ask `desk why ACCOUNT`"
        if overdue:
            yield f"{overdue} of them not scanned when it was due: see whether `desk up` runs"


def overdue_since(standing: Standing, now: datetime) -> datetime | None:
    """Return when a scan was due that has not begun, or None where none is missing.

    Args:
        standing: of an account; one that nobody runs, or that is not active, misses nothing.
        now: by the machine's clock, which schedules go by.
    """
    if standing.cycle is None or not (standing.spec.active and standing.is_run):
        return None
    return punctuality.overdue_since(standing.spec.schedule, standing.cycle.started_at, now)


def tell_overdue(due: datetime | None) -> str:
    """Return that a scan is missing which was due then, in a few words; empty where none is."""
    return "" if due is None else f"a scan was due at {format_minute(due)} UTC, and none has begun"


async def fleet_standing(desk: OpenDesk) -> FleetStanding:
    """Return where every account stands, in the order of the configuration."""
    summaries = {summary.account: summary for summary in await desk.ledger.summaries()}
    in_force = await desk.ledger.restrictions_in_force()
    accounts = tuple(_standing(desk, spec, summaries, in_force) for spec in desk.fleet.accounts.values())
    return FleetStanding(accounts, tuple(sorted(summaries.keys() - desk.fleet.accounts.keys())))


def _standing(
    desk: OpenDesk, spec: AccountSpec, summaries: dict[str, AccountSummary], in_force: Sequence[Restriction]
) -> Standing:
    whole = Scope(venue=spec.venue, account=spec.name)
    covering = [one for one in in_force if one.scope.covers(whole)]
    # Of two that are as strict, the one without an end is told: until the other's end would not be true.
    found = most_severe(sorted(covering, key=lambda one: one.until is not None))
    summary = summaries.get(spec.name)
    cycle = summary.last_cycle if summary else None
    clock, now = clock_of(desk.fleet.feed_of(spec.name)), SystemClock().now()
    age = clock.now() - cycle.key.candle_close if cycle else None
    next_run = punctuality.next_due(spec.schedule, now) if spec.active else None
    standing = Standing(spec, summary, age, found, next_run, cycle is not None and _is_run(spec, cycle, clock))
    return replace(standing, overdue=overdue_since(standing, now))


def _is_run(spec: AccountSpec, cycle: CycleSummary, clock: Clock) -> bool:
    """Whether a cycle was scanned as of the present: only that can come too late, and only for that it is skipped."""
    late_after = spec.late_after or spec.timeframe.duration
    age = clock.shown_at(cycle.started_at) - cycle.key.candle_close
    return cycle.state is CycleState.SKIPPED_STALE or age < spec.timeframe.duration + late_after
