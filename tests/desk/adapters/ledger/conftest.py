"""A ledger on every engine, with a clock that stands still."""

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from tests.builders import CLOSE


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """The ledger on a fresh database, at the close of the builders' candle."""
    return Ledger(database, FixedClock(CLOSE))
