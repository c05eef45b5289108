"""The bot on the network: asks Telegram for what was typed, and sends the answers, until it is to stop."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from pydantic import SecretStr
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode, UpdateType
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Application, ApplicationBuilder, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from console.telegram.bot import Bot, Heard, Reply
from desk.errors import ConfigError

_LOG = logging.getLogger("scandesk.bot")
_AT_ONCE = 8
"""How many commands are worked on side by side: a halt must not wait until something is closed."""
_HEARD = [UpdateType.MESSAGE, UpdateType.CALLBACK_QUERY]
_LONGEST_WAIT = 60.0
_REFUSED = "DESK_TELEGRAM_TOKEN: expected the token of a bot, found one that Telegram refuses"

_Application: TypeAlias = Application[Any, Any, Any, Any, Any, Any]
_Handler: TypeAlias = Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]


def keep_token_out_of_logs() -> None:
    """Let libraries log nothing below a warning: their lines have whole addresses, and an address holds the token."""
    for name in ("telegram", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


async def poll(bot: Bot, token: SecretStr, api: str, stop: asyncio.Event, *, first_wait: float = 1.0) -> None:
    """Answer until `stop` is set; while Telegram does not answer, ask again after growing waits.

    Args:
        bot: who answers.
        token: of the bot.
        api: where the Bot API is.
        stop: ends it.
        first_wait: seconds before the second attempt to begin.

    Raises:
        ConfigError: the token is not accepted.
    """
    keep_token_out_of_logs()
    application = _application(bot, token, api)
    if not await _begun(application, stop, first_wait):
        return
    assert application.updater is not None, "the builder makes one"
    await application.start()
    await application.updater.start_polling(allowed_updates=_HEARD, bootstrap_retries=-1, error_callback=_note_trouble)
    _LOG.info("the bot listens")
    try:
        await stop.wait()
    finally:
        await application.updater.stop()
        await application.stop()
        await application.shutdown()


async def _begun(application: _Application, stop: asyncio.Event, wait: float) -> bool:
    """Say who we are to Telegram; False where it is to stop before that is known."""
    while not stop.is_set():
        try:
            await application.initialize()
        except InvalidToken:
            # Their message has the token in it.
            raise ConfigError(
                "DESK_TELEGRAM_TOKEN: expected the token of a bot, found one that Telegram refuses"
            ) from None
        except (NetworkError, RetryAfter) as error:
            _note_trouble(error)
            await _sleep(wait, stop)
            wait = min(wait * 2, _LONGEST_WAIT)
        else:
            return True
    return False


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def _note_trouble(error: TelegramError) -> None:
    _LOG.warning("Telegram does not answer: %s", type(error).__name__)


def _application(bot: Bot, token: SecretStr, api: str) -> _Application:
    builder = ApplicationBuilder().token(token.get_secret_value()).base_url(f"{api.rstrip('/')}/bot")
    application = builder.concurrent_updates(_AT_ONCE).build()
    application.add_handler(MessageHandler(filters.TEXT & filters.UpdateType.MESSAGE, _typed(bot)))
    application.add_handler(CallbackQueryHandler(_pressed(bot)))
    application.add_error_handler(_failed)
    return application


def _typed(bot: Bot) -> _Handler:
    async def typed(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        message, user = update.effective_message, update.effective_user
        if message is None or user is None:
            return
        heard = Heard(message.chat_id, user.id, user.full_name, message.text or "", message.date)
        reply = await bot.hear(heard)
        if reply is not None:
            await message.reply_text(reply.text, parse_mode=ParseMode.HTML, reply_markup=_markup(reply))

    return typed


def _pressed(bot: Bot) -> _Handler:
    async def pressed(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        query, chat = update.callback_query, update.effective_chat
        if query is None or chat is None or query.message is None:
            return
        heard = Heard(chat.id, query.from_user.id, query.from_user.full_name, query.data or "", query.message.date)
        # Telegram forgets the question soon, and closing what an account has may take minutes.
        await query.answer()
        reply = await bot.press(heard)
        if reply is not None:
            await chat.send_message(reply.text, parse_mode=ParseMode.HTML, reply_markup=_markup(reply))
            await query.edit_message_reply_markup(None)

    return pressed


async def _failed(_update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """An answer that could not be sent is typed for again by whoever misses it."""
    _LOG.warning("an answer could not be sent: %s", type(context.error).__name__)


def _markup(reply: Reply) -> InlineKeyboardMarkup | None:
    if not reply.buttons:
        return None
    return InlineKeyboardMarkup.from_row(
        [InlineKeyboardButton(button.label, callback_data=button.key) for button in reply.buttons]
    )
