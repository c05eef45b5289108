"""Messages over HTTP: page by page, narrowed by their words, and without anything secret."""

import pytest
from pydantic import SecretStr

from desk.adapters.logs.scrubbing import HIDDEN
from desk.adapters.notify.apprise import apprise_targets
from desk.model.access import Rights
from desk.model.messages import DeliveryState, MessageKind
from desk.ports import Message
from tests.builders import CLOSE
from tests.console.api.conftest import Calls, token

READ = token(Rights.READ)
CANARY = "canary-8f2b71"
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise on Python 3.11
ADDRESS = f"json://ana:{CANARY}@127.0.0.1:9/hook"


async def told(calls: Calls) -> None:
    """An entry that arrived, a failure that one place never took, and one that is off."""
    [place] = apprise_targets([SecretStr(ADDRESS)])
    ledger = calls.room.ledger
    await ledger.post(Message("gold: 1 order", "bought", kind=MessageKind.ENTRY), ["log"], CLOSE)
    body = f"VenueUnavailable: {ADDRESS}: no answer"
    await ledger.post(Message("gold: scan failed", body, "error", MessageKind.FAILURE), ["log", place.name], CLOSE)
    await ledger.post(Message("gold: halted", "", kind=MessageKind.STATE), [], CLOSE)
    for due, _ in await ledger.due_deliveries(CLOSE):
        became = DeliveryState.SENT if due.target == "log" else DeliveryState.DEAD
        await ledger.end_attempt(due, became, CLOSE, detail="" if due.target == "log" else f"not taken by {ADDRESS}")


async def titles(calls: Calls, query: str) -> list[str]:
    found = (await calls.client.get(f"/api/messages{query}", headers=READ)).json()
    return [one["title"] for one in found["rows"]]


async def test_messages_are_turned_page_by_page(calls: Calls):
    await told(calls)
    first = (await calls.client.get("/api/messages?limit=2", headers=READ)).json()
    assert ([one["title"] for one in first["rows"]], first["next"]) == (["gold: halted", "gold: scan failed"], "2")
    assert await titles(calls, f"?after={first['next']}") == ["gold: 1 order"]
    missing = await calls.client.get("/api/messages/undelivered", headers=READ)
    assert missing.json() == {"waiting": 0, "dead": 1}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?kind=entry", ["gold: 1 order"]),
        ("?state=dead", ["gold: scan failed"]),
        ("?state=off", ["gold: halted"]),
        ("?target=log", ["gold: scan failed", "gold: 1 order"]),
        ("?target=log&state=dead", []),
    ],
)
async def test_messages_are_narrowed_by_words(calls: Calls, query: str, found: list[str]):
    await told(calls)
    assert await titles(calls, query) == found


async def test_what_looks_like_a_secret_is_not_shown_with_a_message(calls: Calls):
    await told(calls)
    reply = await calls.client.get("/api/messages?state=dead", headers=READ)
    assert CANARY not in reply.text
    [failed] = reply.json()["rows"]
    [at_the_hook] = [one for one in failed["deliveries"] if one["state"] == "dead"]
    assert HIDDEN in failed["body"]
    assert HIDDEN in at_the_hook["detail"]


async def test_what_looks_like_a_secret_in_a_title_is_not_shown_either(calls: Calls):
    await calls.room.ledger.post(Message(f"no answer of {ADDRESS}", "", "error", MessageKind.FAILURE), [], CLOSE)
    reply = await calls.client.get("/api/messages", headers=READ)
    assert CANARY not in reply.text
    assert HIDDEN in reply.json()["rows"][0]["title"]


@pytest.mark.parametrize(
    ("query", "said"),
    [("kind=entries", "did you mean 'entry'"), ("state=lost", "waiting or sent or dead or off"), ("after=x", "number")],
)
async def test_words_that_are_none_are_refused_with_what_was_expected(calls: Calls, query: str, said: str):
    reply = await calls.client.get(f"/api/messages?{query}", headers=READ)
    assert (reply.status_code, said in reply.json()["detail"]) == (422, True), reply.text
    assert (await calls.client.get(f"/api/messages?{query}")).status_code == 401
