from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from console.failures import NotUnderstood
from console.services.risk import AccountRisk, FleetRisk, account_risks, fleet_risk, rules_in_use
from desk.adapters.ledger.ledger import Ledger
from desk.execution.breaker import Limit, Trip
from desk.model.books import TradingState
from desk.model.instrument import Side
from tests.builders import CLOSE, PRICES
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import RATES, traded, traded_often
from tests.desk.adapters.ledger.builders import fill as executed


async def tripped(ledger: Ledger) -> None:
    await traded(ledger)
    trip = Trip(Limit.DRAWDOWN, TradingState.HALTED, Decimal("0.2"), Decimal("0.15"), "too much is lost")
    await ledger.record_trips("sample", [trip])


def risk(ask: Ask) -> FleetRisk:
    return ask(lambda desk: fleet_risk(desk, CLOSE))


def limit_losses(home: Path) -> None:
    policy = home / "config" / "policy.yaml"
    policy.write_text(policy.read_text() + "    breaker: {drawdown_fraction: 0.15, consecutive_losses: 4}\n")


def test_exposure_is_what_is_held_at_the_last_price(ask: Ask, fill: Fill):
    async def two(ledger: Ledger) -> None:
        await traded(ledger)
        sold = executed("J1", side=Side.SELL, instrument="USD/JPY", quantity="10", price="150", after=5)
        await ledger.book_fills("sample", (sold,), cursor="2", conversion=RATES, now=CLOSE)

    fill(two)
    sample, fresh, _ = risk(ask).accounts
    in_dollars = Decimal(PRICES["USD/JPY"]) * RATES["JPY"] * 10
    assert sample.exposure == {"EUR/USD": Decimal(110), "USD/JPY": -in_dollars}
    assert sample.gross == 110 + in_dollars
    assert sample.multiple("EUR/USD") == pytest.approx(110 / 10012.345)
    assert fresh == AccountRisk("fresh", "USD")
    assert sample.gross_multiple == pytest.approx(float(sample.gross) / 10012.345)
    assert risk(ask).instruments == ("EUR/USD", "USD/JPY")


def test_limits_on_losses_are_told_with_how_much_of_them_is_used(ask: Ask, fill: Fill, home: Path):
    limit_losses(home)

    async def lost(ledger: Ledger) -> None:
        await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
        await traded_often(ledger, ("10", "-10", "-10"))
        for minute, equity in enumerate(("10000", "9700")):
            await ledger.record_equity("sample", CLOSE.replace(minute=minute), Decimal(equity), Decimal(equity))

    fill(lost)
    limits = risk(ask).accounts[0].limits
    assert {use.limit: use.told for use in limits} == {
        Limit.DRAWDOWN: "3.0% of 15%",
        Limit.CONSECUTIVE_LOSSES: "2 of 4",
    }
    used = {use.limit: (use.used, use.allowed, use.fraction) for use in limits}
    assert used == {
        Limit.DRAWDOWN: (Decimal("0.03"), Decimal("0.15"), pytest.approx(0.2)),
        Limit.CONSECUTIVE_LOSSES: (Decimal(2), Decimal(4), 0.5),
    }
    fullest = risk(ask).accounts[0].fullest
    assert fullest is not None
    assert fullest.limit is Limit.CONSECUTIVE_LOSSES
    assert ask(account_risks) == risk(ask).accounts


def test_trips_and_states_are_told(ask: Ask, fill: Fill):
    fill(tripped)
    found = risk(ask)
    [trip], [state] = found.trips, found.states
    assert (trip.account, trip.limit, trip.is_in_force, trip.ends_at) == ("sample", Limit.DRAWDOWN, True, None)
    assert (state.scope, state.state) == ("account:sample", TradingState.HALTED)


def test_rules_are_told_of_an_account_that_there_is(ask: Ask, fill: Fill):
    fill(traded)
    assert [use.finding.rule for use in ask(lambda desk: rules_in_use(desk, "sample"))] == ["cooldown", "position_size"]
    assert ask(lambda desk: rules_in_use(desk, "fresh")) == ()
    with pytest.raises(NotUnderstood, match="sample"):
        ask(lambda desk: rules_in_use(desk, "sampel"))
