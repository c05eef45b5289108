"""A fleet whose messages.yaml lets Ann do everything, and a bot of it without a network."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.services.health.components import Component, Health
from console.services.health.survey import Survey
from console.services.opening import FleetFiles, open_ledger
from console.telegram.bot import Bot, Heard, Reply
from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.ports import Clock
from tests.bot_api import ANN, CHAT, BotApi, open_bot_api
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.stories import traded

GUEST, GROUP, BEN, CLEO = 5151, -77, 8, 9
MESSAGES = f"""\
telegram:
  chats:
    - {{id: {CHAT}, name: ann, rights: admin}}
    - {{id: {GUEST}, name: guest}}
    - {{id: {GROUP}, name: team, rights: trade, users: [{ANN}, {CLEO}]}}
"""


@dataclass
class Moved:
    """A clock that is put forward by hand."""

    clock: Clock

    def now(self):
        return self.clock.now()

    def shown_at(self, wall):
        return self.clock.shown_at(wall)

    def forward(self, by: timedelta) -> None:
        self.clock = FixedClock(self.clock.now() + by)


@dataclass
class Chat:
    """Talks to a bot as somebody does."""

    bot: Bot
    ledger: Ledger
    files: FleetFiles
    clock: Moved
    who: Heard

    async def ask(self, text: str, **other: object) -> Reply:
        reply = await self.hear(text, **other)
        assert reply is not None, text
        return reply

    async def hear(self, text: str, **other: object) -> Reply | None:
        return await self.bot.hear(replace(self.who, **{"text": text, "at": self.clock.now(), **other}))

    async def press(self, reply: Reply, **other: object) -> Reply | None:
        (button,) = reply.buttons
        return await self.bot.press(replace(self.who, text=button.key, **other))


@pytest.fixture
def configured(home: Path) -> Path:
    (home / "config" / "messages.yaml").write_text(MESSAGES, encoding="utf-8")
    settings.cache_clear()
    return home


@pytest.fixture
def story(configured: Path, fill: Fill) -> Path:
    """A home in whose ledger `sample` has traded."""
    fill(traded)
    return configured


async def no_prefect() -> tuple[Component, ...]:
    """What is found where nobody has started one."""
    return (Component("prefect_server", Health.FAILING, "expected Prefect's API, found none"),)


@pytest.fixture
async def chat(story: Path) -> AsyncIterator[Chat]:
    files, clock = FleetFiles(settings()), Moved(FixedClock(CLOSE))
    async with open_ledger(settings(), files.in_force) as ledger:
        who = Heard(CHAT, ANN, "Ann", "", CLOSE)
        survey = Survey(settings(), files.in_force, clock, no_prefect)
        yield Chat(Bot(files, ledger, clock, chosen=settings(), survey=survey), ledger, files, clock, who)


@pytest.fixture
def bot_api() -> Iterator[BotApi]:
    with open_bot_api() as opened:
        yield opened
