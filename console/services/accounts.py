"""One account: where it stands, and how it is configured."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.naming import account_of
from console.services.opening import OpenDesk
from console.services.standings import AccountFacts, Standing, fleet_standing
from desk.accounts.showing import resolved


@dataclass(frozen=True, slots=True)
class AccountDetail:
    """An account with everything of its configuration filled in, as `desk config show` has it."""

    standing: AccountFacts
    configuration: Mapping[str, object]


async def standing_of(desk: OpenDesk, account: str) -> Standing:
    """Return where an account stands.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    name = account_of(desk.fleet, account).name
    return next(one for one in (await fleet_standing(desk)).accounts if one.spec.name == name)


async def account_detail(desk: OpenDesk, account: str) -> AccountDetail:
    """Return an account for programs.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    standing = await standing_of(desk, account)
    return AccountDetail(standing.facts, resolved(desk.fleet, standing.spec.name))
