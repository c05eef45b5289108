"""How each customer has set up each contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from weakref import WeakKeyDictionary

from simulator.account import Account


@dataclass(slots=True)
class Setting:
    """How positions in a contract are margined.

    Attributes:
        leverage: of the position, as it was set or as the last order had it.
    """

    mode: str = "ISOLATED"
    leverage: Decimal = Decimal(1)

    def note(self, details: Mapping[str, object]) -> None:
        """Take over the leverage of an order that was taken; in cross mode only the customer changes it."""
        leverage = details.get("leverage")
        if self.mode == "ISOLATED" and isinstance(leverage, Decimal):
            self.leverage = leverage


class Settings:
    """The settings of all customers."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Account, dict[str, Setting]] = WeakKeyDictionary()

    def of(self, account: Account, instrument: str) -> Setting:
        """Return the setting of a contract, to be read or changed."""
        return self._kept.setdefault(account, {}).setdefault(instrument, Setting())
