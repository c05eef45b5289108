"""A backtest passes over cycles in which nothing can happen, and comes to the same as one that scans them all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.accounts import Fleet
from desk.adapters.backtests.opening import Past, open_past
from desk.adapters.configuration import read_fleet
from desk.backtest.engine import Backtest, Windows, backtest
from desk.backtest.result import BacktestResult
from desk.backtest.scanning import Step
from desk.errors import ConfigError, DataError
from desk.execution.breaker import BreakerLimits, Limit
from desk.matching.fees import FeeSchedule
from desk.model.reasons import Reason
from desk.model.trade import VerdictState

CONFIG = Path(__file__).parents[3] / "config"
START = datetime(2026, 3, 3, tzinfo=UTC)
END = START + timedelta(days=1)


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return read_fleet(CONFIG)


async def past_of(fleet: Fleet, name: str) -> Past:
    return await open_past(fleet, name, start=START, end=END)


def run(past: Past, *, windows: Windows = Windows.ALL) -> BacktestResult:
    return backtest(
        past.policy, past.history, past.opening, start=START, end=END, setting=past.setting, windows=windows
    )


@pytest.mark.parametrize("name", ["oanda-momentum", "oanda-breakout", "coinbase-spot", "aster-perpetual"])
async def test_passing_over_what_cannot_matter_changes_nothing(fleet: Fleet, name: str) -> None:
    past = await past_of(fleet, name)
    quick, whole = run(past), run(past, windows=Windows.LIVE)
    assert quick.fills == whole.fills
    assert quick.no_trades == whole.no_trades
    assert quick.refusals == whole.refusals
    assert quick.last == whole.last or quick.last.equity == whole.last.equity
    assert quick.equity == pytest.approx(whole.equity, rel=1e-12)
    assert quick.trades == whole.trades
    assert [told(step) for step in quick.steps] == [told(step) for step in whole.steps]
    assert judged(quick) < judged(whole) or len(past.policy.instruments) == 1


def told(step: Step) -> tuple[datetime, dict[str, Reason], list[tuple[str, VerdictState, tuple[Reason, ...]]]]:
    """Why nothing was proposed, and what became of the proposals."""
    decision = step.decision
    verdicts = [(one.proposal.instrument, one.state, one.reasons) for one in decision.verdicts]
    return step.close, {one.instrument: one.reason for one in decision.no_trades}, verdicts


def judged(result: BacktestResult) -> set[tuple[datetime, str]]:
    return {(step.close, one.instrument) for step in result.steps for one in step.decision.signals}


async def test_the_hour_that_gold_pauses_longer_than_currencies_is_a_closed_market_however_it_is_run(
    fleet: Fleet,
) -> None:
    start, end = datetime(2026, 3, 3, 21, tzinfo=UTC), datetime(2026, 3, 4, 0, tzinfo=UTC)
    past = await open_past(fleet, "oanda-breakout", start=start, end=end)
    quick, whole = (
        backtest(past.policy, past.history, past.opening, start=start, end=end, windows=windows)
        for windows in (Windows.ALL, Windows.LIVE)
    )
    assert quick.no_trades == whole.no_trades
    assert Reason.STALE_DATA not in quick.no_trades["XAU/USD"]
    # From 22:00, when the last candle before 21:58 is closed, to 23:00; that of 23:03 is closed at 23:05.
    assert quick.no_trades["XAU/USD"][Reason.MARKET_CLOSED] == 13


@pytest.mark.parametrize(
    ("limit", "limits"),
    [
        (Limit.DAILY_LOSS, BreakerLimits(daily_loss_fraction=Decimal("0.0015"))),
        (Limit.DRAWDOWN, BreakerLimits(drawdown_fraction=Decimal("0.002"))),
    ],
)
async def test_a_breaker_that_trips_between_two_proposals_trips_at_the_same_cycle(
    fleet: Fleet, limit: Limit, limits: BreakerLimits
) -> None:
    past = await past_of(fleet, "oanda-momentum")
    strict = replace(past, policy=replace(past.policy, breaker=limits))
    quick, whole = run(strict), run(strict, windows=Windows.LIVE)
    assert [trip.limit for trip in whole.trips] == [limit]
    assert quick.trips == whole.trips
    assert quick.fills == whole.fills


async def test_a_breaker_with_a_pause_counts_again_when_it_is_over(fleet: Fleet) -> None:
    past = await past_of(fleet, "oanda-momentum")
    limits = BreakerLimits(drawdown_fraction=Decimal("0.001"), loss_pause=timedelta(hours=2))
    strict = replace(past, policy=replace(past.policy, breaker=limits))
    quick, whole = run(strict), run(strict, windows=Windows.LIVE)
    assert len(whole.trips) > 1
    assert quick.trips == whole.trips
    first, second = whole.trips[:2]
    assert (first.at > START, first.until) == (True, first.at + timedelta(hours=2))
    assert second.at >= first.until
    assert quick.fills == whole.fills


@pytest.mark.parametrize("hours", [1, 7, 23])
async def test_a_run_split_in_two_equals_one_run(fleet: Fleet, hours: int) -> None:
    past = await past_of(fleet, "aster-perpetual")
    whole = run(past)
    parts = Backtest(past.policy, past.history, past.opening, start=START, end=END, setting=past.setting)
    parts.advance(START + timedelta(hours=hours))
    parts.advance()
    assert parts.result().fills == whole.fills
    assert parts.result().no_trades == whole.no_trades
    assert parts.result().equity == pytest.approx(whole.equity, rel=1e-12)
    assert parts.result().last.equity == whole.last.equity


async def test_cash_is_what_there_was_plus_profits_less_fees(fleet: Fleet) -> None:
    result = run(await past_of(fleet, "kucoin-spot"))
    assert result.fills
    fees = sum((fill.fee for fill in result.fills), Decimal(0))
    profits = sum((fill.realised_profit or Decimal(0) for fill in result.fills), Decimal(0))
    assert not result.open
    assert result.last.equity == result.opening.cash + profits - fees


async def test_the_order_of_instruments_changes_nothing_where_they_do_not_share_a_limit(fleet: Fleet) -> None:
    past = await past_of(fleet, "oanda-momentum")
    free = replace(past, policy=replace(past.policy, rules=()))
    turned = replace(free, policy=replace(free.policy, instruments=tuple(reversed(free.policy.instruments))))
    one, other = run(free), run(turned)
    assert sorted(fill.client_order_id for fill in one.fills) == sorted(fill.client_order_id for fill in other.fills)


@pytest.mark.parametrize("fee", [Decimal(1), Decimal(20)])
async def test_higher_fees_never_bring_more(fleet: Fleet, fee: Decimal) -> None:
    past = await past_of(fleet, "oanda-momentum")
    free = replace(past, policy=replace(past.policy, rules=(), breaker=BreakerLimits()))
    terms = replace(free.opening.terms, fees=FeeSchedule(fee, fee))
    dear = replace(free, opening=replace(free.opening, terms=terms))
    assert run(dear).last.equity < run(free).last.equity


async def test_a_history_that_begins_earlier_than_what_strategies_remember_changes_nothing(fleet: Fleet) -> None:
    past = await past_of(fleet, "oanda-breakout")
    later = START - timedelta(days=6)
    cut = {name: candles.since(later) for name, candles in past.history.base.items()}
    shorter = replace(past, history=type(past.history)(past.history.instruments, cut))
    assert min(len(one) for one in cut.values()) < min(len(one) for one in past.history.base.values())
    assert run(shorter).fills == run(past).fills


async def test_a_time_without_candles_is_said_so(fleet: Fleet) -> None:
    past = await past_of(fleet, "oanda-momentum")
    with pytest.raises(DataError, match="expected candles between"):
        backtest(past.policy, past.history, past.opening, start=END + timedelta(days=30), end=END + timedelta(days=31))


async def test_an_account_that_chooses_its_instruments_is_refused_with_what_to_do(fleet: Fleet) -> None:
    with pytest.raises(ConfigError, match="give a copy of it the instruments"):
        await past_of(fleet, "kucoin-universe")


async def test_the_same_past_gives_the_same_to_the_last_digit_and_names_it(fleet: Fleet) -> None:
    past = await past_of(fleet, "oanda-momentum")
    one, other = run(past), run(past)
    assert (one.fills, one.last, one.data) == (other.fills, other.last, other.data)
    cut = {name: candles[1:] for name, candles in past.history.base.items()}
    assert type(past.history)(past.history.instruments, cut).identity != one.data
