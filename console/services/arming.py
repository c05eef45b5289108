"""Which accounts may open positions at a real venue, by whose word, and what the others lack; taking that word back.

To arm an account, its venue is asked under its key, which only `desk arm` does; see docs/how-to/arm-an-account.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from console.naming import account_of
from console.services.opening import OpenDesk
from desk.adapters.halting import printable
from desk.adapters.ledger.ledger import Ledger
from desk.model.arming import Arm, ArmCheck, ArmNeed, why_not
from desk.model.cycle import Mode

if TYPE_CHECKING:  # numpy comes with it, and taking an arm back must not wait for that
    from desk.accounts import Fleet


@dataclass(frozen=True, slots=True)
class ArmFacts:
    """Whether an account is armed.

    Attributes:
        environment: the world of its venue, or the one that it was armed in where it trades at none now.
        needs_arming: whether it opens nothing without an arm.
        since, who, configuration, venue_account: of its arm; None without one.
        why_not: why it may open nothing, and what changes that; empty where it may.
        checks: what was found before it was armed.
    """

    account: str
    environment: str
    needs_arming: bool
    may_open: bool
    since: datetime | None
    who: str | None
    configuration: str | None
    venue_account: str | None
    why_not: str
    checks: tuple[ArmCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Disarmed:
    """An account that opens nothing any more, and whether it could have before."""

    account: str
    was_armed: bool
    who: str


async def list_arms(desk: OpenDesk, *, allows_live: bool) -> tuple[ArmFacts, ...]:
    """Return every live account and every arm, also one of an account that is configured no more.

    Args:
        desk: the installation.
        allows_live: whether this process may open positions with real money.
    """
    from desk.accounts.arming import needs_arming

    armed = await desk.ledger.arms()
    needs = {need.account: need for need in needs_arming(desk.fleet, allows_live=allows_live)}
    live = [spec.name for spec in desk.fleet.accounts.values() if spec.mode is Mode.LIVE]
    return tuple(_facts(desk.fleet, name, needs.get(name), armed) for name in dict.fromkeys((*live, *armed)))


async def arm_of(desk: OpenDesk, account: str, *, allows_live: bool) -> ArmFacts | None:
    """Return what `list_arms` says of one account; None where it is not live, and not armed."""
    found = await list_arms(desk, allows_live=allows_live)
    return next((one for one in found if one.account == account), None)


async def disarm(ledger: Ledger, account: str, *, who: str, why: str, fleet: "Callable[[], Fleet]") -> Disarmed:
    """Let an account open nothing from now on; one that is configured no more, and is armed, as well.

    Args:
        ledger: where arms are.
        account: its name.
        who, why: as they are written into the audit.
        fleet: asked where the account was not armed, so that a configuration that is broken stands in nobody's way.

    Raises:
        NotUnderstood: there is neither an arm nor an account of that name; the message gives the nearest.
    """
    was_armed = await ledger.disarm(printable(account), who=printable(who), why=printable(why))
    if not was_armed:
        account_of(fleet(), account)
    return Disarmed(account, was_armed, printable(who))


def _facts(fleet: "Fleet", name: str, need: ArmNeed | None, armed: Mapping[str, Arm]) -> ArmFacts:
    given = armed.get(name)
    return ArmFacts(
        account=name,
        environment=_environment(fleet, name, given),
        needs_arming=need is not None,
        may_open=need is None or not why_not(need, given),
        since=given.at if given else None,
        who=given.who if given else None,
        configuration=given.config_version if given else None,
        venue_account=given.venue_account if given else None,
        why_not=why_not(need, given) if need else "",
        checks=given.checks if given else (),
    )


def _environment(fleet: "Fleet", name: str, given: Arm | None) -> str:
    from desk.accounts.arming import environment_of

    now = environment_of(fleet, name) if name in fleet.accounts else ""
    return now or (given.environment if given else "")
