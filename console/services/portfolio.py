"""What the fleet is worth, by account and currency, and what would bring its money to where it should be.

No venue is asked, so that what accounts lack of other currencies is not known here; `desk portfolio` asks. Nothing is
carried out here either: that is done under the keys of the venues, by `desk portfolio carry-out`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console.services.opening import OpenDesk
from desk.accounts import AccountSpec, Fleet
from desk.accounts.arming import environment_of
from desk.accounts.portfolio import TargetSpec
from desk.adapters.sharing import Worths, find_worths, plan_sharing
from desk.model.cycle import Mode
from desk.model.moves import KeptMove
from desk.portfolio.actions import Action, Plan, Reallocation, Transfer

_MOVES = 20


@dataclass(frozen=True, slots=True)
class AccountWorth:
    """What an account is worth, and what it should be.

    Attributes:
        equity: in `currency`; None where it was never written down.
        worth: the same in the fleet's currency; None where that rate is not known.
        allocation: the fraction of its equity that sizing counts on.
        share: that part of its worth, as a fraction of the worth of all accounts with a target; None for one without,
            and where the worth of any of them is not known.
        target, band: what that fraction should be, and how far away it may be; None without a target.
        seen_at: when its money was written down last.
        is_fresh: whether that is recent enough to plan with.
    """

    account: str
    currency: str
    equity: Decimal | None
    worth: Decimal | None
    allocation: Decimal
    share: Decimal | None
    target: Decimal | None
    band: Decimal | None
    seen_at: datetime | None
    is_fresh: bool

    @property
    def is_outside(self) -> bool:
        """Whether it is further from its target than the band allows."""
        if self.share is None or self.target is None or self.band is None:
            return False
        return abs(self.share - self.target) > self.band


@dataclass(frozen=True, slots=True)
class CurrencyWorth:
    """What all accounts that count in a currency have together; `worth` is in the fleet's, None without a rate."""

    currency: str
    equity: Decimal
    worth: Decimal | None
    accounts: int


@dataclass(frozen=True, slots=True)
class WorldWorth:
    """What the accounts of a world are worth: those of others trade other money.

    Attributes:
        environment: of their venue, for live accounts; empty for the others.
        worth: of all accounts whose worth is known, in the fleet's currency.
        unknown: the accounts whose worth is not.
    """

    mode: Mode
    environment: str
    worth: Decimal
    unknown: tuple[str, ...]
    accounts: tuple[AccountWorth, ...]
    currencies: tuple[CurrencyWorth, ...]


@dataclass(frozen=True, slots=True)
class ProposedAction:
    """Something that would bring the money nearer to where it should be.

    Attributes:
        kind: transfer or reallocation.
        what: the same in words.
        source, target: accounts; of a reallocation both are the one whose allocation it is.
        amount: of a transfer, in `currency`.
        before, after: of a reallocation, fractions of the equity.
    """

    kind: str
    what: str
    why: str
    source: str
    target: str
    amount: Decimal | None = None
    currency: str = ""
    before: Decimal | None = None
    after: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NeededCurrency:
    """A currency that an account is to have; whether it has, its venue knows."""

    account: str
    currency: str
    instrument: str
    below: Decimal
    up_to: Decimal


@dataclass(frozen=True, slots=True)
class FleetPortfolio:
    """What the fleet is worth, and how that should be shared out.

    Attributes:
        currency: the fleet's.
        is_planned: whether portfolio.yaml is there; without it there are no actions.
        may_move: whether portfolio.yaml lets the desk move money.
        notes: what is not proposed, and why.
        needs: currencies that portfolio.yaml wants accounts to have.
        moves: those that were planned to be carried out last, the newest first.
    """

    currency: str
    worlds: tuple[WorldWorth, ...]
    is_planned: bool
    may_move: bool
    actions: tuple[ProposedAction, ...]
    notes: tuple[str, ...]
    needs: tuple[NeededCurrency, ...]
    moves: tuple[KeptMove, ...]


async def fleet_portfolio(desk: OpenDesk) -> FleetPortfolio:
    """Return what the fleet is worth and a plan for it; nothing is done, and no venue is asked."""
    fleet, portfolio = desk.fleet, desk.fleet.portfolio
    plan = Plan() if portfolio is None else await plan_sharing(fleet, desk.ledger, portfolio)
    return FleetPortfolio(
        currency=fleet.currency,
        worlds=tuple([await _world(desk, specs) for specs in fleet.worlds]),
        is_planned=portfolio is not None,
        may_move=portfolio is not None and portfolio.allowed is not None,
        actions=tuple(map(_told, plan.actions)),
        notes=plan.notes,
        needs=tuple(
            NeededCurrency(one.account, one.currency, one.instrument, one.below, one.up_to)
            for one in (portfolio.conversions if portfolio else ())
        ),
        moves=await desk.ledger.newest_moves(_MOVES),
    )


async def _world(desk: OpenDesk, specs: Sequence[AccountSpec]) -> WorldWorth:
    worths = await find_worths(desk.fleet, desk.ledger, specs)
    accounts = _accounts(desk.fleet, specs, worths)
    return WorldWorth(
        mode=specs[0].mode,
        environment=environment_of(desk.fleet, specs[0].name),
        worth=sum((one.worth for one in accounts if one.worth is not None), Decimal(0)),
        unknown=tuple(one.account for one in accounts if one.worth is None),
        accounts=accounts,
        currencies=tuple(_currencies(accounts)),
    )


def _accounts(fleet: Fleet, specs: Sequence[AccountSpec], worths: Worths) -> tuple[AccountWorth, ...]:
    targets = fleet.portfolio.targets if fleet.portfolio else {}
    wanted = [worths.equities.get(spec.name) for spec in specs if spec.name in targets]
    known = [worth for worth in wanted if worth is not None]
    total = sum(known, Decimal(0)) if len(known) == len(wanted) else Decimal(0)
    return tuple(_account(spec, targets.get(spec.name), worths, total) for spec in specs)


def _account(spec: AccountSpec, target: TargetSpec | None, worths: Worths, total: Decimal) -> AccountWorth:
    worth = worths.equities.get(spec.name)
    share = worth * spec.allocation / total if target and worth is not None and total > 0 else None
    return AccountWorth(
        account=spec.name,
        currency=spec.currency,
        equity=worths.own.get(spec.name),
        worth=worth,
        allocation=spec.allocation,
        share=share,
        target=target.weight if target else None,
        band=target.band if target else None,
        seen_at=worths.seen_at.get(spec.name),
        is_fresh=worths.is_fresh(spec.name),
    )


def _currencies(accounts: Iterable[AccountWorth]) -> Iterable[CurrencyWorth]:
    by_currency: dict[str, list[AccountWorth]] = {}
    for one in accounts:
        if one.equity is not None:
            by_currency.setdefault(one.currency, []).append(one)
    for currency, those in by_currency.items():
        equity = sum((one.equity for one in those if one.equity is not None), Decimal(0))
        worths = [one.worth for one in those if one.worth is not None]
        worth = sum(worths, Decimal(0)) if len(worths) == len(those) else None
        yield CurrencyWorth(currency, equity, worth, len(those))


def _told(action: Action) -> ProposedAction:
    what, why = str(action), action.why
    if isinstance(action, Transfer):
        return ProposedAction("transfer", what, why, action.source, action.target, action.amount, action.currency)
    assert isinstance(action, Reallocation), f"{action}: what needs a venue to be asked is planned elsewhere"
    name = action.account
    return ProposedAction("reallocation", what, why, name, name, before=action.before, after=action.after)
