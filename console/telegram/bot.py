"""The bot without its network: what is heard in a chat, and what is answered; strangers are heard and not answered."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.services.health.survey import Survey
from console.services.opening import FleetFiles, OpenDesk
from console.telegram.acting import DEEDS, Deed
from console.telegram.looking import LOOKS, Asked
from console.telegram.pending import Pending, Waiting
from console.telegram.texts import pages_of, plain
from console.telegram.words import nearest_command, parse_words
from desk.adapters.halting import printable
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import Settings
from desk.errors import DeskError
from desk.model.access import Rights, Visitor
from desk.ports import Clock

_LOG = logging.getLogger("scandesk.bot")
_FRESH = timedelta(minutes=2)
"""How old a command may be that does something: one that was typed while the bot was down is not meant any more."""
_PAGES_LAST = timedelta(hours=1)
_MOST_STRANGERS = 1000
_HELP = {"help", "start"}
_OVER = "That button is somebody else's, was used, or its minute is over. Type the command again."
_TOO_LATE = "This came too late to be done, since the bot was not there. Type it again if you mean it."
_FAILED = "Something failed here that should not; the log of the bot has it."


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody typed, or the key of the button that they pressed.

    Attributes:
        name: what the user is called, by themselves; for the audit.
    """

    chat: int
    user: int
    name: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Button:
    """A button below an answer; `key` comes back when it is pressed."""

    label: str
    key: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in Telegram's HTML."""

    text: str
    buttons: tuple[Button, ...] = ()


class Bot:
    """Answers the chats of messages.yaml, each with its rights, from the services.

    Args:
        files: the configuration, read again when it has changed: who is taken out of it is a stranger at once.
        ledger: open.
        clock: the machine's.
        chosen: where the logs are.
        survey: how every part of the desk is.
    """

    def __init__(self, files: FleetFiles, ledger: Ledger, clock: Clock, *, chosen: Settings, survey: Survey) -> None:
        self._files, self._ledger, self._clock = files, ledger, clock
        self._chosen, self._survey = chosen, survey
        self._pending = Pending(clock)
        self._strangers: set[int] = set()

    async def hear(self, heard: Heard) -> Reply | None:
        """Return the answer to what was typed; None for a stranger, and for what is no command."""
        visitor = self._visitor(heard)
        if visitor is None or not heard.text.startswith("/"):
            return None
        return await self._guarded(lambda: self._answer(heard, visitor))

    async def press(self, heard: Heard) -> Reply | None:
        """Do what a button says; None for a stranger."""
        visitor = self._visitor(heard)
        if visitor is None:
            return None
        waiting = self._pending.take(heard.text, chat=heard.chat, user=heard.user)
        if waiting is None:
            return Reply(_OVER)
        if not visitor.rights.include(waiting.needed):
            return Reply(_too_little(waiting.needed, visitor))

        async def done() -> Reply:
            return self._paged(heard, await waiting.do())

        return await self._guarded(done)

    def _visitor(self, heard: Heard) -> Visitor | None:
        """Who speaks; a stranger is written into the log, once for each chat."""
        telegram = self._files.current().messages.telegram
        chat = telegram.chat(heard.chat) if telegram else None
        if chat is None or (chat.users and heard.user not in chat.users):
            self._note_stranger(heard)
            return None
        # Anybody may call themselves as they like, so the number stands beside it.
        return Visitor(printable(f"telegram {chat.name} ({heard.name} {heard.user})"), chat.rights)

    def _note_stranger(self, heard: Heard) -> None:
        if heard.chat not in self._strangers and len(self._strangers) < _MOST_STRANGERS:
            self._strangers.add(heard.chat)
            _LOG.warning("a stranger is not answered: chat %s, user %s", heard.chat, heard.user)

    async def _guarded(self, answer: Callable[[], Awaitable[Reply]]) -> Reply:
        try:
            return await answer()
        except DeskError as error:
            return Reply(pages_of(plain(line) for line in str(error).splitlines())[0])
        except Exception:  # noqa: BLE001 - logged, and said to whoever asked
            _LOG.exception("a question could not be answered")
            return Reply(_FAILED)

    async def _answer(self, heard: Heard, visitor: Visitor) -> Reply:
        words = parse_words(heard.text)
        desk, now = OpenDesk(self._files.current(), self._ledger), self._clock.now()
        asked = Asked(desk, self._files, self._chosen, self._survey, words, now)
        if words.command in _HELP:
            return Reply("\n".join(help_lines(visitor.rights)))
        if look := LOOKS.get(words.command):
            return self._paged(heard, await look.answer(asked))
        if command := DEEDS.get(words.command):
            if not visitor.rights.include(command.needed):
                return Reply(_too_little(command.needed, visitor))
            if asked.now - heard.at > _FRESH:
                return Reply(_TOO_LATE)
            return await self._do(heard, command.prepare(asked, visitor.name), command.needed)
        return Reply(plain(nearest_command(words.command, [*LOOKS, *DEEDS, *_HELP])))

    async def _do(self, heard: Heard, deed: Deed, needed: Rights) -> Reply:
        if not deed.question:
            return self._paged(heard, await deed.do())
        key = self._pending.put(Waiting(heard.chat, heard.user, needed, deed.do))
        return Reply(deed.question, (Button("Yes, do it", key),))

    def _paged(self, heard: Heard, lines: Iterable[str]) -> Reply:
        first, *others = pages_of(lines)
        if not others:
            return Reply(first)

        async def more() -> list[str]:
            return [line for page in others for line in page.splitlines()]

        key = self._pending.put(Waiting(heard.chat, heard.user, Rights.READ, more), _PAGES_LAST)
        return Reply(first, (Button(f"More ({len(others)})", key),))


def help_lines(rights: Rights) -> list[str]:
    """Return what whoever has these rights may type."""
    allowed = {name: command.meaning for name, command in DEEDS.items() if rights.include(command.needed)}
    known = {**{name: look.meaning for name, look in LOOKS.items()}, **allowed}
    told = [f"/{name}: {plain(meaning)}" for name, meaning in known.items()]
    return [*told, "", "Behind a command: @ACCOUNT, @GROUP, @VENUE or all."]


def _too_little(needed: Rights, visitor: Visitor) -> str:
    return plain(f"expected the right '{needed}', found '{visitor.rights}' of {visitor.name}")
