"""Plans how the fleet's money comes nearer to its target weights: transfers first, allocations for what is left.

An account's capital is its equity times its allocation, and its target is its weight times the equity of all accounts
with a weight. Only an account whose capital is outside its band is acted on, and then it is brought to the target
itself, so that the next small move does not lead to another action.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from desk.portfolio.actions import Plan, Reallocation, Transfer

_STEP = Decimal("0.01")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Target:
    """What an account is to have.

    Attributes:
        weight: of the equity of all accounts that have one, above 0.
        band: how far its capital may be away from that before something is done, in the same unit.
    """

    weight: Decimal
    band: Decimal


@dataclass(frozen=True, slots=True)
class Holding:
    """What an account has.

    Attributes:
        equity: in the fleet's currency; None where it is not known.
        allocation: the fraction of it that sizing counts on, in (0, 1].
        place: where the money lies; what is in one place is moved first.
    """

    equity: Decimal | None
    allocation: Decimal
    place: str = ""


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """How much may be moved, in the fleet's currency.

    Attributes:
        minimum, maximum: of one transfer.
        together: of all transfers of a plan.
    """

    minimum: Decimal
    maximum: Decimal
    together: Decimal


def share_out(
    targets: Mapping[str, Target], holdings: Mapping[str, Holding], limits: TransferLimits | None, *, currency: str
) -> Plan:
    """Return what brings accounts back to their targets; nothing where one account's equity is not known.

    Args:
        targets: by account; weights add up to 1 at most.
        holdings: of every account with a target.
        limits: of transfers; None where none is to be proposed.
        currency: the fleet's.
    """
    equities = {name: equity for name in targets if (equity := holdings[name].equity) is not None}
    if unknown := [name for name in targets if name not in equities]:
        return Plan(notes=(f"nothing is shared out, because the equity of {', '.join(unknown)} is not known",))
    total = sum(equities.values(), Decimal(0))
    if total <= 0 or any(equity <= 0 for equity in equities.values()):
        return Plan(notes=("nothing is shared out, because an account has no equity",))
    parts = {name: holdings[name].allocation for name in targets}
    reasons = _outside(targets, equities, parts, currency)
    wanted = {name: target.weight * total for name, target in targets.items()}
    transfers = _transfers(wanted, equities, holdings, reasons, limits, currency)
    for one in transfers:
        equities[one.source] -= one.amount
        equities[one.target] += one.amount
    touched = {name for one in transfers for name in (one.source, one.target)}
    reallocations = _reallocations(wanted, equities, holdings, reasons, touched)
    parts |= {one.account: one.after for one in reallocations}
    left = _outside(targets, equities, parts, currency)
    notes = (_note(name, has, is_poor=equities[name] < wanted[name]) for name, has in left.items())
    return Plan((*transfers, *reallocations), tuple(notes))


def _outside(
    targets: Mapping[str, Target],
    equities: Mapping[str, Decimal],
    parts: Mapping[str, Decimal],
    currency: str,
) -> dict[str, str]:
    """The accounts outside their band with these allocations, and that in words."""
    found, total = {}, sum(equities.values(), Decimal(0))
    for name, target in targets.items():
        capital = equities[name] * parts[name]
        share = capital / total
        if abs(share - target.weight) > target.band:
            has = f"{name} works with {capital:,.2f} of {total:,.2f} {currency}, {share:.3f}"
            found[name] = f"{has}; wanted {target.weight:f} within {target.band:f}"
    return found


def _note(name: str, has: str, *, is_poor: bool) -> str:
    why = "too little can be moved to it" if is_poor else f"an allocation is {_STEP} at least"
    return f"{name} stays outside its band, because {why}; with all that is proposed {has}"


def _transfers(
    wanted: Mapping[str, Decimal],
    equities: Mapping[str, Decimal],
    holdings: Mapping[str, Holding],
    reasons: Mapping[str, str],
    limits: TransferLimits | None,
    currency: str,
) -> list[Transfer]:
    """From what is above its target to what is below and outside its band, the largest want first."""
    if limits is None:
        return []
    spare = {name: equities[name] - wanted[name] for name in wanted if equities[name] > wanted[name]}
    wants = {name: wanted[name] - equities[name] for name in reasons if equities[name] < wanted[name]}
    found: list[Transfer] = []
    left = limits.together
    for name in sorted(wants, key=lambda name: (-wants[name], name)):
        for source in _sources(name, spare, holdings):
            amount = min(wants[name], spare[source], limits.maximum, left).quantize(_CENT, ROUND_DOWN)
            if amount < limits.minimum:
                continue
            found.append(Transfer(source, name, amount, currency, reasons[name]))
            wants[name], spare[source], left = wants[name] - amount, spare[source] - amount, left - amount
    return found


def _sources(name: str, spare: Mapping[str, Decimal], holdings: Mapping[str, Holding]) -> list[str]:
    """Accounts with something to spare: those in the same place first, then those with the most."""
    place = holdings[name].place
    return sorted(spare, key=lambda other: (holdings[other].place != place, -spare[other], other))


def _reallocations(
    wanted: Mapping[str, Decimal],
    equities: Mapping[str, Decimal],
    holdings: Mapping[str, Holding],
    reasons: Mapping[str, str],
    touched: set[str],
) -> list[Reallocation]:
    found = []
    for name in wanted:
        if name not in reasons and name not in touched:
            continue
        before, exact = holdings[name].allocation, wanted[name] / equities[name]
        after = max(_STEP, min(Decimal(1), exact.quantize(_STEP, ROUND_DOWN)))
        if after != before:
            why = reasons.get(name, f"{name} gives or receives money")
            found.append(Reallocation(name, before, after, why))
    return found
