"""Who is told of access that a venue denies: people, once for each time that they have resumed the account."""

from datetime import timedelta

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.ledger import Ledger
from desk.errors import AccessDenied
from desk.model.books import TradingState
from desk.steps.breaker import halt_denied, is_denial_told
from tests.builders import CLOSE
from tests.desk.steps.test_breaker import Recorder, database, ledger

__all__ = ["database", "ledger"]

MINUTE = timedelta(minutes=1)


async def denied(ledger: Ledger, notifier: Recorder, *, after: timedelta = timedelta(0)) -> None:
    denial = AccessDenied("oanda", "POST orders", "401", "Insufficient authorization")
    await halt_denied("sample", "practice", denial, ledger, notifier, now=CLOSE + after)


async def test_however_often_access_is_denied_people_are_told_once(ledger):
    notifier = Recorder()
    for _ in range(3):
        await denied(ledger, notifier)
    (told,) = notifier.told
    assert (told.title, told.severity) == ("sample: the venue denies access, the account is halted", "error")
    assert told.body.startswith("Connection practice is denied access (oanda: POST orders failed [401]: Insufficient")
    assert "`desk venues check`" in told.body
    assert "`desk resume account:sample`" in told.body
    assert await ledger.trading_state("sample", "oanda") is TradingState.HALTED
    assert await is_denial_told("sample", ledger, now=CLOSE)


async def test_keys_that_do_not_work_after_a_person_resumed_are_told_again(database, ledger):
    notifier = Recorder()
    await denied(ledger, notifier)
    later = Ledger(database, FixedClock(CLOSE + MINUTE))
    await later.set_trading_state("account:sample", TradingState.ACTIVE, who="me", why="mended")
    assert not await is_denial_told("sample", later, now=CLOSE + MINUTE)
    await denied(later, notifier, after=MINUTE)
    assert len(notifier.told) == 2


async def test_who_could_not_be_told_is_told_the_next_time(ledger):
    notifier = Recorder()
    notifier.fails = ConnectionError("no network")
    with pytest.raises(ConnectionError):
        await denied(ledger, notifier)
    assert not await is_denial_told("sample", ledger, now=CLOSE)
    notifier.fails = None
    await denied(ledger, notifier)
    assert len(notifier.told) == 1
