"""Whoever remembers an account is told when something has happened, or may have."""

import pytest

from desk.adapters.streams.events import AccountEvent, AccountEventKind
from desk.adapters.streams.supervised import StreamState, StreamStatus
from desk.adapters.streams.watch import AccountWatch
from tests.desk.adapters.streams.fakes import AT, BEAT


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def watch(told) -> AccountWatch:
    return AccountWatch([lambda: told.append("poll"), lambda: told.append("book")], say=told.append)


@pytest.mark.parametrize("kind", AccountEventKind)
def test_everything_that_happens_is_told_to_all(watch, told, kind):
    watch.heard(AccountEvent(kind, AT))
    assert told == ["poll", "book"]


def test_what_may_have_been_missed_is_told_too(watch, told):
    watch.missed()
    assert told == ["poll", "book"]


def test_a_heartbeat_is_no_news(watch, told):
    watch.heard(BEAT)
    assert told == []


def test_each_change_is_said_once_and_closing_is_none(watch, told):
    for state in (StreamState.LIVE, StreamState.BROKEN, StreamState.CLOSED):
        watch.turned(StreamStatus("transactions of one", state, AT))
    assert told == [
        "transactions of one live since 2026-01-14 15:00:00 UTC: the account's news come from it",
        "transactions of one broken since 2026-01-14 15:00:00 UTC: the account's news are asked for",
    ]
