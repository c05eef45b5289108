"""What the operator writes about messages, which nobody has to: how loud, how often, to whom, and who may ask."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from desk.accounts.base import Spec
from desk.accounts.checking import check
from desk.accounts.folder import Folder
from desk.accounts.problems import Problem
from desk.accounts.values import DURATION, Duration, TimeZone, Whole, unusable
from desk.model.access import Rights
from desk.model.messages import Loudness, MessageKind

MESSAGES_FILE = "messages.yaml"
_OLDER_YAML = {True: "on", False: "off"}
_CLOCK = "a time of day such as 07:00"


def _loudness(value: object) -> object:
    # A parser of the older YAML reads `on` and `off` as true and false.
    return _OLDER_YAML[value] if isinstance(value, bool) else value


def _time_of_day(value: object) -> object:
    """A time without its zone, which stands beside it; YAML has no such kind."""
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(value if isinstance(value, str) and len(value) == len("07:00") else "")
    except ValueError:
        raise unusable(_CLOCK) from None


_Loudness = Annotated[Loudness, BeforeValidator(_loudness)]
_TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]


class DigestSpec(Spec):
    """When the day is summed up."""

    at: _TimeOfDay = Field(description=f"{_CLOCK}: when it is sent, of the 24 hours before")
    timezone: TimeZone = Field("UTC", description="an IANA time zone such as Europe/London: of that time")


class ChatSpec(Spec):
    """A chat of Telegram that the bot answers in."""

    id: Whole = Field(description="a whole number, below 0 for a group: the chat, as the bot's log names it")
    name: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")] = Field(
        description="a name of small letters, digits and hyphens: what the audit calls whoever writes there"
    )
    rights: Rights = Field(
        Rights.READ, description=f"one of {', '.join(Rights)}: what may be done from there; each has those before it"
    )
    users: tuple[Whole, ...] = Field(
        (), description="a list of whole numbers: the people of a group who are listened to; nothing for all of them"
    )
    messages: bool = Field(default=True, description="true or false: whether messages of the desk go there, too")


class TelegramSpec(Spec):
    """Who may talk to the bot; its token is in `DESK_TELEGRAM_TOKEN`."""

    chats: Annotated[tuple[ChatSpec, ...], Field(min_length=1)] = Field(
        description="a list of chats, at least one: nobody else is answered"
    )

    @model_validator(mode="after")
    def _is_one_of_each(self) -> Self:
        for key in ("id", "name"):
            values = [str(getattr(chat, key)) for chat in self.chats]
            if twice := {value for value in values if values.count(value) > 1}:
                raise unusable(f"another {key} for each chat", found=", ".join(sorted(twice)))
        return self

    def chat(self, number: int) -> ChatSpec | None:
        """Return a chat; None for a stranger's."""
        return next((chat for chat in self.chats if chat.id == number), None)


class MessagesFile(Spec):
    """The whole of messages.yaml."""

    kinds: Mapping[MessageKind, _Loudness] = Field(
        default_factory=dict,
        description="a mapping of on, silent or off by kind of message: silent makes no sound where the service can do "
        f"that, off is only written down; kinds are {', '.join(MessageKind)}",
    )
    repeats_within: Duration = Field(
        timedelta(minutes=10),
        description=f"{DURATION}: for how long messages that say the same are counted, to be told once when it is over",
    )
    attempts: Annotated[Whole, Field(ge=1, le=100)] = Field(
        12,
        description="a whole number from 1 to 100: how often a message is tried; waits between grow to an hour",
    )
    escalate_after: Annotated[Whole, Field(ge=0, le=1000)] = Field(
        5,
        description="a whole number from 0 to 1000: how many scans of an account fail in a row before that is told "
        "again, loudly, and to `DESK_ESCALATE_URLS` as well; 0 for never",
    )
    digest: DigestSpec | None = Field(
        None, description="a mapping with at: when the day is summed up; nothing for never"
    )
    telegram: TelegramSpec | None = Field(None, description="a mapping with chats: who may talk to the bot")

    def loudness(self, kind: MessageKind) -> Loudness:
        """Return how messages of a kind arrive."""
        return self.kinds.get(kind, Loudness.ON)

    @property
    def chats(self) -> tuple[ChatSpec, ...]:
        """Who may talk to the bot."""
        return self.telegram.chats if self.telegram else ()


def read_messages(folder: Folder) -> tuple[MessagesFile, list[Problem]]:
    """Return what is wished, which is what is usual where there is no such file, with every problem that it has."""
    if not folder.has(MESSAGES_FILE):
        return MessagesFile(), []
    document = folder.read(MESSAGES_FILE, "how messages are told")
    if document.top is None:
        return MessagesFile(), list(document.problems)
    file, problems = check(MessagesFile, document.top)
    return file or MessagesFile(), [*document.problems, *problems]
