import json
from datetime import timedelta

import pytest

from console.pauses import lift_pauses
from desk.adapters.budget.facts import Pause, Scope
from desk.adapters.budget.store import CallStore
from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from tests.builders import CLOSE
from tests.console.conftest import Desk, Fill

KUCOIN, OANDA = Scope("kucoin", "live", "main"), Scope("oanda", "practice")
NOW = CLOSE + timedelta(minutes=20)
NOTHING = "No pause of kucoin was in force, and nothing was changed."


async def story(ledger: Ledger) -> None:
    """Two venues that have ordered silence, one of them for longer."""
    pauses = [Pause(KUCOIN, NOW, NOW + timedelta(minutes=9), 429, "GET orders, 429000")]
    pauses.append(Pause(OANDA, NOW, NOW + timedelta(days=2), 418, "GET candles, 418"))
    await CallStore(ledger.database, FixedClock(NOW)).settle([], [], pauses)


def lifted(capsys: pytest.CaptureFixture[str], venue: str, *, as_json: bool = False) -> str:
    settings.cache_clear()
    capsys.readouterr()
    assert lift_pauses(venue, as_json=as_json, clock=FixedClock(NOW + timedelta(minutes=1))) == 0
    return capsys.readouterr().out


def test_what_is_lifted_is_said_and_is_over(fill: Fill, capsys):
    fill(story)
    said = lifted(capsys, "kucoin")
    until = f"{NOW + timedelta(minutes=9):%H:%M}"
    expected = f"Lifted: kucoin live main was silent until {until}, ordered with 429 (GET orders, 429000)."
    assert said.splitlines()[0] == expected
    assert lifted(capsys, "kucoin").strip() == NOTHING


def test_another_venue_stays_silent(fill: Fill, capsys):
    fill(story)
    lifted(capsys, "kucoin")
    (told,) = json.loads(lifted(capsys, "oanda", as_json=True))["lifted"]
    assert (told["environment"], told["status"], told["why"]) == ("practice", 418, "GET candles, 418")


def test_the_command_lifts_and_shows_nothing_else(desk: Desk, fill: Fill):
    fill(story)
    ended = desk("usage", "--lift", "kucoin")
    assert (ended.code, ended.out.strip()) == (0, NOTHING)
    assert desk("usage", "--lift", "kucoin", "--json").json == {"venue": "kucoin", "lifted": []}
