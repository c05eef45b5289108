"""Keys to the control room: what lets in, until when, and that only digests are kept."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.model.access import Reply, Rights, Token, Visitor
from tests.builders import CLOSE

TOKEN = Token("grafana", Rights.READ, "ana", CLOSE)
ANA = Visitor("ana", Rights.ADMIN, "digest of a cookie")
ROOT = Path(__file__).parents[4]
CHILD = """
import asyncio, sys
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.model.books import TradingState

async def main():
    ledger = Ledger(Database.open(sys.argv[1]))
    await ledger.begin_reply("ana", "key-1", "asked")
    await ledger.set_trading_state("fleet", TradingState.HALTED, who="ana", why="news")
    print("written", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def actions(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [(entry.who, entry.action, entry.subject) for entry in await ledger.audit_entries()]


async def test_a_token_lets_in_by_its_digest_until_it_is_revoked(ledger: Ledger) -> None:
    assert await ledger.add_token(TOKEN, "abc")
    assert await ledger.tokens() == (TOKEN,)
    assert await ledger.visitor_with_token("abc") == Visitor("token grafana", Rights.READ)
    assert await ledger.visitor_with_token("abd") is None
    assert await ledger.revoke_token("grafana", who="ben")
    assert await ledger.visitor_with_token("abc") is None
    assert not await ledger.revoke_token("grafana", who="ben")
    assert await actions(ledger) == [("ana", "token made", "grafana"), ("ben", "token revoked", "grafana")]


async def test_a_name_has_one_token(ledger: Ledger) -> None:
    assert await ledger.add_token(TOKEN, "abc")
    assert not await ledger.add_token(TOKEN, "other")
    assert await ledger.visitor_with_token("other") is None


async def test_a_session_lets_in_until_its_time(ledger: Ledger, database: Database) -> None:
    await ledger.begin_session(ANA, CLOSE + timedelta(hours=1))
    assert await ledger.visitor_with_session(ANA.session) == ANA
    later = Ledger(database, FixedClock(CLOSE + timedelta(hours=1)))
    assert await later.visitor_with_session(ANA.session) is None


async def test_who_logs_out_is_out(ledger: Ledger) -> None:
    await ledger.begin_session(ANA, CLOSE + timedelta(hours=1))
    await ledger.end_session(ANA)
    assert await ledger.visitor_with_session(ANA.session) is None
    assert [action for _, action, _ in await actions(ledger)] == ["logged in", "logged out"]


async def test_a_new_password_ends_the_sessions_of_its_person_alone(ledger: Ledger) -> None:
    ben = Visitor("ben", Rights.READ, "digest of another")
    for visitor in (ANA, ben):
        await ledger.begin_session(visitor, CLOSE + timedelta(hours=1))
    assert not await ledger.has_passwords()
    await ledger.set_password("ana", "a hash", Rights.TRADE, who="root")
    assert await ledger.has_passwords()
    assert await ledger.password_of("ana") == ("a hash", Rights.TRADE)
    assert await ledger.password_of("eve") is None
    assert await ledger.visitor_with_session(ANA.session) is None
    assert await ledger.visitor_with_session(ben.session) == ben


async def test_a_reply_is_known_for_a_day_to_whom_it_was_given(ledger: Ledger, database: Database) -> None:
    reply = Reply("what was asked", 200, "{}")
    await ledger.keep_reply("ana", "key-1", reply)
    assert await ledger.begin_reply("ana", "key-1", "what was asked") == reply
    assert await ledger.begin_reply("ben", "key-1", "what was asked") is None
    later = Ledger(database, FixedClock(CLOSE + timedelta(days=1)))
    assert await later.begin_reply("ana", "key-1", "what was asked") is None


async def test_a_key_that_was_begun_is_taken_until_it_is_freed_or_its_day_is_over(
    ledger: Ledger, database: Database
) -> None:
    assert await ledger.begin_reply("ana", "key-1", "asked") is None
    (begun,) = {await ledger.begin_reply("ana", "key-1", asked) for asked in ("asked", "something else")}
    assert begun is not None
    assert (begun.request, begun.body, begun.is_known) == ("asked", "", False)
    await ledger.begin_reply("ana", "key-2", "asked")
    await ledger.free_key("ana", "key-1")
    assert await ledger.begin_reply("ana", "key-1", "asked") is None
    assert await ledger.begin_reply("ana", "key-2", "asked") is not None
    later = Ledger(database, FixedClock(CLOSE + timedelta(days=1)))
    assert await later.begin_reply("ana", "key-2", "asked") is None


async def test_of_two_servers_one_alone_has_a_key_that_both_want_at_once(database_url: str) -> None:
    databases = [Database.open(database_url) for _ in range(2)]
    found = await asyncio.gather(*(Ledger(one).begin_reply("ana", "key-1", "asked") for one in databases))
    assert sorted(reply is None for reply in found) == [False, True]
    for one in databases:
        await one.close()


async def test_a_process_that_is_killed_between_a_write_and_its_reply_leaves_its_key_taken(database_url: str) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, database_url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"written\n"
    finally:
        child.kill()
        await child.communicate()
    database = Database.open(database_url)
    ledger = Ledger(database)
    found = await ledger.begin_reply("ana", "key-1", "asked")
    assert [entry.action for entry in await ledger.audit_entries()] == ["halted"]
    await database.close()
    assert found is not None
    assert not found.is_known


@pytest.mark.parametrize(
    ("has", "needs", "is_enough"),
    [
        (Rights.READ, Rights.READ, True),
        (Rights.READ, Rights.TRADE, False),
        (Rights.TRADE, Rights.READ, True),
        (Rights.TRADE, Rights.ADMIN, False),
        (Rights.ADMIN, Rights.TRADE, True),
    ],
)
def test_rights_include_those_below_them(has: Rights, needs: Rights, is_enough: bool) -> None:
    assert has.include(needs) is is_enough
