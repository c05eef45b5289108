from datetime import timedelta

import pytest

from console.failures import NothingRecorded, NotUnderstood
from console.services.cycles import cycle_page, why
from console.services.paging import Turn
from desk.adapters.ledger.ledger import Ledger
from desk.model.reasons import Reason
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import held, traded


async def three_cycles(ledger: Ledger) -> None:
    for minutes in (0, 5, 10):
        await held(ledger, CLOSE + timedelta(minutes=minutes))


def test_pages_follow_each_other_and_the_last_says_so(ask: Ask, fill: Fill):
    fill(three_cycles)
    first = ask(lambda desk: cycle_page(desk, "sample", Turn(limit=2)))
    assert [row.key.candle_close for row in first.rows] == [CLOSE + timedelta(minutes=m) for m in (10, 5)]
    last = ask(lambda desk: cycle_page(desk, "sample", Turn(first.next, limit=2)))
    assert [row.key.candle_close for row in last.rows] == [CLOSE]
    assert last.next == ""


def test_a_word_that_no_page_gave_is_refused(ask: Ask):
    with pytest.raises(NotUnderstood, match="expected a time"):
        ask(lambda desk: cycle_page(desk, "sample", Turn("yesterday")))


def test_an_account_that_is_not_configured_is_refused_with_the_nearest(ask: Ask):
    with pytest.raises(NotUnderstood, match="sample"):
        ask(lambda desk: cycle_page(desk, "sampel", Turn()))


def test_a_cycle_is_told_with_the_meaning_of_its_reasons(ask: Ask, fill: Fill):
    fill(held)
    found = ask(lambda desk: why(desk, "sample", CLOSE))
    assert found.record.key.candle_close == CLOSE
    assert found.meanings == {Reason.BELOW_THRESHOLD.value: Reason.BELOW_THRESHOLD.meaning}


def test_the_cycle_before_the_time_is_not_told_for_that_of_the_time(ask: Ask, fill: Fill):
    fill(traded)
    with pytest.raises(NothingRecorded, match="the newest is 2026-01-14 15:00 UTC, traded"):
        ask(lambda desk: why(desk, "sample", CLOSE + timedelta(minutes=1)))
