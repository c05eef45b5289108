import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.failures import NotUnderstood
from console.usage import show_usage
from desk.adapters.budget.bucket import Bucket
from desk.adapters.budget.facts import CallCount, Pause, Scope, hour_of
from desk.adapters.budget.limits import Limits, Period, VenueLimits
from desk.adapters.budget.store import Allowance, CallStore
from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from tests.builders import CLOSE
from tests.console.conftest import Fill

OANDA = Scope("oanda", "practice")
KUCOIN = Scope("kucoin", "live", "main")
NOW = CLOSE + timedelta(minutes=20)


def count(scope: Scope, endpoint: str, ago: timedelta, calls: int, **more: int) -> CallCount:
    at = NOW - ago
    others = {"errors": 0, "limited": 0, "refused": 0, **more}
    return CallCount(scope, endpoint, hour_of(at), calls=calls, last_at=at, **others)


async def story(ledger: Ledger) -> None:
    """A busy OANDA, of which the day before yesterday is over, and a KuCoin that has ordered silence."""
    store = CallStore(ledger.database, FixedClock(NOW))
    limits = VenueLimits(shared=Limits(per_second=100, per_hour=2_400, per_day=10_000))
    await store.lease(Allowance(OANDA, limits), 10, unused=0, urgent=False)
    counts = [
        count(OANDA, "GET candles", timedelta(0), 600),
        count(OANDA, "GET candles", timedelta(hours=3), 400, errors=2),
        count(OANDA, "POST orders", timedelta(hours=50), 7, refused=3),
        count(KUCOIN, "GET orders", timedelta(minutes=0), 1, limited=1, errors=1),
    ]
    pause = Pause(KUCOIN, NOW, NOW + timedelta(hours=5), 418, "GET orders, 429000")
    await store.settle(counts, [], [pause])


def usage(capsys: pytest.CaptureFixture[str], *, as_json: bool = False, **options: Any) -> str:
    settings.cache_clear()
    capsys.readouterr()
    assert show_usage(**{"venue": None, "since": "24h", "as_json": as_json, "clock": FixedClock(NOW), **options}) == 0
    return capsys.readouterr().out


def test_before_any_call_it_says_why_there_is_none(fill: Fill, capsys):
    assert usage(capsys).startswith("No call to any venue was ever counted: paper accounts on made or recorded candles")
    assert "No call to aster was ever counted" in usage(capsys, venue="aster")
    assert json.loads(usage(capsys, as_json=True))["endpoints"] == []


def test_calls_are_shown_by_endpoint_with_their_share_of_the_limits(fill: Fill, capsys):
    fill(story)
    said = usage(capsys)
    rows = [line.split() for line in said.splitlines() if " GET " in line]
    assert rows[0] == ["kucoin", "live", "main", "GET", "orders", "1", "1", "1", "1", "0", "15:20,", "0", "s", "ago"]
    assert rows[1][:9] == ["oanda", "practice", "GET", "candles", "600", "1,000", "2", "0", "0"]
    assert "2,400 per hour: 600 this hour (25%); 470 may leave now" in said
    assert "10,000 per day: 1,000 in 24 hours (10%); 1,990 may leave now" in said
    assert "POST orders" not in said


def test_a_longer_look_back_shows_older_calls_and_one_venue_hides_the_others(fill: Fill, capsys):
    fill(story)
    said = usage(capsys, since="7d", venue="oanda")
    line = next(line for line in said.splitlines() if "POST orders" in line)
    assert line.split()[2:8] == ["POST", "orders", "0", "7", "0", "0"]
    assert "kucoin" not in said


def test_an_ordered_pause_is_told_with_its_end(fill: Fill, capsys):
    fill(story)
    until = NOW + timedelta(hours=5)
    line = next(line for line in usage(capsys).splitlines() if "silent until" in line)
    assert line.startswith(f"kucoin live main  is silent until {until:%H:%M}, ordered with 418")
    assert line.endswith("(GET orders, 429000)")


def test_json_has_all_of_it(fill: Fill, capsys):
    fill(story)
    told = json.loads(usage(capsys, as_json=True, venue="oanda"))
    assert [(row["endpoint"], row["this_hour"], row["calls"]) for row in told["endpoints"]] == [
        ("GET candles", 600, 1_000)
    ]
    room = Bucket(Period.HOUR, 2_400).burst - Bucket(Period.HOUR, 2_400).reserve - 10
    assert told["limits"][1] == {
        "venue": "oanda",
        "environment": "practice",
        "credential": "",
        "period": "hour",
        "limit": 2_400,
        "used": 600,
        "room": room,
    }
    assert told["pauses"] == []


@pytest.mark.parametrize("since", ["", "yesterday", "24", "-3h", "1.5h"])
def test_what_is_no_length_of_time_is_not_understood(home: Path, since: str):
    with pytest.raises(NotUnderstood, match="such as 90m, 24h or 7d"):
        show_usage(venue=None, since=since, as_json=False)
