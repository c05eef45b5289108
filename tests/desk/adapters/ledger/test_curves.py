"""What accounts were worth at some times."""

from datetime import timedelta
from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from tests.builders import CLOSE

STEP = timedelta(minutes=5)


async def record_equity(ledger: Ledger) -> None:
    for account, step, equity in (("sample", 0, "100.1"), ("sample", 2, "90"), ("late", 3, "50"), ("other", 0, "1")):
        await ledger.record_equity(account, CLOSE + step * STEP, Decimal(equity), Decimal(0))


async def test_it_is_known_since_when_and_until_when_equity_was_written_down(ledger: Ledger) -> None:
    await record_equity(ledger)
    assert await ledger.equity_known(["sample", "late", "nobody"]) == {
        "sample": (CLOSE, CLOSE + 2 * STEP),
        "late": (CLOSE + 3 * STEP, CLOSE + 3 * STEP),
    }


async def test_an_account_is_worth_at_a_time_what_was_written_down_last(ledger: Ledger) -> None:
    await record_equity(ledger)
    times = [CLOSE - STEP, CLOSE, CLOSE + STEP, CLOSE + 2 * STEP, CLOSE + 9 * STEP]
    assert await ledger.equity_at(["sample", "late", "nobody"], times) == {
        "sample": (None, Decimal("100.1"), Decimal("100.1"), Decimal(90), Decimal(90)),
        "late": (None, None, None, None, Decimal(50)),
        "nobody": (None,) * 5,
    }
