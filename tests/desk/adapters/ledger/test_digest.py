"""The digest: the same for the same decisions and deeds, whatever the engine, the run and the hour."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.model.cycle import CycleKey, CycleState, Mode
from desk.model.orders import OrderState
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, KEY, answer, fill, record

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
Step = Callable[[Ledger], Coroutine[Any, Any, object]]


async def run(ledger: Ledger, *, run_id: str = "run-1", now: datetime = CLOSE, venue: str = "V") -> str:
    """One scan from claim to books, and the digest after it."""
    asked = record().decision.intents[0]
    await ledger.claim_cycle(KEY, mode=Mode.PAPER, flow_run_id=run_id, config_version="x", code_version="", now=now)
    await ledger.store_intents([asked])
    done = replace(fill(f"{venue}-1", order=asked.client_order_id), at=now)
    order = replace(answer(asked, OrderState.FILLED, done, at=now), venue_order_id=venue)
    await ledger.record_order("sample", order)
    await ledger.book_fills("sample", (done,), cursor=venue, conversion=CONVERSION, now=now)
    await ledger.record_equity("sample", now, Decimal(10_000), Decimal(9_000))
    durations = {"decide": (now - CLOSE).total_seconds()}
    await ledger.record_cycle(replace(record(), orders=(order,), durations=durations), now=now)
    return await ledger.digest()


async def test_the_digest_of_a_scan_is_the_same_on_every_engine(
    ledger: Ledger, tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "second.db"
    path.write_bytes(sqlite_template.read_bytes())  # noqa: ASYNC240 - a test may wait for a file
    second = Database.open(f"sqlite:///{path}")
    assert await run(ledger) == await run(Ledger(second, FixedClock(CLOSE)))
    await second.close()


async def test_run_ids_venue_ids_times_and_durations_do_not_count(
    ledger: Ledger, tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "second.db"
    path.write_bytes(sqlite_template.read_bytes())  # noqa: ASYNC240 - a test may wait for a file
    second = Database.open(f"sqlite:///{path}")
    later = CLOSE + timedelta(seconds=7)
    assert await run(ledger) == await run(Ledger(second, FixedClock(later)), run_id="run-2", now=later, venue="W")
    await second.close()


async def test_an_empty_ledger_has_the_digest_of_nothing(ledger: Ledger) -> None:
    assert await ledger.digest() == EMPTY


async def test_only_the_accounts_that_are_asked_for_count(ledger: Ledger) -> None:
    before = await run(ledger)
    await ledger.record_cycle(record(CycleKey("other", CLOSE)), now=CLOSE)
    assert await ledger.digest(["sample"]) == before != await ledger.digest()
    assert await ledger.digest(["nobody"]) == EMPTY


def _signal(value: object) -> Step:
    decision = record().decision
    signals = (replace(decision.signals[0], reason=str(value)), *decision.signals[1:])
    return lambda ledger: ledger.record_cycle(replace(record(), decision=replace(decision, signals=signals)), now=CLOSE)


def _verdict(quantity: str) -> Step:
    decision = record().decision
    verdicts = (replace(decision.verdicts[0], quantity=Decimal(quantity)), *decision.verdicts[1:])
    return lambda ledger: ledger.record_cycle(
        replace(record(), decision=replace(decision, verdicts=verdicts)), now=CLOSE
    )


def _fill(ledger: Ledger) -> Coroutine[Any, Any, object]:
    return ledger.book_fills("sample", (fill("V-2", after=1),), cursor="", conversion=CONVERSION, now=CLOSE)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda ledger: ledger.record_cycle(record(state=CycleState.HELD), now=CLOSE), id="a state"),
        pytest.param(_signal("other"), id="a signal"),
        pytest.param(_verdict("99"), id="a verdict"),
        pytest.param(lambda ledger: ledger.store_intents([intent("sd-9")]), id="an order"),
        pytest.param(_fill, id="a fill"),
    ],
)
async def test_whatever_was_decided_or_done_counts(ledger: Ledger, change: Step) -> None:
    before = await run(ledger)
    await change(ledger)
    assert await ledger.digest() != before
