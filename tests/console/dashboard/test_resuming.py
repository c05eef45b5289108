"""Which cycles have a button that resumes their run; without a browser."""

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from console.api.room import Room
from console.dashboard.resuming import Resuming
from desk.adapters.ledger.facts import CycleSummary
from desk.model.access import Rights, Visitor
from desk.model.cycle import CycleKey, CycleState, Mode
from tests.builders import CLOSE


def has_button(state: CycleState, *, rights: Rights = Rights.TRADE, run: str = "run-1") -> bool:
    async def refresh() -> None:
        pass

    ended = CLOSE + timedelta(seconds=3)
    cycle = CycleSummary(
        CycleKey("sample", CLOSE), state, Mode.PAPER, "no answer", None, CLOSE, ended, None, {}, run, "c", "r"
    )
    room = cast(Room, SimpleNamespace())
    return Resuming(room, Visitor("ana", rights), "sample", refresh).press_of(cycle) is not None


@pytest.mark.parametrize("state", list(CycleState))
def test_only_a_cycle_whose_run_failed_or_crashed_has_a_button(state: CycleState):
    stopped = state in (CycleState.NO_TRADE, CycleState.FAILED, CycleState.CRASHED)
    assert has_button(state) is stopped


def test_who_may_only_look_and_a_cycle_without_a_run_have_none():
    assert has_button(CycleState.FAILED, rights=Rights.READ) is False
    assert has_button(CycleState.FAILED, run="") is False
    assert has_button(CycleState.FAILED, rights=Rights.ADMIN) is True
