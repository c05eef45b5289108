"""What the fleet or a group of it was worth over the last 30 days, a curve for each currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from console.services.opening import OpenDesk

_SHOWN = timedelta(days=30)
_SEARCHES, _FEWEST, _MOST = 5_000, 40, 240
"""What a reading may cost, and how many points a curve has within that."""
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class FleetCurve:
    """What accounts of a currency were worth together, oldest first; the last value is that of now."""

    currency: str
    times: tuple[datetime, ...]
    equity: tuple[Decimal, ...]


async def fleet_curves(desk: OpenDesk, group: str = "") -> tuple[FleetCurve, ...]:
    """Return the curves of the currencies in which equity was written down, in the order of the configuration.

    An account counts before its first equity with that one: one that joins the fleet is no gain.

    Args:
        desk: the installation.
        group: whose accounts count; all of them without.
    """
    accounts = [name for name in desk.fleet.accounts if group in ("", desk.fleet.account(name).group)]
    known = await desk.ledger.equity_known(accounts) if accounts else {}
    if not known:
        return ()
    times = _times(min(since for since, _ in known.values()), max(until for _, until in known.values()), len(known))
    worth = await desk.ledger.equity_at(list(known), times)
    by_currency: dict[str, list[Sequence[Decimal | None]]] = {}
    for name in (name for name in accounts if name in known):
        by_currency.setdefault(desk.fleet.account(name).currency, []).append(worth[name])
    return tuple(FleetCurve(currency, times, _added(found)) for currency, found in by_currency.items())


def _times(since: datetime, until: datetime, accounts: int) -> tuple[datetime, ...]:
    """Times of equal distance, `until` the last of them: fewer where many accounts are looked for at each."""
    length = min(until - since, _SHOWN)
    count = max(_FEWEST, min(_MOST, _SEARCHES // accounts)) if length else 1
    return tuple(until - length * step / count for step in reversed(range(count)))


def _added(worth: Sequence[Sequence[Decimal | None]]) -> tuple[Decimal, ...]:
    whole = [_filled(one) for one in worth]
    return tuple(sum(at, _NOTHING) for at in zip(*whole, strict=True))


def _filled(worth: Sequence[Decimal | None]) -> list[Decimal]:
    """The same with the first that is known before it."""
    first = next(equity for equity in worth if equity is not None)
    return [first if equity is None else equity for equity in worth]
