"""What a trade is expected to cost, by kind."""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Self


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """Costs of a whole round trip in account currency; below 0 is an income, such as funding that is received.

    Attributes:
        fees: entry and exit, by the tier of the account.
        spread: half of it at the entry and half at the exit.
        slippage: how much worse than the quote both are expected to be filled.
        financing: interest or funding over the expected holding time.
        conversion: of profit or loss into the account's currency.
    """

    fees: Decimal
    spread: Decimal
    slippage: Decimal
    financing: Decimal = Decimal(0)
    conversion: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.fees + self.spread + self.slippage + self.financing + self.conversion

    def part(self, fraction: Decimal) -> Self:
        """Return the costs of a part of the quantity."""
        return type(self)(*(getattr(self, kind.name) * fraction for kind in fields(self)))
