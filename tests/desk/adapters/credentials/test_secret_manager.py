"""Google's own client against a stand-in: versions are kept for a minute, and stay in force while nothing answers."""

import logging
import threading
import time

import pytest

from desk.adapters.credentials.found import Credential, Origin
from desk.adapters.credentials.secret_manager import KEPT_SECONDS, SecretManager
from desk.errors import ConfigError, WrittenOrNot
from tests.secret_manager import PROJECT, StandIn

CANARY = "canary-7f1e9c33a0"


class Clock:
    """Seconds that a test says."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def manager(stand_in: StandIn, clock: Clock) -> SecretManager:
    return SecretManager(PROJECT, stand_in.address, now=clock)


def value_of(found: Credential | None) -> str:
    assert found is not None
    return found.value.get_secret_value()


def test_the_newest_version_is_found_with_where_it_is_from(manager: SecretManager, stand_in: StandIn):
    stand_in.versions["TOKEN"] = ["old", CANARY]
    found = manager.find("TOKEN")
    assert (value_of(found), found.origin, found.version) == (CANARY, Origin.SECRET_MANAGER, "2")
    assert manager.find("OTHER") is None


def test_it_is_asked_once_a_minute(manager: SecretManager, stand_in: StandIn, clock: Clock):
    stand_in.versions["TOKEN"] = ["1"]
    for _ in range(3):
        manager.find("TOKEN")
        manager.find("MISSING")
    assert len(stand_in.asked) == 2
    stand_in.versions["TOKEN"] += ["2"]
    clock.seconds = KEPT_SECONDS - 1
    assert value_of(manager.find("TOKEN")) == "1"
    clock.seconds = KEPT_SECONDS
    assert value_of(manager.find("TOKEN")) == "2"


def test_it_is_asked_at_once_when_it_is_told_to_refresh(manager: SecretManager, stand_in: StandIn):
    stand_in.versions["TOKEN"] = ["1"]
    manager.find("TOKEN")
    stand_in.versions["TOKEN"] += ["2"]
    manager.refresh()
    asked = len(stand_in.asked)
    assert value_of(manager.find("TOKEN")) == "2"
    assert len(stand_in.asked) == asked


def test_who_asks_while_it_is_read_again_does_not_wait(manager: SecretManager, stand_in: StandIn, clock: Clock):
    stand_in.versions["TOKEN"] = ["1"]
    manager.find("TOKEN")
    clock.seconds, asked, stand_in.held = KEPT_SECONDS, len(stand_in.asked), threading.Event()
    stand_in.versions["TOKEN"] += ["2"]
    reading = threading.Thread(target=manager.refresh)
    reading.start()
    while len(stand_in.asked) == asked:
        time.sleep(0.01)
    assert value_of(manager.find("TOKEN")) == "1"
    assert reading.is_alive()
    stand_in.held.set()
    reading.join()
    assert value_of(manager.find("TOKEN")) == "2"


def test_what_was_read_stays_in_force_while_nothing_answers(manager, stand_in, clock, caplog):
    stand_in.versions["TOKEN"] = [CANARY]
    manager.find("TOKEN")
    stand_in.broken, clock.seconds = 503, KEPT_SECONDS
    assert value_of(manager.find("TOKEN")) == CANARY
    assert "expected to read TOKEN, found ServiceUnavailable" in caplog.text
    assert "the version that was read before stays in force" in caplog.text
    asked = len(stand_in.asked)
    manager.find("TOKEN")
    assert len(stand_in.asked) == asked


@pytest.mark.parametrize(("status", "name"), [(503, "ServiceUnavailable"), (403, "Forbidden")])
def test_what_was_never_read_is_an_error_with_project_and_name(manager, stand_in, status, name):
    stand_in.broken = status
    with pytest.raises(ConfigError, match=f"Secret Manager of trading: expected to read TOKEN, found {name}: {status}"):
        manager.find("TOKEN")


def test_nobody_who_listens_is_an_error_too():
    with pytest.raises(ConfigError, match="expected to read TOKEN, found ConnectionError"):
        SecretManager(PROJECT, "http://127.0.0.1:9").find("TOKEN")


def test_a_value_that_was_damaged_on_the_way_is_not_used(manager: SecretManager, stand_in: StandIn):
    stand_in.versions["TOKEN"], stand_in.damaged = [CANARY], True
    with pytest.raises(ConfigError, match="expected TOKEN as it was written") as told:
        manager.find("TOKEN")
    assert CANARY not in str(told.value)


def test_a_new_version_is_written_and_found_at_once(manager: SecretManager, stand_in: StandIn):
    stand_in.versions["TOKEN"] = ["1"]
    manager.find("TOKEN")
    manager.put("TOKEN", CANARY)
    assert stand_in.versions["TOKEN"] == ["1", CANARY]
    assert value_of(manager.find("TOKEN")) == CANARY


def test_a_secret_that_is_not_there_is_made(manager: SecretManager, stand_in: StandIn):
    manager.put("TOKEN", CANARY)
    assert stand_in.versions == {"TOKEN": [CANARY]}
    assert f"POST /v1/projects/{PROJECT}/secrets?secretId=TOKEN" in stand_in.asked[1].replace("&%24alt=json", "")


def test_a_value_that_cannot_be_written_is_not_repeated(manager: SecretManager, stand_in: StandIn):
    stand_in.broken = 403
    with pytest.raises(ConfigError, match="expected to write TOKEN, found Forbidden") as told:
        manager.put("TOKEN", CANARY)
    assert CANARY not in repr(told.value)


def test_a_version_whose_reply_is_lost_is_found_to_be_written(manager: SecretManager, stand_in: StandIn):
    stand_in.versions["TOKEN"] = ["1"]
    stand_in.lost = ":addVersion"
    manager.put("TOKEN", CANARY)
    assert stand_in.versions["TOKEN"] == ["1", CANARY]
    assert value_of(manager.find("TOKEN")) == CANARY


@pytest.mark.parametrize("silent", [":addVersion", "/secrets"])
def test_a_version_that_nobody_has_seen_is_told_as_written_or_not(manager, stand_in, silent):
    stand_in.versions["TOKEN"] = ["1"]
    manager.find("TOKEN")
    stand_in.unheard = silent
    with pytest.raises(WrittenOrNot, match="whether it has the new version is not known") as told:
        manager.put("TOKEN", CANARY)
    assert CANARY not in repr(told.value)
    # What scans trade with stays, until it is known to be another one.
    assert value_of(manager.find("TOKEN")) == "1"


def test_no_log_has_the_value(manager, stand_in, caplog, monkeypatch):
    manager.find("TOKEN")  # the first call sets the client's own logs up
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(logging.getLogger("google"), "propagate", True)
    manager.put("TOKEN", CANARY)
    manager.find("TOKEN")
    assert caplog.records
    seen = "\n".join(repr(vars(record)) for record in caplog.records)
    assert CANARY not in seen
    assert "Y2FuYXJ5LTdm" not in seen
