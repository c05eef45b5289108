"""How much of its limits the fleet uses: losses beside the breaker's limits, rules, exposure, and what tripped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from console.naming import account_of
from console.services.opening import OpenDesk
from console.services.states import StateFacts, states_in_force
from console.services.telling import quoted_in
from desk.adapters.feeds.presents import clock_of
from desk.adapters.ledger.fleet_views import RuleUse
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


async def fleet_risk(desk: OpenDesk, now: datetime) -> FleetRisk:
    """Return what every account risks; `now` is the machine's time."""
    names = list(desk.fleet.accounts)
    at = max((clock_of(desk.fleet.feed_of(name)).now() for name in names), default=now)
    standings = {one.account: one for one in await desk.ledger.standings(names, at)}
    trips = await desk.ledger.fleet_trips(names)
    accounts = [await _account(desk, name, standings.get(name), trips) for name in names]
    return FleetRisk(
        tuple(accounts), await states_in_force(desk.ledger), tuple(_trip(name, trip, now) for name, trip in trips)
    )


async def rules_in_use(desk: OpenDesk, account: str) -> tuple[RuleUse, ...]:
    """Return what each rule of an account said of the newest proposal of the last seven days that it judged.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    name = account_of(desk.fleet, account).name
    last = await desk.ledger.last_cycle(name)
    return () if last is None else await desk.ledger.rule_uses(name, since=last.key.candle_close - _RULES_OF)


async def _account(
    desk: OpenDesk, name: str, standing: Standing | None, trips: tuple[tuple[str, PastTrip], ...]
) -> AccountRisk:
    currency = desk.fleet.account(name).currency
    if standing is None:
        return AccountRisk(name, currency)
    values = {one: _value(standing, one, currency) for one in standing.held}
    past = {trip.limit: trip for account, trip in trips if account == name}
    return AccountRisk(
        name,
        currency,
        standing.equity,
        {one: value for one, value in values.items() if value is not None},
        tuple(one for one, value in values.items() if value is None),
        await _limits(desk, name, standing, past),
    )


def _value(standing: Standing, instrument: str, currency: str) -> Decimal | None:
    """What is held of an instrument in the account's currency; None where price or rate are not known."""
    quoted = quoted_in(instrument)
    price = standing.prices.get(instrument)
    rate = Decimal(1) if quoted == currency else standing.conversion.get(quoted)
    return None if price is None or rate is None else standing.held[instrument] * price * rate


async def _limits(
    desk: OpenDesk, name: str, standing: Standing, past: Mapping[Limit, PastTrip]
) -> tuple[LimitUse, ...]:
    breaker = desk.fleet.policies[name].breaker
    if breaker is None or not breaker.limits.watches_losses:
        return ()
    at = clock_of(desk.fleet.feed_of(name)).now()
    start, peak = await desk.ledger.day_start_and_peak(name, at) or (standing.equity, standing.equity)
    closed = await desk.ledger.last_closed(name, breaker.consecutive_losses or 0)
    observed = observed_losses(LossFacts(at, standing.equity, start, peak, closed), past)
    allowed = {limit: getattr(breaker.limits, limit) for limit in observed}
    return tuple(
        LimitUse(limit, used, Decimal(allowed[limit])) for limit, used in observed.items() if allowed[limit] is not None
    )


def _trip(account: str, trip: PastTrip, now: datetime) -> AccountTrip:
    return AccountTrip(account, trip.limit, trip.why, trip.tripped_at, trip.ends_at, trip.is_in_force(now))
