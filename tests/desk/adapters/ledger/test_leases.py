"""Leases: one holder per account at a time, and the newest token wins."""

import asyncio
from datetime import timedelta

import pytest

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.errors import ConfigError
from desk.ports import Lease
from tests.builders import CLOSE

TTL = timedelta(minutes=2)


async def acquire(
    ledger: Ledger, holder: str, after: timedelta = timedelta(0), account: str = "sample"
) -> Lease | None:
    return await ledger.acquire_lease(account, holder, CLOSE + after, TTL, venue="oanda")


async def test_one_holder_at_a_time(ledger: Ledger) -> None:
    assert await acquire(ledger, "a") == Lease("sample", "a", 1)
    assert await acquire(ledger, "b") is None
    assert await acquire(ledger, "b", account="other") == Lease("other", "b", 1)


async def test_of_many_runs_at_once_exactly_one_gets_the_account(database: Database, database_url: str) -> None:
    other = Database.open(database_url)
    ledgers = [Ledger(database), Ledger(other)]
    leases = await asyncio.gather(*(acquire(ledgers[run % 2], f"run-{run}") for run in range(8)))
    await other.close()
    assert sum(lease is not None for lease in leases) == 1


async def test_the_same_holder_takes_it_again_under_a_new_token(ledger: Ledger) -> None:
    assert await acquire(ledger, "a") == Lease("sample", "a", 1)
    assert await acquire(ledger, "a") == Lease("sample", "a", 2)


async def test_an_expired_lease_is_taken_over_under_a_new_token(ledger: Ledger) -> None:
    await acquire(ledger, "a")
    assert await acquire(ledger, "b", TTL - timedelta(microseconds=1)) is None
    assert await acquire(ledger, "b", TTL) == Lease("sample", "b", 2)


async def test_a_lease_that_was_given_back_is_free_and_its_token_is_never_used_again(ledger: Ledger) -> None:
    lease = await acquire(ledger, "a")
    assert lease is not None
    await ledger.release_lease(lease)
    assert await acquire(ledger, "b") == Lease("sample", "b", 2)


async def test_a_late_release_does_not_take_the_account_from_its_new_holder(ledger: Ledger) -> None:
    old = await acquire(ledger, "a")
    assert old is not None
    await acquire(ledger, "b", TTL)
    await ledger.release_lease(old)
    assert await acquire(ledger, "c", TTL) is None


async def test_the_leases_of_a_dead_run_are_given_back_together(ledger: Ledger) -> None:
    for account in ("sample", "other"):
        await acquire(ledger, "dead", account=account)
    await acquire(ledger, "alive", account="third")
    assert await ledger.release_leases_of("dead") == 2
    assert await acquire(ledger, "b") is not None
    assert await acquire(ledger, "b", account="third") is None


async def test_the_books_of_an_account_are_never_mixed_with_those_of_another(ledger):
    def taken(books, after):
        return ledger.acquire_lease("sample", "run", CLOSE + after * TTL, TTL, venue="oanda", books=books)

    assert await taken("", 0)
    assert await taken("paper", 1)
    assert await taken("", 2), "a dry run has no books of its own"
    with pytest.raises(ConfigError, match=r"expected books of 'paper'.* found 'oanda practice'; give the account"):
        await taken("oanda practice", 3)
    assert await taken("paper", 4)
