from decimal import Decimal
from pathlib import Path

from console.services.opening import OpenDesk
from console.services.strategies import StrategyFacts, fleet_strategies
from desk.adapters.ledger.ledger import Ledger
from desk.model.books import TradingState
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import traded_often


async def story(ledger: Ledger) -> None:
    await traded_often(ledger, ("100", "-50"))
    await ledger.set_trading_state("strategy:breakout", TradingState.REDUCE_ONLY, who="monitor", why="it has decayed")


def told(ask: Ask) -> dict[str, StrategyFacts]:
    async def question(desk: OpenDesk) -> dict[str, StrategyFacts]:
        return {one.name: one for one in await fleet_strategies(desk)}

    return ask(question)


def test_strategies_are_told_with_who_uses_them_those_in_use_first(ask: Ask, fill: Fill):
    fill(story)
    found = told(ask)
    assert list(found)[:3] == ["breakout", "mean_reversion", "momentum_trading"]
    assert [use.account for use in found["mean_reversion"].uses] == ["resting"]
    assert not found["mean_reversion"].uses[0].active
    assert found["scalping"].uses == ()
    assert "fast_period" in {one.name for one in found["momentum_trading"].parameters}


def test_a_use_has_what_its_trades_came_to_and_whether_it_may_trade(ask: Ask, fill: Fill):
    fill(story)
    found = told(ask)
    [momentum], [breakout] = found["momentum_trading"].uses, found["breakout"].uses
    assert momentum.performance is not None
    assert (momentum.performance.trades, momentum.performance.profit) == (2, Decimal(50))
    assert (momentum.state, momentum.why) == (TradingState.ACTIVE, "")
    assert (breakout.performance, breakout.state) == (None, TradingState.REDUCE_ONLY)
    assert breakout.why == "it has decayed (ordered by monitor)"


def test_parameters_are_those_that_are_written(ask: Ask, fill: Fill, home: Path):
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(
        accounts.read_text().replace("{name: breakout}", "{name: breakout, parameters: {channel_period: 31}}")
    )
    fill(story)
    [use] = told(ask)["breakout"].uses
    assert (use.place, use.parameters) == ("accounts.fresh.strategies[0]", {"channel_period": "31"})
