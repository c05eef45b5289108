"""The monitor's order is a trading state like a person's, and never stands in the place of one."""

from datetime import timedelta

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.ledger import Ledger
from desk.model.books import TradingState
from desk.model.reasons import Reason
from desk.model.scopes import Scope
from tests.builders import CLOSE

SCOPE = Scope(account="sample", strategy="constant")
ORDER = Scope("oanda", "sample", "constant", "EUR/USD")


async def test_a_quarantine_refuses_what_opens_and_is_in_the_audit(ledger: Ledger) -> None:
    assert await ledger.quarantine(SCOPE, why="decay: too low")
    [found] = await ledger.restrictions("sample", "oanda")
    assert (found.state, found.who, found.why, found.scope) == (
        TradingState.REDUCE_ONLY, "monitor", "decay: too low", SCOPE,
    )  # fmt: skip
    assert (await ledger.objection(ORDER)).startswith(Reason.REDUCE_ONLY)
    assert await ledger.objection(Scope("oanda", "sample", "other", "EUR/USD")) == ""
    [entry] = await ledger.audit_entries()
    assert (entry.who, entry.action, entry.subject) == ("monitor", "reduce_only", str(SCOPE))
    assert entry.detail["why"] == "decay: too low"


async def test_an_order_that_is_in_force_is_left_alone(ledger: Ledger) -> None:
    await ledger.set_trading_state(str(SCOPE), TradingState.HALTED, who="ann", why="looks odd")
    assert not await ledger.quarantine(SCOPE, why="decay")
    assert [(one.state, one.who) for one in await ledger.restrictions("sample", "oanda")] == [
        (TradingState.HALTED, "ann")
    ]
    assert len(await ledger.audit_entries()) == 1


async def test_it_is_known_when_a_person_let_a_strategy_go_on(ledger: Ledger) -> None:
    assert await ledger.rearmed_at(SCOPE) is None
    await ledger.quarantine(SCOPE, why="decay")
    assert await ledger.rearmed_at(SCOPE) is None
    await ledger.set_trading_state(str(SCOPE), TradingState.ACTIVE, who="ann", why="new parameters")
    assert await ledger.rearmed_at(SCOPE) == CLOSE
    assert await ledger.quarantine(SCOPE, why="decay again")


async def test_an_order_that_ended_by_itself_let_it_go_on_too(ledger: Ledger) -> None:
    until = CLOSE + timedelta(hours=1)
    await ledger.set_trading_state(str(SCOPE), TradingState.HALTED, who="ann", why="", until=until)
    later = Ledger(ledger.database, FixedClock(until + timedelta(minutes=1)))
    assert await later.rearmed_at(SCOPE) == until
    assert await later.quarantine(SCOPE, why="decay")
