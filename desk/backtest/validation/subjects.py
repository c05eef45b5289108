"""What is validated: an account as it decides, and the past that it is tried on."""

from dataclasses import dataclass
from datetime import datetime

from desk.backtest.history import History
from desk.backtest.scanning import Setting
from desk.backtest.venue import Opening
from desk.decide import Policy

_ALONE = Setting()


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything that a backtest is called with but for the time."""

    policy: Policy
    history: History
    opening: Opening
    setting: Setting = _ALONE

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when to when there are candles."""
        return self.history.span
