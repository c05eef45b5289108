"""Messages are rows before they are sent: claimed by one, counted instead of repeated, told once on an occasion."""

from dataclasses import replace
from datetime import timedelta

from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.messages import MessageQuestion
from desk.model.messages import DeliveryState, MessageKind
from desk.ports import Message
from tests.builders import CLOSE

GOLD = Message("gold: 1 order", "bought 2 XAU/USD", "warning", MessageKind.ENTRY, silent=True)
MINUTE = timedelta(minutes=1)


async def test_a_message_is_due_at_each_of_its_places_until_that_has_taken_it(ledger: Ledger) -> None:
    number = await ledger.post(GOLD, ["mail", "chat"], CLOSE)
    (chat, said), (mail, _) = await ledger.due_deliveries(CLOSE)
    assert (said, chat.target, mail.target, chat.message) == (GOLD, "chat", "mail", number)
    await ledger.end_attempt(chat, DeliveryState.SENT, CLOSE)
    await ledger.end_attempt(mail, DeliveryState.WAITING, CLOSE, next_at=CLOSE + MINUTE, detail="no answer")
    assert await ledger.due_deliveries(CLOSE) == ()
    ((again, _),) = await ledger.due_deliveries(CLOSE + MINUTE)
    assert (again.target, again.detail) == ("mail", "no answer")
    assert await ledger.undelivered() == (1, 0)


async def test_only_one_of_two_that_try_at_once_has_a_delivery_until_its_claim_ends(ledger: Ledger) -> None:
    await ledger.post(GOLD, ["chat"], CLOSE)
    ((due, _),) = await ledger.due_deliveries(CLOSE)
    until = CLOSE + 2 * MINUTE
    assert [await ledger.claim_delivery(due, CLOSE, until) for _ in range(2)] == [True, False]
    assert await ledger.due_deliveries(CLOSE + MINUTE) == ()
    ((left, _),) = await ledger.due_deliveries(until)
    assert left.attempts == 1, "whoever had it died, and it counts as an attempt"


async def test_what_was_accepted_stays_so_whatever_an_older_attempt_says(ledger: Ledger) -> None:
    await ledger.post(GOLD, ["chat"], CLOSE)
    ((due, _),) = await ledger.due_deliveries(CLOSE)
    await ledger.end_attempt(due, DeliveryState.SENT, CLOSE)
    await ledger.end_attempt(due, DeliveryState.WAITING, CLOSE, detail="too slow")
    assert await ledger.due_deliveries(CLOSE + MINUTE) == ()


async def test_what_says_the_same_is_counted_for_a_while_and_its_number_is_taken_once(ledger: Ledger) -> None:
    for minutes in (0, 1, 9):
        await ledger.post(GOLD, ["chat"], CLOSE + minutes * MINUTE, count_for=10 * MINUTE)
    other = replace(GOLD, body="bought 3 XAU/USD")
    assert await ledger.post(other, ["chat"], CLOSE, count_for=10 * MINUTE) is not None
    assert await ledger.take_repeats(CLOSE + 9 * MINUTE) == ()
    assert await ledger.take_repeats(CLOSE + 10 * MINUTE) == ((GOLD, 2),)
    assert await ledger.take_repeats(CLOSE + 11 * MINUTE) == ()
    assert await ledger.post(GOLD, ["chat"], CLOSE + 10 * MINUTE) is not None


async def test_an_occasion_is_told_once_whatever_is_said_then(ledger: Ledger) -> None:
    assert await ledger.post(GOLD, [], CLOSE, occasion="the day") is not None
    for _ in range(2):
        assert await ledger.post(GOLD, [], CLOSE, occasion="the day", count_for=MINUTE) is None
    assert await ledger.is_told("the day")
    assert not await ledger.is_told("")
    assert await ledger.take_repeats(CLOSE + MINUTE) == ()


async def test_what_was_given_up_is_listed_and_can_be_tried_again(ledger: Ledger) -> None:
    await ledger.post(GOLD, ["chat"], CLOSE)
    ((due, _),) = await ledger.due_deliveries(CLOSE)
    await ledger.end_attempt(due, DeliveryState.DEAD, CLOSE, detail="no such chat")
    assert await ledger.undelivered() == (0, 1)
    (told,) = await ledger.told(limit=5)
    assert [(one.target, one.state, one.detail) for one in told.deliveries] == [
        ("chat", DeliveryState.DEAD, "no such chat")
    ]
    await ledger.try_again(CLOSE)
    ((again, _),) = await ledger.due_deliveries(CLOSE)
    assert again.attempts == 0


async def test_messages_are_forgotten_after_thirty_days_and_numbers_go_on(ledger: Ledger) -> None:
    await ledger.post(GOLD, ["chat"], CLOSE)
    await ledger.post(replace(GOLD, title="gold: later"), ["chat"], CLOSE + timedelta(days=2))
    await ledger.forget_messages(CLOSE + timedelta(days=31))
    assert [told.title for told in await ledger.told(limit=5)] == ["gold: later"]
    assert [due.message for due, _ in await ledger.due_deliveries(CLOSE + timedelta(days=31))] == [2]


async def test_messages_are_listed_from_the_newest_and_narrowed_by_kind_place_and_what_became_of_them(
    ledger: Ledger,
) -> None:
    failure = replace(GOLD, title="gold: scan failed", kind=MessageKind.FAILURE)
    for said, places in ((GOLD, ["chat"]), (failure, ["chat", "mail"]), (replace(GOLD, title="quiet"), [])):
        await ledger.post(said, places, CLOSE)
    for due, _ in await ledger.due_deliveries(CLOSE):
        became = DeliveryState.DEAD if due.target == "mail" else DeliveryState.SENT
        await ledger.end_attempt(due, became, CLOSE)

    async def numbers(question: MessageQuestion, before: int | None = None, limit: int = 9) -> list[int]:
        return [one.number for one in await ledger.message_page(question, before=before, limit=limit)]

    assert await numbers(MessageQuestion(), limit=2) == [3, 2]
    assert await numbers(MessageQuestion(), before=2) == [1]
    assert await numbers(MessageQuestion(kind=MessageKind.FAILURE)) == [2]
    assert await numbers(MessageQuestion(target="chat")) == [2, 1]
    assert await numbers(MessageQuestion(state=DeliveryState.DEAD)) == [2]
    assert await numbers(MessageQuestion(target="chat", state=DeliveryState.DEAD)) == []
    assert await numbers(MessageQuestion(is_off=True)) == [3]
    assert await ledger.message_targets() == ("chat", "mail")
