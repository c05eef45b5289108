"""A message to a chat is one call of the Bot API; what fails says why, and never the token."""

import json
import logging
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from desk.adapters.notify.targets import NotDelivered
from desk.adapters.notify.telegram import TelegramNotifier
from desk.ports import Message
from tests.bot_api import CHAT, TOKEN, BotApi, open_bot_api

GOLD = Message("gold: <failed>", "no & none\n", "error")


@pytest.fixture
def bot_api():
    with open_bot_api() as opened:
        yield opened


def notifier(api: str, token: str = TOKEN) -> TelegramNotifier:
    return TelegramNotifier(SecretStr(token), CHAT, api)


async def test_a_message_arrives_with_its_title_in_bold_and_makes_no_sound_where_it_should_not(
    bot_api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # as the module leaves it
    await notifier(bot_api.url).send(GOLD)
    await notifier(bot_api.url).send(Message("gold: long", "x" * 9000, silent=True))
    first, second = bot_api.sent()
    assert (first["chat_id"], first["parse_mode"], first["disable_notification"]) == (CHAT, "HTML", False)
    assert first["text"] == "<b>🔴 gold: &lt;failed&gt;</b>\nno &amp; none\n"
    assert second["disable_notification"] is True
    assert len(second["text"]) < 4096
    assert TOKEN not in caplog.text


async def test_what_is_not_taken_says_why_without_the_token(bot_api: BotApi) -> None:
    bot_api.is_down = True
    with pytest.raises(NotDelivered, match=r"^Telegram answered 502 Bad Gateway$"):
        await notifier(bot_api.url).send(GOLD)
    bot_api.is_down = False
    with pytest.raises(NotDelivered, match=r"^Telegram answered 401 Unauthorized$"):
        await notifier(bot_api.url, "9:another").send(GOLD)
    with pytest.raises(NotDelivered, match=r"^Telegram did not answer: ConnectError$") as raised:
        await notifier("http://127.0.0.1:9").send(GOLD)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("content", "waits"),
    [
        (json.dumps({"description": "Too Many", "parameters": {"retry_after": 35}}), 35),
        ("<html>a proxy's page</html>", 0),
        ("[]", 0),
    ],
)
def test_telegram_says_for_how_long_it_wants_to_be_left_alone(content: str, waits: int) -> None:
    from desk.adapters.notify.telegram import _refusal

    assert _refusal(httpx.Response(429, text=content)).retry_after == timedelta(seconds=waits)
