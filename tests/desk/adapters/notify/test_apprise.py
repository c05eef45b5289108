"""Addresses of Apprise: each a place of its own, without a secret in its name, and silent where the service can be."""

import pytest
from pydantic import SecretStr

from desk.adapters.notify.apprise import AppriseNotifier, apprise_targets

TOKEN = "123456:abcdefghijklmnopqrstuvwxyzabcdefghi"
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise on Python 3.11


def test_a_silent_message_makes_no_sound_at_telegram_and_a_loud_one_does() -> None:
    notifier = AppriseNotifier([SecretStr(f"tgram://{TOKEN}/1"), SecretStr("json://127.0.0.1:9")])
    assert [getattr(service, "silent", None) for service in notifier._services] == [False, None]
    assert [getattr(service, "silent", None) for service in notifier._quiet_services] == [True, None]


def test_a_place_has_a_name_that_stays_and_tells_two_of_a_kind_apart_without_their_tokens() -> None:
    urls = [SecretStr(f"tgram://{TOKEN}/{chat}") for chat in (1, 2)]
    names = [target.name for target in apprise_targets(urls)]
    assert len(set(names)) == 2
    assert {name.split()[0] for name in names} == {"tgram"}
    assert TOKEN not in "".join(names)
    assert [target.name for target in apprise_targets(urls[::-1])] == names[::-1]
