"""What the operator writes about how money is shared out, which nobody has to: weights, limits, conversions."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from desk.accounts.base import Spec
from desk.accounts.checking import check
from desk.accounts.entry import Entry, unknown
from desk.accounts.folder import Folder
from desk.accounts.problems import Problem
from desk.accounts.values import AccountName, InstrumentName, Number, unusable
from desk.portfolio.carrying import CarryingLimits
from desk.portfolio.converting import Need
from desk.portfolio.sharing import Target, TransferLimits

PORTFOLIO_FILE = "portfolio.yaml"
_Amount = Annotated[Number, Field(gt=0, le=10**12)]
_AMOUNT = "an amount above 0, up to 10^12"


class TargetSpec(Spec):
    """What an account is to have."""

    weight: Annotated[Number, Field(gt=0, le=1)] = Field(
        description="a fraction above 0, up to 1: of the equity of all accounts that are named here"
    )
    band: Annotated[Number, Field(gt=0, le=1)] = Field(
        Decimal("0.05"),
        description="a fraction above 0, up to 1: how far its capital may be away from that before something is done",
    )


class TransfersSpec(Spec):
    """How much may be moved between accounts, in `fleet_currency`."""

    minimum: _Amount = Field(description=f"{_AMOUNT}: the smallest transfer that is worth its trouble")
    maximum: _Amount = Field(description=f"{_AMOUNT}: the largest transfer")
    together: _Amount = Field(description=f"{_AMOUNT}: all transfers of a plan")

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if not self.minimum <= self.maximum <= self.together:
            found = f"{self.minimum:f}, {self.maximum:f} and {self.together:f}"
            raise unusable("minimum up to maximum, and maximum up to together", found=found)
        return self


class ConversionSpec(Spec):
    """A currency that an account needs, and where it is bought when it is missing."""

    account: AccountName = Field(description="the name of an account: which one needs it")
    currency: Annotated[str, Field(pattern="^[A-Z0-9]{2,12}$")] = Field(
        description="a currency in capitals, such as USDC: what it needs"
    )
    instrument: InstrumentName = Field(
        description="an instrument such as USDC/USDT: where it is bought; it begins with the currency, and is spot"
    )
    below: _Amount = Field(description=f"{_AMOUNT}: what is less than that is missing, in the currency")
    up_to: _Amount = Field(description=f"{_AMOUNT}: how much there should be then")
    maximum: _Amount = Field(description=f"{_AMOUNT}: the largest conversion, in the currency")

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.up_to <= self.below:
            raise unusable("up_to above below", found=f"{self.up_to:f} and {self.below:f}")
        base, _, quote = self.instrument.partition("/")
        if self.currency != base or ":" in quote:
            raise unusable(f"a spot instrument that begins with {self.currency}/", found=f"'{self.instrument}'")
        return self

    @property
    def need(self) -> Need:
        """The same, as the planner takes it."""
        return Need(**dict(self))


class CarryingSpec(Spec):
    """How much may be moved without a person at the venue, in `fleet_currency`, whatever a plan says."""

    minimum: _Amount = Field(description=f"{_AMOUNT}: what is worth less is left to a person")
    maximum: _Amount = Field(description=f"{_AMOUNT}: the largest move")
    a_day: _Amount = Field(description=f"{_AMOUNT}: all moves that are sent on a UTC day")
    givers: Annotated[tuple[AccountName, ...], Field(min_length=1)] = Field(
        description="a list of names of accounts, at least one: from which money may be taken"
    )
    in_the_flow: bool = Field(
        default=False, description="true or false: whether the daily plan is carried out without anybody being asked"
    )

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if not self.minimum <= self.maximum <= self.a_day:
            found = f"{self.minimum:f}, {self.maximum:f} and {self.a_day:f}"
            raise unusable("minimum up to maximum, and maximum up to a_day", found=found)
        return self

    @property
    def limits(self) -> CarryingLimits:
        """The same, as the treasury takes it."""
        return CarryingLimits(self.minimum, self.maximum, self.a_day, frozenset(self.givers))


class PortfolioFile(Spec):
    """The whole of portfolio.yaml."""

    targets: Mapping[AccountName, TargetSpec] = Field(
        default_factory=dict, description="a mapping of weights by account, together 1 at most: how money is shared out"
    )
    transfers: TransfersSpec | None = Field(
        None, description="a mapping with minimum, maximum and together: how much may be moved; nothing for no transfer"
    )
    conversions: tuple[ConversionSpec, ...] = Field(
        (), description="a list of conversions: which currencies accounts need, and where they come from"
    )

    carry_out: bool = Field(
        default=False, description="true or false: whether the desk may move money itself, where a venue can"
    )
    carrying: CarryingSpec | None = Field(
        None,
        description="a mapping with minimum, maximum, a_day and givers: the limits of that; carry_out needs it",
    )

    @model_validator(mode="after")
    def _is_limited(self) -> Self:
        if self.carry_out and self.carrying is None:
            raise unusable("carrying, the limits of what is moved, beside carry_out: true", found="none")
        return self

    @model_validator(mode="after")
    def _shares_out_what_there_is(self) -> Self:
        total = sum((target.weight for target in self.targets.values()), Decimal(0))
        if total > 1:
            raise unusable("weights that are 1 at most together", found=f"{total:f}")
        return self

    @property
    def shares(self) -> dict[str, Target]:
        """The targets, as the planner takes them."""
        return {name: Target(target.weight, target.band) for name, target in self.targets.items()}

    @property
    def limits(self) -> TransferLimits | None:
        """The limits of transfers, as the planner takes them."""
        return None if self.transfers is None else TransferLimits(**dict(self.transfers))

    @property
    def allowed(self) -> CarryingLimits | None:
        """How much the desk may move itself; None where it may not move anything."""
        return self.carrying.limits if self.carry_out and self.carrying is not None else None

    @property
    def is_carried_out_alone(self) -> bool:
        """Whether the daily plan is carried out without anybody being asked."""
        return self.carry_out and self.carrying is not None and self.carrying.in_the_flow


def read_portfolio(folder: Folder, accounts: Collection[str]) -> tuple[PortfolioFile | None, list[Problem]]:
    """Return what is wished, or None where there is no such file, with every problem that it has."""
    if not folder.has(PORTFOLIO_FILE):
        return None, []
    document = folder.read(PORTFOLIO_FILE, "how money is shared out")
    if document.top is None:
        return None, list(document.problems)
    file, problems = check(PortfolioFile, document.top)
    return file, [*document.problems, *problems, *_unknown_accounts(document.top, accounts)]


def _unknown_accounts(top: Entry, accounts: Collection[str]) -> Iterator[Problem]:
    targets, conversions = top.child("targets"), top.child("conversions")
    for name, target in targets.children.items() if targets else ():
        yield from unknown(name, accounts, "the name of an account", target)
    givers = carrying.child("givers") if (carrying := top.child("carrying")) is not None else None
    for giver in givers.items if givers else ():
        yield from unknown(giver.value, accounts, "the name of an account", giver)
    for conversion in conversions.items if conversions else ():
        if (named := conversion.child("account")) is not None:
            yield from unknown(named.value, accounts, "the name of an account", named)
