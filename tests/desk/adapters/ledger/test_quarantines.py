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


async def test_a_pause_that_ended_by_itself_let_nothing_go_on(ledger: Ledger) -> None:
    until = CLOSE + timedelta(hours=1)
    await ledger.set_trading_state(str(SCOPE), TradingState.HALTED, who="ann", why="", until=until)
    later = Ledger(ledger.database, FixedClock(until + timedelta(minutes=1)))
    assert await later.rearmed_at(SCOPE) is None
    assert await later.quarantine(SCOPE, why="decay")


async def test_a_pause_that_will_end_does_not_shield_from_a_quarantine(ledger: Ledger) -> None:
    until = CLOSE + timedelta(hours=1)
    await ledger.set_trading_state(str(SCOPE), TradingState.HALTED, who="ann", why="", until=until)
    assert await ledger.quarantine(SCOPE, why="decay")
    [found] = await Ledger(ledger.database, FixedClock(until)).restrictions("sample", "oanda")
    assert (found.state, found.who, found.until) == (TradingState.HALTED, "monitor", None)


async def test_a_quarantine_ends_by_a_persons_word_alone_whatever_was_ordered_over_it(ledger: Ledger) -> None:
    await ledger.quarantine(SCOPE, why="decay")
    for hours in (1, 2):
        until = CLOSE + timedelta(hours=hours)
        ends = await ledger.set_trading_state(str(SCOPE), TradingState.HALTED, who="ann", why="a look", until=until)
        assert ends is None
    later = Ledger(ledger.database, FixedClock(CLOSE + timedelta(days=9)))
    assert [one.state for one in await later.restrictions("sample", "oanda")] == [TradingState.HALTED]
    assert await later.rearmed_at(SCOPE) is None
    await later.set_trading_state(str(SCOPE), TradingState.ACTIVE, who="ann", why="mended")
    assert (await later.restrictions("sample", "oanda"), await later.rearmed_at(SCOPE)) == (
        (),
        CLOSE + timedelta(days=9),
    )


async def test_when_a_person_let_it_go_on_is_remembered_over_later_orders(ledger: Ledger) -> None:
    await ledger.set_trading_state(str(SCOPE), TradingState.ACTIVE, who="ann", why="mended")
    later = Ledger(ledger.database, FixedClock(CLOSE + timedelta(days=1)))
    await later.set_trading_state(str(SCOPE), TradingState.HALTED, who="ann", why="", until=CLOSE + timedelta(days=2))
    assert await later.rearmed_at(SCOPE) == CLOSE
    assert await later.rearmed_at(Scope(account="sample", strategy="other")) is None
