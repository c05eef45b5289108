from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from console.services.opening import OpenDesk
from console.services.updates import Sight, Update, UpdateKind, differences, sight_of
from desk.adapters.ledger.ledger import Ledger
from desk.model.books import TradingState
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import held, traded


def happened(ask: Ask, story: Callable[[Ledger], Awaitable[None]]) -> tuple[Update, ...]:
    """What is told after a story."""

    async def told(desk: OpenDesk) -> tuple[Update, ...]:
        before = await sight_of(desk)
        await story(desk.ledger)
        after = await sight_of(desk, before)
        return differences(before, after, CLOSE)

    return ask(told)


async def nothing(_ledger: Ledger) -> None:
    return None


def test_where_nothing_has_happened_nothing_is_told(ask: Ask, fill: Fill):
    fill(traded)
    assert happened(ask, nothing) == ()


def test_a_cycle_that_traded_is_an_update_of_its_account_position_signals_and_order(ask: Ask, fill: Fill):
    fill(nothing)
    found = happened(ask, traded)
    assert [(one.type, one.account) for one in found] == [
        (UpdateKind.ACCOUNT, "sample"),
        (UpdateKind.POSITION, "sample"),
        (UpdateKind.SIGNAL, "sample"),
        (UpdateKind.SIGNAL, "sample"),
        (UpdateKind.ORDER, "sample"),
    ]


def test_a_cycle_without_a_trade_is_an_update_of_its_account_and_its_signals(ask: Ask, fill: Fill):
    fill(traded)
    found = happened(ask, lambda ledger: held(ledger, CLOSE + timedelta(minutes=5)))
    assert [one.type for one in found] == [UpdateKind.ACCOUNT, UpdateKind.SIGNAL]


def test_the_next_run_of_an_account_is_no_update(ask: Ask, fill: Fill):
    fill(traded)

    async def told(desk: OpenDesk) -> tuple[Update, ...]:
        before = await sight_of(desk)
        moved = {name: replace(one, next_run=CLOSE) for name, one in before.accounts.items()}
        return differences(before, replace(before, accounts=moved), CLOSE)

    assert ask(told) == ()


def test_a_halt_is_an_update_of_the_states_and_of_every_account_that_it_covers(ask: Ask, fill: Fill):
    fill(nothing)
    found = happened(ask, lambda ledger: ledger.set_trading_state("fleet", TradingState.HALTED, who="ana", why="news"))
    assert [one.type for one in found] == [UpdateKind.ACCOUNT] * 3 + [UpdateKind.STATE]
    assert isinstance(found[-1].data, tuple)
    assert found[-1].data[0].scope == "fleet"


def test_a_position_that_is_gone_is_told_as_none(ask: Ask, fill: Fill):
    fill(traded)
    before = ask(sight_of)
    after = Sight(before.accounts, {}, (), before.orders, before.states)
    [found] = differences(before, after, CLOSE)
    assert (found.type, found.account, found.data.position) == (UpdateKind.POSITION, "sample", None)
