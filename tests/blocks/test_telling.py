"""What the guardian tells besides: what waits, what goes on failing, and the day; and where messages go at all."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from blocks.outbox import open_outbox
from blocks.telling import tell_what_is_due
from desk.adapters.clocks import SystemClock
from desk.adapters.notify.outbox import Outbox
from desk.adapters.notify.targets import NotDelivered, Target
from desk.adapters.settings import settings
from desk.errors import ConfigError
from desk.model.cycle import CycleKey, CycleState, Mode
from desk.ports import Message
from tests.bot_api import CHAT, open_bot_api
from tests.bot_api import TOKEN as BOT_TOKEN
from tests.flows.installation import CLOSE, Installation, Recorder

TOKEN = "123456:canary0f5e"


@pytest.fixture
def place(installation: Installation):
    """The only place that messages go to."""
    place, opened = Recorder(), installation.opened
    opened.outbox = Outbox(
        opened.ledger,
        lambda: [Target("chat", place)],
        lambda: opened.fleet().messages,
        SystemClock(),
    )
    return place


def write(installation: Installation, text: str) -> None:
    (installation.config / "messages.yaml").write_text(text, encoding="utf-8")


async def fail(installation: Installation, scans: int) -> None:
    for number in range(scans):
        key = CycleKey("trader", CLOSE + number * timedelta(minutes=5))
        await installation.ledger.record_run_end(key, CycleState.FAILED, "no answer", CLOSE, mode=Mode.PAPER)


async def test_what_was_not_taken_is_sent_with_the_next_round(installation: Installation, place: Recorder):
    place.fails = NotDelivered("away")
    await installation.opened.outbox.send(Message("trader: 1 order", "bought"))
    place.fails = None
    await installation.ledger.try_again(SystemClock().now())
    await tell_what_is_due()
    await tell_what_is_due()
    assert [message.title for message in place.told] == ["trader: 1 order"]


async def test_scans_that_go_on_failing_are_told_once_after_so_many(installation: Installation, place: Recorder):
    write(installation, "escalate_after: 3\n")
    await fail(installation, 2)
    await tell_what_is_due()
    assert place.told == []
    await fail(installation, 4)
    for _ in range(3):
        await tell_what_is_due()
    assert [message.title for message in place.told] == ["trader: 4 scans in a row have failed"]


async def test_nobody_hears_of_failures_where_that_is_turned_off(installation: Installation, place: Recorder):
    write(installation, "escalate_after: 0\n")
    await fail(installation, 9)
    await tell_what_is_due()
    assert place.told == []


async def test_the_day_is_told_once_at_its_hour(installation: Installation, place: Recorder):
    hour = datetime.now(UTC) - timedelta(minutes=1)
    write(installation, f"digest: {{at: '{hour:%H:%M}'}}\n")
    for _ in range(2):
        await tell_what_is_due()
    (message,) = place.told
    assert message.title.startswith("fleet: the 24 hours to ")
    assert "trader: +0.00 in 0 closed trades, 0 open" in message.body.splitlines()


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise on Python 3.11
async def test_messages_go_to_addresses_and_chats_and_only_without_those_to_the_log(installation: Installation):
    def places(**more: object) -> list[str]:
        chosen = settings().model_copy(update=more)
        outbox = open_outbox(installation.ledger, installation.opened.configuration, chosen)
        return [target.name for target in outbox._targets()]

    assert places() == ["log"]
    write(installation, "telegram: {chats: [{id: 1, name: ann}, {id: 2, name: ben, messages: false}]}\n")
    assert places() == ["log"], "a chat needs a token"
    assert places(telegram_token=SecretStr(TOKEN)) == ["telegram ann"]
    found = places(telegram_token=SecretStr(TOKEN), escalate_urls=(SecretStr(f"json://127.0.0.1:9/{TOKEN}"),))
    assert found[0] == "telegram ann"
    assert found[1].startswith("json ")
    assert TOKEN not in "".join(found)
    with pytest.raises(ConfigError, match="DESK_ESCALATE_URLS: entry 1 of 1 is not an Apprise address"):
        places(escalate_urls=(SecretStr("pager"),))


async def test_a_message_waits_while_telegram_is_away_and_its_token_is_in_no_row_and_no_line(
    installation: Installation, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # as the notifier leaves it
    write(installation, f"telegram: {{chats: [{{id: {CHAT}, name: ann}}]}}\n")
    with open_bot_api() as api:
        chosen = settings().model_copy(update={"telegram_token": SecretStr(BOT_TOKEN), "telegram_api": api.url})
        opened = installation.opened
        opened.outbox = open_outbox(opened.ledger, opened.configuration, chosen)
        api.is_down = True
        await opened.outbox.send(Message("trader: 1 order", "bought"))
        assert await opened.ledger.undelivered() == (1, 0)
        api.is_down = False
        await opened.ledger.try_again(SystemClock().now())
        for _ in range(2):
            await tell_what_is_due()
        assert [message["text"] for message in api.sent()] == ["<b>trader: 1 order</b>\nbought"]
    assert await opened.ledger.undelivered() == (0, 0)
    written = b"".join(path.read_bytes() for path in installation.home.glob("desk.db*"))
    assert b"trader: 1 order" in written
    assert BOT_TOKEN.encode() not in written
    assert BOT_TOKEN not in caplog.text
