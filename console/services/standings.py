"""How every account stands: what became of its last cycle, what it owns, and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from console.services.opening import OpenDesk
from console.services.states import end_of
from console.services.telling import first_words
from desk.accounts import AccountSpec
from desk.accounts.punctuality import next_due
from desk.adapters.clocks import SystemClock
from desk.adapters.feeds.presents import clock_of
from desk.adapters.ledger.facts import AccountSummary, CycleSummary
from desk.model.books import Restriction, TradingState, most_severe
from desk.model.cycle import CycleState, Mode
from desk.model.scopes import Scope

_NOT_WELL = (CycleState.FAILED, CycleState.CRASHED, CycleState.NO_TRADE)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Where an account stands, for programs.

    Attributes:
        state, candle_close: of the newest cycle; None where it was never scanned.
        age_seconds: since that candle closed, by the account's own clock.
        equity, day_profit: in `currency`; None where no money was ever written down.
        drawdown_fraction: how much of its highest equity it lacks.
        next_run: when its schedule fires next; None where it is not active, or that cannot be known.
        wrong: what is wrong in a few words; empty where nothing is.
    """

    account: str
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
    """

    spec: AccountSpec
    summary: AccountSummary | None
    age: timedelta | None
    restriction: Restriction
    next_run: datetime | None

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
        """Whether nobody has to look: an account that is not scanned any more cannot get better by itself."""
        return not (self.spec.active and self.has_failed)

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
    def facts(self) -> AccountFacts:
        """The same as plain values."""
        spec, summary, cycle = self.spec, self.summary, self.cycle
        return AccountFacts(
            account=spec.name,
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
            return f"{active} active accounts, none of them ever scanned; run `desk up` or `desk demo`."
        ill = sum(not standing.is_well for standing in self.accounts)
        well = f"{ill} of them not well: ask `desk why ACCOUNT`" if ill else "all of them well"
        return f"{active} of {len(self.accounts)} accounts are active, {well}. Times are UTC."


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
    age = clock_of(desk.fleet.feed_of(spec.name)).now() - cycle.key.candle_close if cycle else None
    next_run = next_due(spec.schedule, SystemClock().now()) if spec.active else None
    return Standing(spec, summary, age, found, next_run)
