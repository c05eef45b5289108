"""messages.yaml: nobody has to keep it, and a mistake in it is told with its line."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from desk.accounts import load_fleet
from desk.accounts.messages import MessagesFile
from desk.errors import ConfigError
from desk.model.access import Rights
from desk.model.messages import Loudness, MessageKind
from tests.console.conftest import ACCOUNTS, POLICY

WHOLE = """\
kinds: {entry: on, exit: silent, watch: off}
repeats_within: 5m
attempts: 3
escalate_after: 0
digest: {at: 07:30, timezone: Europe/London}
telegram:
  chats:
    - {id: -100777, name: team, rights: trade, users: [1]}
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    for name, text in (("accounts.yaml", ACCOUNTS), ("policy.yaml", POLICY)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_nobody_has_to_say_how_messages_are_told(written: Path) -> None:
    messages = load_fleet(written).messages
    assert messages == MessagesFile()
    assert {messages.loudness(kind) for kind in MessageKind} == {Loudness.ON}
    assert (messages.repeats_within, messages.escalate_after, messages.chats) == (timedelta(minutes=10), 5, ())


def test_everything_that_is_written_is_read(written: Path) -> None:
    (written / "messages.yaml").write_text(WHOLE, encoding="utf-8")
    messages = load_fleet(written).messages
    loud = [messages.loudness(kind) for kind in (MessageKind.ENTRY, MessageKind.EXIT, MessageKind.WATCH)]
    assert loud == [Loudness.ON, Loudness.SILENT, Loudness.OFF], "on and off are words here, and no flags"
    assert (messages.repeats_within, messages.attempts, messages.escalate_after) == (timedelta(minutes=5), 3, 0)
    assert messages.digest is not None
    assert (messages.digest.at, messages.digest.timezone) == (time(7, 30), "Europe/London")
    assert messages.telegram is not None
    chat = messages.telegram.chat(-100777)
    assert chat is not None
    assert (chat.name, chat.rights, chat.users, chat.messages) == ("team", Rights.TRADE, (1,), True)
    assert messages.telegram.chat(1) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "kinds: {entr: on}",
            "messages.yaml:1: kinds.entr: expected a mapping of on, silent or off by kind",
        ),
        ("kinds: {exit: loud}", "found 'loud'; known are off, on, silent"),
        ("digest: {at: noon}", "messages.yaml:1: digest.at: expected a time of day such as 07:00, found 'noon'"),
        ("digest: {at: 07:00, timezone: Europe/Lodnon}", "did you mean 'Europe/London'?"),
        ("telegram: {chats: [{id: 5, name: ann}, {id: 5, name: ben}]}", "expected another id for each chat, found 5"),
        ("telegram: {chats: []}", "messages.yaml:1: telegram.chats: expected a list of chats, at least one"),
        ("repeats_within: 10", "which unit?"),
        ("attempts: 0", "messages.yaml:1: attempts: expected a whole number from 1 to 100"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_was_expected(written: Path, text: str, expected: str) -> None:
    (written / "messages.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_fleet(written)
    assert expected in str(raised.value)
