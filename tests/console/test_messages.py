"""`desk messages`: what people were told, and what of it has not arrived; and who a bot needs."""

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.model.messages import DeliveryState, MessageKind
from desk.ports import Message
from tests.builders import CLOSE
from tests.console.conftest import Desk, Fill

GOLD = Message("gold: scan failed", "no candles", "error", MessageKind.FAILURE)


def given_up(detail: str):
    async def story(ledger: Ledger) -> None:
        await ledger.post(Message("gold: 1 order", "bought", kind=MessageKind.ENTRY), [], CLOSE)
        await ledger.post(GOLD, ["log", "mail 3fa9c1"], CLOSE)
        for delivery, _ in await ledger.due_deliveries(CLOSE):
            taken = delivery.target == "log"
            state = DeliveryState.SENT if taken else DeliveryState.DEAD
            await ledger.end_attempt(delivery, state, CLOSE, detail="" if taken else detail)

    return story


def test_nobody_was_told_anything_yet(desk: Desk, fill: Fill) -> None:
    ended = desk("messages")
    assert (ended.code, ended.out) == (0, "nobody was told anything yet\n")


def test_each_message_has_what_became_of_it_and_one_that_was_given_up_ends_with_1(desk: Desk, fill: Fill) -> None:
    fill(given_up("no route"))
    ended = desk("messages")
    assert ended.code == 1
    assert "gold: 1 order" in ended.out
    assert "off" in ended.out
    assert "Messages: 1 given up; see `desk messages`." in ended.out
    found = desk("messages", "--json").json
    assert (found["waiting"], found["dead"]) == (0, 1)
    assert [(one["target"], one["state"], one["detail"]) for one in found["messages"][1]["deliveries"]] == [
        ("log", "sent", ""),
        ("mail 3fa9c1", "dead", "no route"),
    ]
    assert "Messages: 1 given up; see `desk messages`." in desk("status").out


def test_what_was_given_up_is_sent_again_when_it_is_asked_for(desk: Desk, fill: Fill) -> None:
    fill(given_up("no route"))
    found = desk("messages", "--send", "--json").json
    assert found["dead"] == 1
    assert found["messages"][1]["deliveries"][1]["detail"] == "this place is not configured any more"


@pytest.mark.parametrize(
    ("token", "expected"),
    [("", "DESK_TELEGRAM_TOKEN: expected the token of a bot"), ("1:x", "expected telegram.chats, who may talk to")],
)
def test_a_bot_needs_a_token_and_somebody_who_may_talk_to_it(
    desk: Desk, fill: Fill, monkeypatch: pytest.MonkeyPatch, token: str, expected: str
) -> None:
    pytest.importorskip("telegram", reason="the extra `telegram` is not installed")
    monkeypatch.setenv("DESK_TELEGRAM_TOKEN", token)
    ended = desk("bot")
    assert (ended.code, expected in ended.err) == (3, True)
