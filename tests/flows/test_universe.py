"""An account that trades a universe, through Prefect's engine: chosen once, written down, gone by afterwards."""

from datetime import timedelta
from pathlib import Path

import pytest

from desk.adapters.ledger.trade_lists import TradeQuestion
from desk.errors import VenueUnavailable
from tests.flows.installation import AT, CLOSE, Installation

pytestmark = pytest.mark.prefect

EXPLORER = """\
  explorer:
    starting_cash: 100_000
    universe: pairs
    schedule: {every: 5m, offset: 5s}
"""

UNIVERSE = """\
universes:
  pairs:
    quote: USD
    kinds: [fx]
    dynamic: {count: 2}
    rules:
      - {when: [{kind: price_move, candles: 12, fraction: 0.00001}], size: 0.5, conviction: 0.4}
"""


@pytest.fixture(autouse=True)
def explorer(installation: Installation) -> None:
    """An account more, whose rule fires on nearly every candle."""
    accounts: Path = installation.config / "accounts.yaml"
    accounts.write_text(accounts.read_text(encoding="utf-8") + EXPLORER, encoding="utf-8")
    (installation.config / "universe.yaml").write_text(UNIVERSE, encoding="utf-8")


async def test_instruments_are_chosen_written_down_and_traded(desk):
    state = await desk.scan("explorer")

    choice = await desk.installation.ledger.universe_choice("explorer")
    chosen = {one.instrument for one in choice.standings if one.place.is_in}
    record = await desk.installation.record("explorer")
    assert (choice.candle_close, choice.config_version) == (CLOSE, record.config_version)
    assert {signal.instrument for signal in record.decision.signals} == chosen
    assert len(chosen) == 2
    assert state.name == "Traded"
    assert {(proposal.trigger, proposal.conviction) for proposal in record.decision.proposals} == {
        ("a move of 1e-05 of the price in 12 candles", 0.4)
    }


async def test_a_source_that_stays_silent_is_asked_again_before_the_cycle_goes_on(desk):
    broken = desk.installation.sabotage(
        "explorer", task="choose_instruments", error=VenueUnavailable("fake", "quotes"), times=1
    )
    state = await desk.scan("explorer")
    assert broken.times == 0
    assert state.name == "Traded"


async def test_what_is_held_is_judged_though_it_is_not_chosen_any_more_and_nobody_is_warned_of_it(desk):
    await desk.scan("explorer")
    held = {one.instrument for one in await desk.installation.ledger.positions("explorer")}
    universe = desk.installation.config / "universe.yaml"
    universe.write_text(UNIVERSE.replace("count: 2}", "count: 2}\n    exclude: ['*']"), encoding="utf-8")
    desk.installation.opened.reconciled.clear()  # as a new process begins

    await desk.scan("explorer", at=AT + timedelta(minutes=5))

    record = await desk.installation.record("explorer", CLOSE + timedelta(minutes=5))
    assert record.state.is_finished
    assert {signal.instrument for signal in record.decision.signals} == held
    assert held
    trades = await desk.installation.ledger.trades_of(TradeQuestion(["explorer"]), before=None, limit=20)
    assert {one.trade.instrument for one in trades if one.extremes is not None} == held
    assert await desk.installation.ledger.externals("explorer") == ()
