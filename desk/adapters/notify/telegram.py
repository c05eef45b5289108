"""Messages to a chat of the fleet's own Telegram bot, which is one call of the Bot API."""

import logging
from datetime import timedelta
from html import escape

import httpx
from pydantic import SecretStr

from desk.adapters.notify.targets import NotDelivered
from desk.ports import Message

_SECONDS = 10.0
_LONGEST = 4000
"""Characters; Telegram takes 4096."""
_SIGNS = {"warning": "⚠️ ", "error": "🔴 "}


# Its lines have whole addresses, and an address holds the token.
logging.getLogger("httpx").setLevel(logging.WARNING)


class TelegramNotifier:
    """Sends every message to one chat.

    Args:
        token: of the bot.
        chat: the chat's number.
        api: where the Bot API is.
    """

    def __init__(self, token: SecretStr, chat: int, api: str) -> None:
        self._token, self._chat, self._api = token, chat, api.rstrip("/")

    async def send(self, message: Message) -> None:
        """Deliver the message.

        Raises:
            NotDelivered: Telegram did not take it, or did not answer.
        """
        body = {
            "chat_id": self._chat,
            "text": _text(message),
            "parse_mode": "HTML",
            "disable_notification": message.silent,
        }
        try:
            async with httpx.AsyncClient(timeout=_SECONDS) as client:
                answer = await client.post(f"{self._api}/bot{self._token.get_secret_value()}/sendMessage", json=body)
        except httpx.HTTPError as error:
            # Its text may have the address.
            raise NotDelivered(f"Telegram did not answer: {type(error).__name__}") from None
        if not answer.is_success:
            raise _refusal(answer)


def _text(message: Message) -> str:
    title = f"{_SIGNS.get(message.severity, '')}{message.title}"
    room = _LONGEST - len(title)
    body = message.body if len(message.body) <= room else f"{message.body[:room]} …"
    return f"<b>{escape(title)}</b>\n{escape(body, quote=False)}"


def _refusal(answer: httpx.Response) -> NotDelivered:
    try:
        told = answer.json()
        words, seconds = str(told.get("description", "")), told.get("parameters", {}).get("retry_after", 0)
    except (ValueError, AttributeError):  # a proxy's page, or no object
        words, seconds = "", 0
    return NotDelivered(
        f"Telegram answered {answer.status_code} {words}".strip(), retry_after=timedelta(seconds=seconds)
    )
