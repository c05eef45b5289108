"""Arms accounts, from their names: asks configuration, venue and ledger, and stores a person's word."""

from dataclasses import dataclass

from blocks.resources import resources
from desk.accounts import AccountSpec, Fleet
from desk.accounts.arming import configured_checks, environment_of
from desk.adapters.clocks import SystemClock
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.adapters.venues.arming import Sought, examine
from desk.adapters.venues.reached import Reached
from desk.errors import ConfigError, DeskError
from desk.execution.adjusting import Difference, compare_positions, quantity_of, tolerances_of
from desk.model.arming import Arm, ArmCheck, CheckResult
from desk.model.books import AccountState
from desk.model.cycle import Mode
from desk.model.externals import Externals


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that somebody wants to arm, and everything that was found about it.

    Attributes:
        venue_account: the venue's own id; empty where it does not tell.
    """

    spec: AccountSpec
    environment: str
    venue_account: str
    money: AccountState | None
    checks: tuple[ArmCheck, ...]

    @property
    def failed(self) -> tuple[ArmCheck, ...]:
        """The checks for which it cannot be armed."""
        return tuple(check for check in self.checks if check.result is CheckResult.FAIL)


async def find_candidate(name: str) -> Candidate:
    """Ask everything about an account that is to be armed; nothing is stored.

    Raises:
        ConfigError: there is no such account, it is not live, or a key of its venue is not there.
        LedgerError: the ledger cannot be read.
    """
    shared = resources()
    fleet = shared.fleet()
    spec = fleet.account(name)
    if spec.mode is not Mode.LIVE or spec.connection is None:
        raise ConfigError(f"{name}: expected an account of mode live to arm, found mode {spec.mode}")
    reached, sought = shared.reached(spec.connection), await _sought(fleet, spec, shared.ledger)
    told = await examine(reached, sought)
    written = configured_checks(fleet, name, allows_live=settings().allows_live)
    compared = await _ledger_checks(spec, reached, shared.ledger)
    return Candidate(
        spec, sought.environment, told.identity.account or "", told.money, (*told.checks, *written, *compared)
    )


async def arm(candidate: Candidate, *, who: str) -> Arm:
    """Store that a person arms an account whose checks have not failed."""
    assert not candidate.failed, f"{candidate.spec.name}: {candidate.failed}"
    given = Arm(
        candidate.spec.name,
        candidate.spec.config_version,
        candidate.environment,
        candidate.venue_account,
        who,
        SystemClock().now(),
        candidate.checks,
    )
    await resources().ledger.arm(given)
    return given


async def _sought(fleet: Fleet, spec: AccountSpec, ledger: Ledger) -> Sought:
    """What the venue is expected to say: the account's configured id, else the one that it was armed with before."""
    environment = environment_of(fleet, spec.name)
    configured = spec.account_id or getattr(fleet.connection_of(spec.name), "account_id", "")
    before = (await ledger.arms()).get(spec.name)
    armed = before.venue_account if before and before.environment == environment else ""
    return Sought(spec, environment, configured or armed)


async def _ledger_checks(spec: AccountSpec, reached: Reached, ledger: Ledger) -> tuple[ArmCheck, ...]:
    unresolved = await ledger.unresolved_orders(spec.name)
    found = ", ".join(f"{order.client_order_id} ({order.state})" for order in unresolved)
    orders = _check("orders", "every outcome known", found, spec.name)
    return (orders, await _positions(spec, reached, ledger))


async def _positions(spec: AccountSpec, reached: Reached, ledger: Ledger) -> ArmCheck:
    expected = "the same as in the ledger"
    try:
        held, instruments = await reached.trading(spec).positions(), await reached.market.instruments()
    except DeskError as error:
        return _check("positions", expected, str(error), spec.name)
    differences = compare_positions(await ledger.positions(spec.name), held, tolerances=tolerances_of(instruments))
    ignores = spec.externals is Externals.IGNORE
    found = "; ".join(str(one) for one in differences if not (ignores and _is_beside_ours(one)))
    return _check("positions", expected, found, spec.name)


def _is_beside_ours(difference: Difference) -> bool:
    """Whether all that the ledger knows of is at the venue, and something of somebody else's with it."""
    ours, theirs = quantity_of(difference.ledger), quantity_of(difference.venue)
    return abs(theirs) > abs(ours) and ours * theirs >= 0


def _check(name: str, expected: str, wrong: str, account: str) -> ArmCheck:
    if not wrong:
        return ArmCheck(name, CheckResult.PASS, expected, "yes")
    advice = f"run `desk reconcile {account}`, and look at `desk positions {account} --venue`"
    return ArmCheck(name, CheckResult.FAIL, expected, wrong, advice)
