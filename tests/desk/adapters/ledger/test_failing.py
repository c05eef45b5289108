"""How long an account has been failing, and how often it did within a time."""

from dataclasses import replace
from datetime import timedelta

from desk.adapters.ledger.ledger import Ledger
from desk.model.cycle import CycleKey, CycleState, Mode
from desk.model.messages import Failing
from tests.builders import CLOSE
from tests.desk.adapters.ledger.builders import record

CANDLE = timedelta(minutes=5)


async def write(ledger: Ledger, states: str, account: str = "sample") -> None:
    """A cycle for each letter: h held, f failed, c crashed, n without data, r running, x cancelled."""
    kinds = {"f": CycleState.FAILED, "c": CycleState.CRASHED, "x": CycleState.CANCELLED}
    for number, letter in enumerate(states):
        key = CycleKey(account, CLOSE + number * CANDLE)
        if letter == "r":
            await ledger.claim_cycle(
                key, mode=Mode.PAPER, flow_run_id="1", config_version="", code_version="", now=key.candle_close
            )
        elif letter in kinds:
            detail = f"{letter}{number}"
            await ledger.record_run_end(key, kinds[letter], detail, key.candle_close, mode=Mode.PAPER)
        else:
            state = CycleState.HELD if letter == "h" else CycleState.NO_TRADE
            await ledger.record_cycle(replace(record(key, state), detail="no answer"), now=key.candle_close)


async def test_scans_fail_in_a_row_from_the_last_good_one_to_the_newest(ledger: Ledger) -> None:
    await write(ledger, "fhfcnr")
    await write(ledger, "fff", account="other")
    assert await ledger.failing("sample", 3) == Failing("sample", 3, CLOSE + 2 * CANDLE, "no answer")
    assert await ledger.failing("sample", 4) is None
    assert await ledger.failing("other", 2) == Failing("other", 3, CLOSE, "f2")
    assert await ledger.failing("nobody", 1) is None


async def test_one_that_went_well_or_was_cancelled_ends_the_row(ledger: Ledger) -> None:
    await write(ledger, "ffh")
    await write(ledger, "ffx", account="other")
    assert await ledger.failing("sample", 1) is None
    assert await ledger.failing("other", 1) is None


async def test_scans_of_a_time_are_counted_with_those_that_failed(ledger: Ledger) -> None:
    await write(ledger, "ffhcn")
    assert await ledger.scans_since("sample", CLOSE + CANDLE) == (4, 3)
