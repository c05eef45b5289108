"""How much of its limits the fleet uses: losses beside the breaker's limits, rules, exposure, and what tripped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from console.naming import account_of
from console.services.opening import OpenDesk
from console.services.states import StateFacts, states_in_force
from console.services.telling import amount, quoted_in
from desk.accounts import Fleet
from desk.adapters.feeds.presents import clock_of
from desk.adapters.ledger.fleet_views import Result, RuleUse
from desk.execution.breaker import Limit, LossFacts, PastTrip, observed_losses
from desk.steps.surroundings import Standing

_NOTHING = Decimal(0)
_RULES_OF = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LimitUse:
    """How much of a limit of the breaker an account has used: fractions, or a number of trades."""

    limit: Limit
    used: Decimal
    allowed: Decimal

    @property
    def fraction(self) -> float:
        """How much of what is allowed is used; 1 or more has tripped."""
        return float(self.used / self.allowed)

    @property
    def told(self) -> str:
        """The same in words: fractions in percent, as drawdowns are told everywhere."""
        if self.limit in (Limit.DAILY_LOSS, Limit.DRAWDOWN):
            return f"{self.used:.1%} of {amount(100 * self.allowed)}%"
        return f"{self.used} of {self.allowed}"


@dataclass(frozen=True, slots=True)
class AccountRisk:
    """What an account risks.

    Attributes:
        equity: in `currency`; None where it was never written down.
        exposure: signed value of what is held by instrument, in `currency`; what cannot be valued is in `unvalued`.
        limits: those on losses that its policy sets.
    """

    account: str
    currency: str
    equity: Decimal | None = None
    exposure: Mapping[str, Decimal] = field(default_factory=dict)
    unvalued: tuple[str, ...] = ()
    limits: tuple[LimitUse, ...] = ()

    @property
    def fullest(self) -> LimitUse | None:
        """The limit of which the largest fraction is used; None where its policy sets none."""
        return max(self.limits, key=lambda use: use.fraction, default=None)

    @property
    def gross_multiple(self) -> float | None:
        """`gross` as a multiple of the equity; None where that is not known, or not everything could be valued."""
        if not self.equity or self.equity <= 0 or self.unvalued:
            return None
        return float(self.gross / self.equity)

    @property
    def gross(self) -> Decimal:
        """The value of everything that is held, long and short added up."""
        return sum((abs(value) for value in self.exposure.values()), _NOTHING)

    def multiple(self, instrument: str) -> float | None:
        """Return the signed exposure in an instrument as a multiple of the equity; None where that is not known."""
        if not self.equity or self.equity <= 0 or instrument not in self.exposure:
            return None
        return float(self.exposure[instrument] / self.equity)


@dataclass(frozen=True, slots=True)
class AccountTrip:
    """The last time that a limit of an account tripped, and whether that is in force."""

    account: str
    limit: Limit
    why: str
    tripped_at: datetime
    ends_at: datetime | None
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class FleetRisk:
    """What the fleet risks, in the order of the configuration; trips the newest first."""

    accounts: tuple[AccountRisk, ...]
    states: tuple[StateFacts, ...]
    trips: tuple[AccountTrip, ...]

    @property
    def instruments(self) -> tuple[str, ...]:
        """Whatever is held, by name."""
        return tuple(sorted({name for account in self.accounts for name in account.exposure}))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the ledger has of an account; `at` is its own time, `results` are of its last trades."""

    standing: Standing
    at: datetime
    peak: Decimal
    results: tuple[Result, ...]
    past: Mapping[Limit, PastTrip]


async def fleet_risk(desk: OpenDesk, now: datetime) -> FleetRisk:
    """Return what every account risks; `now` is the machine's time."""
    trips = await desk.ledger.fleet_trips(desk.fleet.accounts)
    accounts = await _accounts(desk, trips)
    return FleetRisk(
        accounts, await states_in_force(desk.ledger), tuple(_trip(name, trip, now) for name, trip in trips)
    )


async def account_risks(desk: OpenDesk) -> tuple[AccountRisk, ...]:
    """Return what every account risks by itself."""
    return await _accounts(desk, await desk.ledger.fleet_trips(desk.fleet.accounts))


async def rules_in_use(desk: OpenDesk, account: str) -> tuple[RuleUse, ...]:
    """Return what each rule of an account said of the newest proposal of the last seven days that it judged.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    name = account_of(desk.fleet, account).name
    last = await desk.ledger.last_cycle(name)
    return () if last is None else await desk.ledger.rule_uses(name, since=last.key.candle_close - _RULES_OF)


async def _accounts(desk: OpenDesk, trips: tuple[tuple[str, PastTrip], ...]) -> tuple[AccountRisk, ...]:
    """In a few questions for all of them: to ask about each takes ten times as long."""
    fleet, ledger = desk.fleet, desk.ledger
    times = {name: clock_of(fleet.feed_of(name)).now() for name in fleet.accounts}
    standings = await _standings(desk, times)
    peaks = await ledger.peaks()
    results = await ledger.last_results({name: _most_lost(fleet, name) for name in standings})
    past = {name: {trip.limit: trip for account, trip in trips if account == name} for name in fleet.accounts}
    return tuple(
        _account(
            fleet,
            _Seen(one, times[name], peaks.get(name, one.equity), results.get(name, ()), past[name]),
        )
        if (one := standings.get(name))
        else AccountRisk(name, fleet.account(name).currency)
        for name in fleet.accounts
    )


async def _standings(desk: OpenDesk, times: Mapping[str, datetime]) -> dict[str, Standing]:
    """By name; accounts whose own time is of another day are asked about apart, because losses count from midnight."""
    days: dict[date, list[str]] = {}
    for name, at in times.items():
        days.setdefault(at.astimezone(UTC).date(), []).append(name)
    found = [await desk.ledger.standings(names, max(times[name] for name in names)) for names in days.values()]
    return {one.account: one for part in found for one in part}


def _account(fleet: Fleet, seen: _Seen) -> AccountRisk:
    standing = seen.standing
    currency = fleet.account(standing.account).currency
    values = {one: _value(standing, one, currency) for one in standing.held}
    return AccountRisk(
        standing.account,
        currency,
        standing.equity,
        {one: value for one, value in values.items() if value is not None},
        tuple(one for one, value in values.items() if value is None),
        _limits(fleet, seen),
    )


def _value(standing: Standing, instrument: str, currency: str) -> Decimal | None:
    """What is held of an instrument in the account's currency; None where price or rate are not known."""
    quoted = quoted_in(instrument)
    price = standing.prices.get(instrument)
    rate = Decimal(1) if quoted == currency else standing.conversion.get(quoted)
    return None if price is None or rate is None else standing.held[instrument] * price * rate


def _limits(fleet: Fleet, seen: _Seen) -> tuple[LimitUse, ...]:
    standing = seen.standing
    breaker = fleet.policies[standing.account].breaker
    if breaker is None or not breaker.limits.watches_losses:
        return ()
    facts = LossFacts(seen.at, standing.equity, standing.day_start, seen.peak, seen.results)
    observed = observed_losses(facts, seen.past)
    allowed = {limit: getattr(breaker.limits, limit) for limit in observed}
    return tuple(
        LimitUse(limit, used, Decimal(allowed[limit])) for limit, used in observed.items() if allowed[limit] is not None
    )


def _most_lost(fleet: Fleet, name: str) -> int:
    """How many trades in a row an account may lose; 0 where nobody counts them."""
    breaker = fleet.policies[name].breaker
    return (breaker.consecutive_losses or 0) if breaker else 0


def _trip(account: str, trip: PastTrip, now: datetime) -> AccountTrip:
    return AccountTrip(account, trip.limit, trip.why, trip.tripped_at, trip.ends_at, trip.is_in_force(now))
