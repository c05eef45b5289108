"""Keys that live in Secret Manager: another one is taken without a restart, and is seen nowhere."""

import logging
from collections.abc import Iterator

import pytest
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from desk.adapters.credentials.chain import credentials
from desk.adapters.settings import settings
from desk.model.books import TradingState
from tests.canaries import canaries
from tests.flows.test_live_scan import VENUES, addresses, truth
from tests.flows.test_secrets import written
from tests.secret_manager import PROJECT, StandIn, running

__all__ = ["addresses", "truth"]
pytestmark = [
    pytest.mark.prefect,
    pytest.mark.parametrize("truth", [one for one in VENUES if one.dialect == "aster"], indirect=True, ids=["aster"]),
]

REVOKED = "canary5b7e0d1f4a"


@pytest.fixture
def kept(truth, monkeypatch) -> Iterator[StandIn]:
    """Secret Manager with the keys of the account, the environment without them."""
    with running() as stand_in:
        for name in ("TEST_API_KEY", "TEST_API_SECRET"):
            found = credentials().find(name)
            stand_in.versions[name] = [found.value.get_secret_value()]
            monkeypatch.delenv(name)
        monkeypatch.setenv("DESK_SECRET_MANAGER_PROJECT", PROJECT)
        monkeypatch.setenv("DESK_SECRET_MANAGER_ENDPOINT", stand_in.address)
        settings.cache_clear()
        yield stand_in


async def test_a_key_that_was_changed_is_taken_by_the_next_scan_and_seen_nowhere(desk, kept, prefect_server, caplog):
    caplog.set_level(logging.DEBUG)
    good = kept.versions["TEST_API_SECRET"]
    kept.versions["TEST_API_SECRET"] = [REVOKED]
    credentials().find("TEST_API_SECRET")  # as a scan before this one has
    kept.versions["TEST_API_SECRET"] = [REVOKED, *good]

    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}):
        assert (await desk.scan("trader", None)).is_failed()
        assert await desk.installation.ledger.trading_state("trader", "aster") is TradingState.ACTIVE
        assert (await desk.scan("trader", None)).name in ("Traded", "Held")
        await APILogHandler.aflush()

    seen = b"\n".join((written(prefect_server.home, desk.installation.home), caplog.text.encode()))
    assert b"AccessDenied" in seen
    assert REVOKED.encode() not in seen
    assert not [name for form, name in canaries().items() if form in seen]


async def test_a_key_that_nobody_has_changed_halts_the_account_when_it_is_refused(desk, kept):
    kept.versions["TEST_API_SECRET"] = [REVOKED]
    assert (await desk.scan("trader", None)).is_failed()
    assert await desk.installation.ledger.trading_state("trader", "aster") is TradingState.HALTED
