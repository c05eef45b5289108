"""The bot over real HTTP: what is typed is answered, with a button, a stranger, and a Telegram that was away."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from console.telegram.polling import poll
from desk.errors import ConfigError
from tests.bot_api import TOKEN, BotApi
from tests.console.telegram.conftest import Chat

pytest.importorskip("telegram", reason="the extra `telegram` is not installed")
STRANGER = 666


@asynccontextmanager
async def listening(chat: Chat, api: BotApi) -> AsyncIterator[None]:
    stop = asyncio.Event()
    polling = asyncio.create_task(poll(chat.bot, SecretStr(TOKEN), api.url, stop, first_wait=0.01))
    yield
    stop.set()
    await polling


async def test_what_is_typed_is_answered_a_button_works_once_and_a_stranger_hears_nothing(
    chat: Chat, bot_api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bot_api.is_down = True
    async with listening(chat, bot_api):
        await asyncio.to_thread(bot_api.wait_for_refusals, 1)
        bot_api.is_down = False
        bot_api.type("/status", chat=STRANGER, user=STRANGER)
        bot_api.type("/status @sample")
        (answer,) = await asyncio.to_thread(bot_api.wait_for_sent, 1)
        assert (answer["chat_id"], answer["parse_mode"]) == ("4242", "HTML")
        assert "<b>sample</b> traded" in answer["text"]
        bot_api.type("/halt @sample too wild")
        done = (await asyncio.to_thread(bot_api.wait_for_sent, 2))[-1]
        bot_api.type("/resume @sample")
        question = (await asyncio.to_thread(bot_api.wait_for_sent, 3))[-1]
        assert done["text"] == "<b>account:sample</b> halted"
        assert question["text"] == "Resume <b>account:sample</b>? Positions may be opened again."
        ((button,),) = json.loads(question["reply_markup"])["inline_keyboard"]
        bot_api.press(button["callback_data"])
        assert (await asyncio.to_thread(bot_api.wait_for_sent, 4))[-1]["text"] == "<b>account:sample</b> active"
        bot_api.press(button["callback_data"])
        assert "was used" in (await asyncio.to_thread(bot_api.wait_for_sent, 5))[-1]["text"]
    assert TOKEN not in caplog.text
    assert "chat 666" in caplog.text


async def test_a_token_that_telegram_refuses_is_named_and_not_shown(chat: Chat, bot_api: BotApi) -> None:
    with pytest.raises(ConfigError, match="found one that Telegram refuses") as raised:
        await poll(chat.bot, SecretStr("99:another-canary"), bot_api.url, asyncio.Event())
    assert "canary" not in f"{raised.value}{raised.value.__cause__}"
