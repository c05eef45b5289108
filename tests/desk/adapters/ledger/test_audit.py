"""The audit: one chain whoever writes, committed with what it tells of, and the first bad row is found."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from desk.adapters.ledger.audit import append_audit
from desk.adapters.ledger.chain import AuditEntry, BadRow, Checkpoint, first_bad, hash_of
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.model.books import TradingState
from tests.builders import CLOSE


def entry(sequence: int, previous: str, who: str = "me") -> AuditEntry:
    at = CLOSE + timedelta(seconds=sequence)
    made = AuditEntry(sequence, at, who, "halted", "fleet", {"why": f"test {sequence}"}, previous)
    return replace(made, hash=hash_of(made))


def chain(length: int = 5, who: str = "me") -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for sequence in range(1, length + 1):
        entries.append(entry(sequence, entries[-1].hash if entries else "", who))
    return entries


def edited(entries: list[AuditEntry]) -> None:
    entries[2] = replace(entries[2], who="nobody")


def edited_with_a_hash_that_fits(entries: list[AuditEntry]) -> None:
    entries[2] = replace(entries[2], who="nobody")
    entries[2] = replace(entries[2], hash=hash_of(entries[2]))


def deleted(entries: list[AuditEntry]) -> None:
    del entries[2]


def deleted_at_the_beginning(entries: list[AuditEntry]) -> None:
    del entries[0]


def deleted_and_numbered_anew(entries: list[AuditEntry]) -> None:
    del entries[2]
    entries[2:] = [replace(one, sequence=one.sequence - 1) for one in entries[2:]]


def inserted(entries: list[AuditEntry]) -> None:
    entries[2:] = [
        entry(3, entries[1].hash, "nobody"),
        *(replace(one, sequence=one.sequence + 1) for one in entries[2:]),
    ]


def reordered(entries: list[AuditEntry]) -> None:
    entries[2], entries[3] = replace(entries[3], sequence=3), replace(entries[2], sequence=4)


@pytest.mark.parametrize(
    ("tamper", "sequence", "found"),
    [
        (edited, 3, "edited"),
        (edited_with_a_hash_that_fits, 4, "does not follow row 3"),
        (deleted, 3, "missing"),
        (deleted_at_the_beginning, 1, "missing"),
        (deleted_and_numbered_anew, 3, "edited"),
        (inserted, 4, "edited"),
        (reordered, 3, "edited"),
    ],
)
def test_the_first_bad_row_is_named(tamper: Callable[[list[AuditEntry]], None], sequence: int, found: str) -> None:
    entries = chain()
    assert first_bad(entries) is None
    tamper(entries)
    bad = first_bad(entries)
    assert bad is not None
    assert bad.sequence == sequence
    assert found in bad.found


def test_an_end_that_was_cut_off_is_found_by_the_checkpoint_alone() -> None:
    entries = chain()
    checkpoint = Checkpoint(5, entries[-1].hash)
    assert first_bad(entries[:3]) is None
    assert first_bad(entries[:3], checkpoint) == BadRow(4, "it is missing, and so are all up to 5: the end was cut off")
    assert first_bad(chain(7), checkpoint) is None


def test_a_chain_that_was_computed_anew_is_found_by_the_checkpoint_alone() -> None:
    checkpoint = Checkpoint(4, chain()[3].hash)
    forged = chain(who="nobody")
    assert first_bad(forged) is None
    bad = first_bad(forged, checkpoint)
    assert bad is not None
    assert (bad.sequence, "written anew" in bad.found) == (4, True)


async def test_what_was_written_is_read_back_to_the_letter(ledger: Ledger) -> None:
    await ledger.record_action("änne", "armed", "account:sample", {"hash": "c0ffee", "note": 'ü \u2028 "quoted" 1e5'})
    await ledger.record_action("me", "disarmed", "account:sample", {})
    entries = await ledger.audit_entries()
    assert [(one.sequence, one.who, one.at) for one in entries] == [(1, "änne", CLOSE), (2, "me", CLOSE)]
    assert first_bad(entries) is None
    assert await ledger.audit_entries(newest=1) == entries[1:]


async def test_a_change_that_is_taken_back_leaves_no_row(ledger: Ledger, database: Database) -> None:
    async def die_in_the_middle() -> None:
        async with database.write() as session:
            await append_audit(session, CLOSE, "me", "halted", "fleet", {})
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await die_in_the_middle()
    assert await ledger.audit_entries() == ()


async def test_writers_side_by_side_keep_one_chain(database: Database, database_url: str) -> None:
    others = [Database.open(database_url) for _ in range(3)]
    ledgers = [Ledger(one) for one in (database, *others)]
    await asyncio.gather(
        *(ledgers[number % 4].record_action(f"writer {number}", "acted", "fleet", {}) for number in range(40))
    )
    for other in others:
        await other.close()
    entries = await ledgers[0].audit_entries()
    assert len({one.who for one in entries}) == len(entries) == 40
    assert first_bad(entries) is None


async def test_a_row_that_is_edited_in_the_database_is_found(ledger: Ledger, database: Database) -> None:
    for state in (TradingState.HALTED, TradingState.ACTIVE, TradingState.REDUCE_ONLY):
        await ledger.set_trading_state("fleet", state, who="me", why="test")
    async with database.write() as session:
        await (await session.connection()).execute(text("UPDATE audit SET who = 'you' WHERE sequence = 2"))
    assert first_bad(await ledger.audit_entries()) == BadRow(2, "it was edited: its hash does not fit what it says")


async def test_a_configuration_that_is_new_is_audited_once(ledger: Ledger) -> None:
    for version in ("a", "b", "a"):
        await ledger.store_config_version(version, "{}", CLOSE)
    assert [one.subject for one in await ledger.audit_entries()] == ["configuration:a", "configuration:b"]
